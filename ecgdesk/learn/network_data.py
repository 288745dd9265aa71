"""The training material: each record as it is and as it comes back from paper, in the networks' own inputs.

A record's variants are made once and kept in a work folder, in chunks, so that a stopped run goes on: drawing,
digitising and measuring takes three quarters of an hour on two cores. A chunk's name tells its folder and seed, and it
is used again only for the same records: delete the work folder when the way of digitising or measuring has changed.
"""

import csv
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.patient import Patient
from ecgdesk.ecg.recording import Recording
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.learn.crew import crew
from ecgdesk.learn.labelled_records import LabelledRecord, labelled_records
from ecgdesk.learn.network_paper import from_paper
from ecgdesk.learn.network_sheets import from_sheet
from ecgdesk.learn.network_weights import raked
from ecgdesk.measure.measure import measure
from ecgdesk.read.network.features import features
from ecgdesk.read.network.inputs import beat_input

log = logging.getLogger(__name__)

F16 = NDArray[np.float16]
F32 = NDArray[np.float32]

SUPERCLASSES = ("NORM", "MI", "STTC", "CD", "HYP")
VARIANTS = 4  # the record itself, a sheet of it, and two likenesses of sheets
SIGNAL_QUALITY_DB = 60.0  # of a record that never was on paper
FOLDS = 5
# Of the classes in the whole of PTB-XL (Wagner et al. 2020).
SHARES = np.array([9528, 5486, 5250, 4907, 2655]) / 21837
LEAST_EXAMPLES = 20  # of a statement that is learned
CHUNK = 100  # records


@dataclass(frozen=True, eq=False)
class Material:
    """n records in VARIANTS variants each, the first from the signal itself.

    `beat` float16[n, VARIANTS, 24, 320], `rows` float32[n, VARIANTS, f]; `superclasses` float32[n, 5]; `statements`
    float32[n, len(codes)], meant only where `told`; `fold` int[n]; `weight` float32[n] (see network_weights).
    """

    ids: NDArray[np.int64]
    beat: F16
    rows: F32
    superclasses: F32
    statements: F32
    told: NDArray[np.bool_]
    codes: tuple[str, ...]
    fold: NDArray[np.int64]
    weight: F32


def material(folders: Sequence[Path], work: Path, *, seed: int) -> Material:
    """Everything in the folders of labelled records, the sheets of the first drawn and digitised, which takes its time.

    Raises NoRecords for another kind of folder.
    """
    work.mkdir(parents=True, exist_ok=True)
    parts = [part for place, folder in enumerate(folders) for part in _variants(folder, work, seed, drawn=place == 0)]
    ids = np.concatenate([part["ids"] for part in parts])
    order = np.argsort(ids)
    labels = [(record, fold, place) for place, folder in enumerate(folders) for record, fold in _labels(folder)]
    labels.sort(key=lambda one: one[0].ecg_id)
    said = [record.said for record, _, _ in labels]
    examples = Counter(code for codes in said for code in codes)
    codes = tuple(sorted((c for c, n in examples.items() if n >= LEAST_EXAMPLES), key=lambda c: (-examples[c], c)))
    classes = _table([record.superclasses for record, _, _ in labels], SUPERCLASSES)
    # Within a folder, those whose published fold is known are a selection of their own.
    source = np.array([2 * place + (fold > 0) for _, fold, place in labels])
    return Material(
        ids=ids[order],
        beat=np.concatenate([part["beat"] for part in parts])[order],
        rows=np.concatenate([part["rows"] for part in parts])[order],
        superclasses=classes,
        statements=_table(said, codes),
        told=np.array([bool(codes) for codes in said]),
        codes=codes,
        fold=folds([fold for _, fold, _ in labels], seed=seed),
        weight=raked(classes, source, SHARES),
    )


def folds(published: Sequence[int], *, seed: int) -> NDArray[np.int64]:
    """One of FOLDS for each record: two published folds make one of ours, as they keep a patient's records together.

    A record whose published fold is not known (0) goes to a fold drawn so that all are of one size.
    """
    known = np.array(published)
    mine = np.where(known > 0, np.minimum((known - 1) // 2, FOLDS - 1), -1)
    sizes = np.bincount(mine[mine >= 0], minlength=FOLDS)
    for record in np.random.default_rng(seed).permutation(np.flatnonzero(mine < 0)):
        mine[record] = np.argmin(sizes)
        sizes[mine[record]] += 1
    return mine


def seen(recording: Recording, patient: Patient) -> tuple[F32, F32]:
    """The two inputs of one recording: average beat and row of measurements."""
    measured = measure(recording)
    return beat_input(measured.median_beat), features(measured, patient)


def _table(said: Sequence[frozenset[str]], names: Sequence[str]) -> F32:
    return np.array([[name in one for name in names] for one in said], dtype=np.float32)


def _labels(folder: Path) -> Iterator[tuple[LabelledRecord, int]]:
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        published = {int(float(row["ecg_id"])): row["strat_fold"] for row in csv.DictReader(file)}
    for record in labelled_records(folder):
        fold = published.get(record.ecg_id, "")
        yield record, int(float(fold)) if fold else 0


def _variants(folder: Path, work: Path, seed: int, *, drawn: bool) -> Iterator[dict[str, NDArray[np.generic]]]:
    with crew() as pool:
        for number, chunk in enumerate(_chunks(labelled_records(folder))):
            kept = work / part_name(folder, seed, number)
            part = kept_part(kept, [record.ecg_id for record in chunk])
            if part is None:
                made = pool.map(_variants_of, chunk, repeat(seed), repeat(drawn))
                _keep(kept, chunk, list(made))
                log.info("%s: %d records", folder.name, number * CHUNK + len(chunk))
                with np.load(kept) as arrays:
                    part = dict(arrays)
            yield part


def part_name(folder: Path, seed: int, number: int) -> str:
    """The kept file's name, of one folder and seed alone: folders of several data sets may bear one name."""
    source = sha256(f"{folder.resolve()}\n{seed}".encode()).hexdigest()[:12]
    return f"{folder.name}-{source}-{number:03d}.npz"


def kept_part(path: Path, ids: Sequence[int]) -> dict[str, NDArray[np.generic]] | None:
    """The arrays kept at `path`; None where there are none or they are of other records than `ids`."""
    if not path.exists():
        return None
    with np.load(path) as arrays:
        part = dict(arrays)
    return part if np.array_equal(part["ids"], ids) else None


def _chunks(records: Iterator[LabelledRecord]) -> Iterator[list[LabelledRecord]]:
    chunk: list[LabelledRecord] = []
    for record in records:
        chunk.append(record)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _variants_of(record: LabelledRecord, seed: int, drawn: bool) -> tuple[F16, F32]:
    rng = np.random.default_rng((seed, record.ecg_id))
    whole = Recording(record.signal, np.full(12, SIGNAL_QUALITY_DB, dtype=np.float32))
    sheet = _sheet(record, seed) if drawn else from_paper(record.signal, rng)
    recordings = [whole, sheet, *(from_paper(record.signal, rng) for _ in range(VARIANTS - 2))]
    beats, rows = zip(*(seen(recording, record.patient) for recording in recordings), strict=True)
    return np.stack(beats).astype(np.float16), np.stack(rows)


def _sheet(record: LabelledRecord, seed: int) -> Recording:
    """A drawn sheet, digitised; where the program refuses the sheet, its likeness."""
    rng = np.random.default_rng((seed, record.ecg_id, 1))
    try:
        return from_sheet(record.signal, rng)
    except Refusal:
        return from_paper(record.signal, rng)


def _keep(path: Path, chunk: Sequence[LabelledRecord], made: Sequence[tuple[F16, F32]]) -> None:
    beat, rows = (np.stack(arrays) for arrays in zip(*made, strict=True))
    part = path.with_suffix(".part.npz")
    np.savez(part, ids=np.array([record.ecg_id for record in chunk]), beat=beat, rows=rows)
    part.rename(path)
