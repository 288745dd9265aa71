"""`ecgdesk read FILE... -o DIR`: the walk without a window."""

import os
import sys
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from queue import SimpleQueue

from ecgdesk.commands.passphrase import ask
from ecgdesk.ecg.case import Case, Status
from ecgdesk.ecg.home import home
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.page.decode import SUFFIXES
from ecgdesk.pipeline import EMBEDDED_READERS, read_also
from ecgdesk.read.registry import parted, reader
from ecgdesk.report.identity import Identity, load_identity
from ecgdesk.report.paper import Paper
from ecgdesk.report.pdf import render
from ecgdesk.report.signature import sign
from ecgdesk.report.summary import to_json
from ecgdesk.report.table import to_csv
from ecgdesk.report.whole import write_whole
from ecgdesk.worker import Walker


@dataclass(frozen=True)
class _Order:
    """What is asked of every file; `taken`: the stems of all files, case folded."""

    out: Path
    taken: frozenset[str]
    readers: tuple[str, ...]
    readers_apart: tuple[str, ...]  # asked here, after the walk
    identity: Identity | None
    paper: Paper


def read_files(
    files: Sequence[Path],
    *,
    out: Path,
    readers: Sequence[str] | None = None,
    identity: str | None = None,
    paper_name: str = "a4",
) -> int:
    """Writes STEM.pdf, STEM.json and STEM.csv for every sheet; returns 0 when all were read, 1 when one was refused.

    A refused file gets one line on stderr and the others go on. A file of several sheets writes STEM-1, STEM-2 and so
    on; what another file has the stem of already gets _2, whether letters are large or small, which some disks do not
    tell apart. Raises Refusal when nothing can be begun.
    """
    chosen = tuple(readers or EMBEDDED_READERS)
    for name in chosen:
        reader(name)  # an unknown name is refused before the first file is read
    signer = None
    if identity is not None:
        signer = load_identity(identity, passphrase=ask(f"Passphrase of {identity}: "), folder=home() / "identities")
    jobs = list(_with_stems(_expanded(files)))
    if not jobs:
        raise Refusal(f"No image or PDF lies in {', '.join(map(str, files))}; name another folder, or the files.")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(f"{out}: the folder cannot be made ({error.strerror}); name another with -o.") from error
    taken = frozenset(stem.casefold() for _, stem in jobs)
    order = _Order(out, taken, *parted(chosen), signer, Paper[paper_name.upper()])
    walkers: SimpleQueue[Walker] = SimpleQueue()
    crew = [Walker() for _ in range(max(1, min(len(jobs), os.cpu_count() or 1)))]
    for walker in crew:
        walkers.put(walker)
    try:
        with ThreadPoolExecutor(len(crew)) as pool:
            refused = sum(pool.map(lambda job: _read_one(job[0], job[1], order, walkers), jobs))
    finally:
        for walker in crew:
            walker.close()
    return 1 if refused else 0


def _expanded(files: Iterable[Path]) -> Iterable[Path]:
    for file in files:
        if file.is_dir():
            yield from sorted(p for p in file.iterdir() if p.suffix.lower() in SUFFIXES)
        else:
            yield file


def _with_stems(files: Iterable[Path]) -> Iterable[tuple[Path, str]]:
    taken: set[str] = set()
    for file in files:
        stem = _free(file.stem, taken)
        taken.add(stem.casefold())
        yield file, stem


def _free(stem: str, taken: Collection[str]) -> str:
    names = (stem if n == 1 else f"{stem}_{n}" for n in count(1))
    return next(name for name in names if name.casefold() not in taken)


def _read_one(file: Path, stem: str, order: _Order, walkers: "SimpleQueue[Walker]") -> bool:
    """Reads one file and writes what came of it; returns True when something of it was refused."""
    walker = walkers.get()
    cases: list[Case] = []
    sentence = ""
    try:
        walker.walk(_bytes(file), name=file.name, on_case=cases.append, readers=order.readers)
    except Refusal as refusal:
        sentence = str(refusal)
    finally:
        walkers.put(walker)
    refused = bool(sentence)
    if refused:
        print(f"{file}: {sentence}", file=sys.stderr)
    for case in cases:
        alone = len(cases) == 1 and not sentence
        own_stem = stem if alone else _free(f"{stem}-{case.sheet_number}", order.taken)
        refused |= _finish(read_also(case, readers=order.readers_apart), order, own_stem)
    return refused


def _finish(case: Case, order: _Order, stem: str) -> bool:
    try:
        _write(case, order, stem)
    except OSError as error:
        print(
            f"{order.out / stem}: cannot be written ({error.strerror}); free some space and try again.", file=sys.stderr
        )
        return True
    except Refusal as refusal:
        print(f"{case.source_name}: {refusal}", file=sys.stderr)
        return True
    if case.status is Status.UNREADABLE:
        print(f"{case.source_name}: {' '.join(case.reasons)}", file=sys.stderr)
        return True
    print(f"{case.source_name}: {case.status.value} -> {order.out / stem}.pdf", flush=True)
    return False


def _write(case: Case, order: _Order, stem: str) -> None:
    if order.identity is not None and case.status is not Status.UNREADABLE:
        at = datetime.now().astimezone()
        pdf = render(case, paper=order.paper, signed_by=order.identity.name, signed_at=at)
        pdf = sign(pdf, order.identity, at=at)
    else:
        pdf = render(case, paper=order.paper)
    write_whole(order.out / f"{stem}.pdf", pdf)
    write_whole(order.out / f"{stem}.json", to_json(case).encode())
    table = order.out / f"{stem}.csv"
    if case.recording is not None:
        write_whole(table, to_csv(case.recording).encode())
    else:
        table.unlink(missing_ok=True)  # of an earlier run, which would pass for this sheet's


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        raise Refusal("There is no such file; check its name.") from error
    except OSError as error:
        raise Refusal(f"The file cannot be read ({error.strerror}); check its rights or its medium.") from error
