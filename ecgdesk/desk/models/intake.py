"""From what a person drops to waiting cases."""

import os
import secrets
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from ecgdesk.ecg.case import Case, Status
from ecgdesk.page.decode import SUFFIXES

_NO_LETTER = "\N{REPLACEMENT CHARACTER}"
_TURNS_WRITING = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # Unicode's bidi controls
LARGEST_FILE = 500 * 2**20  # bytes; a 1200 dpi colour scan of A4 as plain TIFF has 420 MB


@dataclass(frozen=True)
class Found:
    """What is in a drop: its files, in the order of their names, and the folders that gave none and why not."""

    files: tuple[Path, ...]
    empty: tuple[Path, ...]
    barred: tuple[OSError, ...]


def found_in(paths: Sequence[Path]) -> Found:
    """The files themselves, and those within folders that look like images or PDFs."""
    files: list[Path] = []
    empty: list[Path] = []
    barred: list[OSError] = []
    for path in paths:
        try:
            is_folder = path.is_dir()
        except OSError as error:
            barred.append(error)
            continue
        errors: list[OSError] = []
        inside = _within(path, errors) if is_folder else [path]
        if not inside and not errors:
            empty.append(path)
        files += inside
        barred += errors
    return Found(tuple(dict.fromkeys(files)), tuple(empty), tuple(barred))


def _within(folder: Path, errors: list[OSError]) -> list[Path]:
    named = (Path(where, name) for where, _, names in os.walk(folder, onerror=errors.append) for name in names)
    images = (path for path in named if path.suffix.lower() in SUFFIXES and not path.name.startswith("."))
    return sorted(path for path in images if path.is_file())


def waiting_cases(files: Sequence[Path], *, at: datetime) -> Iterator[Case]:
    """One case a file, read when it is asked for; the first file is the newest, so that the list keeps their order."""
    for place, file in enumerate(files):
        yield _waiting(file, at=at - timedelta(milliseconds=place))


def _waiting(file: Path, *, at: datetime) -> Case:
    empty = waiting_case(b"", name=file.name, at=at)
    try:
        state = file.stat()
        if not stat.S_ISREG(state.st_mode):  # a device or a pipe might never end
            return refused(empty, "This is no file with a scan; drop the image or PDF itself.")
        if state.st_size > LARGEST_FILE:
            limit = LARGEST_FILE // 2**20
            return refused(empty, f"The file is larger than {limit} MB; scan the sheet at 200 to 300 dpi.")
        return replace(empty, scan=file.read_bytes())
    except OSError as error:
        return refused(empty, f"The file cannot be opened ({error.strerror or 'unknown cause'}); check its place.")


def waiting_case(data: bytes, *, name: str, at: datetime) -> Case:
    return Case(id=secrets.token_hex(16), source_name=readable(name), sheet_number=1, created_at=at, scan=data)


def readable(name: str) -> str:
    """The name of a file as it can be kept and shown.

    Bytes that are no text, control characters and those that turn the direction of writing would be refused by the
    store, break the line, or turn around the sentence in which the name stands.
    """
    return "".join(_NO_LETTER if _unfit(letter) else letter for letter in name)


def _unfit(letter: str) -> bool:
    # Cc: control, Cs: half a letter, as bytes of a name come that are no UTF-8
    return unicodedata.category(letter) in ("Cc", "Cs") or letter in _TURNS_WRITING


def refused(case: Case, sentence: str) -> Case:
    """A file that is no sheet: its sentence is kept, its bytes are not."""
    return replace(case, status=Status.UNREADABLE, reasons=(sentence,), scan=b"")


def of_sheet(waiting: Case, walked: Case) -> Case:
    """The walked sheet in its file's place in the list.

    The id follows from the file's, so that a walk which a crash cut short finds the sheets that it had already kept.
    """
    return replace(walked, id=sheet_id(waiting.id, walked.sheet_number), created_at=waiting.created_at)


def sheet_id(waiting_id: str, sheet_number: int) -> str:
    """The id of a sheet, counted from 1, of the file that waited as this case."""
    return sha256(f"{waiting_id}/{sheet_number}".encode()).hexdigest()[: len(waiting_id)]
