"""The representative beat: its marks are dragged, and what rests on them is measured and read anew."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from ecgdesk.desk.models.beat import MARK_KINDS, beat_recording, beat_sheet, moved_mark, placed_marks
from ecgdesk.desk.models.placement import grid_sheet
from ecgdesk.desk.models.snapping import hold, sheet_snaps
from ecgdesk.desk.window import DeskWindow
from ecgdesk.ecg.case import Case, Signature
from ecgdesk.ecg.corrections import AS_MEASURED
from ecgdesk.ecg.figure import How
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.measurements import MedianBeat
from ecgdesk.measure.measure import measure
from ecgdesk.mend import mend
from ecgdesk.pipeline import reread
from ecgdesk.store.audit import Act
from ecgdesk.store.cases import CaseStore
from tests.desk import sample
from tests.desk.conftest import OpenDesk, settle
from tests.desk.fakes import FakeMender
from tests.desk.test_window_mending import PATIENCE_MS

T_END = next(n for n, kind in enumerate(MARK_KINDS) if kind.field == "t_offset_s")


def measured_case() -> Case:
    case = sample.case()
    assert case.recording is not None
    return reread(replace(case, measurements=measure(case.recording)))


def median_of(case: Case) -> MedianBeat:
    assert case.measurements is not None
    assert case.measurements.median_beat is not None
    return case.measurements.median_beat


def drag_mark(window: DeskWindow, number: int, by_px: int, qtbot: QtBot) -> None:
    view, layer = window.centre.view, window.beat.layer
    assert layer is not None
    start = view.mapFromScene(QPointF(layer.x_of(number), 40.0))
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(view.viewport(), start + QPoint(by_px // 2, 0))
    qtbot.mouseMove(view.viewport(), start + QPoint(by_px, 0))
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=start + QPoint(by_px, 0))


def mended(window: DeskWindow, qtbot: QtBot) -> Case:
    qtbot.waitUntil(lambda: not window.workbench.busy, timeout=PATIENCE_MS)
    settle(window)
    assert window.workbench.case is not None
    return window.workbench.case


def test_a_dragged_mark_measures_and_reads_anew_and_is_undone(
    open_desk: OpenDesk, store: CaseStore, qtbot: QtBot
) -> None:
    case = measured_case()
    assert case.measurements is not None
    window = open_desk(case, mender=FakeMender(mends=mend))
    qtbot.keyClick(window, Qt.Key.Key_B)
    assert window.centre.beat_bar.isVisible()
    drag_mark(window, T_END, 40, qtbot)
    after = mended(window, qtbot)
    per_s = window.centre.view.transform().m11() * 100.0
    assert after.measurements is not None
    assert after.measurements.qt.how is How.ENTERED
    moved_ms = (after.measurements.qt.value or 0) - (case.measurements.qt.value or 0)
    assert moved_ms == pytest.approx(40 / per_s * 1000, abs=6)
    assert store.get(case.id).corrections.marks.t_offset_s is not None
    assert store.audit_entries()[-1].what is Act.CORRECTED
    shown = window.beat.layer
    assert shown is not None
    assert shown.marks[T_END].by_hand
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert mended(window, qtbot).measurements.qt == case.measurements.qt  # type: ignore[union-attr]
    assert window.actions_table["redo"].text() == "Redo moving T end"


def test_marks_go_back_to_where_they_were_measured(open_desk: OpenDesk, qtbot: QtBot) -> None:
    case = measured_case()
    assert case.measurements is not None
    window = open_desk(case, mender=FakeMender(mends=mend))
    qtbot.keyClick(window, Qt.Key.Key_B)
    assert not window.beat.bar.measured_button.isEnabled()
    drag_mark(window, 0, -20, qtbot)
    assert mended(window, qtbot).corrections.marks != AS_MEASURED
    window.beat.bar.measured_button.click()
    after = mended(window, qtbot)
    assert after.corrections.marks == AS_MEASURED
    assert after.measurements is not None
    assert after.measurements.pr == case.measurements.pr


def test_one_lead_of_the_beat_can_be_chosen(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(measured_case())
    qtbot.keyClick(window, Qt.Key.Key_B)
    assert window.centre.scene is not None
    assert len(window.centre.scene.traces) == 12
    window.beat.bar.leads[Lead.V2].click()
    assert window.centre.scene is not None
    assert len(window.centre.scene.traces) == 1
    assert window.beat.layer is not None
    qtbot.keyClick(window, Qt.Key.Key_G)
    assert not window.centre.beat_bar.isVisible()


def test_a_signed_cases_marks_stay_where_they_are(open_desk: OpenDesk, qtbot: QtBot) -> None:
    case = measured_case()
    window = open_desk(replace(case, signature=Signature("Sample Signer", case.created_at, b"%PDF")))
    window.actions_table["beat"].trigger()
    drag_mark(window, T_END, 40, qtbot)
    assert mended(window, qtbot).corrections.marks == AS_MEASURED


def test_a_mark_cannot_pass_its_neighbours() -> None:
    median = median_of(measured_case())
    marks = placed_marks(median, AS_MEASURED)
    late = moved_mark(marks, 0, 5.0)
    assert late[0].seconds < late[1].seconds
    early = moved_mark(marks, T_END, -5.0)
    assert early[T_END].seconds > early[T_END - 1].seconds


def test_a_mark_that_was_not_found_waits_at_its_usual_place() -> None:
    median = replace(median_of(measured_case()), p_onset=float("nan"), p_offset=float("nan"))
    marks = placed_marks(median, AS_MEASURED)
    assert [mark.found for mark in marks] == [False, False, True, True, True]
    assert moved_mark(marks, 0, -0.19)[0].found


def test_the_beats_sheet_holds_all_of_its_traces() -> None:
    median = median_of(measured_case())
    sheet = beat_sheet(median, tuple(Lead))
    for placement in sheet.placements:
        heights = placement.baseline_mm - beat_recording(median).signal[placement.lead.row] * placement.mm_per_mv
        assert np.nanmin(heights) > 0
        assert np.nanmax(heights) < sheet.height_mm


def test_callipers_hold_fast_on_marks_and_peaks_nearby() -> None:
    case = measured_case()
    assert case.recording is not None
    assert case.page is not None
    assert case.measurements is not None
    sheet = grid_sheet(case.recording, case.page)
    snaps = sheet_snaps(sheet, case.recording, case.measurements)
    beat = case.measurements.beats[4]
    rhythm = sheet.placements[-1]
    x = rhythm.x_mm(beat.qrs_onset_s)
    held = hold(snaps, x + 0.3, rhythm.baseline_mm - 0.2, reach=1.0)
    assert held.fast
    assert held.x == pytest.approx(x, abs=0.2)
    assert not hold(snaps, rhythm.x_mm(beat.t_offset_s) + 4.0, rhythm.baseline_mm, reach=0.5).fast


def test_callipers_in_the_window_measure_from_peak_to_peak(open_desk: OpenDesk, qtbot: QtBot) -> None:
    case = measured_case()
    assert case.recording is not None
    assert case.page is not None
    assert case.measurements is not None
    window = open_desk(case)
    view = window.centre.view
    window.actions_table["callipers"].trigger()
    rhythm = grid_sheet(case.recording, case.page).placements[-1]
    one, other = (
        view.mapFromScene(QPointF(rhythm.x_mm(beat.r_s), rhythm.baseline_mm - 11.0))
        for beat in case.measurements.beats[3:5]
    )
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=one + QPoint(2, 1))
    qtbot.mouseMove(view.viewport(), (one + other) / 2)
    qtbot.mouseMove(view.viewport(), other + QPoint(-2, 2))
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=other + QPoint(-2, 2))
    assert window.calliper_reading.text().startswith("800 ms · 75 bpm")
