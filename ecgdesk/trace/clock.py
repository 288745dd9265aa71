"""One clock for a rhythm strip and the lead grid above it.

Both show the same instants, but the layout room finds the two beginnings apart, each to a few tenths of a millimetre.
Where a lead stands in both, its own waves say how far they are off: that many samples the rhythm strip is moved.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ecgdesk.trace.stretch import Stretch

FARTHEST = 50  # samples, 0.1 s: a strip that seems farther off is another beat, or another time
ALIKE = 0.9  # correlation from which two traces are the same heart beats in the same lead
LEAST_SHARED = 250  # samples, half a second: less may hold no beat

F32 = NDArray[np.float32]


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
    lag = best_lag(grid, rhythm)
    return lag if _alike(grid, rhythm, lag) > ALIKE else 0


def best_lag(grid: Stretch, rhythm: Stretch) -> int:
    """Samples by which the rhythm strip comes too early where the two are most alike."""
    return max(range(-FARTHEST, FARTHEST + 1), key=lambda lag: _alike(grid, rhythm, lag))


def _alike(grid: Stretch, rhythm: Stretch, lag: int) -> float:
    pair = shared(grid, rhythm, lag)
    return 0.0 if pair is None else float(np.corrcoef(*pair)[0, 1])


def shared(grid: Stretch, rhythm: Stretch, lag: int) -> tuple[F32, F32] | None:
    """What both show of the same time, float32[n] mV each, the rhythm strip `lag` samples later; None where the time is
    too short or one of them flat."""
    begin = max(grid.first, rhythm.first + lag)
    end = min(grid.first + grid.mv.size, rhythm.first + lag + rhythm.mv.size)
    if end - begin < LEAST_SHARED:
        return None
    one = grid.mv[begin - grid.first : end - grid.first]
    other = rhythm.mv[begin - rhythm.first - lag : end - rhythm.first - lag]
    both = np.isfinite(one) & np.isfinite(other)
    if both.sum() < LEAST_SHARED or one[both].std() == 0 or other[both].std() == 0:
        return None
    return one[both], other[both]


def moved(stretch: Stretch, lag: int) -> Stretch:
    """The stretch so many samples later."""
    first = stretch.first + lag
    cut = max(-first, 0)  # nothing is before the record's beginning
    return replace(stretch, first=first + cut, mv=stretch.mv[cut:], error_mv=stretch.error_mv[cut:])
