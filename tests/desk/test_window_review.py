"""The case on the desk: findings and their evidence, edits, patient, banner."""

from dataclasses import replace
from datetime import date, datetime

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ecgdesk.desk.dialogs.finding import AddFindingDialog, EditFindingDialog
from ecgdesk.desk.models.evidence import boxes
from ecgdesk.desk.models.placement import grid_sheet
from ecgdesk.desk.review.findings_model import ROW_ROLE
from ecgdesk.desk.review.sign_bar import PRELIMINARY
from ecgdesk.desk.window import DeskWindow
from ecgdesk.ecg.case import Case, Status, Verdict
from ecgdesk.ecg.corrections import Corrections
from ecgdesk.ecg.patient import Patient, Sex
from ecgdesk.ecg.reading import Finding, Severity
from ecgdesk.store.cases import CaseStore
from tests.desk import sample
from tests.desk.conftest import OpenDesk, settle
from tests.desk.fakes import FakeMender, rereads


def open_case(window: DeskWindow) -> Case:
    case = window.workbench.case
    assert case is not None
    return case


def place_of(window: DeskWindow, finding: Finding) -> QPoint:
    """Where the finding's first evidence is on the screen."""
    case = open_case(window)
    assert case.recording is not None
    assert case.page is not None
    box = boxes(finding.spans, grid_sheet(case.recording, case.page), case.recording)[0]
    return window.centre.view.mapFromScene((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)


def listed(window: DeskWindow) -> list[str]:
    model = window.review.findings.list.model()
    return [model.index(row, 0).data(ROW_ROLE).shown.code for row in range(model.rowCount())]


def press_finding(window: DeskWindow, finding: Finding, qtbot: QtBot) -> None:
    view = window.review.findings.list
    row = listed(window).index(finding.code)
    place = view.visualRect(view.model().index(row, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_clicking_a_span_picks_its_finding(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(sample.critical_case())
    qtbot.mouseClick(window.centre.view.viewport(), Qt.MouseButton.LeftButton, pos=place_of(window, sample.STEMI))
    assert window.workbench.picked_finding == sample.STEMI
    row = window.review.findings.current
    assert row is not None
    assert row.shown == sample.STEMI


def test_clicking_a_finding_brings_its_evidence_forward_and_into_sight(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(sample.critical_case())
    view = window.centre.view
    view.zoom(6.0)
    view.centerOn(0, 0)
    assert not view.viewport().rect().contains(place_of(window, sample.STEMI))
    press_finding(window, sample.STEMI, qtbot)
    assert window.workbench.picked_finding == sample.STEMI
    assert view.viewport().rect().contains(place_of(window, sample.STEMI))


def test_a_click_beside_all_evidence_picks_nothing(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(sample.critical_case())
    window.workbench.pick(sample.STEMI)
    qtbot.mouseClick(window.centre.view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert window.workbench.picked_finding is None


def test_highlights_change_the_pixels_of_their_own_place(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(sample.critical_case())
    view, place = window.centre.view, place_of(window, sample.STEMI) + QPoint(4, 4)
    resting = view.viewport().grab().toImage().pixelColor(place)
    window.workbench.pick(sample.STEMI)
    picked = view.viewport().grab().toImage().pixelColor(place)
    assert picked.green() < resting.green() - 15


def test_accept_and_reject_by_key_are_kept_at_once(open_desk: OpenDesk, store: CaseStore, qtbot: QtBot) -> None:
    case = sample.case()
    window = open_desk(case)
    press_finding(window, sample.SINUS, qtbot)
    qtbot.keyClick(window, Qt.Key.Key_A)
    settle(window)
    assert [edit.verdict for edit in store.get(case.id).edits] == [Verdict.ACCEPTED]
    qtbot.keyClick(window, Qt.Key.Key_R)
    settle(window)
    assert sample.SINUS not in store.get(case.id).findings
    assert listed(window)[-1] == sample.SINUS.code


def test_edits_survive_a_restart_of_the_window(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(sample.case())
    press_finding(window, sample.BORDERLINE_PR, qtbot)
    window.review.findings.reject_button.click()
    window.close()
    again = open_desk()
    assert sample.BORDERLINE_PR not in open_case(again).findings
    assert len(open_case(again).findings) == 2


def test_a_finding_is_reworded_in_its_dialog(open_desk: OpenDesk, store: CaseStore, qtbot: QtBot) -> None:
    case = sample.critical_case()
    window = open_desk(case)
    press_finding(window, sample.STEMI, qtbot)

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, EditFindingDialog)
        dialog.text.setPlainText("ST elevation, repeat the ECG")
        dialog.severity.setCurrentIndex(dialog.severity.findData(Severity.URGENT))
        dialog.primary.click()

    QTimer.singleShot(0, answer)
    qtbot.keyClick(window, Qt.Key.Key_E)
    settle(window)
    worst = store.get(case.id).findings[0]
    assert (worst.text, worst.severity, worst.spans) == (
        "ST elevation, repeat the ECG",
        Severity.URGENT,
        sample.STEMI.spans,
    )


def test_a_finding_of_the_catalogue_is_sought_and_added(open_desk: OpenDesk, store: CaseStore, qtbot: QtBot) -> None:
    case = sample.case()
    window = open_desk(case)

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, AddFindingDialog)
        everything = dialog.list.count()
        qtbot.keyClicks(dialog.search, "left bundle")
        assert 0 < dialog.list.count() < everything
        dialog.note.setText("Seen in V1 and V6.")
        qtbot.keyClick(dialog.search, Qt.Key.Key_Return)

    QTimer.singleShot(0, answer)
    window.review.findings.add_button.click()
    settle(window)
    added = [edit for edit in store.get(case.id).edits if edit.verdict is Verdict.ADDED]
    assert "left bundle" in added[0].finding.text.casefold()
    assert added[0].finding.why == "Seen in V1 and V6."
    assert window.workbench.picked_finding == added[0].finding


def test_the_banner_stays_until_the_critical_finding_is_acknowledged(
    open_desk: OpenDesk, store: CaseStore, qtbot: QtBot
) -> None:
    case = sample.critical_case()
    window = open_desk(case)
    assert window.centre.banner.isVisible()
    assert "ST elevation" in window.centre.banner.text
    assert not window.review.sign_bar.sign_button.isEnabled()
    assert not window.actions_table["sign"].isEnabled()
    window.centre.banner.button.click()
    settle(window)
    assert not window.centre.banner.isVisible()
    assert window.review.sign_bar.sign_button.isEnabled()
    settle(window)
    assert store.get(case.id).edits[0].verdict is Verdict.ACCEPTED
    assert window.review.sign_bar.text == PRELIMINARY


def test_the_patients_fields_are_kept_when_they_are_left(open_desk: OpenDesk, store: CaseStore, qtbot: QtBot) -> None:
    case = sample.case()
    mender = FakeMender(mends=rereads())
    window = open_desk(case, mender=mender)
    card = window.review.patient
    card.name.setFocus()
    card.name.selectAll()
    qtbot.keyClicks(card.name, "SAMPLE, TWO")
    qtbot.keyClick(card.name, Qt.Key.Key_Return)
    settle(window)
    assert store.get(case.id).patient.name == "SAMPLE, TWO"
    assert window.queue_model.entries[0].title == "SAMPLE, TWO"
    assert mender.jobs == []  # a name changes no criterion
    qtbot.keyClicks(card.recorded_at, "2024-02-29 09:30")
    qtbot.keyClick(card.recorded_at, Qt.Key.Key_Return)
    settle(window)
    assert round(store.get(case.id).patient.age or 0) == 64
    qtbot.waitUntil(lambda: not window.workbench.busy)
    settle(window)
    assert len(mender.jobs) == 1
    assert listed(window) == []
    assert window.review.findings.tally.text() == "none"
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle(window)
    assert store.get(case.id).patient.age != 64
    assert len(listed(window)) == 3


def test_an_ecg_that_was_not_read_for_its_patients_sex_is_read_when_it_is_opened_and_signable_only_then(
    open_desk: OpenDesk, store: CaseStore, qtbot: QtBot
) -> None:
    case, mender = sample.case(), FakeMender(waits=True)
    window = open_desk(case, mender=mender)
    window.workbench.set_patient(replace(case.patient, sex=Sex.MALE))
    qtbot.waitUntil(lambda: len(mender.jobs) == 1)
    settle(window)
    assert listed(window) == []
    assert window.review.findings.tally.text() == "not read yet"
    assert not window.actions_table["sign"].isEnabled()
    assert window.review.sign_bar.more == "Not read yet for this age and sex"
    window.close()  # before it was read
    assert store.get(case.id).findings == ()
    again = open_desk(mender=FakeMender(mends=rereads(*case.readings)))
    qtbot.waitUntil(lambda: not again.workbench.busy)
    settle(again)
    assert len(listed(again)) == 3
    assert again.actions_table["sign"].isEnabled()


def test_a_correction_that_is_refused_leaves_no_findings_of_another_sex(open_desk: OpenDesk, qtbot: QtBot) -> None:
    case, mender = sample.case(), FakeMender(waits=True, mends=rereads(*sample.critical_case().readings))
    window = open_desk(case, mender=mender)
    window.workbench.correct(Corrections(layout="refused"), "the layout")
    window.workbench.set_patient(replace(case.patient, sex=Sex.MALE))
    mender.go.set()
    qtbot.waitUntil(lambda: len(mender.jobs) == 2 and not window.workbench.busy)
    settle(window)
    assert listed(window)[0] == sample.STEMI.code


def test_a_change_of_one_field_leaves_the_others_as_exact_as_they_were(
    open_desk: OpenDesk, store: CaseStore, qtbot: QtBot
) -> None:
    taken = datetime(2024, 2, 29, 9, 30, 42)
    case = replace(sample.case(), patient=Patient(name="SAMPLE, BABY", age_years=0.5, recorded_at=taken))
    window = open_desk(case)
    qtbot.keyClicks(window.review.patient.patient_id, "0001")
    qtbot.keyClick(window.review.patient.patient_id, Qt.Key.Key_Return)
    settle(window)
    assert store.get(case.id).patient == replace(case.patient, patient_id="0001")


def test_a_date_that_cannot_be_is_not_kept_and_says_so(open_desk: OpenDesk, store: CaseStore, qtbot: QtBot) -> None:
    case = sample.case()
    window = open_desk(case)
    field = window.review.patient.birth_date
    field.selectAll()
    qtbot.keyClicks(field, "1961-02-29")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert "not a date" in window.statusBar().currentMessage()
    assert field.property("wrong") is True
    settle(window)
    patient = store.get(case.id).patient
    assert (patient.birth_date, patient.sex) == (date(1960, 2, 29), Sex.FEMALE)


def test_what_to_check_is_shown(open_desk: OpenDesk) -> None:
    window = open_desk(sample.doubtful_case())
    assert window.review.doubts.isVisible()
    assert "V5" in window.review.doubts.text


def test_keys_go_to_the_next_case_and_back(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(sample.case(number=1), sample.case(number=2), sample.case(number=3))
    assert window.queue.current == sample.case(number=3).id
    qtbot.keyClick(window, Qt.Key.Key_N)
    assert open_case(window).id == sample.case(number=2).id
    qtbot.keyClick(window, Qt.Key.Key_P)
    assert open_case(window).id == sample.case(number=3).id


def test_letters_typed_into_a_field_are_no_commands(open_desk: OpenDesk, store: CaseStore, qtbot: QtBot) -> None:
    case = sample.case()
    window = open_desk(case, sample.case(number=9))
    window.queue.choose(case.id)
    window.workbench.pick(sample.SINUS)
    window.activateWindow()
    card = window.review.patient
    card.name.setFocus()
    card.name.clear()
    qtbot.keyClicks(card.name, "narfc")
    assert card.name.text() == "narfc"
    settle(window)
    assert store.get(case.id).edits == ()
    assert window.queue.current == case.id


def test_an_unreadable_sheet_shows_its_scan_and_reason_and_nothing_to_rely_on(open_desk: OpenDesk) -> None:
    reason = "No lead could be followed well enough to be measured: scan the sheet again, flat and sharp."
    window = open_desk(
        replace(sample.case(), status=Status.UNREADABLE, reasons=(reason,), measurements=None, readings=())
    )
    assert window.centre.banner.isVisible()
    assert window.centre.banner.text == reason
    assert not window.centre.banner.button.isVisible()
    assert window.centre.view.isVisible()
    assert not window.review.findings.isVisible()
    assert not any(window.actions_table[name].isEnabled() for name in ("sign", "add", "grid", "callipers"))
