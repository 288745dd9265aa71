"""Two programs on one desk: what the other one does is seen here, and nothing slips under anybody's hands."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ecgdesk.desk import elsewhere
from ecgdesk.desk.models.intake import of_sheet, waiting_case
from ecgdesk.desk.models.queue import Entry
from ecgdesk.desk.window import DeskWindow
from ecgdesk.ecg.case import Signature
from ecgdesk.ecg.patient import Patient
from ecgdesk.store.cases import CaseStore
from ecgdesk.store.key import Key
from tests.desk import sample
from tests.desk.conftest import OpenDesk, settle
from tests.desk.fakes import FakeWalker

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: CaseStore) -> Iterator[CaseStore]:
    """What another program has open."""
    monkeypatch.setattr(elsewhere, "EVERY_MS", 20)
    with CaseStore.open(tmp_path, key=Key(bytes(range(32)))) as opened:
        yield opened


def names(window: DeskWindow) -> list[str]:
    return [entry.title for entry in window.queue_model.entries]


def test_cases_that_another_program_took_in_signed_or_deleted_follow_in_the_list(
    open_desk: OpenDesk, other: CaseStore, qtbot: QtBot
) -> None:
    case, signed, deleted = sample.case(number=9), sample.case(number=2), sample.case(number=3)
    window = open_desk(case, signed, deleted)
    new = replace(sample.case(number=4), patient=Patient(name="SAMPLE, NEW"))
    other.put(new)
    other.put(replace(signed, signature=Signature(signer="SAMPLE", at=AT, pdf=b"%PDF")))
    other.delete(deleted.id)
    qtbot.waitUntil(lambda: "SAMPLE, NEW" in names(window))
    assert [(entry.id, entry.signed) for entry in window.queue_model.entries] == [
        (case.id, False),
        (new.id, False),
        (signed.id, True),
    ]
    assert window.workbench.case is not None
    assert window.workbench.case.id == case.id


def test_an_open_case_is_shown_as_another_window_left_it(
    open_desk: OpenDesk, other: CaseStore, store: CaseStore, qtbot: QtBot
) -> None:
    case = sample.case()
    window = open_desk(case)
    other.put(replace(other.get(case.id), patient=Patient(name="SAMPLE, THEIRS")))
    qtbot.waitUntil(lambda: window.review.patient.name.text() == "SAMPLE, THEIRS")
    assert "changed this case" in window.statusBar().currentMessage()
    window.workbench.reject(sample.SINUS)
    settle(window)
    assert not window.notice.isVisible()
    assert (store.get(case.id).patient.name, len(store.get(case.id).edits)) == ("SAMPLE, THEIRS", 1)


def test_what_is_being_typed_is_neither_taken_away_nor_laid_over_what_another_window_changed(
    open_desk: OpenDesk, other: CaseStore, qtbot: QtBot
) -> None:
    case = sample.case()
    window = open_desk(case)
    name = window.review.patient.name
    name.setFocus()
    name.selectAll()
    qtbot.keyClicks(name, "SAMPLE, MINE")
    other.put(replace(other.get(case.id), patient=Patient(name="SAMPLE, THEIRS")))
    qtbot.waitUntil(lambda: names(window) == ["SAMPLE, THEIRS"])
    assert name.text() == "SAMPLE, MINE"
    window.review.patient.commit()
    settle(window)
    assert "changed in another window" in window.notice.text
    assert other.get(case.id).patient.name == "SAMPLE, THEIRS"
    assert name.text() == "SAMPLE, THEIRS"


def test_a_case_deleted_elsewhere_stays_on_the_desk_with_a_word_until_it_is_left(
    open_desk: OpenDesk, other: CaseStore, qtbot: QtBot
) -> None:
    gone, next_one = sample.case(number=2), sample.case(number=1)
    window = open_desk(gone, next_one)
    other.delete(gone.id)
    qtbot.waitUntil(lambda: "deleted in another window" in window.notice.text)
    assert window.workbench.case is not None
    assert window.workbench.case.id == gone.id
    window.queue.step(+1)
    assert [entry.id for entry in window.queue_model.entries] == [next_one.id]
    assert window.workbench.case.id == next_one.id


def test_a_case_that_was_looked_at_before_another_window_changed_it_is_fetched_anew(
    open_desk: OpenDesk, other: CaseStore, qtbot: QtBot
) -> None:
    first, second = sample.case(number=2), sample.case(number=1)
    window = open_desk(first, second)
    window.workbench.shelf.wait()  # the neighbour was fetched ahead
    other.put(replace(other.get(second.id), patient=Patient(name="SAMPLE, THEIRS")))
    qtbot.waitUntil(lambda: "SAMPLE, THEIRS" in names(window))
    window.queue.choose(second.id)
    assert window.review.patient.name.text() == "SAMPLE, THEIRS"


def test_a_file_that_another_window_reads_is_seen_and_opened_in_its_place(
    open_desk: OpenDesk, other: CaseStore, qtbot: QtBot
) -> None:
    window = open_desk()
    waiting = waiting_case(b"slow", name="theirs.png", at=AT)
    other.put(waiting)
    qtbot.waitUntil(lambda: names(window) == ["theirs.png"])
    sheet = of_sheet(waiting, sample.case())
    other.put(sheet)
    other.delete(waiting.id)
    qtbot.waitUntil(lambda: [entry.id for entry in window.queue_model.entries] == [sheet.id])
    assert window.workbench.case is not None
    assert window.workbench.case.id == sheet.id


def test_a_sheet_that_another_window_read_and_deleted_does_not_come_back(
    open_desk: OpenDesk, other: CaseStore, store: CaseStore, qtbot: QtBot
) -> None:
    waiting, walker = waiting_case(b"slow", name="both.png", at=AT), FakeWalker()
    window = open_desk(waiting, walker=walker)
    qtbot.waitUntil(lambda: bool(walker.walked))
    sheet = of_sheet(waiting, sample.case())
    other.put(sheet)
    other.delete(waiting.id)
    other.delete(sheet.id)
    walker.go.set()
    later = waiting_case(b"bad", name="later.png", at=AT)
    store.put(later)
    window.arrivals.submit(Entry.of_case(later))
    qtbot.waitUntil(lambda: walker.walked == ["both.png", "later.png"])
    assert [summary.id for summary in store.summaries()] == [later.id]
    qtbot.waitUntil(lambda: names(window) == ["later.png"])
