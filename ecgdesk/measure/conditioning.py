"""The recording made ready for measuring: finite, without baseline drift, and knowing which lead is seen when."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import butter, sosfiltfilt

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.recording import Recording
from ecgdesk.measure.pacing import bridge, find_spikes

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DRIFT_HZ = 0.4  # below the slowest heart's own content once the PR segments are tied to zero as well
SHORTEST_RUN_S = 0.6  # a shorter stretch cannot hold a QRS complex with its surroundings
LONGEST_GAP_S = 0.05  # a pen lift; longer gaps stay absent
LIMIT_MV = 20.0  # beyond any ECG: a fault of the source


def samples(seconds: float) -> int:
    """Whole samples in so many seconds."""
    return round(seconds * SAMPLING_RATE_HZ)


@dataclass(frozen=True)
class Run:
    """Leads (rows) that are present over the same samples, [start, stop)."""

    rows: tuple[int, ...]
    start: int
    stop: int


@dataclass(frozen=True, eq=False)
class Conditioned:
    """`mv`: float64[12, n], drift removed, zero where absent. `present`: bool[12, n]. `runs`: what is seen together.

    `slope`: float64[12, n], mV/s, of the signal smoothed with a Gaussian of 8 ms. `spikes`: samples of pacing strokes,
    bridged in `mv`.
    """

    mv: Floats
    slope: Floats
    present: Bools
    runs: tuple[Run, ...]
    spikes: NDArray[np.intp]

    @property
    def length(self) -> int:
        return int(self.mv.shape[1])


def condition(recording: Recording) -> Conditioned:
    """Fill pen lifts, drop scraps, and take the drift out of each stretch by itself."""
    raw = np.asarray(recording.signal, dtype=np.float64)
    present = np.isfinite(raw) & (np.abs(raw) < LIMIT_MV)
    mv = np.where(present, raw, 0.0)
    for row in range(mv.shape[0]):
        _fill_gaps(mv[row], present[row])
    spikes = find_spikes(mv, present)
    bridge(mv, spikes)
    runs = _runs(present)
    clean, slope, seen = np.zeros_like(mv), np.zeros_like(mv), np.zeros_like(present)
    for run in runs:
        rows, time = np.array(run.rows), slice(run.start, run.stop)
        level = without_drift(mv[rows, time])
        clean[rows, time] = level
        slope[rows, time] = gaussian_filter1d(level, 0.008 * SAMPLING_RATE_HZ, order=1) * SAMPLING_RATE_HZ
        seen[rows, time] = True
    return Conditioned(clean, slope, seen, runs, spikes)


def without_drift(mv: Floats) -> Floats:
    """mV[..., n] minus what is slower than DRIFT_HZ (zero phase)."""
    centred = mv - np.median(mv, axis=-1, keepdims=True)
    sections = butter(2, DRIFT_HZ, "low", fs=SAMPLING_RATE_HZ, output="sos")
    pad = min(centred.shape[-1] - 1, samples(1.0))
    drift: Floats = sosfiltfilt(sections, centred, axis=-1, padtype="even", padlen=pad)
    return centred - drift


def _fill_gaps(values: Floats, present: Bools) -> None:
    """Bridge short gaps by a straight line, in place."""
    for start, stop in stretches(~present):
        if start > 0 and stop < len(values) and stop - start <= samples(LONGEST_GAP_S):
            values[start:stop] = np.linspace(values[start - 1], values[stop], stop - start + 2)[1:-1]
            present[start:stop] = True


def stretches(mask: Bools) -> list[tuple[int, int]]:
    """[start, stop) of each stretch of True in bool[n]."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _runs(present: Bools) -> tuple[Run, ...]:
    together: dict[tuple[int, int], list[int]] = {}
    for row in range(present.shape[0]):
        for start, stop in stretches(present[row]):
            if stop - start >= samples(SHORTEST_RUN_S):
                together.setdefault((start, stop), []).append(row)
    return tuple(Run(tuple(rows), start, stop) for (start, stop), rows in sorted(together.items()))
