"""What the networks see of a recording: the signal at 100 Hz and the average beat at 250 Hz, each with its mask.

| input | shape | what |
|---|---|---|
| signal | float32[24, 1000] | 12 leads, mV, 10 s at 100 Hz on the record's clock; then 12 masks, 1 where seen |
| beat | float32[24, 320] | 12 leads, mV, 0.50 s before to 0.78 s after the R peak at 250 Hz; then 12 masks |

Absent is zero with the mask 0. Each stretch of a lead is moved by its own median, so that the zero line of a strip
on paper does not matter.
"""

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.measurements import MedianBeat
from ecgdesk.ecg.recording import Recording

F32 = NDArray[np.float32]

SIGNAL_HZ, SIGNAL_SAMPLES = 100, 1000
BEAT_HZ, BEAT_BEFORE, BEAT_SAMPLES = 250, 125, 320
STEP, BEAT_STEP = 5, 2  # of the recording's 500 Hz
LIMIT_MV = 5.0
_SMOOTHER = np.array([1, 2, 3, 4, 5, 4, 3, 2, 1], dtype=np.float64)  # -6 dB at 44 Hz: keeps QRS, drops mains


def signal_input(recording: Recording) -> F32:
    """float32[24, 1000]: the recording's first ten seconds."""
    mv = np.asarray(recording.signal[:, : SIGNAL_SAMPLES * STEP], dtype=np.float64)
    mv = np.pad(mv, ((0, 0), (0, SIGNAL_SAMPLES * STEP - mv.shape[1])), constant_values=np.nan)
    seen = np.isfinite(mv)
    levelled = np.where(seen, mv, 0.0)
    for lead in range(12):
        for first, last in _stretches(seen[lead]):
            levelled[lead, first:last] -= np.median(levelled[lead, first:last])
    weight = _smoothed(seen.astype(np.float64))
    thin = _smoothed(levelled) / np.maximum(weight, 1.0)
    there = seen[:, ::STEP] & (weight >= _SMOOTHER.sum() / 2)
    return _masked(thin, there)


def beat_input(beat: MedianBeat | None) -> F32:
    """float32[24, 320]: the average beat about its R peak; all absent where there is none."""
    wide = np.full((12, BEAT_SAMPLES * BEAT_STEP), np.nan)
    if beat is not None:
        begin = beat.r_index - BEAT_BEFORE * BEAT_STEP
        first, last = max(begin, 0), min(begin + wide.shape[1], beat.signal.shape[1])
        wide[:, first - begin : last - begin] = beat.signal[:, first:last]
    thin = wide.reshape(12, BEAT_SAMPLES, BEAT_STEP)
    there = np.isfinite(thin).all(axis=2)
    return _masked(np.where(there, thin.mean(axis=2), 0.0), there)


def _smoothed(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Every STEP-th sample of the rows, each the sum of its neighbourhood weighted by _SMOOTHER."""
    half = len(_SMOOTHER) // 2
    padded = np.pad(rows, ((0, 0), (half, half)))
    length = rows.shape[1]
    total = np.zeros((rows.shape[0], length // STEP))
    for offset, weight in enumerate(_SMOOTHER):
        total += weight * padded[:, offset : offset + length : STEP]
    return total


def _masked(mv: NDArray[np.float64], there: NDArray[np.bool_]) -> F32:
    clipped = np.where(there, np.clip(mv, -LIMIT_MV, LIMIT_MV), 0.0)
    return np.concatenate([clipped, there]).astype(np.float32)


def _stretches(seen: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], seen.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
