"""From what a person drops to waiting cases."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from ecgdesk.ecg.case import Case, Status
from ecgdesk.page.decode import SUFFIXES

LARGEST_FILE = 500 * 2**20  # bytes; a 1200 dpi colour scan of A4 as plain TIFF has 420 MB


def files_of(paths: Sequence[Path]) -> list[Path]:
    """The files themselves, and those within folders that look like images or PDFs, in the order of their names."""
    found: list[Path] = []
    for path in paths:
        found += _within(path) if path.is_dir() else [path]
    return list(dict.fromkeys(found))


def _within(folder: Path) -> list[Path]:
    inside = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    return sorted(path for path in inside if not path.name.startswith("."))


def waiting_cases(files: Sequence[Path], *, at: datetime) -> Iterator[Case]:
    """One case a file, read when it is asked for; the first file is the newest, so that the list keeps their order."""
    for place, file in enumerate(files):
        yield _waiting(file, at=at - timedelta(milliseconds=place))


def _waiting(file: Path, *, at: datetime) -> Case:
    empty = waiting_case(b"", name=file.name, at=at)
    try:
        if file.stat().st_size > LARGEST_FILE:
            limit = LARGEST_FILE // 2**20
            return refused(empty, f"The file is larger than {limit} MB; scan the sheet at 200 to 300 dpi.")
        return replace(empty, scan=file.read_bytes())
    except OSError as error:
        return refused(empty, f"The file cannot be opened ({error.strerror or 'unknown cause'}); check its place.")


def waiting_case(data: bytes, *, name: str, at: datetime) -> Case:
    return Case(id=secrets.token_hex(16), source_name=name, sheet_number=1, created_at=at, scan=data)


def refused(case: Case, sentence: str) -> Case:
    """A file that is no sheet: its sentence is kept, its bytes are not."""
    return replace(case, status=Status.UNREADABLE, reasons=(sentence,), scan=b"")


def of_sheet(waiting: Case, walked: Case) -> Case:
    """The walked sheet in its file's place in the list.

    The id follows from the file's, so that a walk which a crash cut short finds the sheets that it had already kept.
    """
    digest = sha256(f"{waiting.id}/{walked.sheet_number}".encode()).hexdigest()
    return replace(walked, id=digest[: len(waiting.id)], created_at=waiting.created_at)
