"""The strips of a page: a matched layout with its borders, names and scale, written out lead by lead."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.figure import Figure
from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.ecg.page import Strip
from ecgdesk.page.calibration import Pulse
from ecgdesk.page.columns import Columns, trace_ends
from ecgdesk.page.layout import Match
from ecgdesk.page.names import Name
from ecgdesk.page.rows import Row, flat_runs
from ecgdesk.page.working import WORKING_PPM

_LEAST_MM = 8.0  # a cut column narrower than this shows not one beat: it is left out
_TOGETHER_MM = 2.0  # a rhythm strip that begins this close to the first column begins with it
_BAND_MM = 40.0  # ink of a strip lies within this of its zero line, when no other row is nearer
_OVER_MM = 4.0  # it may run this far beyond the zero line of the next row
_BASELINE_MM = 6.0  # a strip's own zero line lies this close to its row's
_NAME_ABOVE_MM, _NAME_BELOW_MM = 26.0, 13.0  # a rhythm strip's name stands within this of its zero line
_NAME_ALONG_MM = 25.0  # and begins within this of its trace's beginning
_READ = 0.5  # log odds from which a name counts as read


@dataclass(frozen=True, eq=False)
class Ground:
    """What strips are made from. `flat`: bool[h, w], the flat runs of working ink."""

    match: Match
    columns: Columns
    rows: Sequence[Row]
    names: Sequence[Name]
    pulses: Sequence[Pulse]
    flat: NDArray[np.bool_]
    speed: float
    gain: Figure


def make_strips(
    match: Match,
    columns: Columns,
    *,
    rows: Sequence[Row],
    names: Sequence[Name],
    pulses: Sequence[Pulse],
    ink: NDArray[np.uint8],
    speed: float,
    gain: Figure,
) -> tuple[tuple[Strip, ...], tuple[Row, ...]]:
    """The strips of grid and rhythm, and the rhythm rows whose lead could not be read (lead II stands in for them)."""
    ground = Ground(match, columns, rows, names, pulses, flat_runs(ink), speed, gain)
    strips = [
        strip
        for row, number in enumerate(match.grid)
        for column in range(match.template.columns)
        if (strip := _grid_strip(ground, row, column, number)) is not None
    ]
    unread = []
    for number in match.rhythm:
        lead = _rhythm_lead(ground, number)
        if lead is None:
            unread.append(rows[number])
        strips.append(_rhythm_strip(ground, number, lead or Lead.II))
    return _from_zero(strips), tuple(unread)


def _grid_strip(ground: Ground, row: int, column: int, number: int) -> Strip | None:
    begin, end = ground.columns.ends(column)
    if end - begin < _LEAST_MM:
        return None
    margin = ground.columns.separator_mm
    begin += margin if column > 0 else 0.0
    end -= margin if column + 1 < ground.match.template.columns else 0.0
    return _strip(ground, ground.match.template.lead(row, column), number, begin, end, rhythm=False)


def _rhythm_strip(ground: Ground, number: int, lead: Lead) -> Strip:
    begin, end = trace_ends(ground.rows[number], number, ground.pulses)
    if abs(begin - ground.columns.first_mm) < _TOGETHER_MM:
        begin = ground.columns.first_mm
    return _strip(ground, lead, number, begin, end, rhythm=True)


def _strip(ground: Ground, lead: Lead, number: int, begin: float, end: float, *, rhythm: bool) -> Strip:
    rows, y = ground.rows, ground.rows[number].y_mm
    above = rows[number - 1].y_mm - _OVER_MM if number > 0 else 0.0
    below = rows[number + 1].y_mm + _OVER_MM if number + 1 < len(rows) else ground.flat.shape[0] / WORKING_PPM
    zero = ground.columns.start_mm
    return Strip(
        lead=lead,
        x0_mm=begin,
        x1_mm=end,
        baseline_mm=_baseline(ground.flat, y, begin, end),
        top_mm=max(above, y - _BAND_MM, 0.0),
        bottom_mm=min(below, y + _BAND_MM),
        start_s=(begin - zero) / ground.speed,
        end_s=(end - zero) / ground.speed,
        gain=ground.gain,
        rhythm=rhythm,
    )


def _baseline(flat: NDArray[np.bool_], y_mm: float, begin: float, end: float) -> float:
    top = max(0, int((y_mm - _BASELINE_MM) * WORKING_PPM))
    piece = flat[
        top : int((y_mm + _BASELINE_MM) * WORKING_PPM), int(begin * WORKING_PPM) : max(1, int(end * WORKING_PPM))
    ]
    heights = np.nonzero(piece)[0]
    return (float(np.median(heights)) + top + 0.5) / WORKING_PPM if heights.size else y_mm


def _rhythm_lead(ground: Ground, number: int) -> Lead | None:
    """The lead whose name stands at the beginning of a rhythm strip, on none of the grid's places; None if unread."""
    row = ground.rows[number]
    begin, _ = trace_ends(row, number, ground.pulses)
    taken = {id(name) for name in ground.match.names.values()}
    above = ground.rows[number - 1].y_mm if number else 0.0
    best, best_odds = None, _READ
    for name in ground.names:
        dy = name.y_mm - row.y_mm
        outside = not (-_NAME_ABOVE_MM <= dy <= _NAME_BELOW_MM) or abs(name.left_mm - begin) > _NAME_ALONG_MM
        if id(name) in taken or outside or name.y_mm < above:
            continue
        lead = max(STANDARD_ORDER, key=name.odds)
        # a name at the grid names' height over their row is likelier this row's than one elsewhere
        odds = name.odds(lead) - 0.5 * min(abs(dy - ground.match.names_dy_mm) / 4.0, 2.0)
        if odds > best_odds:
            best, best_odds = lead, odds
    return best


def _from_zero(strips: Sequence[Strip]) -> tuple[Strip, ...]:
    """The same strips with the clock's zero at the first of them."""
    first = min((strip.start_s for strip in strips), default=0.0)
    return tuple(replace(s, start_s=s.start_s - first, end_s=s.end_s - first) for s in strips)
