"""The P wave of an average beat: where it begins and ends in each lead.

In each lead it reaches from the first to the last flank that is steep for this wave, and on until the slope has
fallen. Its beginning is the mean of three: that one, where its flank leaves the line before it, and the usual time
before it has risen to a share of its height, which heeds slopes and ripple least. The smaller the P wave is in a lead,
the more that lead follows the others.
"""

import numpy as np

from ecgdesk.measure.conditioning import Bools, Floats, samples
from ecgdesk.measure.lead_sizes import wave_sizes, with_the_large
from ecgdesk.measure.noise import slope_noise
from ecgdesk.measure.p_summit import NEAREST_S, apart, begins_after, p_summit
from ecgdesk.measure.t_wave import Waves, no_waves, smoothed, together_within

SMOOTH_S = 0.008
REACH_S = 0.12  # of a P wave to each side of its highest point over all leads
PR_REST_S = 0.008  # the last moments before the QRS complex may belong to its slurred start
STEEP_SHARE = 0.42  # of a lead's steepest P slope: certainly within the wave
ONSET_SHARE, OFFSET_SHARE = 0.20, 0.30
NOISE_TIMES = 3.0  # below this, a slope is the noise's
WEAK = 4.0  # times the noise: a lead whose steepest slope is less has no vote
NEAR_S = 0.05  # peaks of one P wave over the leads
FLANK_S = 0.10  # from a P wave's peak back to the line before it
RUN_AWAY_S = 0.020  # of a lead's mark from the median over the leads
ONSET_AWAY_S = 0.040  # the same of its onset: a lead may show the left atrium's later half of the P wave alone
RISEN_SHARE, RISEN_AFTER_S = 0.30, 0.014  # of a P wave's height, and the usual time from its onset until it is reached


def p_waves(average: Floats, *, centre: int, qrs_onset: float, first: float, t_offset: float) -> Waves:
    """P waves before the complex; `first`: where the T wave before ends, `t_offset`: where the beat's own does."""
    stop = int(qrs_onset) - samples(PR_REST_S)
    smooth, slope = smoothed(average, SMOOTH_S), smoothed(average, SMOOTH_S, 1)
    shown = np.flatnonzero(np.isfinite(average[:, centre]))
    usual, searched = p_summit(smooth[shown], stop=stop, first=first, t_offset=t_offset)
    if usual < 0:
        return no_waves()
    a, b = begins_after(slope[shown], usual, searched=searched, first=first), min(stop, usual + samples(REACH_S))
    if b - a < samples(0.04):
        return no_waves()
    level = bumps(smooth, a, b)
    waves = no_waves()
    noise = slope_noise(average, SMOOTH_S, stop, centre + samples(0.08))
    for row in shown:
        _mark(waves, int(row), level[row], slope[row, a:b], a, usual, float(noise[row]))
    leaves = _leaves_line(smooth, waves.peak, a)
    _follow_the_clear(waves, np.abs(slope[:, a:b]).max(axis=1) < WEAK * noise)
    risen = np.where(np.isfinite(waves.peak), a + _risen(level) - samples(RISEN_AFTER_S), np.nan)
    onset = np.mean([together_within(mark, ONSET_AWAY_S) for mark in (waves.onset, leaves, risen)], axis=0)
    offset = together_within(waves.offset, RUN_AWAY_S)
    size = wave_sizes(smooth, onset, offset)
    return Waves(with_the_large(onset, size), waves.peak, with_the_large(offset, size))


def _risen(level: Floats) -> Floats:
    """Index at which each lead first has the share of its greatest deflection; `level`: float64[12, n]."""
    size = np.abs(level)
    return np.asarray(np.argmax(size >= RISEN_SHARE * size.max(axis=1, keepdims=True), axis=1), dtype=np.float64)


def _leaves_line(smooth: Floats, peaks: Floats, begin: int) -> Floats:
    """Columns at which each lead's flank leaves the line before it, not before `begin`."""
    marks = np.full(12, np.nan)
    for row in np.flatnonzero(np.isfinite(peaks)):
        peak = int(peaks[row])
        start = max(0, min(begin, peak - samples(NEAREST_S)), peak - samples(FLANK_S))
        marks[row] = start + int(apart(smooth[row, start : peak + 1]))
    return marks


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
