"""A strip's signal from the lines that its file draws: exact to the digits in which they are written."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.page import Page, Strip
from ecgdesk.trace.ends import LONGEST_BRIDGE_S
from ecgdesk.trace.scales import gain_mm_per_mv, millivolts, seconds
from ecgdesk.trace.stretch import Stretch

F64 = NDArray[np.float64]

LEAST_COVERED = 0.9  # share of a strip; lines that show less are not its trace
TWICE_MM = 0.5  # two lines that run above each other for longer are not one trace
LEAST_ERROR_MM = 0.002  # standard deviation: a finer rounding than any printer's
THINNED_ERROR_MM = 0.1  # of a line from which a plotting program left points out, as measured on some
THINNED_SHARE = 0.1  # of the steps that are longer than usual
SAME_STEP = 0.01  # of a sample: rounding of the places where a line's points are drawn
SAME_MM = 1e-4  # heights this close are equal but for floating point


def drawn_stretch(page: Page, strip: Strip, *, samples: int) -> Stretch | None:
    """The strip's stretch from the page's own lines; None when they do not show it whole, and pixels must."""
    pieces = sorted(page.lines_of(strip), key=lambda piece: float(piece[0, 0]))
    first = max(round(strip.start_s * SAMPLING_RATE_HZ), 0)
    last = min(round(strip.end_s * SAMPLING_RATE_HZ), samples)
    if not pieces or last - first < 2:
        return None
    if any(one[-1, 0] - other[0, 0] > TWICE_MM for one, other in pairwise(pieces)):
        return None
    line = np.concatenate(pieces)
    clock = _on_samples(seconds(strip, np.maximum.accumulate(line[:, 0])))
    wanted = np.arange(first, last) / SAMPLING_RATE_HZ
    mv = np.interp(wanted, clock, millivolts(strip, line[:, 1]))
    mv[_missing(clock, wanted)] = np.nan
    if np.isfinite(mv).mean() < LEAST_COVERED:
        return None
    mv -= np.nanmedian(mv)
    least = THINNED_ERROR_MM if _is_thinned(line[:, 0]) else LEAST_ERROR_MM
    error = np.full(mv.size, np.hypot(least, _rounding(line[:, 1])) / gain_mm_per_mv(strip))
    return Stretch(strip, first, mv.astype(np.float32), error.astype(np.float32))


def _on_samples(clock: F64) -> F64:
    """The clock moved by less than a sample where the line was drawn from samples at our own rate: they come back."""
    steps = np.diff(clock) * SAMPLING_RATE_HZ
    if abs(float(np.median(steps)) - 1) > SAME_STEP or float(np.quantile(np.abs(steps - 1), 0.9)) > 10 * SAME_STEP:
        return clock
    places = clock * SAMPLING_RATE_HZ
    off = float(np.median(places - np.round(places[0]) - np.round(places - places[0])))
    return np.asarray(clock - off / SAMPLING_RATE_HZ, np.float64)


def _missing(clock: F64, wanted: F64) -> NDArray[np.bool_]:
    """True before the line's first and after its last point, and where the pen was up for longer than is bridged."""
    step = float(np.median(np.diff(clock)))
    missing = (wanted < clock[0] - step) | (wanted > clock[-1] + step)
    for begin in np.flatnonzero(np.diff(clock) > max(LONGEST_BRIDGE_S, 4 * step)):
        missing |= (wanted > clock[begin]) & (wanted < clock[begin + 1])
    return np.asarray(missing, bool)


def _is_thinned(places: F64) -> bool:
    """True where points were left out that lie nearly on a straight line between others."""
    steps = np.diff(places)
    steps = steps[steps > SAME_MM]
    return bool(steps.size) and float((steps > 1.5 * np.quantile(steps, 0.1)).mean()) > THINNED_SHARE


def _rounding(heights: F64) -> float:
    """Standard deviation of the error that rounding leaves in heights that are written in whole steps, mm."""
    gaps = np.diff(np.unique(heights))
    gaps = gaps[gaps > SAME_MM]
    return float(gaps.min() / np.sqrt(12)) if gaps.size else 0.0
