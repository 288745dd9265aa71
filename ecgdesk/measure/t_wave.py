"""The T wave of an average beat: its peak and end, lead by lead.

All leads together say where the T wave is: its largest smooth deflection after the QRS complex. In each lead the end
is where the last flank's slope has fallen to a small share of its steepest (Laguna and others, 1994). The smaller the T
wave is in a lead, the more that lead follows the others: leads of a flat T wave would confirm each other's late ends.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.measure.conditioning import Floats, samples
from ecgdesk.measure.lead_sizes import wave_sizes, weighted_share, with_the_large

SMOOTH_S = 0.010
END_SHARE = 0.22  # of the flank's steepest slope
ONSET_SHARE = 0.25
FLANK_S = 0.12  # from the peak: the steepest moment of a flank lies within
RUN_AWAY_S = 0.03  # of a lead's mark from the median over the leads
FALLEN_SHARE = 0.5  # of its height over all leads: a T wave above this is not over
FLAT_MV = 0.10  # over all leads: lower than this no T wave can be told from the drift of the line
LONGEST_QT_S = 0.66  # at 60 a minute; scaled with the square root of RR


@dataclass(frozen=True, eq=False)
class Waves:
    """float64[12] each: columns of the average beat; NaN where a lead shows no such wave."""

    onset: Floats
    peak: Floats
    offset: Floats


def no_waves() -> Waves:
    return Waves(np.full(12, np.nan), np.full(12, np.nan), np.full(12, np.nan))


def smoothed(average: Floats, smooth_s: float, order: int = 0) -> Floats:
    """Gaussian smoothing (or its slope a second, order 1) of each lead; absent samples hold the nearest value."""
    filled = average.copy()
    for row in filled:
        good = np.flatnonzero(np.isfinite(row))
        if len(good):
            row[:] = np.interp(np.arange(len(row)), good, row[good])
        else:
            row[:] = 0.0
    scale = SAMPLING_RATE_HZ if order else 1
    return np.asarray(gaussian_filter1d(filled, smooth_s * SAMPLING_RATE_HZ, order=order, axis=-1) * scale)


def t_waves(
    average: Floats, *, centre: int, qrs_onset: float, qrs_offset: float, rr: float, next_p: float = float("inf")
) -> Waves:
    """T waves after the complex; none where one is not over by `next_p`.

    `rr` in samples is the shortest time to the next beat's fiducial; `next_p`: column at which the next beat's P wave
    begins.
    """
    first = int(qrs_offset) + samples(0.02)
    longest = samples(LONGEST_QT_S) * min(1.25, np.sqrt(max(rr, 1.0) / SAMPLING_RATE_HZ))
    last = int(min(average.shape[1] - 2, centre + longest, centre + 0.9 * rr - samples(0.06), next_p))
    if last - first < samples(0.08):
        return no_waves()
    level = smoothed(average, SMOOTH_S)
    slope = smoothed(average, SMOOTH_S, 1)
    base = np.array([np.mean(row[int(qrs_onset) - samples(0.012) : int(qrs_onset)]) for row in np.nan_to_num(average)])
    shown = np.isfinite(average[:, centre])
    size = level[:, first:last] - base[:, None]
    together = np.sqrt(np.mean(size[shown] ** 2, axis=0))
    if last >= next_p - 1 and not _over(together):
        return no_waves()
    usual = first + _summit(together)
    waves, tops = no_waves(), np.zeros(12)
    for row in np.flatnonzero(shown):
        near = slice(max(first, usual - samples(0.09)), min(last, usual + samples(0.09)))
        peak = near.start + _summit(np.abs(level[row, near] - base[row]))
        tops[row] = abs(level[row, peak] - base[row])
        _ends(waves, int(row), slope[row], peak, first, last)
    onset = together_within(waves.onset, RUN_AWAY_S)
    offset = held_near(waves.offset, RUN_AWAY_S, weighted_share(waves.offset, tops, 0.5))
    heights = wave_sizes(level, onset, offset)
    return Waves(with_the_large(onset, heights), waves.peak, with_the_large(offset, heights))


def _over(size: Floats) -> bool:
    """Whether a T wave rises and falls again within float64[n], mV; of a flat one the fall cannot be asked for."""
    return bool(len(_inner_maxima(size)) and size[-1] <= max(FALLEN_SHARE * size.max(), FLAT_MV))


def together_within(marks: Floats, reach_s: float) -> Floats:
    """Marks that run away from the median over the leads are held at `reach_s` from it."""
    if not np.any(np.isfinite(marks)):
        return marks
    return held_near(marks, reach_s, float(np.nanmedian(marks)))


def held_near(marks: Floats, reach_s: float, middle: float) -> Floats:
    """Marks that lie farther than that from a column are held there."""
    return np.clip(marks, middle - samples(reach_s), middle + samples(reach_s))


def _summit(size: Floats) -> int:
    """Index of the highest inner maximum, else of the highest value."""
    inner = _inner_maxima(size)
    return int(inner[np.argmax(size[inner])]) if len(inner) else int(np.argmax(size))


def _inner_maxima(size: Floats) -> NDArray[np.intp]:
    return np.asarray(np.flatnonzero((size[1:-1] >= size[:-2]) & (size[1:-1] > size[2:])) + 1)


def _ends(waves: Waves, row: int, slope: Floats, peak: int, first: int, last: int) -> None:
    after = np.abs(slope[peak : min(last, peak + samples(FLANK_S)) + 1])
    before = np.abs(slope[max(first, peak - samples(FLANK_S)) : peak + 1])[::-1]
    waves.peak[row] = peak
    waves.offset[row] = peak + _fall(after, END_SHARE)
    waves.onset[row] = peak - _fall(before, ONSET_SHARE)


def _fall(size: Floats, share: float) -> int:
    """Steps from a peak, over its steepest flank, to where the slope has fallen to a share of that."""
    steepest = int(np.argmax(size))
    low = np.flatnonzero(size[steepest:] < share * size[steepest])
    return steepest + int(low[0]) if len(low) else len(size) - 1
