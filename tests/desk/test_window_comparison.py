"""An earlier ECG of the same patient beside the open one."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from ecgdesk.desk.models.serial import lines, others_of
from ecgdesk.desk.window import DeskWindow
from ecgdesk.ecg.case import Case, Status
from ecgdesk.ecg.figure import Figure
from ecgdesk.read.serial import compare
from ecgdesk.store.cases import CaseStore
from tests.desk import sample
from tests.desk.conftest import OpenDesk, settle


def earlier_case(*, qt_ms: float = 350.0) -> Case:
    case = sample.case(number=1, findings=(sample.SINUS,))
    assert case.measurements is not None
    return replace(case, measurements=replace(case.measurements, qt=Figure(qt_ms, "ms", uncertainty=8.0)))


def choose_first(qtbot: QtBot) -> None:
    def answer() -> None:
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        menu.setActiveAction(menu.actions()[0])
        qtbot.keyClick(menu, Qt.Key.Key_Return)

    QTimer.singleShot(50, answer)


def test_changes_beyond_the_uncertainty_are_marked_and_made_anew_with_every_edit(
    open_desk: OpenDesk, store: CaseStore, qtbot: QtBot
) -> None:
    later = sample.case(number=2)
    window = open_desk(earlier_case(), later)
    window.queue.choose(later.id)
    choose_first(qtbot)
    window.review.comparison.choose_button.click()
    settle(window)
    text = window.review.comparison.text
    assert "▲ QT interval 350 → 402 ms (+52)" in text
    assert "PR interval 196 → 196 ms" in text
    assert f"New: {sample.BORDERLINE_PR.text}" in text
    kept = store.get(later.id).comparison
    assert kept is not None
    window.workbench.reject(sample.BORDERLINE_PR)
    settle(window)
    assert f"New: {sample.BORDERLINE_PR.text}" not in window.review.comparison.text
    window.review.comparison.clear_button.click()
    settle(window)
    assert store.get(later.id).comparison is None
    assert "Not compared yet" in window.review.comparison.text


def test_an_abnormal_finding_that_is_new_stands_marked_before_the_figures() -> None:
    told = lines(compare(earlier_case(), sample.critical_case()))
    words = [line.text for line in told]
    new, figure = words.index(f"New: {sample.STEMI.text}"), words.index("QT interval 350 → 402 ms (+52)")
    assert told[new].real
    assert new < figure
    assert not told[words.index(f"New: {sample.BORDERLINE_PR.text}")].real


@pytest.mark.parametrize("answer", ["Cancel", "Compare"])
def test_an_ecg_of_the_same_id_and_another_name_is_compared_with_only_after_a_question(
    open_desk: OpenDesk, store: CaseStore, qtbot: QtBot, answer: str
) -> None:
    other, later = earlier_case(), sample.case(number=2)
    window = open_desk(replace(other, patient=replace(other.patient, name="SAMPLE, TWO")), later)
    window.queue.choose(later.id)
    asked: list[str] = []

    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        asked.append(box.informativeText())
        next(button for button in box.findChildren(QPushButton) if button.text() == answer).click()

    choose_first(qtbot)
    QTimer.singleShot(400, press)
    window.review.comparison.choose_button.click()
    settle(window)
    assert "“SAMPLE, TWO”" in asked[0]
    assert (store.get(later.id).comparison is not None) is (answer == "Compare")


def test_a_comparison_whose_earlier_ecg_turns_out_to_be_the_later_one_is_taken_away_and_says_so(
    open_desk: OpenDesk, store: CaseStore
) -> None:
    taken = datetime(2024, 2, 29, 9, 30)
    earlier, later = earlier_case(), sample.case(number=2)
    earlier = replace(earlier, patient=replace(earlier.patient, recorded_at=taken))
    window = open_desk(earlier, later)
    window.queue.choose(later.id)
    window.workbench.compare_with(earlier.id)
    settle(window)
    assert store.get(later.id).comparison is not None
    window.workbench.set_patient(replace(later.patient, recorded_at=taken - timedelta(days=1)))
    settle(window)
    assert store.get(later.id).comparison is None
    assert "not before this one" in window.statusBar().currentMessage()


def test_without_the_patients_id_or_another_ecg_it_says_what_is_missing(open_desk: OpenDesk) -> None:
    window = open_desk(sample.case())
    window.actions_table["compare"].trigger()
    assert "No other ECG" in window.statusBar().currentMessage()
    assert window.workbench.case is not None
    window.workbench.set_patient(replace(window.workbench.case.patient, patient_id=""))
    settle(window)
    window.actions_table["compare"].trigger()
    assert "Enter the patient’s ID" in window.statusBar().currentMessage()


def choices(window: DeskWindow) -> list[str]:
    """What the menu of earlier ECGs offers."""
    offered: list[str] = []

    def look() -> None:
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        offered.extend(action.text() for action in menu.actions())
        menu.close()

    QTimer.singleShot(50, look)
    window.actions_table["compare"].trigger()
    return offered


def taken(number: int, when: datetime | None) -> Case:
    case = sample.case(number=number)
    return replace(case, patient=replace(case.patient, recorded_at=when))


def test_an_ecg_taken_later_is_not_offered_and_those_taken_before_stand_latest_first(open_desk: OpenDesk) -> None:
    middle = datetime(2024, 2, 20, 9, 30)
    cases = [taken(1, middle - timedelta(days=9)), taken(2, middle + timedelta(hours=1)), taken(3, middle)]
    cases += [taken(4, None), taken(5, middle - timedelta(days=2))]
    window = open_desk(*cases)
    window.queue.choose(cases[2].id)
    offered = choices(window)
    assert [text.split(",")[0] for text in offered] == ["sample-5.png", "sample-1.png", "sample-4.png"]
    assert "taken 2024-02-18 09:30" in offered[0]
    assert "time not entered" in offered[2]


def test_where_all_others_were_taken_later_it_says_so(open_desk: OpenDesk) -> None:
    first, later = taken(1, datetime(2024, 2, 20, 9, 30)), taken(2, datetime(2024, 2, 20, 9, 31))
    window = open_desk(first, later)
    window.queue.choose(first.id)
    window.actions_table["compare"].trigger()
    assert "were taken later; open the latest" in window.statusBar().currentMessage()


def test_only_read_ecgs_of_the_same_patient_are_offered(store: CaseStore) -> None:
    case = sample.case(number=1)
    others = (
        sample.case(number=2),
        replace(sample.case(number=3), patient=replace(case.patient, patient_id="0001")),
        replace(sample.case(number=4), status=Status.UNREADABLE),
    )
    for one in (case, *others):
        store.put(one)
    assert [summary.id for summary in others_of(case, store.summaries())] == [others[0].id]


def test_what_stayed_within_the_uncertainty_is_told_last_and_unmarked() -> None:
    told = lines(compare(earlier_case(qt_ms=398.0), sample.case(number=2)))
    qt = next(line for line in told if line.text.startswith("QT interval"))
    assert not qt.real
    assert "Within" in qt.detail
