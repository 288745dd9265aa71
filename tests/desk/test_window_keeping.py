"""Changes on their way to the disk: in order, off the window's thread, and taken back."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ecgdesk.ecg.case import Case
from ecgdesk.ecg.corrections import Corrections
from ecgdesk.ecg.patient import Patient
from ecgdesk.ecg.reading import Reading
from ecgdesk.store.audit import Act
from ecgdesk.store.cases import CaseStore
from ecgdesk.store.key import Key
from ecgdesk.store.refusals import StoreFull
from tests.desk import sample
from tests.desk.conftest import OpenDesk, settle
from tests.desk.fakes import FakeMender


def test_undo_takes_the_changes_back_one_by_one_and_redo_makes_them_again(
    open_desk: OpenDesk, store: CaseStore, qtbot: QtBot
) -> None:
    case = sample.case()
    window = open_desk(case)
    window.workbench.reject(sample.SINUS)
    window.workbench.set_patient(replace(case.patient, name="SAMPLE, TWO"))
    settle(window)
    assert window.actions_table["undo"].text() == "Undo the patient’s data"
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle(window)
    assert store.get(case.id).patient == case.patient
    assert sample.SINUS not in store.get(case.id).findings
    assert "Undone" in window.statusBar().currentMessage()
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle(window)
    assert store.get(case.id).edits == ()
    assert not window.actions_table["undo"].isEnabled()
    qtbot.keyClick(window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    settle(window)
    assert sample.SINUS not in store.get(case.id).findings
    acts = [entry.what for entry in store.audit_entries()]
    assert acts == [Act.ADDED, Act.CHANGED, Act.CHANGED, Act.UNDONE, Act.UNDONE, Act.REDONE]
    assert store.check_audit().intact


def test_another_case_on_the_desk_is_not_undone(open_desk: OpenDesk, store: CaseStore) -> None:
    window = open_desk(sample.case(number=1), sample.case(number=2))
    window.workbench.reject(sample.SINUS)
    settle(window)
    window.queue.choose(sample.case(number=1).id)
    assert not window.actions_table["undo"].isEnabled()
    window.workbench.undo()
    settle(window)
    assert len(store.get(sample.case(number=2).id).edits) == 1


def test_a_slow_disk_does_not_hold_the_window_and_nothing_is_shown_before_it_is_kept(
    open_desk: OpenDesk, store: CaseStore, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    window = open_desk(sample.case())
    put, go, threads = store.put, threading.Event(), []

    def slow(case: Case, **more: object) -> None:
        threads.append(threading.current_thread())
        assert go.wait(10)
        put(case, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "put", slow)
    window.workbench.reject(sample.SINUS)
    window.workbench.accept(sample.AXIS)
    window.workbench.reject(sample.BORDERLINE_PR)
    assert window.workbench.case is not None
    assert window.workbench.case.edits == ()
    qtbot.waitUntil(lambda: "Saving" in window._saving.text() and window._saving.isVisible())
    go.set()
    settle(window)
    kept = store.get(sample.case().id)
    assert [edit.finding for edit in kept.edits] == [sample.SINUS, sample.AXIS, sample.BORDERLINE_PR]
    assert window.workbench.case.edits == kept.edits
    assert threading.main_thread() not in threads
    assert not window._saving.isVisible()


def test_what_rests_on_a_change_that_was_not_kept_is_not_kept_either(
    open_desk: OpenDesk, store: CaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_desk(sample.case())
    put, go = store.put, threading.Event()
    fails = [True]

    def once_full(case: Case, **more: object) -> None:
        assert go.wait(10)
        if fails:
            fails.clear()
            raise StoreFull("The disk is full; free some space and try again.")
        put(case, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "put", once_full)
    window.workbench.reject(sample.SINUS)
    window.workbench.accept(sample.AXIS)
    go.set()
    settle(window)
    assert "disk is full" in window.notice.text
    assert window.notice.isVisible()  # until somebody has seen it
    assert store.get(sample.case().id).edits == ()
    assert window.workbench.case is not None
    assert window.workbench.case.edits == ()
    window.workbench.accept(sample.AXIS)
    settle(window)
    assert [edit.finding for edit in store.get(sample.case().id).edits] == [sample.AXIS]


def test_a_change_in_another_window_is_said_shown_and_not_lost(
    open_desk: OpenDesk, store: CaseStore, tmp_path: Path
) -> None:
    case = sample.case()
    window = open_desk(case)
    with CaseStore.open(tmp_path, key=Key(bytes(range(32)))) as other:
        theirs = replace(other.get(case.id), patient=Patient(name="SAMPLE, THEIRS"))
        other.put(theirs)
        window.workbench.reject(sample.SINUS)
        settle(window)
        assert "changed in another window" in window.notice.text
        assert window.workbench.case is not None
        assert window.workbench.case.patient.name == "SAMPLE, THEIRS"
        assert window.review.patient.name.text() == "SAMPLE, THEIRS"
        window.workbench.reject(sample.SINUS)
        settle(window)
        assert other.get(case.id).patient.name == "SAMPLE, THEIRS"
        assert len(other.get(case.id).edits) == 1


def test_a_change_on_its_way_does_not_bring_a_deleted_case_back(
    open_desk: OpenDesk, store: CaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_desk(sample.case())
    put, go = store.put, threading.Event()

    def slow(case: Case, **more: object) -> None:
        assert go.wait(10)
        put(case, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "put", slow)
    window.workbench.reject(sample.SINUS)
    window.workbench.accept(sample.AXIS)
    gone: list[bool] = []
    window.delete(sample.case().id, then=lambda: gone.append(True), failed=lambda _: None)
    go.set()
    settle(window)
    assert gone == [True]
    assert store.summaries() == ()
    assert window.queue_model.entries == ()


def test_a_model_or_a_correction_that_ends_after_its_case_was_deleted_does_not_bring_it_back(
    open_desk: OpenDesk, store: CaseStore, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    case, mender = sample.case(), FakeMender(waits=True, deaf=True)
    window = open_desk(case, mender=mender)
    window.workbench.correct(Corrections(speed=50.0), "the paper speed")
    qtbot.waitUntil(lambda: bool(mender.jobs))
    delete, go = store.delete, threading.Event()

    def slow(case_id: str) -> None:
        assert go.wait(10)
        delete(case_id)

    monkeypatch.setattr(store, "delete", slow)
    window.delete(case.id, then=lambda: None, failed=lambda _: None)
    mender.go.set()
    window.workbench.propose(case.id, Reading("llama", "1", (sample.SINUS,)))
    go.set()
    settle(window)
    assert store.summaries() == ()
    assert window.queue_model.entries == ()
    assert window.workbench.case is None
