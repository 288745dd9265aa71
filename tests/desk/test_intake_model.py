import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecgdesk.desk.models import intake
from ecgdesk.desk.models.queue import Entry, order
from ecgdesk.ecg.case import Status
from tests.desk import sample

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)


def test_a_folder_gives_its_images_and_pdfs_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.PNG", "a.pdf", "notes.txt", ".hidden.png"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "c.jpg").write_bytes(b"x")
    assert [file.name for file in intake.found_in([tmp_path]).files] == ["a.pdf", "b.PNG", "c.jpg"]


def test_a_file_that_is_named_itself_is_taken_whatever_it_is(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(b"x")
    assert intake.found_in([file, file]).files == (file,)


def test_a_drop_keeps_its_order_in_the_list(tmp_path: Path) -> None:
    files = [tmp_path / f"{name}.png" for name in "abc"]
    for file in files:
        file.write_bytes(b"x")
    cases = list(intake.waiting_cases(files, at=AT))
    entries = sorted((Entry.of_case(case) for case in reversed(cases)), key=order)
    assert [entry.source_name for entry in entries] == ["a.png", "b.png", "c.png"]
    assert {case.status for case in cases} == {Status.WAITING}


def test_a_file_that_cannot_be_opened_becomes_a_sentence(tmp_path: Path) -> None:
    (case,) = intake.waiting_cases([tmp_path / "gone.png"], at=AT)
    assert case.status is Status.UNREADABLE
    assert case.reasons[0].endswith(".")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes among its files")
def test_a_pipe_that_never_ends_is_refused_unread(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "scan.png")
    (case,) = intake.waiting_cases([tmp_path / "scan.png"], at=AT)
    assert case.status is Status.UNREADABLE


def test_a_sheet_gets_the_same_id_each_time_its_file_is_walked() -> None:
    waiting = intake.waiting_case(b"x", name="two.pdf", at=AT)
    first, again = sample.case(number=1), sample.case(number=2)
    assert intake.of_sheet(waiting, first).id == intake.of_sheet(waiting, again).id
    second = replace(sample.case(), sheet_number=2)
    assert intake.of_sheet(waiting, second).id != intake.of_sheet(waiting, first).id
