"""The desk without a mouse, and in a small window."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QToolBar, QWidget
from pytestqt.qtbot import QtBot

from ecgdesk.desk import look
from ecgdesk.desk.dialogs.finding import AddFindingDialog, EditFindingDialog
from ecgdesk.desk.dialogs.frame import Question
from ecgdesk.desk.review.elided import Elided
from ecgdesk.desk.window import DeskWindow
from ecgdesk.ecg.patient import Patient
from ecgdesk.store.cases import CaseStore
from tests.desk import sample
from tests.desk.conftest import OpenDesk
from tests.desk.fakes import FakeMender, FakeWalker


def test_another_case_shows_its_findings_from_the_worst_on(open_desk: OpenDesk, qtbot: QtBot) -> None:
    many = (sample.STEMI, sample.BORDERLINE_PR, sample.SINUS, sample.AXIS)
    window = open_desk(sample.case(number=1, findings=many), sample.case(number=2, findings=many))
    findings = window.review.findings
    window.resize(1024, 560)
    for _ in many:
        qtbot.keyClick(window, Qt.Key.Key_J)
    assert findings.list.verticalScrollBar().value() > 0
    qtbot.keyClick(window, Qt.Key.Key_N)
    assert findings.list.verticalScrollBar().value() == 0


def _typed_into(dialog: Question, qtbot: QtBot) -> None:
    if isinstance(dialog, EditFindingDialog):
        qtbot.keyClicks(dialog.text, "Sinus rhythm, regular")
    elif isinstance(dialog, AddFindingDialog):
        qtbot.keyClicks(dialog.note, "seen on the older sheet too")


@pytest.mark.parametrize("make", [lambda: EditFindingDialog(sample.SINUS), AddFindingDialog], ids=["edit", "add"])
def test_one_stray_escape_does_not_lose_what_was_typed(make: object, qapp: QApplication, qtbot: QtBot) -> None:
    look.dress(qapp)
    assert callable(make)
    dialog = make()
    qtbot.addWidget(dialog)
    dialog.show()
    _typed_into(dialog, qtbot)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert "not saved" in dialog.wrong
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    untouched = make()
    qtbot.addWidget(untouched)
    untouched.show()
    qtbot.keyClick(untouched, Qt.Key.Key_Escape)
    assert not untouched.isVisible()


def test_it_can_be_seen_where_the_keyboard_is(open_desk: OpenDesk) -> None:
    window = open_desk(sample.critical_case())
    window.workbench.acknowledge()
    window.workbench.settle()
    review = window.review
    places: list[QWidget] = [
        review.sign_bar.sign_button,
        *review.figures.tabs.values(),
        review.findings.add_button,
        review.patient.name,
        review.patient.sex,
        window.queue.list,
    ]
    for place in places:
        window.setFocus()
        before = place.grab().toImage()
        place.setFocus(Qt.FocusReason.TabFocusReason)
        assert place.hasFocus()
        assert place.grab().toImage() != before, place


@pytest.mark.parametrize("width", [1024, 1200, 1280, 1366])
def test_the_bars_over_the_sheet_cut_no_word_in_a_small_window(
    open_desk: OpenDesk, qapp: QApplication, width: int
) -> None:
    window = open_desk(sample.case())
    window.resize(width, 700)
    beat, mend = window.centre.beat_bar, window.centre.mend_bar
    window.mending.set_active(True)
    beat.show()
    qapp.processEvents()
    for button in beat.leads.values():
        assert button.width() >= button.fontMetrics().horizontalAdvance(button.text()) + 2
    for part in (*mend.parts.values(), beat.measured_button, mend.automatic_button, mend.done_button):
        icon_alone = 24
        assert part.width() >= (part.sizeHint().width() if part.text() else icon_alone)
        assert part.geometry().right() < part.parentWidget().width()
    for box in (mend.layout_box, mend.speed_box, mend.gain_box):
        arrow_and_padding = 20
        assert box.width() >= box.fontMetrics().horizontalAdvance(box.currentText()) + arrow_and_padding


@pytest.mark.parametrize("name", ["S", "SAMPLE-OF-A-VERY-LONG-NAME, ONE TWO THREE FOUR FIVE SIX"])
def test_speed_and_gain_over_the_sheet_are_in_sight_in_a_small_window(
    open_desk: OpenDesk, qapp: QApplication, name: str
) -> None:
    window = open_desk(replace(sample.case(), patient=Patient(name=name)))
    window.resize(1024, 700)
    qapp.processEvents()
    (facts,) = [label for label in window.centre.findChildren(Elided) if "mm/mV" in label.text()]
    assert facts.width() >= facts.fontMetrics().horizontalAdvance("3x4+1   25 mm/s, 10 mm/mV (measured)")


def test_what_stands_in_place_of_a_sheet_keeps_within_a_narrow_middle(open_desk: OpenDesk, qapp: QApplication) -> None:
    window = open_desk()
    window.resize(820, 600)
    qapp.processEvents()
    blank = window.centre.blank
    assert blank.width() < 400
    for label in blank.findChildren(QLabel):
        assert blank.rect().contains(label.geometry())


@pytest.mark.parametrize("width", [1024, 1280, 1366])
def test_every_tool_of_the_bar_is_in_sight(open_desk: OpenDesk, qapp: QApplication, width: int) -> None:
    window = open_desk()
    window.resize(width, 700)
    qapp.processEvents()
    bar = window.findChild(QToolBar)
    assert bar is not None
    assert all(bar.widgetForAction(action).isVisible() for action in bar.actions())


def test_the_window_is_no_larger_than_the_screen(
    qapp: QApplication, store: CaseStore, tmp_path: Path, qtbot: QtBot
) -> None:
    look.dress(qapp)
    window = DeskWindow(store, FakeWalker(), FakeMender(), reread=lambda case: case, home=tmp_path)
    qtbot.addWidget(window)
    room = window.screen().availableSize()
    assert window.width() <= room.width()
    assert window.height() < room.height()
