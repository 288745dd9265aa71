"""Measure a set of records with known marks, in the file formats of its yardstick.

| file | what |
|---|---|
| `RECORDS/signals.npz` | `record` int32[k], `delta_uv` int32[k, 12, n] (differences of uV), `fs` Hz |
| `OUT/waves.csv` | record, lead, wave, onset, peak, offset: samples at 500 Hz, -1 where not marked |
| `OUT/global.csv` | record, hr, p_ms, pr_ms, qrs_ms, qt_ms; empty where not measurable |
"""

import csv
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, STANDARD_ORDER
from ecgdesk.ecg.measurements import Mark, Measurements
from ecgdesk.ecg.recording import Recording
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.measure.measure import measure


class NoSignals(Refusal):
    """The folder is not one of records with known marks."""


def benchmark_measure(records: Path, out: Path) -> None:
    """Measure every record of `records/signals.npz`, write `waves.csv` and `global.csv` into `out`, print the time.

    Raises NoSignals.
    """
    every = read_records(records)
    out.mkdir(parents=True, exist_ok=True)
    started, count = time.perf_counter(), 0
    with (
        open(out / "waves.csv", "w", newline="", encoding="utf-8") as waves_file,
        open(out / "global.csv", "w", newline="", encoding="utf-8") as global_file,
    ):
        waves, figures = csv.writer(waves_file), csv.writer(global_file)
        waves.writerow(["record", "lead", "wave", "onset", "peak", "offset"])
        figures.writerow(["record", "hr", "p_ms", "pr_ms", "qrs_ms", "qt_ms"])
        for name, signal in every:
            found = measure(Recording(signal, np.full(12, 40.0, dtype=np.float32)))
            waves.writerows([name, *_mark_row(mark)] for mark in found.marks)
            figures.writerow([name, *_figures(found)])
            count += 1
    print(f"{count} records, {(time.perf_counter() - started) / max(1, count):.3f} s each")


def read_records(records: Path) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """(record number, float32[12, n] in mV at 500 Hz) of each record, in order. Raises NoSignals before the first."""
    names, delta, fs = _stored(records / "signals.npz")
    return zip(names, _signals(delta, fs), strict=True)


def _stored(path: Path) -> tuple[list[int], NDArray[np.integer], float]:
    try:
        with np.load(path) as data:
            names, delta, fs = data["record"].tolist(), data["delta_uv"], float(data["fs"])
    except FileNotFoundError as error:
        raise NoSignals(f"{path.parent}: no records found; it must hold {path.name}.") from error
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise NoSignals(f"{path} is damaged or holds no records; copy it anew.") from error
    if delta.ndim != 3 or delta.shape[:2] != (len(names), len(STANDARD_ORDER)) or not fs > 0:
        raise NoSignals(f"{path} holds signals of the shape {delta.shape}; it must be records x 12 leads x samples.")
    return names, delta, fs


def _signals(delta: NDArray[np.integer], fs: float) -> Iterator[NDArray[np.float32]]:
    ratio = Fraction(SAMPLING_RATE_HZ / fs).limit_denominator(1000)
    for row in delta:
        signal = np.cumsum(row, axis=1, dtype=np.int64) / 1000.0
        if ratio != 1:
            signal = resample_poly(signal, ratio.numerator, ratio.denominator, axis=1)
        yield signal.astype(np.float32)


def _mark_row(mark: Mark) -> list[str | int]:
    times = (mark.onset_s, mark.peak_s, mark.offset_s)
    ends = [round(s * SAMPLING_RATE_HZ) if np.isfinite(s) else -1 for s in times]
    return [mark.lead.value.lower(), mark.wave.value, *ends]


def _figures(found: Measurements) -> list[str]:
    figures = (found.heart_rate, found.p_duration, found.pr, found.qrs, found.qt)
    return ["" if figure.value is None else f"{figure.value:.1f}" for figure in figures]
