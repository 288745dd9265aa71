"""The strips of a page: a matched layout with its borders, names and scale, written out lead by lead."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.figure import Figure
from ecgdesk.ecg.lead import LIMB_LEADS, Lead
from ecgdesk.ecg.page import Strip
from ecgdesk.page.borders import CLEAR_MM, Box
from ecgdesk.page.calibration import Pulse
from ecgdesk.page.columns import INKED_END, Columns, inked_share, trace_ends
from ecgdesk.page.layout import Match
from ecgdesk.page.rhythm import USUAL_RHYTHM_LEAD, RhythmStrip
from ecgdesk.page.rows import Row, flat_runs
from ecgdesk.page.templates import CABRERA
from ecgdesk.page.upside_down import has_minus
from ecgdesk.page.working import WORKING_PPM

_LEAST_MM = 8.0  # a cut column narrower than this shows not one beat: it is left out
_TOGETHER_MM = 2.0  # a rhythm strip that begins this close to the first column begins with it
_SAME_END_MM = 25.0  # and with the last one, though a faint end was not seen: blank paper stays blank
_BAND_MM = 40.0  # ink of a strip lies within this of its zero line, when no other row is nearer
_OVER_MM = 4.0  # it may run this far beyond the zero line of the next row
_BASELINE_MM = 6.0  # a strip's own zero line lies this close to its row's
_FOOT_MM = 8.0  # a pulse stands on its own row's zero line, give or take this
_ZERO_S = 0.04  # the clock's zero is the first column's beginning, though a pulse hides so much of it


@dataclass(frozen=True, eq=False)
class _Ground:
    """What strips are made from. `ink`: working ink; `flat`: bool[h, w], its flat runs."""

    match: Match
    columns: Columns
    rows: Sequence[Row]
    pulses: Sequence[Pulse]
    boxes: Sequence[Box]
    ink: NDArray[np.uint8]
    flat: NDArray[np.bool_]
    speed: float
    gain: Figure


def make_strips(
    match: Match,
    columns: Columns,
    *,
    rhythm: Sequence[RhythmStrip],
    rows: Sequence[Row],
    pulses: Sequence[Pulse],
    boxes: Sequence[Box],
    ink: NDArray[np.uint8],
    speed: float,
    gain: Figure,
) -> tuple[Strip, ...]:
    """The strips of the grid row by row, then those of `rhythm`; lead II stands in for one that could not be read.

    `pulses` are as they were found at the working scale, `boxes` their exact outer edges.
    """
    ground = _Ground(match, columns, rows, pulses, boxes, ink, flat_runs(ink), speed, gain)
    strips = [
        strip
        for row, number in enumerate(match.grid)
        for column in range(match.template.columns)
        if (strip := _grid_strip(ground, row, column, number)) is not None
    ]
    strips += [_rhythm_strip(ground, strip.row, strip.lead or USUAL_RHYTHM_LEAD) for strip in rhythm]
    return _from_zero(strips)


def _grid_strip(ground: _Ground, row: int, column: int, number: int) -> Strip | None:
    begin, end = ground.columns.ends(column)
    if end - begin < _LEAST_MM:
        return None
    margin = ground.columns.separator_mm
    begin += margin if column > 0 else 0.0
    end -= margin if column + 1 < ground.match.template.columns else 0.0
    strip = _strip(ground, ground.match.template.lead(row, column), number, begin, end, rhythm=False)
    return replace(strip, inverted=_is_inverted(ground, row, column, strip.lead))


def _is_inverted(ground: _Ground, row: int, column: int, lead: Lead) -> bool:
    name = ground.match.names.get((row, column))
    in_cabreras_order = ground.match.template.order[: len(LIMB_LEADS)] == CABRERA[: len(LIMB_LEADS)]
    return lead is Lead.AVR and in_cabreras_order and name is not None and has_minus(ground.ink, name)


def _rhythm_strip(ground: _Ground, number: int, lead: Lead) -> Strip:
    begin, end = trace_ends(ground.rows[number], number, ground.pulses, ground.ink)
    first, _ = ground.columns.ends(0)
    _, last = ground.columns.ends(ground.match.template.columns - 1)
    # a trace that wanders off its zero line is not seen there, yet its ink is
    heights = [ground.rows[number].y_mm]
    if abs(begin - first) < _TOGETHER_MM or inked_share(ground.ink, heights, first, begin) >= INKED_END:
        begin = first
    if abs(end - last) < _SAME_END_MM or inked_share(ground.ink, heights, end, last) >= INKED_END:
        end = last
    return _strip(ground, lead, number, begin, end, rhythm=True)


def _strip(ground: _Ground, lead: Lead, number: int, begin: float, end: float, *, rhythm: bool) -> Strip:
    y = ground.rows[number].y_mm
    begin, end = _beside_pulses(ground.boxes, y, begin, end)
    heights = [ground.rows[other].y_mm for other in (*ground.match.grid, *ground.match.rhythm)]
    above = max((other - _OVER_MM for other in heights if other < y), default=0.0)
    below = min((other + _OVER_MM for other in heights if other > y), default=ground.flat.shape[0] / WORKING_PPM)
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


def _beside_pulses(boxes: Sequence[Box], y_mm: float, begin: float, end: float) -> tuple[float, float]:
    """The part of `begin`..`end` that no pulse of the row at height `y_mm` hides."""
    middle = (begin + end) / 2
    own = [(x0, x1) for x0, _, x1, foot in boxes if abs(foot - y_mm) < _FOOT_MM]
    begin = max([begin, *(x1 + CLEAR_MM for _, x1 in own if x1 < middle)])
    return begin, min([end, *(x0 - CLEAR_MM for x0, _ in own if x0 > middle)])


def _baseline(flat: NDArray[np.bool_], y_mm: float, begin: float, end: float) -> float:
    top = max(0, int((y_mm - _BASELINE_MM) * WORKING_PPM))
    piece = flat[
        top : int((y_mm + _BASELINE_MM) * WORKING_PPM), int(begin * WORKING_PPM) : max(1, int(end * WORKING_PPM))
    ]
    heights = np.nonzero(piece)[0]
    return (float(np.median(heights)) + top + 0.5) / WORKING_PPM if heights.size else y_mm


def _from_zero(strips: Sequence[Strip]) -> tuple[Strip, ...]:
    """The same strips with the clock's zero at the first of them."""
    first = min((strip.start_s for strip in strips), default=0.0)
    if 0 <= first < _ZERO_S:
        return tuple(strips)
    return tuple(replace(s, start_s=s.start_s - first, end_s=s.end_s - first) for s in strips)
