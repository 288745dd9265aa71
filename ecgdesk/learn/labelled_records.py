"""A folder of 12-lead records with statements, as the reading benchmark takes it.

| file | what |
|---|---|
| `signals_*.npz` | `ecg_id` int32[k]; `delta_uv` int[k, 8, n]: differences of uV of I, II, V1 to V6 over 10 s |
| `labels.csv` | `ecg_id`, `scp_codes` and `superclasses` (parted by spaces), `age`, `sex` where known |

The four other limb leads follow from I and II (Einthoven, Goldberger).
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.patient import Patient, Sex
from ecgdesk.ecg.refusal import Refusal

DURATION_S = 10


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
    """Every record of the folder, in the order of its files. Raises NoRecords when there are none."""
    files = sorted(folder.glob("signals_*.npz"))
    table = folder / "labels.csv"
    if not files or not table.exists():
        raise NoRecords(f"{folder}: no records found; it must hold signals_*.npz and labels.csv.")
    with table.open(newline="", encoding="utf-8") as file:
        labels = {int(float(row["ecg_id"])): row for row in csv.DictReader(file)}
    for path in files:
        with np.load(path) as chunk:
            ids, delta = chunk["ecg_id"], chunk["delta_uv"]
        for ecg_id, eight in zip(ids.tolist(), delta, strict=True):
            row = labels.get(int(ecg_id), {})
            yield LabelledRecord(
                int(ecg_id),
                _twelve(eight),
                _patient(row),
                frozenset(row.get("scp_codes", "").split()),
                frozenset(row.get("superclasses", "").split()),
            )


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
    sex = row.get("sex", "")
    age = row.get("age", "")
    return Patient(sex=Sex(sex) if sex in set(Sex) else Sex.UNKNOWN, age_years=float(age) if age else None)
