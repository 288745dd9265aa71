"""What the networks see of a recording: its average beat at 250 Hz, float32[24, 320].

Twelve leads in mV from 0.50 s before to 0.78 s after the R peak, then twelve masks, 1 where the lead is seen. Absent is
zero with the mask 0. From paper each lead shows two or three beats, at different moments; their average is what all
layouts have in common.
"""

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.measurements import MedianBeat

F32 = NDArray[np.float32]

BEAT_BEFORE, BEAT_SAMPLES = 125, 320
BEAT_STEP = 2  # of the recording's 500 Hz
LIMIT_MV = 5.0


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


def _masked(mv: NDArray[np.float64], there: NDArray[np.bool_]) -> F32:
    clipped = np.where(there, np.clip(mv, -LIMIT_MV, LIMIT_MV), 0.0)
    return np.concatenate([clipped, there]).astype(np.float32)
