"""The P wave of an average beat: where it begins and ends in each lead.

All leads together say where it is: the largest bump above the chord of the stretch before the QRS complex. In each
lead it reaches from the first to the last flank that is steep for this wave, and on until the slope has fallen.
"""

import numpy as np

from ecgdesk.measure.conditioning import Bools, Floats, samples
from ecgdesk.measure.noise import slope_noise
from ecgdesk.measure.t_wave import Waves, no_waves, smoothed, together_within

SMOOTH_S = 0.008
LONGEST_PR_S = 0.40
REACH_S = 0.12  # of a P wave to each side of its highest point over all leads
PR_REST_S = 0.008  # the last moments before the QRS complex may belong to its slurred start
STEEP_SHARE = 0.42  # of a lead's steepest P slope: certainly within the wave
ONSET_SHARE, OFFSET_SHARE = 0.20, 0.30
NOISE_TIMES = 3.0  # below this, a slope is the noise's
WEAK = 4.0  # times the noise: a lead whose steepest slope is less has no vote
NEAR_S = 0.05  # peaks of one P wave over the leads
RUN_AWAY_S = 0.020  # of a lead's mark from the median over the leads


def p_waves(average: Floats, *, centre: int, qrs_onset: float, first: float) -> Waves:
    """P waves before the complex, looked for from column `first` (the end of the T wave before) on."""
    start = int(max(first, qrs_onset - samples(LONGEST_PR_S), 2))
    stop = int(qrs_onset) - samples(PR_REST_S)
    if stop - start < samples(0.06):
        return no_waves()
    smooth, slope = smoothed(average, SMOOTH_S), smoothed(average, SMOOTH_S, 1)
    shown = np.flatnonzero(np.isfinite(average[:, centre]))
    together = np.sqrt(np.mean(bumps(smooth[shown], start, stop) ** 2, axis=0))
    usual = start + int(np.argmax(together))
    a, b = max(start, usual - samples(REACH_S)), min(stop, usual + samples(REACH_S))
    level = bumps(smooth, a, b)
    waves = no_waves()
    noise = slope_noise(average, SMOOTH_S, stop, centre + samples(0.08))
    for row in shown:
        _mark(waves, int(row), level[row], slope[row, a:b], a, usual, float(noise[row]))
    _follow_the_clear(waves, np.abs(slope[:, a:b]).max(axis=1) < WEAK * noise)
    return Waves(together_within(waves.onset, RUN_AWAY_S), waves.peak, together_within(waves.offset, RUN_AWAY_S))


def bumps(level: Floats, start: int, stop: int) -> Floats:
    """float64[leads, stop - start]: what rises above the chord between the window's ends."""
    part = level[:, start:stop]
    width = max(2, samples(0.012))
    left, right = part[:, :width].mean(axis=1), part[:, -width:].mean(axis=1)
    chord = left[:, None] + (right - left)[:, None] * np.linspace(0, 1, part.shape[1])[None, :]
    return np.asarray(part - chord)


def _mark(waves: Waves, row: int, level: Floats, slope: Floats, first: int, usual: int, noise: float) -> None:
    """Set one lead's marks; `level` and `slope` begin at column `first`."""
    near = slice(max(0, usual - first - samples(NEAR_S)), usual - first + samples(NEAR_S))
    peak = near.start + int(np.argmax(np.abs(level[near])))
    size = np.abs(slope)
    inner = slice(max(0, peak - samples(0.07)), peak + samples(0.07))
    steepest = float(size[inner].max())
    steep = inner.start + np.flatnonzero(size[inner] >= STEEP_SHARE * steepest)
    waves.peak[row] = first + peak
    floor = min(NOISE_TIMES * noise, STEEP_SHARE * steepest)
    waves.onset[row] = first + steep[0] - _calm(size[: steep[0] + 1][::-1], max(ONSET_SHARE * steepest, floor))
    waves.offset[row] = first + steep[-1] + _calm(size[steep[-1] :], max(OFFSET_SHARE * steepest, floor))


def _follow_the_clear(waves: Waves, weak: Bools) -> None:
    """Leads whose P wave hardly leaves the noise take the marks of those where it is clear."""
    found = np.isfinite(waves.peak)
    if not np.any(found & ~weak):
        return
    for marks in (waves.onset, waves.offset):
        marks[found & weak] = np.median(marks[found & ~weak])


def _calm(size: Floats, level: float) -> int:
    """Steps outwards to where the slope has fallen below the level; where it never does, to its lowest."""
    low = np.flatnonzero(size < level)
    return int(low[0]) if len(low) else int(np.argmin(size))
