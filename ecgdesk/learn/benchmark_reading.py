"""`ecgdesk benchmark reading RECORDS -o OUT --reader NAME [--via signal|page]`: a reader against cardiologists.

Reads a folder of labelled records; writes, a row a record and in the order in which they are done,

| file | what |
|---|---|
| `OUT/superclasses.csv` | ecg_id, NORM, MI, STTC, CD, HYP (probabilities), NORM_said … HYP_said (0 or 1) |
| `OUT/statements.csv` | ecg_id, codes: the SCP codes of the findings, parted by spaces |
| `OUT/reports.csv` | where RECORDS holds reference reports: what the reader's says of them (`learn.report_scores`) |
| `OUT/misses.csv`, `OUT/misses.md` | of the criteria reader: why it and the labels differ (`learn.misses`) |

A run that was stopped goes on where it was when it is started again with the same records, the same reader of the same
version and the same `via`; anything else starts afresh. A record that cannot be read (through a page) has no row, and
so counts as nothing said.

A reader that gives a superclass a probability is written with it, and *says* the class from its own threshold on.

The criteria reader has no probabilities of its own. Its superclass is *said* when a finding of that class stands at
least as probable (NORM: when the overall statement is that of a normal ECG), and its probability is the share of
the training records with that class among those where its best finding was as certain: `PROBABILITY`, measured with
`share_by_certainty` on records that are never used for a score.
"""

import csv
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np

from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.page import Sheet
from ecgdesk.ecg.reading import Certainty, Evidence, Probability, Reading
from ecgdesk.ecg.recording import Recording
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.ecg.statements import catalogue
from ecgdesk.learn.crew import CORES, crew
from ecgdesk.learn.labelled_records import LabelledRecord, NoRecords, labelled_records
from ecgdesk.learn.misses import Difference, differences, summarise, write_differences
from ecgdesk.learn.pages import PageSpec, make_page
from ecgdesk.learn.report_scores import REPORTS, in_words, references, summary, write_score
from ecgdesk.learn.tables import ECG_ID, keep_only, rows_of
from ecgdesk.measure.measure import measure
from ecgdesk.pipeline import digitise
from ecgdesk.read.criteria.reader import NAME as CRITERIA
from ecgdesk.read.registry import parted
from ecgdesk.read.registry import reader as reader_of

T = TypeVar("T")

SUPERS, STATEMENTS, MISSES = "superclasses.csv", "statements.csv", "misses.csv"
SUPERCLASSES = ("NORM", "MI", "STTC", "CD", "HYP")
SIGNAL_QUALITY_DB = 60.0  # of a record that never was on paper
PAGE = PageSpec(grid="3x4", rhythm=(Lead.II,), dpi=200.0)
EVEN_ODDS = 0.5
NONE = ""  # no finding of the class

# Share of the training records that have the class, by the most certain finding of the class that was made; NORM by
# the overall statement instead.
PROBABILITY: Mapping[str, Mapping[str, float]] = {
    "NORM": {
        NONE: 0.826,
        "NORM": 0.926,
        "OVERALL_OTHERWISE_NORMAL": 0.536,
        "OVERALL_NOT_CLASSIFIED": 0.796,
        "OVERALL_UNINTERPRETABLE": 0.474,
        "OVERALL_ABNORMAL": 0.11,
        "OVERALL_CRITICAL": 0.2,
    },
    "MI": {NONE: 0.117, "possible": 0.312, "probable": 0.8, "definite": 0.526},
    "STTC": {NONE: 0.092, "possible": 0.405, "probable": 0.519, "definite": 0.509},
    "CD": {NONE: 0.054, "possible": 0.651, "probable": 0.619, "definite": 0.858},
    "HYP": {NONE: 0.055, "possible": 0.308, "probable": 0.351, "definite": 0.671},
}


class Via(StrEnum):
    """How the record reaches the reader: as it is, or drawn on a page and digitised first."""

    SIGNAL = "signal"
    PAGE = "page"


@dataclass(frozen=True)
class Answer:
    """What a reader said of one record: SCP codes, and for each superclass how sure its best finding is.

    `own`: the probabilities that the reader itself gives, by superclass. `report`: the reading in words. `differences`:
    from the labels, with reasons.
    """

    ecg_id: int
    codes: tuple[str, ...]
    levels: tuple[str, ...]  # in the order of SUPERCLASSES
    own: tuple[Probability, ...] = ()
    report: str = ""
    differences: tuple[Difference, ...] = ()


def benchmark_reading(records: Path, out: Path, *, reader: str, via: Via) -> None:
    """Reads every record of the folder on all cores and writes the two tables.

    Raises NoRecords for another kind of folder, UnknownReader for a reader that there is not.
    """
    first = _first_reading(records, reader, via)
    known = references(records)
    out.mkdir(parents=True, exist_ok=True)
    done = _already_done(out, f"{first.reader} {first.version} via {via.value} of {records.resolve()}")
    waiting = (record for record in labelled_records(records) if record.ecg_id not in done)
    with _Tables(out, append=bool(done)) as tables:
        for count, answer in enumerate(_answers(waiting, reader, via), 1):
            if answer is not None:
                write_score(out, answer.ecg_id, answer.report, known)
                if reader == CRITERIA:
                    write_differences(out / MISSES, answer.ecg_id, answer.differences)
                tables.write(answer)  # last: a record that stands there has all its rows
            print(f"\r{len(done) + count} records", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    if line := summary(out):
        print(line)
    if reader == CRITERIA:
        counts = Counter(code for record in labelled_records(records) for code in record.said)
        summarise(out / MISSES, out / "misses.md", counts)


def answer(ecg_id: int, reading: Reading) -> Answer:
    """A reading in the terms of the score: what it says in SCP codes, how sure it is in each superclass."""
    table = catalogue()
    codes = {code for finding in reading.findings for code in table[finding.code].scp}
    own = tuple(one for one in reading.probabilities if one.label in SUPERCLASSES)
    levels = tuple(_level(name, reading) for name in SUPERCLASSES)
    return Answer(ecg_id, tuple(sorted(codes)), levels, own, in_words(reading))


def share_by_certainty(records: Path, *, reader: str) -> dict[str, dict[str, float]]:
    """The table PROBABILITY, measured on a folder of records (never on those that are scored)."""
    counts: dict[tuple[str, str], list[int]] = {}
    truth = {record.ecg_id: record.superclasses for record in labelled_records(records)}
    for one in _answers(labelled_records(records), reader, Via.SIGNAL):
        if one is not None:
            for name, level in zip(SUPERCLASSES, one.levels, strict=True):
                counts.setdefault((name, level), []).append(name in truth[one.ecg_id])
    shares: dict[str, dict[str, float]] = {name: {} for name in SUPERCLASSES}
    for (name, level), hits in sorted(counts.items()):
        shares[name][level] = round((sum(hits) + 1) / (len(hits) + 2), 3)
    return shares


def _level(superclass: str, reading: Reading) -> str:
    table = catalogue()
    if superclass == "NORM":
        return next((f.code for f in reading.findings if table[f.code].category == "overall"), NONE)
    sure = [finding.certainty for finding in reading.findings if table[finding.code].superclass == superclass]
    order = list(Certainty)  # most certain first
    return min(sure, key=order.index).value if sure else NONE


def _share(superclass: str, level: str, own: Probability | None) -> float:
    if own is not None:
        return round(own.value, 6)
    return PROBABILITY[superclass].get(level, PROBABILITY[superclass][NONE])


def _said(superclass: str, level: str, own: Probability | None) -> bool:
    if own is not None:
        return own.value >= (EVEN_ODDS if own.threshold is None else own.threshold)
    if superclass == "NORM":
        return level == "NORM"
    return level in (Certainty.DEFINITE, Certainty.PROBABLE)


def _answers(records: Iterator[LabelledRecord], reader: str, via: Via) -> Iterator[Answer | None]:
    """One answer a record as they are done, None for one that could not be read."""
    within, _ = parted([reader])
    if within:
        yield from spread(records, partial(_read_one, reader=reader, via=via))
        return
    chosen = reader_of(reader)  # with a process of its own: one for all records, which here are only made ready
    for prepared in spread(records, partial(evidence_of, via=via)):
        yield None if prepared is None else answer(prepared[0], chosen.read(prepared[1]))


def spread(records: Iterator[LabelledRecord], work: Callable[[LabelledRecord], T]) -> Iterator[T]:
    """The work on each record, on all cores, as it is done; few records wait in memory."""
    with crew() as pool:
        pending: set[Future[T]] = set()
        while True:
            pending |= {pool.submit(work, one) for one in islice(records, 4 * CORES - len(pending))}
            if not pending:
                return
            finished, pending = wait(pending, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in finished)


def _first_reading(records: Path, reader: str, via: Via) -> Reading:
    """Of the first record that can be read: which version of the reader this is. Raises NoRecords, UnknownReader."""
    chosen = reader_of(reader)
    for record in labelled_records(records):
        prepared = evidence_of(record, via=via)
        if prepared is not None:
            return chosen.read(prepared[1])
    raise NoRecords(f"No record in {records} could be read; look at the messages above.")


def _read_one(record: LabelledRecord, *, reader: str, via: Via) -> Answer | None:
    prepared = evidence_of(record, via=via)
    if prepared is None:
        return None
    reading = reader_of(reader).read(prepared[1])
    found = differences(record.said, prepared[1], reading) if reader == CRITERIA else ()
    return replace(answer(record.ecg_id, reading), differences=found)


def evidence_of(record: LabelledRecord, *, via: Via) -> tuple[int, Evidence] | None:
    """What a reader is given of a record; None, with the reason on stderr, when its page cannot be read."""
    try:
        return record.ecg_id, _evidence(record, via)
    except Refusal as refusal:
        print(f"\n{record.ecg_id}: {refusal}", file=sys.stderr)
        return None


def _evidence(record: LabelledRecord, via: Via) -> Evidence:
    if via is Via.SIGNAL:
        recording = Recording(record.signal, np.full(12, SIGNAL_QUALITY_DB, dtype=np.float32))
        return Evidence(recording, measure(recording), record.patient)
    made = make_page(record.signal, spec=PAGE, seed=record.ecg_id)
    page, recording = digitise(Sheet(made.image, name=f"{record.ecg_id}.png", dpi=(PAGE.dpi, PAGE.dpi)))
    return Evidence(recording, measure(recording), record.patient, page)


class _Tables:
    """The two files, written row by row so that a stopped run can go on."""

    def __init__(self, out: Path, *, append: bool) -> None:
        mode = "a" if append else "w"
        self._supers = (out / SUPERS).open(mode, newline="", encoding="utf-8")
        self._statements = (out / STATEMENTS).open(mode, newline="", encoding="utf-8")
        if not append:
            csv.writer(self._supers).writerow(["ecg_id", *SUPERCLASSES, *(f"{name}_said" for name in SUPERCLASSES)])
            csv.writer(self._statements).writerow(["ecg_id", "codes"])

    def __enter__(self) -> "_Tables":
        return self

    def __exit__(self, *_: object) -> None:
        self._supers.close()
        self._statements.close()

    def write(self, one: Answer) -> None:
        levels = list(zip(SUPERCLASSES, one.levels, strict=True))
        own = {probability.label: probability for probability in one.own}
        shares = [_share(name, level, own.get(name)) for name, level in levels]
        said = [int(_said(name, level, own.get(name))) for name, level in levels]
        csv.writer(self._supers).writerow([one.ecg_id, *shares, *said])
        csv.writer(self._statements).writerow([one.ecg_id, " ".join(one.codes)])
        self._supers.flush()
        self._statements.flush()


def _already_done(out: Path, kind: str) -> set[int]:
    """Records of an earlier run of the same kind; a mark in the folder says which kind it was. Other rows go."""
    mark, tables = out / "run.txt", [out / name for name in (SUPERS, STATEMENTS, MISSES, REPORTS)]
    if not (mark.exists() and mark.read_text(encoding="utf-8") == kind):
        for table in tables:
            table.unlink(missing_ok=True)
        mark.write_text(kind, encoding="utf-8")
    done = _ids(out / SUPERS) & _ids(out / STATEMENTS)
    for table in tables:
        keep_only(table, done)
    return done


def _ids(path: Path) -> set[int]:
    return {int(row[ECG_ID]) for row in rows_of(path)}
