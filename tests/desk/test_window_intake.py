"""Files on their way into the window: drop, paste, queue, bad files, stop, crash."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from ecgdesk.desk.models.intake import of_sheet, waiting_case
from ecgdesk.desk.window import DeskWindow
from ecgdesk.ecg.case import Case, Status
from ecgdesk.ecg.patient import Patient
from ecgdesk.store.cases import CaseStore
from ecgdesk.store.refusals import StoreFull
from tests.desk import sample
from tests.desk.conftest import OpenDesk, settle
from tests.desk.fakes import BAD_SENTENCE, FakeWalker


def drop(window: DeskWindow, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    keys, button = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(QPoint(400, 300), Qt.DropAction.CopyAction, mime, button, keys)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    dropped = QDropEvent(QPointF(400, 300), Qt.DropAction.CopyAction, mime, button, keys)
    QApplication.sendEvent(window, dropped)
    assert dropped.isAccepted()


def write(folder: Path, **files: bytes) -> list[Path]:
    paths = []
    for stem, data in files.items():
        paths.append(folder / f"{stem}.png")
        paths[-1].write_bytes(data)
    return paths


def titles(window: DeskWindow) -> list[str]:
    return [entry.title for entry in window.queue_model.entries]


def all_done(window: DeskWindow, count: int) -> bool:
    entries = window.queue_model.entries
    return len(entries) == count and all(entry.status is not Status.WAITING for entry in entries)


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    folder.mkdir()
    return folder


def test_a_dropped_file_is_read_kept_and_opened(
    open_desk: OpenDesk, store: CaseStore, scans: Path, qtbot: QtBot
) -> None:
    window = open_desk()
    drop(window, *write(scans, first=b"good"))
    qtbot.waitUntil(lambda: all_done(window, 1))
    (kept,) = store.summaries()
    assert (kept.status, kept.source_name) == (Status.READ, "first.png")
    case = window.workbench.case
    assert case is not None
    assert case.id == kept.id


def test_a_bad_file_shows_its_sentence_and_the_queue_goes_on(open_desk: OpenDesk, scans: Path, qtbot: QtBot) -> None:
    window = open_desk()
    drop(window, *write(scans, a=b"bad", b=b"good"))
    qtbot.waitUntil(lambda: all_done(window, 2))
    bad, good = window.queue_model.entries
    assert (bad.status, bad.status_line) == (Status.UNREADABLE, BAD_SENTENCE)
    assert good.status is Status.READ
    window.queue.choose(bad.id)
    assert BAD_SENTENCE in window.centre.blank.text
    assert not any(window.actions_table[name].isEnabled() for name in ("page", "fit", "zoom_in", "export_pdf"))
    assert window.centre.blank.isVisible()


def test_a_dropped_folder_gives_all_its_scans_in_their_order(open_desk: OpenDesk, scans: Path, qtbot: QtBot) -> None:
    write(scans, c=b"good", a=b"good", b=b"two")
    window = open_desk()
    drop(window, scans)
    qtbot.waitUntil(lambda: all_done(window, 4))
    assert [entry.source_name for entry in window.queue_model.entries] == ["a.png", "b.png", "b.png", "c.png"]
    assert [entry.sheet_number for entry in window.queue_model.entries] == [1, 1, 2, 1]


def test_an_image_on_the_clipboard_is_pasted(open_desk: OpenDesk, store: CaseStore, qtbot: QtBot) -> None:
    window = open_desk()
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    QGuiApplication.clipboard().setImage(image)
    window.actions_table["paste"].trigger()
    qtbot.waitUntil(lambda: len(window.queue_model.entries) == 1)
    assert titles(window)[0].startswith("pasted ")


def test_files_on_the_clipboard_are_pasted(open_desk: OpenDesk, scans: Path, qtbot: QtBot) -> None:
    window = open_desk()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in write(scans, copied=b"good")])
    QGuiApplication.clipboard().setMimeData(mime)
    window.actions_table["paste"].trigger()
    qtbot.waitUntil(lambda: all_done(window, 1))
    QGuiApplication.clipboard().clear()  # Qt would destroy a QMimeData of Python's after Python itself has ended


def test_progress_is_shown_and_the_window_stays_free(open_desk: OpenDesk, scans: Path, qtbot: QtBot) -> None:
    walker = FakeWalker()
    window = open_desk(sample.case(), walker=walker)
    drop(window, *write(scans, long=b"slow"))
    qtbot.waitUntil(lambda: any(entry.in_work for entry in window.queue_model.entries))
    entry = window.queue_model.entries[0]
    assert (entry.stage, entry.fraction) == ("tracing", 0.5)
    assert window.workbench.case is not None  # the case that was open stays open
    window.workbench.reject(sample.SINUS)
    settle(window)
    assert sample.SINUS not in window.workbench.case.findings
    walker.go.set()
    qtbot.waitUntil(lambda: all_done(window, 2))


def test_a_file_whose_worker_is_still_starting_is_not_said_to_wait_for_others(
    open_desk: OpenDesk, scans: Path, qtbot: QtBot
) -> None:
    class Starting(FakeWalker):
        def walk(self, data: bytes, **more: Any) -> None:
            assert self.go.wait(10)
            super().walk(data, **more)

    walker = Starting()
    window = open_desk(walker=walker)
    drop(window, *write(scans, first=b"good"))
    qtbot.waitUntil(lambda: "starting" in window.centre.blank.text)
    assert window.centre.blank.stop_button.isVisible()
    walker.go.set()
    qtbot.waitUntil(lambda: all_done(window, 1))


def test_a_stopped_file_waits_and_can_be_read_again(open_desk: OpenDesk, scans: Path, qtbot: QtBot) -> None:
    walker = FakeWalker()
    window = open_desk(walker=walker)
    drop(window, *write(scans, long=b"slow", after=b"good"))
    qtbot.waitUntil(lambda: window.queue_model.entries[0].in_work if window.queue_model.entries else False)
    window.queue.choose(window.queue_model.entries[0].id)
    window.centre.blank.stop_button.click()
    qtbot.waitUntil(lambda: [e.status for e in window.queue_model.entries] == [Status.WAITING, Status.READ])
    assert window.queue_model.entries[0].stopped
    walker.go.set()
    window.actions_table["again"].trigger()
    qtbot.waitUntil(lambda: all_done(window, 2))


def test_a_drop_survives_a_window_that_dies_while_it_reads(
    open_desk: OpenDesk, store: CaseStore, scans: Path, qtbot: QtBot
) -> None:
    window = open_desk(walker=FakeWalker())
    drop(window, *write(scans, long=b"slow", next=b"good"))
    qtbot.waitUntil(lambda: len(store.summaries()) == 2)
    window.close()
    assert {summary.status for summary in store.summaries()} == {Status.WAITING}
    walker = FakeWalker()
    walker.go.set()
    again = open_desk(walker=walker)
    qtbot.waitUntil(lambda: all_done(again, 2), timeout=20_000)  # a busy machine packs pages slowly


def test_a_walk_that_was_cut_short_neither_doubles_a_sheet_nor_undoes_its_edits(
    open_desk: OpenDesk, store: CaseStore, qtbot: QtBot
) -> None:
    waiting = waiting_case(b"two", name="two.pdf", at=sample.case().created_at)
    first = of_sheet(waiting, sample.case())
    edited = open_desk(first)
    edited.workbench.reject(sample.SINUS)
    edited.close()
    window = open_desk(waiting)
    qtbot.waitUntil(lambda: all_done(window, 2))
    settle(window)
    assert len(store.get(first.id).edits) == 1


def test_closing_the_window_ends_the_walker(open_desk: OpenDesk) -> None:
    walker = FakeWalker()
    window = open_desk(walker=walker)
    window.close()
    assert walker.closed
    assert window.arrivals.dispatcher.isFinished()


def test_a_file_that_a_full_disk_did_not_take_in_is_said_until_somebody_has_seen_it(
    open_desk: OpenDesk, store: CaseStore, scans: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    def full(_case: Case, **_more: object) -> None:
        raise StoreFull("The disk is full; free some space and try again.")

    window = open_desk()
    monkeypatch.setattr(store, "put", full)
    drop(window, *write(scans, first=b"good", second=b"good"))
    qtbot.waitUntil(lambda: window.notice.text.count("\n") == 1)
    assert "first.png was not taken in: The disk is full" in window.notice.text
    assert titles(window) == []


def test_a_sheet_that_could_not_be_kept_waits_and_says_why(
    open_desk: OpenDesk, store: CaseStore, scans: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    def full_for_sheets(case: Case, **_more: object) -> None:
        if case.page is not None:
            raise StoreFull("The disk is full; free some space and try again.")
        put(case)

    put = store.put
    window = open_desk()
    monkeypatch.setattr(store, "put", full_for_sheets)
    drop(window, *write(scans, first=b"good"))
    qtbot.waitUntil(lambda: "first.png: The disk is full" in window.notice.text)
    assert "disk is full" in window.centre.blank.text
    monkeypatch.setattr(store, "put", put)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: all_done(window, 1))


def test_a_folder_that_may_not_be_looked_into_is_one_sentence(
    open_desk: OpenDesk, scans: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    def forbidden(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    window = open_desk()
    files = write(scans, first=b"good")
    monkeypatch.setattr(Path, "is_dir", forbidden)
    drop(window, *files)
    qtbot.waitUntil(lambda: "first.png cannot be looked into (Permission denied)" in window.notice.text)


def test_each_folder_without_a_scan_is_named_and_the_other_files_are_read(
    open_desk: OpenDesk, scans: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    write(scans, a=b"good")
    for name in ("monday", "tuesday"):
        (tmp_path / name).mkdir()
    window = open_desk()
    drop(window, tmp_path / "monday", scans, tmp_path / "tuesday")
    qtbot.waitUntil(lambda: all_done(window, 1))
    assert "folder monday;" in window.notice.text
    assert "folder tuesday;" in window.notice.text


def test_the_first_file_of_the_command_line_is_laid_on_a_desk_that_has_cases(
    open_desk: OpenDesk, scans: Path, qtbot: QtBot
) -> None:
    window = open_desk(sample.case())
    window.take_files(write(scans, a=b"good", b=b"good"), open_first=True)
    qtbot.waitUntil(lambda: all_done(window, 3))
    assert window.workbench.case is not None
    assert window.workbench.case.source_name == "a.png"


def test_a_dropped_file_does_not_take_the_place_of_the_case_that_is_at_work(
    open_desk: OpenDesk, scans: Path, qtbot: QtBot
) -> None:
    window = open_desk(sample.case())
    drop(window, *write(scans, a=b"good"))
    qtbot.waitUntil(lambda: all_done(window, 2))
    assert window.workbench.case is not None
    assert window.workbench.case.source_name == "sample-1.png"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file names")
def test_a_file_whose_name_is_no_text_or_turns_writing_around_is_taken_in_under_a_readable_one(
    open_desk: OpenDesk, scans: Path, qtbot: QtBot
) -> None:
    for name in (b"a\xff.png", b"b\n.png", "c\u202egnp.png".encode()):
        (scans / os.fsdecode(name)).write_bytes(b"good")
    window = open_desk()
    drop(window, scans)
    qtbot.waitUntil(lambda: all_done(window, 3))
    names = [entry.source_name for entry in window.queue_model.entries]
    assert names == ["a\ufffd.png", "b\ufffd.png", "c\ufffdgnp.png"]


def test_a_question_about_a_case_of_a_long_name_keeps_all_its_words_in_sight(
    open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: shown.append(box.informativeText()))
    window = open_desk(replace(sample.case(), patient=Patient(name="S" * 200)))
    window.deeds.delete()
    (text,) = shown
    assert "SSS … SSS" in text
    assert len(text) < 160
    assert text.endswith("deleted for good.")
