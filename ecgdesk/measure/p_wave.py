"""The P wave of an average beat: whether there is one, and where it begins and ends in each lead."""

import numpy as np

from ecgdesk.measure.conditioning import Floats, samples
from ecgdesk.measure.t_wave import Waves, no_waves, smoothed

SMOOTH_S = 0.008
LONGEST_PR_S = 0.40
SHARE = 0.20  # of a flank's steepest slope: where the wave begins or ends
NEAR_S = 0.05  # peaks of one P wave over the leads


def p_waves(average: Floats, *, centre: int, qrs_onset: float, first: float) -> Waves:
    """P waves before the complex, looked for from column `first` (the end of the T wave before) on."""
    start = int(max(first, qrs_onset - samples(LONGEST_PR_S), 2))
    stop = int(qrs_onset)
    if stop - start < samples(0.06):
        return no_waves()
    level = bumps(smoothed(average, SMOOTH_S), start, stop)
    slope = smoothed(average, SMOOTH_S, 1)
    shown = np.isfinite(average[:, centre])
    together = np.sqrt(np.mean(level[shown] ** 2, axis=0))
    usual = int(np.argmax(together))
    waves = no_waves()
    for row in np.flatnonzero(shown):
        near = slice(max(0, usual - samples(NEAR_S)), min(stop - start, usual + samples(NEAR_S)))
        peak = start + near.start + int(np.argmax(np.abs(level[row, near])))
        waves.peak[row] = peak
        waves.onset[row] = peak - _fall(np.abs(slope[row, max(start, peak - samples(0.1)) : peak + 1])[::-1])
        waves.offset[row] = peak + _fall(np.abs(slope[row, peak : min(stop, peak + samples(0.1)) + 1]))
    return waves


def bumps(level: Floats, start: int, stop: int) -> Floats:
    """float64[12, stop - start]: what rises above the chord between the window's ends."""
    part = level[:, start:stop]
    width = max(2, samples(0.012))
    left, right = part[:, :width].mean(axis=1), part[:, -width:].mean(axis=1)
    chord = left[:, None] + (right - left)[:, None] * np.linspace(0, 1, part.shape[1])[None, :]
    return np.asarray(part - chord)


def _fall(size: Floats) -> int:
    if len(size) < 2:
        return 0
    steepest = int(np.argmax(size))
    low = np.flatnonzero(size[steepest:] < SHARE * size[steepest])
    return steepest + int(low[0]) if len(low) else len(size) - 1
