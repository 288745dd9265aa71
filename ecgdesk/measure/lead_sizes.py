"""How large a P or T wave is in each lead, and how far its marks there are believed.

Where a wave is small, noise and drift move its marks: the smaller it is, the more its lead follows the others.
"""

import numpy as np

from ecgdesk.measure.conditioning import Floats

SURE_MV = 0.02  # a wave of this size is believed half in its own lead, half as the others have it


def wave_sizes(level: Floats, onset: Floats, offset: Floats) -> Floats:
    """float64[12]: mV from the lowest to the highest point between a lead's marks; 0 where it has none, or they cross.

    They cross where a lead shows one flank alone, and noise: such a lead has no say.
    """
    size = np.zeros(len(level))
    for row in np.flatnonzero(onset <= offset):  # false of NaN
        size[row] = np.ptp(level[row, int(onset[row]) : int(offset[row]) + 1])
    return size


def heights_over_chord(level: Floats, onset: Floats, offset: Floats) -> Floats:
    """The same over the line from a lead's onset to its offset: without the slope that the wave lies on."""
    size = np.zeros(len(level))
    for row in np.flatnonzero(onset <= offset):
        part = level[row, int(onset[row]) : int(offset[row]) + 1]
        size[row] = np.ptp(part - np.linspace(part[0], part[-1], len(part)))
    return size


def with_the_large(marks: Floats, size: Floats) -> Floats:
    """Marks of leads where the wave is small, drawn to where the leads of large waves have theirs."""
    common = weighted_share(marks, size, 0.5)
    return np.asarray(common + trust(size) * (marks - common))


def trust(size: Floats) -> Floats:
    """How far waves of these sizes, float64[...] in mV, are believed in their own lead: 0 to 1."""
    return np.asarray(size**2 / (size**2 + SURE_MV**2))


def weighted_share(marks: Floats, weight: Floats, share: float) -> float:
    """The mark before which leads with so much of all weight have theirs; NaN with no marks."""
    known = np.isfinite(marks) & (weight > 0)
    if not np.any(known):
        return float("nan")
    order = np.argsort(marks[known])
    ordered, heavy = marks[known][order], weight[known][order]
    place = (np.cumsum(heavy) - heavy / 2) / heavy.sum()
    return float(np.interp(share, place, ordered))
