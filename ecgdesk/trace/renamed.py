"""Of which lead a rhythm strip is, by its waves.

A cart prints rhythm strips of the same ten seconds as the lead grid above them, so that a rhythm strip repeats, in the
time of one column, one of that column's leads. Its name is a stroke or two beneath a trace: II is read as III. Where
the strip shows plainly other waves than the lead's that it is named after, or its name is another strip's already, and
it does show those of a lead that carts print as a rhythm strip, the waves count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ecgdesk.ecg.figure import How
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.page import Page
from ecgdesk.trace.clock import best_lag, shared
from ecgdesk.trace.stretch import Stretch

USUAL = (Lead.II, Lead.V1, Lead.V5)  # rhythm strips, of the carts that we have seen
# Likeness of a strip with the grid's trace of its own lead: 0.89 or more on the 18 such strips of our real scans.
THE_SAME, NOT_THE_SAME = 0.92, 0.6
MARGIN = 0.05  # over the next lead
CLEAR = 10.0  # power of a trace over that of its expected error


def by_their_waves(page: Page, stretches: Sequence[Stretch]) -> tuple[Page, list[Stretch]]:
    """The page and its stretches, the rhythm strips under the leads that their waves show; a doubt tells of each.

    A layout that a person entered stays as it is.
    """
    shown = list(stretches)
    if page.layout.how is How.ENTERED:
        return page, shown
    strips, doubts = list(page.layout.strips), list(page.doubts)
    for place, lead in _misnamed(shown).items():
        named = shown[place].strip
        if lead is None:
            doubts.append(
                f"A rhythm strip does not show the waves of {named.lead.value}, as it is named: check its name."
            )
            continue
        shown[place] = replace(shown[place], strip=replace(named, lead=lead))
        strips[next(n for n, strip in enumerate(strips) if strip is named)] = shown[place].strip
        doubts.append(
            f"A rhythm strip whose name was taken for {named.lead.value} shows the waves of {lead.value}: "
            f"it is named {lead.value}; check it."
        )
    return replace(page, layout=replace(page.layout, strips=tuple(strips)), doubts=tuple(doubts)), shown


def _misnamed(stretches: Sequence[Stretch]) -> dict[int, Lead | None]:
    """The places of rhythm strips that are not what they are named, and the leads that they are; None where it is open.

    Where the grid's own trace is too poor to compare with, only the waves of another lead speak against a name.
    """
    grid = {one.strip.lead: one for one in stretches if not one.strip.rhythm}
    own = {
        place: _likeness(grid[one.strip.lead], one)
        for place, one in enumerate(stretches)
        if one.strip.rhythm and one.strip.lead in grid
    }
    taken, found = set[Lead](), dict[int, Lead | None]()
    for place in sorted(own, key=lambda place: -own[place]):
        lead = stretches[place].strip.lead
        if lead in taken or own[place] < NOT_THE_SAME:
            free = {one: _likeness(grid[one], stretches[place]) for one in USUAL if one in grid and one not in taken}
            other = _surest(free)
            if other is not lead and (other is not None or _is_clear(grid[lead])):
                found[place] = other
            lead = other or lead
        taken.add(lead)
    return found


def _is_clear(stretch: Stretch) -> bool:
    return float(np.nanvar(stretch.mv)) > CLEAR * float(np.nanmean(stretch.error_mv**2))


def _surest(likeness: Mapping[Lead, float]) -> Lead | None:
    """The lead whose waves these are, where no other comes near."""
    ranked = sorted(likeness, key=lambda lead: -likeness[lead])
    if not ranked or likeness[ranked[0]] < THE_SAME:
        return None
    near = len(ranked) > 1 and likeness[ranked[0]] < likeness[ranked[1]] + MARGIN
    return None if near else ranked[0]


def _likeness(grid: Stretch, rhythm: Stretch) -> float:
    """1 for the same waves at the same size, 0 for waves that have nothing in common, or share too little time."""
    pair = shared(grid, rhythm, best_lag(grid, rhythm))
    return 0.0 if pair is None else float(2 * np.cov(*pair)[0, 1] / (pair[0].var() + pair[1].var()))
