"""Measure a set of records with known marks, in the file formats of its yardstick.

| file | what |
|---|---|
| `RECORDS/signals.npz` | `record` int32[k], `delta_uv` int32[k, 12, n] (differences of uV), `fs` Hz |
| `OUT/waves.csv` | record, lead, wave, onset, peak, offset: samples at 500 Hz, -1 where not marked |
| `OUT/global.csv` | record, hr, p_ms, pr_ms, qrs_ms, qt_ms; empty where not measurable |
"""

import csv
import logging
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.measurements import Mark, Measurements
from ecgdesk.ecg.recording import Recording
from ecgdesk.measure.measure import measure

_log = logging.getLogger(__name__)


def benchmark_measure(records: Path, out: Path) -> None:
    """Measure every record of `records/signals.npz` and write `waves.csv` and `global.csv` into `out`.

    Raises FileNotFoundError when there is no `signals.npz`.
    """
    out.mkdir(parents=True, exist_ok=True)
    started, count = time.perf_counter(), 0
    with (
        open(out / "waves.csv", "w", newline="", encoding="utf-8") as waves_file,
        open(out / "global.csv", "w", newline="", encoding="utf-8") as global_file,
    ):
        waves, figures = csv.writer(waves_file), csv.writer(global_file)
        waves.writerow(["record", "lead", "wave", "onset", "peak", "offset"])
        figures.writerow(["record", "hr", "p_ms", "pr_ms", "qrs_ms", "qt_ms"])
        for name, signal in read_records(records):
            found = measure(Recording(signal, np.full(12, 40.0, dtype=np.float32)))
            waves.writerows([name, *_mark_row(mark)] for mark in found.marks)
            figures.writerow([name, *_figures(found)])
            count += 1
    _log.info("%d records, %.3f s each", count, (time.perf_counter() - started) / max(1, count))


def read_records(records: Path) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """(record number, float32[12, n] in mV at 500 Hz) of each record, in order."""
    with np.load(records / "signals.npz") as data:
        names, delta, fs = data["record"], data["delta_uv"], float(data["fs"])
    ratio = Fraction(SAMPLING_RATE_HZ / fs).limit_denominator(1000)
    for name, row in zip(names.tolist(), delta, strict=True):
        signal = np.cumsum(row, axis=1, dtype=np.int64) / 1000.0
        if ratio != 1:
            signal = resample_poly(signal, ratio.numerator, ratio.denominator, axis=1)
        yield int(name), signal.astype(np.float32)


def _mark_row(mark: Mark) -> list[str | int]:
    times = (mark.onset_s, mark.peak_s, mark.offset_s)
    ends = [round(s * SAMPLING_RATE_HZ) if np.isfinite(s) else -1 for s in times]
    return [mark.lead.value.lower(), mark.wave.value, *ends]


def _figures(found: Measurements) -> list[str]:
    figures = (found.heart_rate, found.p_duration, found.pr, found.qrs, found.qt)
    return ["" if figure.value is None else f"{figure.value:.1f}" for figure in figures]
