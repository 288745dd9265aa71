"""Which rows below the lead grid are rhythm strips, and of which lead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.page.layout import MOST_RHYTHM_STRIPS, Match
from ecgdesk.page.names import Name
from ecgdesk.page.rows import Row

USUAL_RHYTHM_LEAD = Lead.II
_RARE = -2.5
_USUAL: Mapping[Lead, float] = {Lead.II: 0.0, Lead.V1: -1.0, Lead.V5: -1.0}  # log of how common as a rhythm strip
_BEGIN_AGREE_MM, _END_AGREE_MM = 12.0, 20.0  # rhythm strips begin and end about where the grid's rows do
_SPACING = (0.4, 2.5)  # they stand this many grid spacings below the row before
_UNBROKEN = 0.6  # share of inked columns below which a row without a name may as well be a line of print
_ABOVE_MM, _BELOW_MM = 26.0, 13.0  # a rhythm strip's name stands within this of its zero line
_ALONG_MM = 25.0  # and begins within this of its trace's beginning
_OFF_HEIGHT_MM, _OFF_MOST = 4.0, 2.0  # price of a name at another height over its row than the grid's names
_READ, _CERTAIN = 0.5, 3.0  # log odds from which a name counts as read; and from which it alone makes a strip


@dataclass(frozen=True)
class RhythmStrip:
    """Row number `row`; `lead` is None where its name cannot be read."""

    row: int
    lead: Lead | None


def find_rhythm_strips(match: Match, rows: Sequence[Row], names: Sequence[Name]) -> tuple[RhythmStrip, ...]:
    """The rhythm strips among the rows below the grid, from top to bottom.

    What else can lie there: lines of print, the edge of the sheet, what was left of the grid.
    """
    grid = [rows[number] for number in match.grid]
    begin = float(np.median([row.x0_mm for row in grid]))
    end = float(np.median([row.x1_mm for row in grid]))
    pitch = float(np.median(np.diff([row.y_mm for row in grid]))) if len(grid) > 1 else 0.0
    taken = {id(name) for name in match.names.values()}
    free = [name for name in names if id(name) not in taken]
    heights = [rows[number].y_mm for number in (*match.grid, *match.rhythm)]
    last, found = grid[-1].y_mm, list[RhythmStrip]()
    for number in match.rhythm:
        row = rows[number]
        own = [name for name in free if not _is_anothers(name, row, heights, match.names_dy_mm)]
        lead, odds = _lead(row, last, own, match.names_dy_mm)
        as_long = abs(row.x0_mm - begin) < _BEGIN_AGREE_MM and abs(row.x1_mm - end) < _END_AGREE_MM
        spaced = pitch == 0.0 or _SPACING[0] * pitch <= row.y_mm - last <= _SPACING[1] * pitch
        unbroken, named = row.fill >= _UNBROKEN, odds >= _CERTAIN
        # twelve rows of one lead each have shown everything: a thirteenth must say what it is
        convincing = (as_long and named) if match.template.columns == 1 else ((as_long and unbroken) or named)
        if spaced and convincing and len(found) < MOST_RHYTHM_STRIPS:
            found.append(RhythmStrip(number, lead))
            last = row.y_mm
    return tuple(found)


def with_rhythm(match: Match, strips: Sequence[RhythmStrip]) -> Match:
    """`match` with just these rhythm strips."""
    return replace(match, rhythm=tuple(strip.row for strip in strips))


def _is_anothers(name: Name, row: Row, heights: Sequence[float], usual_dy_mm: float) -> bool:
    """True where the name stands by another row as the grid's names do by theirs."""
    off = min((abs(name.y_mm - y - usual_dy_mm) for y in heights if y != row.y_mm), default=np.inf)
    return off < min(_OFF_HEIGHT_MM, abs(name.y_mm - row.y_mm - usual_dy_mm))


def _lead(row: Row, above_mm: float, names: Sequence[Name], usual_dy_mm: float) -> tuple[Lead | None, float]:
    """The lead whose name stands at the row's beginning, and its log odds; (None, -inf) where none is legible."""
    best: tuple[Lead | None, float] = (None, -np.inf)
    for name in names:
        dy = name.y_mm - row.y_mm
        if not (-_ABOVE_MM <= dy <= _BELOW_MM) or abs(name.left_mm - row.x0_mm) > _ALONG_MM or name.y_mm < above_mm:
            continue
        off = min((abs(dy - usual_dy_mm) / _OFF_HEIGHT_MM) ** 2 / 2, _OFF_MOST)
        for lead in STANDARD_ORDER:
            odds = name.odds(lead) + _USUAL.get(lead, _RARE) - off
            if odds > max(best[1], _READ):
                best = (lead, odds)
    return best
