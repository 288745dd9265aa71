"""Seeking a case while another one lies on the desk."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ecgdesk.desk.window import DeskWindow
from ecgdesk.ecg.case import Case, Status
from ecgdesk.ecg.patient import Patient
from tests.desk import sample
from tests.desk.conftest import OpenDesk


def named(number: int, name: str) -> Case:
    return replace(sample.case(number=number), patient=Patient(name=name))


THREE = (named(3, "SAMPLE, C"), named(2, "SAMPLE, B"), named(1, "SAMPLE, A"))


def listed(window: DeskWindow) -> list[str]:
    rows = window.queue.list.model()
    return [rows.index(row, 0).data() for row in range(rows.rowCount())]


def on_the_desk(window: DeskWindow) -> str:
    case = window.workbench.case
    assert (case.id if case is not None else "") == window.queue.current
    return case.patient.name if case is not None else ""


def seek(qtbot: QtBot, window: DeskWindow, words: str) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    window.queue.search.clear()
    qtbot.keyClicks(window.queue.search, words)


def test_a_search_leaves_the_case_on_the_desk_and_return_takes_the_first_that_it_finds(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    window = open_desk(*THREE)
    window.queue.choose(THREE[1].id)
    for words, found in (("sample, a", ["SAMPLE, A"]), ("none", [])):
        seek(qtbot, window, words)
        assert listed(window) == found
        assert on_the_desk(window) == "SAMPLE, B"
        assert window.actions_table["delete"].isEnabled()
    seek(qtbot, window, "")
    assert window.queue.list.currentIndex().row() == 1
    seek(qtbot, window, "sample, a")
    qtbot.keyClick(window.queue.search, Qt.Key.Key_Return)
    assert on_the_desk(window) == "SAMPLE, A"
    assert window.queue.list.hasFocus()


def test_a_file_dropped_during_a_search_does_not_take_the_desk(
    open_desk: OpenDesk, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_desk(*THREE)
    seek(qtbot, window, "none")
    (tmp_path / "new.png").write_bytes(b"good")
    window.take_files([tmp_path / "new.png"])
    qtbot.waitUntil(lambda: [entry.status for entry in window.queue_model.entries] == [Status.READ] * 4)
    assert on_the_desk(window) == "SAMPLE, C"


def test_deleting_a_case_that_the_search_does_not_find_opens_one_that_it_does(
    open_desk: OpenDesk, qtbot: QtBot
) -> None:
    window = open_desk(*THREE)
    seek(qtbot, window, "sample, b")
    window.delete(THREE[0].id, then=lambda: None, failed=lambda _: None)
    qtbot.waitUntil(lambda: on_the_desk(window) == "SAMPLE, B")
