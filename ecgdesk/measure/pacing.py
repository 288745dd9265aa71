"""Pacing spikes: strokes of a few milliseconds in many leads at once, far higher than anything so short around them.

They are found before anything else and bridged, so that they are not taken for the steep start of a QRS complex.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, median_filter, uniform_filter1d

WIDTH = 9  # samples; a stroke of up to 8 ms vanishes in the median of so many (on paper they are broad)
LEAST_MV = 0.03
LEVEL_MV = 0.004  # short-time detail below this counts as this: digitisation noise
# Times the rms of the short details around
OUTSTANDING, CLEAR = 15.0, 5.0
SHARE_OF_LEADS = 0.6  # must show it clearly, and half as many show it outstanding
AROUND = 14  # samples looked at beside a stroke
WIDEST, WIDEST_AT_ALL = 5.0, 9.0  # samples at half height; the narrowest R waves have 6 and more,
ALONE, QUITE_ALONE = 4.0, 20.0  # and reach 9 times the range of the line just before them
BRIDGE = 6  # samples on each side
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def find_spikes(mv: Floats, present: Bools) -> NDArray[np.intp]:
    """Samples of the spikes in mV[12, n] (zero where absent)."""
    if mv.shape[1] < 8 * WIDTH:
        return np.empty(0, dtype=np.intp)
    detail = np.abs(mv - median_filter(mv, size=(1, WIDTH)))
    detail[~present] = 0.0
    energy = detail**2
    around = uniform_filter1d(energy, 61, axis=1) * 61 - uniform_filter1d(energy, 9, axis=1) * 9
    level = np.sqrt(np.maximum(around, 0.0) / 52)
    ratio = np.where(detail > LEAST_MV, detail / np.maximum(level, LEVEL_MV), 0.0)
    ratio[:, :WIDTH] = ratio[:, -WIDTH:] = 0.0
    ratio = maximum_filter1d(ratio, 3, axis=1)  # its top may lie a sample apart in different leads
    hit = _strokes(ratio, present)
    where = np.flatnonzero(hit)
    parts = np.split(where, np.flatnonzero(np.diff(where) > 3) + 1) if len(where) else []
    tops = [int(part[np.argmax(detail[:, part].sum(axis=0))]) for part in parts]
    return np.array([top for top in tops if _stands_alone(mv, present, top)], dtype=np.intp)


def _stands_alone(mv: Floats, present: Bools, top: int) -> bool:
    """A stroke rises from a calm line; a narrow R wave stands on its own broad foot."""
    rows = present[:, top]
    before = mv[rows, max(0, top - AROUND) : max(1, top - BRIDGE)]
    after = mv[rows, top + BRIDGE + 1 : top + AROUND + 1]
    around = np.concatenate([before, after], axis=1)
    if not around.size:
        return False
    height = np.max(np.abs(mv[rows, top - 1 : top + 2] - np.median(around, axis=1, keepdims=True)), axis=1)
    foot = np.ptp(before, axis=1)
    large = height >= np.median(height)
    alone = float(np.median(height[large] / np.maximum(foot[large], LEVEL_MV)))
    width = _width(mv[rows][large], top)
    return (alone > ALONE and width <= WIDEST) or (alone > QUITE_ALONE and width <= WIDEST_AT_ALL)


def _width(mv: Floats, top: int) -> float:
    """Samples for which the stroke is above half its height, median over the leads."""
    start = max(0, top - 20)
    line = np.median(mv[:, start : max(start + 1, top - BRIDGE)], axis=1, keepdims=True)
    size = np.abs(mv[:, max(0, top - 12) : top + 13] - line)
    half = np.max(np.abs(mv[:, top - 1 : top + 2] - line), axis=1, keepdims=True) / 2
    return float(np.median(np.sum(size > half, axis=1)))


def _strokes(ratio: Floats, present: Bools) -> Bools:
    seen = present.sum(axis=0)
    clear, outstanding = (ratio > CLEAR).sum(axis=0), (ratio > OUTSTANDING).sum(axis=0)
    enough = (clear >= SHARE_OF_LEADS * seen) & (outstanding >= SHARE_OF_LEADS / 2 * seen) & (outstanding > 0)
    return np.asarray(enough)


def bridge(mv: Floats, spikes: NDArray[np.intp]) -> None:
    """Replace each spike by a straight line, in place."""
    for spike in spikes:
        a, b = max(0, int(spike) - BRIDGE), min(mv.shape[1] - 1, int(spike) + BRIDGE)
        mv[:, a : b + 1] = np.linspace(mv[:, a], mv[:, b], b - a + 1, axis=1)


def pacing(spikes: NDArray[np.intp], beats: int) -> NDArray[np.intp]:
    """The spikes when they come again and again; none when a stroke or two are an artefact."""
    again = len(spikes) >= max(3, 0.3 * beats) or 0 < beats == len(spikes)
    return spikes if again else spikes[:0]
