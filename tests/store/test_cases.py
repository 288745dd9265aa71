"""The case store in use, and what it says when something is in its way."""

import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest

from ecgdesk.ecg.case import Case, Status
from ecgdesk.ecg.patient import Patient
from ecgdesk.ecg.reading import Severity
from ecgdesk.store import audit
from ecgdesk.store.audit import Act
from ecgdesk.store.cases import CaseStore
from ecgdesk.store.key import Key
from ecgdesk.store.refusals import ChangedElsewhere, NoSuchCase, StoreBusy, StoreDamaged, StoreFull, StoreUnavailable
from tests.store import builders
from tests.store.alike import alike

KEY = Key(bytes(range(32)))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CaseStore]:
    with CaseStore.open(tmp_path, key=KEY) as opened:
        yield opened


def test_a_kept_case_comes_back_as_it_was(store: CaseStore) -> None:
    store.put(builders.case(signed=True))
    assert alike(store.get("c0ffee"), builders.case(signed=True))


def test_a_case_without_a_page_is_kept_too(store: CaseStore) -> None:
    unread = replace(builders.case(), page=None, recording=None, measurements=None, status=Status.UNREADABLE)
    store.put(unread)
    assert alike(store.get("c0ffee"), unread)


def test_a_case_survives_closing(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path, key=KEY) as store:
        store.put(builders.case())
    with CaseStore.open(tmp_path, key=KEY) as store:
        assert alike(store.get("c0ffee"), builders.case())


def test_a_changed_case_replaces_the_former(store: CaseStore) -> None:
    store.put(builders.case(signed=True))
    changed = replace(builders.case(of_page=builders.page(seed=3)), reasons=(), signature=None)
    store.put(changed)
    assert alike(store.get("c0ffee"), changed)
    assert len(store.summaries()) == 1


def test_list_shows_the_newest_case_first_with_what_a_queue_needs(store: CaseStore) -> None:
    store.put(builders.case("old"))
    store.put(builders.case("new", signed=True, created_at=builders.AT + timedelta(minutes=1)))
    newest, oldest = store.summaries()
    assert (newest.id, newest.signed, oldest.id, oldest.signed) == ("new", True, "old", False)
    assert newest.patient_name == builders.NAME
    assert newest.status is Status.DOUBTFUL
    assert newest.severity is Severity.BORDERLINE  # a person has edited the abnormal finding
    assert newest.created_at == builders.AT + timedelta(minutes=1)


def test_a_deleted_case_is_gone(store: CaseStore) -> None:
    store.put(builders.case())
    store.delete("c0ffee")
    store.delete("c0ffee")
    assert store.summaries() == ()
    with pytest.raises(NoSuchCase, match="no longer kept"):
        store.get("c0ffee")


def test_what_was_still_at_work_on_a_deleted_case_does_not_bring_it_back(store: CaseStore) -> None:
    case = builders.case()
    store.put(case)
    store.delete(case.id)
    with pytest.raises(NoSuchCase, match="was deleted meanwhile"):
        store.put(replace(case, patient=Patient(name="SAMPLE, LATE")))
    assert store.summaries() == ()
    assert store.check_audit().intact


def test_nothing_of_a_patient_lies_in_the_folder_in_clear(tmp_path: Path) -> None:
    name = "SAMPLE-ZWÖLF"
    with CaseStore.open(tmp_path, key=KEY) as store:
        store.put(builders.case(name=name, signed=True))
        store.put(replace(builders.case(name=name), reasons=("changed",)))
        while_open = _found_in_clear(tmp_path, name.encode())
        files = {path.name for path in tmp_path.iterdir()}
        assert (tmp_path / "cases.db-wal").stat().st_size > 0
    assert files == {"cases.db", "cases.db-wal", "cases.db-shm"}
    assert while_open == []
    assert _found_in_clear(tmp_path, name.encode()) == []
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(tmp_path / "cases.db").execute("SELECT * FROM cases")


def test_a_rolled_back_change_leaves_nothing_in_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with CaseStore.open(tmp_path, key=KEY) as store:
        monkeypatch.setattr("ecgdesk.store.audit.append", _fail)
        with pytest.raises(RuntimeError):
            store.put(builders.case())
        assert store.summaries() == ()
        assert _found_in_clear(tmp_path, builders.NAME.encode()) == []


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_only_the_user_may_read_the_files(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path, key=KEY) as store:
        store.put(builders.case())
        assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_another_key_does_not_open_the_store(tmp_path: Path) -> None:
    CaseStore.open(tmp_path, key=KEY).close()
    before = (tmp_path / "cases.db").read_bytes()
    with pytest.raises(StoreDamaged, match="another key"):
        CaseStore.open(tmp_path, key=Key(secrets.token_bytes(32)))
    assert (tmp_path / "cases.db").read_bytes() == before


def test_a_changed_byte_is_noticed_and_the_file_is_left_alone(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path, key=KEY) as store:
        store.put(builders.case())
    database = tmp_path / "cases.db"
    damaged = bytearray(database.read_bytes())
    for place in range(5000, len(damaged), 4096):
        damaged[place] ^= 1
    database.write_bytes(damaged)
    with pytest.raises(StoreDamaged, match="damaged"), CaseStore.open(tmp_path, key=KEY) as store:
        store.get("c0ffee")
    assert database.read_bytes() == bytes(damaged)


def test_a_full_disk_is_one_sentence_and_loses_nothing(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path, key=KEY) as store:
        store.put(builders.case("kept"))
        _limit_pages(store, 60)
        big = replace(builders.case("big"), scan=secrets.token_bytes(10**6))
        with pytest.raises(StoreFull, match="free some space"):
            store.put(big)
        assert [summary.id for summary in store.summaries()] == ["kept"]
        _limit_pages(store, 10**6)
        store.put(big)
        assert alike(store.get("kept"), builders.case("kept"))
        assert alike(store.get("big"), big)


def test_a_file_that_may_not_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "cases.db").mkdir()
    with pytest.raises(StoreUnavailable, match="cannot be read or written"):
        CaseStore.open(tmp_path, key=KEY)


def test_a_database_of_a_newer_program_is_left_untouched(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path, key=KEY) as store:
        store._connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreUnavailable, match="newer ecgdesk"):
        CaseStore.open(tmp_path, key=KEY)


def test_two_programs_at_once_see_each_others_cases(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path, key=KEY) as one, CaseStore.open(tmp_path, key=KEY) as other:
        one.put(builders.case("a"))
        other.put(builders.case("b"))
        assert {summary.id for summary in one.summaries()} == {"a", "b"}
        assert alike(other.get("a"), builders.case("a"))


def test_a_store_that_another_program_holds_locked_says_so(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path, key=KEY) as one, CaseStore.open(tmp_path, key=KEY) as other:
        one._connection.execute("BEGIN IMMEDIATE")
        other._connection.set_busy_timeout(50)
        with pytest.raises(StoreBusy, match="try again"):
            other.put(builders.case())
        one._connection.execute("ROLLBACK")
        other.put(builders.case())


def test_threads_may_put_and_list_at_once(store: CaseStore, monkeypatch: pytest.MonkeyPatch) -> None:
    append = audit.append

    def slow_append(*given: Any, **named: Any) -> None:
        time.sleep(0.01)  # in the middle of the transaction, where another thread would break in
        append(*given, **named)

    monkeypatch.setattr("ecgdesk.store.audit.append", slow_append)
    with ThreadPoolExecutor(4) as pool:
        puts = [pool.submit(store.put, builders.case(f"case{n}")) for n in range(12)]
        lists = [pool.submit(store.summaries) for _ in range(12)]
        for done in puts + lists:
            done.result()
    assert len(store.summaries()) == 12
    assert store.check_audit().intact


def test_audit_trail_names_each_act_once(store: CaseStore) -> None:
    store.put(builders.case(), by="technician")
    store.put(builders.case(), by="technician")  # nothing has changed
    store.put(replace(builders.case(), reasons=()), by="technician")
    store.put(builders.case(signed=True), by="Dr. Sample")
    store.delete("c0ffee", by="admin")
    acts = [(entry.what, entry.who) for entry in store.audit_entries()]
    assert acts == [
        (Act.ADDED, "technician"),
        (Act.CHANGED, "technician"),
        (Act.SIGNED, "Dr. Sample"),
        (Act.DELETED, "admin"),
    ]
    assert store.check_audit().intact


def test_audit_trail_cannot_be_changed_through_the_database(store: CaseStore) -> None:
    store.put(builders.case())
    for change in ("UPDATE audit SET who = 'nobody'", "DELETE FROM audit"):
        with pytest.raises(apsw.ConstraintError, match="append-only"):
            store._connection.execute(change)


@pytest.mark.parametrize(
    ("tampering", "fault"),
    [
        ("DROP TRIGGER audit_is_not_changed; UPDATE audit SET who = 'nobody' WHERE number = 1", "Entry 1"),
        ("DROP TRIGGER audit_is_not_cut; DELETE FROM audit WHERE number = 2", "Entry 3"),
        ("UPDATE cases SET body = zeroblob(32) WHERE id = 'a'", "not as the audit trail last saw"),
        ("UPDATE parts SET digest = zeroblob(32) WHERE case_id = 'a' AND name = 'scan'", "not as the audit trail"),
        ("DELETE FROM cases WHERE id = 'b'", "not as the audit trail last saw"),
        ("DROP TRIGGER audit_is_not_cut; DELETE FROM audit WHERE number = 3", "not in the audit trail"),
    ],
)
def test_audit_check_finds_what_was_done_behind_its_back(store: CaseStore, tampering: str, fault: str) -> None:
    for case_id in "abc":
        store.put(builders.case(case_id))
    store._connection.execute(tampering)
    check = store.check_audit()
    assert not check.intact
    assert fault in " ".join(check.faults)


def test_a_full_page_is_kept_within_half_a_second(store: CaseStore) -> None:
    case = builders.case(of_page=builders.page(width=2200, height=1700))
    first_s = min(_put_s(store, replace(case, id=f"case{number}")) for number in range(3))
    edited_s = min(_put_s(store, replace(case, id="case1", reasons=(f"looked at {n} times",))) for n in range(3))
    assert first_s < 0.5
    assert edited_s < 0.1  # an edit does not write the pixels again


def _put_s(store: CaseStore, case: Case) -> float:
    began = time.process_time()  # what other programs on the machine take does not count
    store.put(case)
    return time.process_time() - began


def _limit_pages(store: CaseStore, pages: int) -> None:
    store._connection.execute(f"PRAGMA max_page_count = {pages}")


def _found_in_clear(folder: Path, text: bytes) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and text in path.read_bytes()]


def _fail(*_: object, **__: object) -> None:
    raise RuntimeError("stopped half-way")


def test_what_another_program_changed_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    case = builders.case()
    with CaseStore.open(tmp_path, key=KEY) as ours, CaseStore.open(tmp_path, key=KEY) as theirs:
        ours.put(case)
        theirs.put(replace(theirs.get(case.id), patient=Patient(name="SAMPLE, THEIRS")))
        with pytest.raises(ChangedElsewhere, match="changed in another window"):
            ours.put(replace(case, patient=Patient(name="SAMPLE, OURS")))
        assert ours.get(case.id).patient.name == "SAMPLE, THEIRS"
        ours.put(replace(case, patient=Patient(name="SAMPLE, OURS")), act=Act.CORRECTED)
        assert ours.audit_entries()[-1].what is Act.CORRECTED
        assert ours.check_audit().intact
        theirs.delete(case.id)
        with pytest.raises(ChangedElsewhere, match="deleted in another window"):
            ours.put(case)


def test_when_ecgs_were_taken_is_told_without_opening_them_and_of_one_that_is_gone_nothing(store: CaseStore) -> None:
    store.put(builders.case("a"))
    undated = builders.case("b")
    store.put(replace(undated, patient=replace(undated.patient, recorded_at=None)))
    assert store.recorded_at(("a", "b", "gone")) == {"a": builders.case("a").patient.recorded_at, "b": None}
