"""What is typed into the patient's fields, while a shortcut, another case or a full disk comes in between."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from ecgdesk.desk.dialogs.sign import SignDialog
from ecgdesk.desk.window import DeskWindow
from ecgdesk.ecg.case import Case
from ecgdesk.ecg.patient import Patient, Sex
from ecgdesk.store.cases import CaseStore
from ecgdesk.store.refusals import StoreFull
from tests.desk import sample
from tests.desk.conftest import OpenDesk, settle
from tests.desk.fakes import FakeMender, rereads

CTRL = Qt.KeyboardModifier.ControlModifier


def retype(qtbot: QtBot, window: DeskWindow, attribute: str, text: str) -> None:
    """As somebody types it, who has not left the field yet."""
    field = getattr(window.review.patient, attribute)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)


def full_disk(store: CaseStore, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From now on nothing can be kept, until the function that comes back is called."""

    def full(_case: Case, **_more: object) -> None:
        raise StoreFull("The disk is full; free some space and try again.")

    put = store.put
    monkeypatch.setattr(store, "put", full)
    return lambda: monkeypatch.setattr(store, "put", put)


def test_a_name_is_kept_when_a_shortcut_leads_to_another_case(
    open_desk: OpenDesk, store: CaseStore, qtbot: QtBot
) -> None:
    window = open_desk(sample.case(number=1), sample.case(number=2))
    retype(qtbot, window, "name", "SAMPLE, TWO")
    qtbot.keyClick(window.review.patient.name, Qt.Key.Key_Down, CTRL)
    settle(window)
    assert window.queue.current == sample.case(number=1).id
    assert store.get(sample.case(number=2).id).patient.name == "SAMPLE, TWO"
    assert store.get(sample.case(number=1).id).patient.name == "SAMPLE, ONE"


def test_what_is_being_typed_stays_when_the_case_is_read_anew_meanwhile(
    open_desk: OpenDesk, store: CaseStore, qtbot: QtBot
) -> None:
    case = replace(sample.case(), patient=Patient(name="SAMPLE, ONE"))
    mender = FakeMender(mends=rereads(*case.readings), waits=True)
    window = open_desk(case, mender=mender)
    retype(qtbot, window, "age", "60")
    qtbot.keyClick(window.review.patient.age, Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: len(mender.jobs) == 1)
    retype(qtbot, window, "patient_id", "00")
    mender.go.set()
    qtbot.waitUntil(lambda: not window.workbench.busy)
    settle(window)
    qtbot.keyClicks(window.review.patient.patient_id, "42")
    qtbot.keyClick(window.review.patient.patient_id, Qt.Key.Key_Return)
    settle(window)
    assert store.get(case.id).patient == Patient(name="SAMPLE, ONE", patient_id="0042", age_years=60.0)


def test_what_a_full_disk_did_not_take_stays_in_its_field_and_is_kept_when_there_is_room(
    open_desk: OpenDesk, store: CaseStore, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    case = sample.case()
    window = open_desk(case)
    make_room = full_disk(store, monkeypatch)
    retype(qtbot, window, "name", "SAMPLE, TWO")
    qtbot.keyClick(window.review.patient.name, Qt.Key.Key_Return)
    settle(window)
    assert "disk is full" in window.notice.text
    assert window.review.patient.name.text() == "SAMPLE, TWO"
    make_room()
    qtbot.keyClick(window.review.patient.name, Qt.Key.Key_Return)
    settle(window)
    assert store.get(case.id).patient.name == "SAMPLE, TWO"
    window.notice.close_button.click()
    assert not window.notice.isVisible()


@pytest.mark.parametrize(("answer", "closed"), [("Cancel", False), ("Close", True)])
def test_the_window_is_not_closed_unasked_over_what_a_full_disk_did_not_take(
    open_desk: OpenDesk,
    store: CaseStore,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
    answer: str,
    closed: bool,
) -> None:
    window = open_desk(sample.case())
    full_disk(store, monkeypatch)
    retype(qtbot, window, "name", "SAMPLE, TWO")

    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        next(button for button in box.findChildren(QPushButton) if button.text() == answer).click()

    QTimer.singleShot(50, press)
    assert window.close() is closed


def test_a_case_found_by_its_name_stays_on_the_desk_when_it_is_renamed(open_desk: OpenDesk, qtbot: QtBot) -> None:
    first, second = sample.case(number=2), sample.case(number=1)
    window = open_desk(first, second)
    window.queue.search.setText("sample, one")
    assert window.queue.current == first.id
    retype(qtbot, window, "name", "OTHER, NAME")
    qtbot.keyClick(window.review.patient.name, Qt.Key.Key_Return)
    settle(window)
    assert window.queue.current == first.id
    window.queue.search.setText("sample, on")
    assert window.queue.list.model().rowCount() == 1  # a new search finds it by its new name only


def test_a_report_is_not_signed_while_a_field_shows_what_is_not_kept(
    open_desk: OpenDesk, store: CaseStore, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    window = open_desk(sample.case())
    full_disk(store, monkeypatch)
    asked: list[object] = []
    monkeypatch.setattr(SignDialog, "exec", asked.append)
    retype(qtbot, window, "name", "SAMPLE, TWO")
    qtbot.keyClick(window.review.patient.name, Qt.Key.Key_Return, CTRL)
    assert asked == []
    assert "could not be saved" in window.statusBar().currentMessage()


def test_a_date_that_cannot_be_holds_back_nothing_else_but_the_signature(
    open_desk: OpenDesk, store: CaseStore, qtbot: QtBot
) -> None:
    first, second = sample.case(number=2), sample.case(number=1)
    window = open_desk(first, second)
    retype(qtbot, window, "birth_date", "1961-02-29")
    retype(qtbot, window, "name", "SAMPLE, TWO")
    qtbot.keyClick(window.review.patient.name, Qt.Key.Key_Return)
    settle(window)
    assert store.get(first.id).patient == replace(first.patient, name="SAMPLE, TWO")
    assert window.review.patient.birth_date.text() == "1961-02-29"
    qtbot.keyClick(window, Qt.Key.Key_Return, CTRL)
    assert "not a date" in window.statusBar().currentMessage()
    qtbot.keyClick(window, Qt.Key.Key_N)
    assert window.notice.text.startswith("SAMPLE, TWO: a field of the patient was not kept.")
    assert window.review.patient.birth_date.property("wrong") is False


def test_an_ecg_is_not_taken_before_its_patient_was_born(open_desk: OpenDesk, store: CaseStore, qtbot: QtBot) -> None:
    case = sample.case()
    window = open_desk(case)
    retype(qtbot, window, "recorded_at", "1959-03-01 09:30")
    qtbot.keyClick(window.review.patient.recorded_at, Qt.Key.Key_Return)
    settle(window)
    assert "before the birth date" in window.statusBar().currentMessage()
    assert store.get(case.id).patient == case.patient
    assert case.patient.birth_date == date(1960, 2, 29)


def test_the_sign_shortcut_takes_along_what_is_being_typed(
    open_desk: OpenDesk, store: CaseStore, monkeypatch: pytest.MonkeyPatch, tmp_path: object, qtbot: QtBot
) -> None:
    monkeypatch.setenv("ECGDESK_HOME", str(tmp_path))
    case = sample.case()
    window = open_desk(case)
    seen: list[str] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, SignDialog)
        seen.extend(label.text() for label in dialog.findChildren(QLabel))
        seen.append(store.get(case.id).patient.name)
        dialog.reject()

    QTimer.singleShot(0, look)
    retype(qtbot, window, "name", "SAMPLE, TWO")
    qtbot.keyClick(window.review.patient.name, Qt.Key.Key_Return, CTRL)
    assert any(text.startswith("SAMPLE, TWO, ID") for text in seen)
    assert seen[-1] == "SAMPLE, TWO"


def test_a_new_name_stands_over_the_sheet_at_once(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(sample.case())
    retype(qtbot, window, "name", "SAMPLE, TWO")
    qtbot.keyClick(window.review.patient.name, Qt.Key.Key_Return)
    settle(window)
    assert "SAMPLE, TWO" in [label.text() for label in window.centre.findChildren(QLabel)]


def test_a_letter_chooses_the_sex_and_is_no_command(open_desk: OpenDesk, store: CaseStore, qtbot: QtBot) -> None:
    case = sample.case()
    window = open_desk(case)
    window.review.patient.sex.setFocus()
    qtbot.keyClick(window.review.patient.sex, Qt.Key.Key_M)
    settle(window)
    assert not window.mending.active
    assert store.get(case.id).patient.sex is Sex.MALE
