"""Mending the sheet in the window: what is dragged, chosen and drawn goes through the worker into the case."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtWidgets import QApplication, QComboBox, QMenu
from pytestqt.qtbot import QtBot

from ecgdesk.desk.mending.bar import Part
from ecgdesk.desk.mending.boxes import BoxesLayer
from ecgdesk.desk.mending.corners import CornersLayer
from ecgdesk.desk.models import boxes
from ecgdesk.desk.sheet.scene import Kind
from ecgdesk.desk.window import DeskWindow
from ecgdesk.ecg.case import Case, Signature, Status
from ecgdesk.ecg.corrections import AUTOMATIC, Corrections
from ecgdesk.ecg.figure import How
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.patient import Sex
from ecgdesk.mend import mend
from ecgdesk.store.audit import Act
from ecgdesk.store.cases import CaseStore
from tests.desk import sample
from tests.desk.conftest import OpenDesk, settle
from tests.desk.fakes import BAD_SENTENCE, FakeMender

PATIENCE_MS = 60_000  # a busy machine


def begin(window: DeskWindow, part: Part) -> None:
    window.actions_table["mend"].trigger()
    assert window.mending.active
    window.mending.bar.parts[part].click()


def on_screen(window: DeskWindow, x: float, y: float) -> QPoint:
    return window.centre.view.mapFromScene(QPointF(x, y))


def drag(window: DeskWindow, start: QPoint, *path: QPoint, qtbot: QtBot) -> None:
    port = window.centre.view.viewport()
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=start)
    for place in path:
        qtbot.mouseMove(port, place)
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=path[-1])


def choose(box: QComboBox, text: str) -> None:
    box.setCurrentText(text)
    box.activated.emit(box.currentIndex())


def choose_in_menu(text: str, qtbot: QtBot) -> None:
    """Answers the next menu."""

    def answer() -> None:
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        action = next(action for action in menu.actions() if action.text() == text)
        menu.setActiveAction(action)
        qtbot.keyClick(menu, Qt.Key.Key_Return)

    QTimer.singleShot(50, answer)


def corrected(window: DeskWindow, qtbot: QtBot) -> Corrections:
    """Of the case, once the worker is done with them."""
    qtbot.waitUntil(lambda: not window.workbench.busy, timeout=PATIENCE_MS)
    settle(window)
    assert window.workbench.case is not None
    return window.workbench.case.corrections


def test_a_dragged_corner_is_kept_in_scan_pixels_and_undone(
    open_desk: OpenDesk, store: CaseStore, qtbot: QtBot
) -> None:
    case = sample.case()
    window = open_desk(case)
    begin(window, Part.CORNERS)
    layer = window.mending.layer
    assert isinstance(layer, CornersLayer)
    corner = layer.handles[0]
    start = on_screen(window, corner.x(), corner.y())
    drag(window, start, start + QPoint(20, 10), start + QPoint(40, 30), qtbot=qtbot)
    now = corrected(window, qtbot).corners
    assert now is not None
    per_pixel = window.centre.view.transform().m11() * 250.0 / window.centre.scan_size()[0]
    assert now[0] == pytest.approx((40 / per_pixel, 30 / per_pixel), abs=2 / per_pixel)
    assert now[2] == pytest.approx(window.centre.scan_size(), abs=2 / per_pixel)
    assert store.audit_entries()[-1].what is Act.CORRECTED
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert corrected(window, qtbot) == AUTOMATIC
    assert store.audit_entries()[-1].what is Act.UNDONE


def test_callipers_are_laid_aside_when_a_sheet_is_corrected(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(sample.case())
    window.actions_table["callipers"].trigger()
    begin(window, Part.CORNERS)
    assert not window.actions_table["callipers"].isChecked()
    layer = window.mending.layer
    assert isinstance(layer, CornersLayer)
    start = on_screen(window, layer.handles[0].x(), layer.handles[0].y())
    drag(window, start, start + QPoint(20, 10), start + QPoint(40, 30), qtbot=qtbot)
    assert corrected(window, qtbot).corners is not None


def test_layout_speed_and_gain_are_chosen_and_automatic_again(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(sample.case())
    begin(window, Part.BOXES)
    bar = window.mending.bar
    assert bar.layout_box.currentText() == "auto: 3x4+1"
    choose(bar.layout_box, "6x2")
    choose(bar.speed_box, "50 mm/s")
    choose(bar.gain_box, "10, chest 5")
    wanted = Corrections(layout="6x2", speed=50.0, gain=10.0, chest_gain=5.0)
    assert corrected(window, qtbot) == wanted
    assert bar.speed_box.currentText() == "50 mm/s"
    assert bar.gain_box.currentText() == "10, chest 5"
    choose(bar.speed_box, bar.speed_box.itemText(0))
    assert corrected(window, qtbot) == replace(wanted, speed=None)
    bar.automatic_button.click()
    assert corrected(window, qtbot) == AUTOMATIC


def test_a_box_is_picked_moved_named_and_removed(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(sample.case())
    begin(window, Part.BOXES)
    strips = sample.layout().strips
    number = next(n for n, s in enumerate(strips) if s.lead is Lead.V2)
    frame = boxes.frames(strips)[number]
    middle = on_screen(window, (frame.x0 + frame.x1) / 2, (frame.y0 + frame.y1) / 2)
    drag(window, middle, middle + QPoint(8, 0), middle + QPoint(30, 0), qtbot=qtbot)  # not picked yet: the hand pans
    assert corrected(window, qtbot) == AUTOMATIC
    middle += QPoint(30, 0)
    drag(window, middle, middle + QPoint(8, 0), middle + QPoint(30, 0), qtbot=qtbot)
    moved = corrected(window, qtbot).strips
    assert moved is not None
    per_mm = window.centre.view.transform().m11()
    assert moved[number].x0_mm - strips[number].x0_mm == pytest.approx(30 / per_mm, abs=1.0)
    assert moved[number].how is How.ENTERED
    assert [strip.how for strip in moved].count(How.ENTERED) == 1

    layer = window.mending.layer
    assert isinstance(layer, BoxesLayer)
    choose_in_menu("V6", qtbot)
    layer.naming.emit(number, QPointF(frame.x0, frame.y0))
    named = corrected(window, qtbot).strips
    assert named is not None
    assert named[number].lead is Lead.V6

    layer = window.mending.layer
    assert isinstance(layer, BoxesLayer)
    layer.pick(number)
    window.centre.view.setFocus()
    qtbot.keyClick(window.centre.view, Qt.Key.Key_Delete)
    removed = corrected(window, qtbot).strips
    assert removed is not None
    assert len(removed) == len(strips) - 1


def test_a_new_box_is_drawn_and_named(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(sample.case())
    begin(window, Part.BOXES)
    window.mending.bar.add_button.click()
    choose_in_menu("V1", qtbot)
    drag(window, on_screen(window, 20, 112), on_screen(window, 90, 120), on_screen(window, 150, 140), qtbot=qtbot)
    strips = corrected(window, qtbot).strips
    assert strips is not None
    assert (strips[-1].lead, strips[-1].x0_mm) == (Lead.V1, pytest.approx(20, abs=1.0))


def test_progress_is_shown_and_a_correction_can_be_stopped(open_desk: OpenDesk, qtbot: QtBot) -> None:
    mender = FakeMender(waits=True)
    window = open_desk(sample.case(), mender=mender)
    begin(window, Part.BOXES)
    bar = window.mending.bar
    choose(bar.speed_box, "50 mm/s")
    qtbot.waitUntil(lambda: bar.busy and bool(mender.jobs))
    assert bar.stop_button.isVisible()
    window.workbench.reject(sample.SINUS)  # the window is free meanwhile
    settle(window)
    assert window.workbench.case is not None
    assert len(window.workbench.case.edits) == 1
    bar.stop_button.click()
    assert corrected(window, qtbot) == AUTOMATIC
    assert bar.speed_box.currentText() == "auto: 25"
    assert len(window.workbench.case.edits) == 1


def test_corrections_of_two_cases_on_their_way_are_both_kept(
    open_desk: OpenDesk, store: CaseStore, qtbot: QtBot
) -> None:
    one, other, mender = sample.case(number=1), sample.case(number=2), FakeMender(waits=True)
    window = open_desk(one, other, mender=mender)
    window.queue.choose(one.id)
    window.workbench.correct(Corrections(speed=50.0), "the paper speed")
    qtbot.waitUntil(lambda: bool(mender.jobs))
    window.workbench.correct(Corrections(speed=50.0, layout="6x2"), "the layout")  # waits
    window.queue.choose(other.id)
    assert not window.workbench.busy
    assert not window.mending.bar.busy
    window.workbench.correct(Corrections(gain=5.0), "the gain")
    window.queue.choose(one.id)
    assert window.workbench.corrections == Corrections(speed=50.0, layout="6x2")
    assert window.workbench.busy
    mender.go.set()
    assert corrected(window, qtbot) == Corrections(speed=50.0, layout="6x2")
    window.queue.choose(other.id)
    assert corrected(window, qtbot) == Corrections(gain=5.0)
    assert store.get(one.id).corrections.layout == "6x2"
    assert window.actions_table["undo"].text() in ("Undo", "Undo the gain")  # whether it was open by then


def test_a_correction_of_a_case_that_was_put_away_is_kept_with_what_was_decided_meanwhile_and_read_for_its_patient(
    open_desk: OpenDesk, store: CaseStore, qtbot: QtBot
) -> None:
    case, mender = sample.case(number=1), FakeMender(waits=True)
    male = sample.critical_case().readings
    window = open_desk(case, sample.case(number=2), mender=mender, reread=lambda one: replace(one, readings=male))
    window.queue.choose(case.id)
    window.workbench.correct(Corrections(speed=50.0), "the paper speed")
    qtbot.waitUntil(lambda: bool(mender.jobs))
    window.workbench.reject(sample.SINUS)
    window.workbench.set_patient(replace(case.patient, sex=Sex.MALE))
    window.queue.choose(sample.case(number=2).id)
    mender.go.set()
    qtbot.waitUntil(lambda: store.audit_entries()[-1].what is Act.CORRECTED, timeout=PATIENCE_MS)
    settle(window)
    kept = store.get(case.id)
    assert (kept.corrections.speed, kept.patient.sex, len(kept.edits)) == (50.0, Sex.MALE, 1)
    assert kept.readings == male
    assert window.workbench.case is not None
    assert window.workbench.case.corrections == AUTOMATIC
    assert window.actions_table["undo"].text() == "Undo"


def test_a_correction_of_a_case_that_was_signed_meanwhile_is_refused(
    open_desk: OpenDesk, store: CaseStore, qtbot: QtBot
) -> None:
    case, mender = sample.case(number=1), FakeMender(waits=True)
    window = open_desk(case, sample.case(number=2), mender=mender)
    window.queue.choose(case.id)
    window.workbench.correct(Corrections(speed=50.0), "the paper speed")
    qtbot.waitUntil(lambda: bool(mender.jobs))
    window.workbench.keep_signed(case, Signature("Sample Signer", case.created_at, b"%PDF"))
    settle(window)
    window.queue.choose(sample.case(number=2).id)
    mender.go.set()
    qtbot.waitUntil(lambda: "is signed" in window.statusBar().currentMessage(), timeout=PATIENCE_MS)
    settle(window)
    assert store.get(case.id).corrections == AUTOMATIC


def test_stopping_what_is_mended_of_one_case_leaves_the_other(open_desk: OpenDesk, qtbot: QtBot) -> None:
    one, other, mender = sample.case(number=1), sample.case(number=2), FakeMender(waits=True)
    window = open_desk(one, other, mender=mender)
    window.queue.choose(one.id)
    window.workbench.correct(Corrections(speed=50.0), "the paper speed")
    qtbot.waitUntil(lambda: bool(mender.jobs))
    window.queue.choose(other.id)
    window.workbench.correct(Corrections(gain=5.0), "the gain")
    window.workbench.stop_correcting()
    assert window.workbench.corrections == AUTOMATIC
    mender.go.set()
    window.queue.choose(one.id)
    assert corrected(window, qtbot) == Corrections(speed=50.0)
    assert len(mender.jobs) == 1


def test_what_comes_of_a_correction_after_it_was_stopped_or_undone_is_not_taken(
    open_desk: OpenDesk, store: CaseStore, qtbot: QtBot
) -> None:
    mender = FakeMender(waits=True, deaf=True)
    window = open_desk(sample.case(), mender=mender)
    for give_up in (window.workbench.stop_correcting, window.workbench.undo):
        window.workbench.reject(sample.SINUS)
        window.workbench.correct(Corrections(speed=50.0), "the paper speed")
        qtbot.waitUntil(lambda: bool(mender.jobs))
        give_up()
    assert not window.workbench.busy
    mender.go.set()
    window.workbench.correct(Corrections(gain=5.0), "the gain")  # comes after it
    assert corrected(window, qtbot) == Corrections(gain=5.0)
    assert [entry.what for entry in store.audit_entries()].count(Act.CORRECTED) == 1


def test_what_is_decided_while_the_sheet_is_mended_stays(open_desk: OpenDesk, qtbot: QtBot) -> None:
    mender = FakeMender(waits=True)
    window = open_desk(sample.case(), mender=mender)
    begin(window, Part.BOXES)
    choose(window.mending.bar.speed_box, "50 mm/s")
    qtbot.waitUntil(lambda: bool(mender.jobs))
    window.workbench.reject(sample.SINUS)
    mender.go.set()
    assert corrected(window, qtbot).speed == 50.0
    assert window.workbench.case is not None
    assert len(window.workbench.case.edits) == 1


def test_a_refused_correction_says_why_and_changes_nothing(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(sample.case())
    begin(window, Part.BOXES)
    window.workbench.correct(Corrections(layout="refused"), "the layout")
    assert corrected(window, qtbot) == AUTOMATIC
    assert window.statusBar().currentMessage() == BAD_SENTENCE
    assert window.mending.bar.layout_box.currentText() == "auto: 3x4+1"


def test_a_signed_case_cannot_be_mended(open_desk: OpenDesk) -> None:
    case = sample.case()
    window = open_desk(replace(case, signature=Signature("Sample Signer", case.created_at, b"%PDF")))
    assert not window.actions_table["mend"].isEnabled()
    window.mending.set_active(True)
    assert not window.mending.active
    window.workbench.correct(Corrections(speed=50.0), "the paper speed")
    assert "is signed" in window.statusBar().currentMessage()


def test_an_unreadable_sheet_offers_its_corners(open_desk: OpenDesk, qtbot: QtBot) -> None:
    case = replace(
        *(sample.case(),), status=Status.UNREADABLE, reasons=("No ECG is found on this sheet; scan it.",), page=None
    )
    window = open_desk(replace(case, recording=None, measurements=None, readings=()))
    window.centre.banner.mend_button.click()
    assert isinstance(window.mending.layer, CornersLayer)
    assert not window.mending.bar.parts[Part.REDRAW].isEnabled()
    window.mending.bar.done_button.click()
    assert not window.mending.active
    assert window.centre.view.isVisible()


def test_a_stretch_redrawn_over_the_page_is_measured_at_once(
    open_desk: OpenDesk, sample_case: Case, qtbot: QtBot
) -> None:
    case = sample_case
    assert case.page is not None
    assert case.recording is not None
    window = open_desk(case, mender=FakeMender(mends=mend))
    begin(window, Part.REDRAW)
    strip = next(strip for strip in case.page.layout.strips if strip.lead is Lead.V2)
    places = [on_screen(window, strip.x0_mm + 15 + x, strip.baseline_mm - 4) for x in range(0, 20, 2)]
    drag(window, *places, qtbot=qtbot)
    redraws = corrected(window, qtbot).redraws
    assert [redraw.lead for redraw in redraws] == [Lead.V2]
    now = window.workbench.case
    assert now is not None
    assert now.recording is not None
    stretch = now.recording.redrawn[0]
    drawn = now.recording.signal[Lead.V2.row, round(stretch.start_s * 500) : round(stretch.end_s * 500)]
    assert float(np.median(drawn)) == pytest.approx(0.4, abs=0.05)
    assert stretch.end_s - stretch.start_s == pytest.approx(18 / 25, abs=0.05)
    window.mending.bar.done_button.click()
    assert window.centre.kind is Kind.GRID
