"""A folder of 12-lead records with statements, as the reading benchmark takes it.

| file | what |
|---|---|
| `signals_*.npz` | `ecg_id` int32[k]; `delta_uv` int[k, 8, n]: differences of uV of I, II, V1 to V6 over 10 s |
| `labels.csv` | a row a record: `ecg_id`, `scp_codes` and `superclasses` (parted by spaces), `age`, `sex` where known |

The four other limb leads follow from I and II (Einthoven, Goldberger).
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.patient import Patient, Sex
from ecgdesk.ecg.refusal import Refusal

DURATION_S = 10
STORED_LEADS = 8
UNTOLD_AGE = 300.0  # PTB-XL's mark for an age above 89, which it does not tell (Wagner et al. 2020)
LEAST_UNTOLD_AGE = 90.0
_COLUMNS = ("ecg_id", "scp_codes", "superclasses")


class NoRecords(Refusal):
    """The folder is not one of labelled records."""


@dataclass(frozen=True, eq=False)
class LabelledRecord:
    """`signal`: float32[12, n], mV at 500 Hz, standard order. `said`, `superclasses`: the cardiologists' labels."""

    ecg_id: int
    signal: NDArray[np.float32]
    patient: Patient
    said: frozenset[str]
    superclasses: frozenset[str]


def labelled_records(folder: Path) -> Iterator[LabelledRecord]:
    """Every record of the folder, in the order of its files.

    Raises NoRecords when there are none, when a file is damaged, and for a record without a row of labels, which would
    pass for one of a patient who has nothing.
    """
    files = sorted(folder.glob("signals_*.npz"))
    table = folder / "labels.csv"
    if not files or not table.exists():
        raise NoRecords(f"{folder}: no records found; it must hold signals_*.npz and labels.csv.")
    labels = _labels(table)
    for path in files:
        for ecg_id, eight in zip(*_signals(path), strict=True):
            if ecg_id not in labels:
                raise NoRecords(f"{table} has no row for record {ecg_id} of {path.name}; add it, or take it out there.")
            patient, said, superclasses = labels[ecg_id]
            yield LabelledRecord(ecg_id, _twelve(eight), patient, said, superclasses)


def _labels(table: Path) -> dict[int, tuple[Patient, frozenset[str], frozenset[str]]]:
    with table.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        if lacking := [name for name in _COLUMNS if name not in (rows.fieldnames or ())]:
            raise NoRecords(f"{table} lacks the column {lacking[0]}; it needs {', '.join(_COLUMNS)}.")
        try:
            return {
                int(float(row["ecg_id"])): (
                    _patient(row),
                    frozenset(row["scp_codes"].split()),
                    frozenset(row["superclasses"].split()),
                )
                for row in rows
            }
        except (ValueError, AttributeError) as error:  # a word for a number, a row that is cut off
            raise NoRecords(f"{table} is damaged at line {rows.line_num} ({error}); copy it anew.") from error


def _signals(path: Path) -> tuple[list[int], NDArray[np.integer]]:
    try:
        with np.load(path) as chunk:
            ids, delta = chunk["ecg_id"].tolist(), chunk["delta_uv"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise NoRecords(f"{path} is damaged or holds no records; copy it anew.") from error
    if delta.ndim != 3 or delta.shape[:2] != (len(ids), STORED_LEADS):
        raise NoRecords(f"{path} holds signals of the shape {delta.shape}; it must be records x 8 leads x samples.")
    return ids, delta


def _twelve(delta_uv: NDArray[np.integer]) -> NDArray[np.float32]:
    """float32[12, n] in mV at 500 Hz from the differences of I, II and V1 to V6."""
    eight = np.cumsum(delta_uv, axis=1, dtype=np.int64) / 1000.0
    one, two = eight[0], eight[1]
    limb = np.stack([one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2])
    twelve = np.concatenate([limb, eight[2:]])
    wanted = DURATION_S * SAMPLING_RATE_HZ
    if twelve.shape[1] != wanted:
        twelve = resample_poly(twelve, wanted, twelve.shape[1], axis=1)
    return np.asarray(twelve, dtype=np.float32)


def _patient(row: dict[str, str]) -> Patient:
    sex, age = row.get("sex", ""), row.get("age", "")
    years = float(age) if age else None
    if years is not None and years >= UNTOLD_AGE:
        years = LEAST_UNTOLD_AGE
    return Patient(sex=Sex(sex) if sex in set(Sex) else Sex.UNKNOWN, age_years=years)
