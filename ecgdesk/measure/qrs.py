"""Onset and offset of the QRS complex in an average beat, lead by lead and over all leads.

The complex is where a lead is steep. From its first and last steep moments the search goes outwards until the slope
has fallen to a small share of the steepest one, or into the noise, and stays there. A lead may pause within the
complex: in right bundle branch block the broad S of I and V6 has a flat bottom while R' runs in V1.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter1d

from ecgdesk.measure.conditioning import Floats, samples
from ecgdesk.measure.noise import ripple, slope_noise, slope_of

SMOOTH_S = 0.0065
CORE_SHARE = 0.22  # of the steepest slope: certainly within the complex
ONSET_SHARE, OFFSET_SHARE = 0.0275, 0.042
CORE_GAP_S = 0.030  # calm for longer than this ends the complex: what follows is the T wave, or was a P wave
RUN_AWAY_S = 0.016  # from the median over the leads
BLUR = 1.0  # samples by which smoothing carries the ends outwards
SMALL_LEAD = 0.8  # of the usual lead's steepest slope
PLATEAU_SHARE, PLATEAU_S, PLATEAU_FALL = 0.15, 0.060, 0.65  # slope that stays, not falls, is the ST segment's
WIDE_S = 0.080  # in narrow complexes what stays is a slurred end
SHORTEST_S = 0.010  # no complex is shorter
NOISE_TIMES, RIPPLE_TIMES = 3.0, 3.75  # below this, a slope is the noise's
REST_S = 0.010  # the slope stays low for so long outside the complex
REACH_BEFORE_S, REACH_AFTER_S = 0.12, 0.18


@dataclass(frozen=True, eq=False)
class Limits:
    """float64[12] each, columns of the average beat; NaN where the lead shows no complex."""

    onset: Floats
    offset: Floats


def qrs_limits(average: Floats, centre: int, *, not_before: int = 0) -> Limits:
    """Where the complex begins and ends in each lead; never before column `not_before` (the end of a pacing spike)."""
    onset, offset = np.full(12, np.nan), np.full(12, np.nan)
    slope = np.abs(slope_of(average, SMOOTH_S))
    if not slope[:, _reach(centre)].any():
        return Limits(onset, offset)
    first, last = _core(slope, centre)
    noise = np.maximum(
        NOISE_TIMES * slope_noise(average, SMOOTH_S, first, last), RIPPLE_TIMES * ripple(average, SMOOTH_S, first, last)
    )
    steepest_of = slope[:, first : last + 1].max(axis=1)
    usual = float(np.median(steepest_of[steepest_of > 0]))
    for row in range(12):
        if not np.isfinite(average[row, centre]) or steepest_of[row] <= 0:
            continue
        size = slope[row]
        inside = size[first : last + 1]
        # A lead in which the complex is small shows its own noise at a small share of its slopes.
        steepest = max(float(steepest_of[row]), SMALL_LEAD * usual)
        steep = first + np.flatnonzero(inside > CORE_SHARE * steepest_of[row])
        onset[row] = _outwards(size[: steep[0] + 1][::-1], max(ONSET_SHARE * steepest, noise[row]), steep[0], -1)
        after = size[steep[-1] :]
        calm = _rest(size, max(OFFSET_SHARE * steepest, noise[row]), steep[-1], last)
        flat = steep[-1] + _plateau(after, PLATEAU_SHARE * steepest)
        sloping = flat - first > samples(WIDE_S) and calm - flat > samples(PLATEAU_S) / 2
        offset[row] = flat if sloping else calm
    onset = np.maximum(_together(onset, first) + BLUR, not_before)
    offset = _together(offset, last) - BLUR
    real = offset - onset >= samples(SHORTEST_S)
    return Limits(np.where(real, onset, np.nan), np.where(real, offset, np.nan))


def _together(marks: Floats, core: int) -> Floats:
    """Marks that run away from the others are held: one lead's P or T wave must not lengthen the complex."""
    if not np.any(np.isfinite(marks)):
        return marks
    middle = float(np.nanmedian(marks))
    reach = max(abs(middle - core), samples(RUN_AWAY_S))
    return np.clip(marks, middle - reach, middle + reach)


def _reach(centre: int) -> slice:
    return slice(max(0, centre - samples(REACH_BEFORE_S)), centre + samples(REACH_AFTER_S))


def _core(slope: Floats, centre: int) -> tuple[int, int]:
    """First and last column that belong to the complex for certain, by all leads together."""
    reach = _reach(centre)
    peak = slope[:, reach].max(axis=1, keepdims=True)
    together = np.sqrt(np.mean((slope[:, reach] / np.maximum(peak, 1e-9)) ** 2, axis=0))
    high = np.flatnonzero(together > CORE_SHARE * together.max())
    parts = np.split(high, np.flatnonzero(np.diff(high) > samples(CORE_GAP_S)) + 1)
    top = int(np.argmax(together))
    core = next(part for part in parts if part[0] <= top <= part[-1])
    return reach.start + int(core[0]), reach.start + int(core[-1])


def _plateau(size: Floats, level: float) -> float:
    """Steps to where the slope stops falling below the level: there a sloping ST segment has begun (wide complexes)."""
    width = samples(PLATEAU_S)
    lowest_ahead = -maximum_filter1d(-size, width, origin=-(width // 2))
    flat = np.flatnonzero((size < level) & (lowest_ahead > PLATEAU_FALL * size))
    return float(flat[0]) if len(flat) else float("inf")


def _rest(size: Floats, level: float, start: int, core: int) -> float:
    """Column after `start` from which on the slope stays low: not at the flat bottom of a late, broad S.

    While other leads are still within the complex (up to column `core`), a lead that moves again has only paused.
    """
    calm = _outwards(size[start:], level, start, 1)
    again = int(calm) + np.flatnonzero(size[int(calm) : core + 1] > level)
    return _outwards(size[again[-1] :], level, again[-1], 1) if len(again) else calm


def _outwards(size: Floats, level: float, start: int, step: int) -> float:
    """Column where the slope first stays below the level, walking away from `start`."""
    low = size < level
    rest = samples(REST_S)
    calm = np.convolve(low.astype(np.float64), np.ones(rest), "valid") >= rest - 0.5
    where = np.flatnonzero(calm)
    steps = int(where[0]) if len(where) else len(size) - 1
    return float(start + step * min(steps, samples(0.1)))
