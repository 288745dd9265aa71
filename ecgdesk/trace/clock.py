"""One clock for a rhythm strip and the lead grid above it.

Both show the same instants, but the layout room finds the two beginnings apart, each to a few tenths of a millimetre.
Where a lead stands in both, its own waves say how far they are off: that many samples the rhythm strip is moved.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ecgdesk.trace.stretch import Stretch

FARTHEST = 50  # samples, 0.1 s: a strip that seems farther off is another beat, or another time
ALIKE = 0.9  # correlation from which two traces are the same heart beats in the same lead
LEAST_SHARED = 250  # samples, half a second: less may hold no beat


def on_one_clock(stretches: Sequence[Stretch]) -> list[Stretch]:
    """The stretches, each rhythm strip moved onto the clock of the grid's strip of its lead where that is possible."""
    grid = {stretch.strip.lead: stretch for stretch in stretches if not stretch.strip.rhythm}
    return [
        moved(stretch, _lag(grid[stretch.strip.lead], stretch))
        if stretch.strip.rhythm and stretch.strip.lead in grid
        else stretch
        for stretch in stretches
    ]


def _lag(grid: Stretch, rhythm: Stretch) -> int:
    """Samples by which the rhythm strip comes too early; 0 where the two are not alike."""
    best, lag = ALIKE, 0
    for candidate in range(-FARTHEST, FARTHEST + 1):
        alike = _alike(grid, rhythm, candidate)
        if alike > best:
            best, lag = alike, candidate
    return lag


def _alike(grid: Stretch, rhythm: Stretch, lag: int) -> float:
    begin = max(grid.first, rhythm.first + lag)
    end = min(grid.first + grid.mv.size, rhythm.first + lag + rhythm.mv.size)
    if end - begin < LEAST_SHARED:
        return 0.0
    one = grid.mv[begin - grid.first : end - grid.first]
    other = rhythm.mv[begin - rhythm.first - lag : end - rhythm.first - lag]
    both = np.isfinite(one) & np.isfinite(other)
    if both.sum() < LEAST_SHARED or one[both].std() == 0 or other[both].std() == 0:
        return 0.0
    return float(np.corrcoef(one[both], other[both])[0, 1])


def moved(stretch: Stretch, lag: int) -> Stretch:
    """The stretch so many samples later."""
    first = stretch.first + lag
    cut = max(-first, 0)  # nothing is before the record's beginning
    return replace(stretch, first=first + cut, mv=stretch.mv[cut:], error_mv=stretch.error_mv[cut:])
