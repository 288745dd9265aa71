"""Where before the complex the P wave is, by all leads together.

A P wave is a bump: it rises above the chord between the line 50 ms before and 50 ms after. The end of the T wave
before it, from its steepest fall on, is bent the other way: what bends against the T wave is not counted, so that a P
wave that rides on the T wave is found as well.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from ecgdesk.measure.conditioning import Floats, samples

CHORD_S = 0.05  # from the middle of a P wave to where it has risen from
FALL_S = (0.03, 0.08)  # from a T wave's steepest fall to its end, at least and at most
LEAST_WINDOW_S = 0.14  # before the complex is always looked at
TOGETHER_S = 0.030  # about the distance of right and left atrial forces
NEAR_COMPLEX_S = 0.06  # a P wave's top is hardly ever nearer to the complex: a bump there counts the less, the nearer
FARTHEST_S = 0.34  # from a P wave's top to the complex
REACH_S, NEAREST_S = 0.12, 0.03  # from a P wave's top back to where it may begin


def p_summit(smooth: Floats, *, stop: int, first: float, t_offset: float) -> tuple[int, int]:
    """Columns of the top of the P wave in an average beat (float64[leads, n], mV, smoothed) and of the search's start.

    The top is -1 where there is no room for a P wave.

    `stop`: the end of the search, just before the complex. `first`: the end of the T wave before, as marked.
    `t_offset`: the end of the beat's own T wave, NaN where there is none.
    """
    width = samples(CHORD_S)
    fall = _fall(smooth, t_offset)
    start = int(max(width, stop - samples(FARTHEST_S), min(first - fall, stop - samples(LEAST_WINDOW_S))))
    if stop - start < samples(0.06):
        return -1, start
    bump = rises(_held(smooth, stop), width)[:, start:stop]
    bump -= _of_t(bump, smooth, stop, tail=t_offset - fall // 2, until=int(first) - start)
    power = np.mean(bump**2, axis=0)
    height = gaussian_filter1d(power, samples(TOGETHER_S))  # the two halves of one P wave make one top
    height *= np.minimum(1.0, np.arange(len(height))[::-1] / samples(NEAR_COMPLEX_S))
    tops, _ = find_peaks(height)
    tops = tops[tops > 3]
    return start + int(tops[np.argmax(height[tops])] if len(tops) else np.argmax(height)), start


def rises(level: Floats, width: int) -> Floats:
    """float64[leads, n]: height above the chord between `width` samples before and after; 0 at the ends."""
    out = np.zeros_like(level)
    out[:, width:-width] = level[:, width:-width] - (level[:, : -2 * width] + level[:, 2 * width :]) / 2
    return out


def _held(smooth: Floats, stop: int) -> Floats:
    """The complex taken away: from `stop` on the line stays where it is."""
    held = smooth.copy()
    held[:, stop:] = held[:, max(0, stop - 3) : stop].mean(axis=1, keepdims=True)
    return held


def _fall(smooth: Floats, t_offset: float) -> int:
    """Samples from the steepest fall of the T wave to its end."""
    least, most = samples(FALL_S[0]), samples(FALL_S[1])
    if not np.isfinite(t_offset):
        return least
    part = smooth[:, max(0, int(t_offset) - most) : int(t_offset) - least + 1]
    if part.shape[1] < 3:
        return least
    return most - int(np.argmax(np.sum(np.diff(part, axis=1) ** 2, axis=0)))


def _of_t(bump: Floats, smooth: Floats, stop: int, *, tail: float, until: int) -> Floats:
    """The part of `bump` that is the T wave's, whose direction is that of column `tail`.

    That is all in this direction before index `until`, the T wave's marked end, and later what points away from it.
    """
    if not np.isfinite(tail):
        return np.zeros_like(bump)
    direction = smooth[:, int(np.clip(tail, 0, smooth.shape[1] - 1))] - smooth[:, max(0, stop - 6) : stop].mean(axis=1)
    size = float(np.linalg.norm(direction))
    if size < 1e-9:
        return np.zeros_like(bump)
    unit = direction / size
    along = unit @ bump
    along[max(0, until) :] = np.minimum(along[max(0, until) :], 0.0)
    return np.asarray(unit[:, None] * along[None, :])


def begins_after(slope: Floats, summit: int, *, searched: int, first: float) -> int:
    """Column before a P wave's top at which it begins at the earliest.

    Where the T wave before (until `first`, as marked, searched from its steepest fall on) may go over into the P wave:
    where all leads together are calmest.
    """
    a, b = max(0, summit - samples(REACH_S)), summit - samples(NEAREST_S)
    if first > a:
        a = max(a, min(searched, b))
    if first <= a or b - a < 3:
        return a
    speed = np.sqrt(np.mean(slope[:, a:b] ** 2, axis=0))
    return a + int(np.argmin(speed))


def apart(line: Floats) -> NDArray[np.intp]:
    """Index, intp[...], at which float64[..., n] lies farthest from the chord of its ends.

    On the side that the rise to the last leaves: a wave begins where its flank leaves the line before it (the triangle
    method of Zack and others, 1977).
    """
    first, last = line[..., :1], line[..., -1:]
    if line.shape[-1] < 4:
        return np.zeros(line.shape[:-1], dtype=np.intp)
    chord = first + (last - first) * np.linspace(0.0, 1.0, line.shape[-1])
    return np.asarray(np.argmax((chord - line) * np.where(last < first, -1.0, 1.0), axis=-1))
