"""The boxes of a page's leads as a person moves, names, adds and removes them; and the lines drawn over its traces.

A box moved along the paper takes its place on the record's clock with it: the paper is the clock.
"""

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum, auto

import numpy as np

from ecgdesk.desk.models.evidence import Box
from ecgdesk.ecg.corrections import Point, Redraw
from ecgdesk.ecg.figure import Figure, How
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.page import Page, Strip

LEAST_WIDTH_MM = 8.0  # a box narrower than this shows not one beat
_LEAST_HALF_MM = 4.0
_POINT_MM = 0.1  # points of a stroke closer than this along the paper are one: the last one counts
_LEAST_STROKE_MM = 1.0
_BESIDE_MM = 2.0  # a stroke may begin so far beside its box

Strips = tuple[Strip, ...]


class Side(Enum):
    LEFT = auto()
    RIGHT = auto()


def frames(strips: Sequence[Strip]) -> tuple[Box, ...]:
    """Where each box is shown: its band of ink, ended halfway to the rows above and below it."""
    return tuple(_frame(strip, strips) for strip in strips)


def _frame(strip: Strip, strips: Sequence[Strip]) -> Box:
    beside = [s.baseline_mm for s in strips if min(s.x1_mm, strip.x1_mm) - max(s.x0_mm, strip.x0_mm) > 1.0]
    y = strip.baseline_mm
    above = max(((y + other) / 2 for other in beside if y - other > 2 * _LEAST_HALF_MM), default=strip.top_mm)
    below = min(((y + other) / 2 for other in beside if other - y > 2 * _LEAST_HALF_MM), default=strip.bottom_mm)
    top, bottom = max(above, strip.top_mm), min(below, strip.bottom_mm)
    return Box(strip.x0_mm, min(top, y - _LEAST_HALF_MM), strip.x1_mm, max(bottom, y + _LEAST_HALF_MM))


def moved(strips: Strips, number: int, dx: float, dy: float) -> Strips:
    strip = strips[number]
    seconds = dx * _s_per_mm(strip)
    return _with(
        strips,
        number,
        replace(
            strip,
            x0_mm=strip.x0_mm + dx,
            x1_mm=strip.x1_mm + dx,
            baseline_mm=strip.baseline_mm + dy,
            top_mm=strip.top_mm + dy,
            bottom_mm=strip.bottom_mm + dy,
            start_s=strip.start_s + seconds,
            end_s=strip.end_s + seconds,
        ),
    )


def resized(strips: Strips, number: int, side: Side, x_mm: float) -> Strips:
    """One end of the box at `x_mm`, as far as it leaves the box its least width."""
    strip = strips[number]
    if side is Side.LEFT:
        x = min(x_mm, strip.x1_mm - LEAST_WIDTH_MM)
        start = strip.start_s + (x - strip.x0_mm) * _s_per_mm(strip)
        return _with(strips, number, replace(strip, x0_mm=x, start_s=start))
    x = max(x_mm, strip.x0_mm + LEAST_WIDTH_MM)
    end = strip.end_s + (x - strip.x1_mm) * _s_per_mm(strip)
    return _with(strips, number, replace(strip, x1_mm=x, end_s=end))


def renamed(strips: Strips, number: int, lead: Lead) -> Strips:
    return _with(strips, number, replace(strips[number], lead=lead))


def removed(strips: Strips, number: int) -> Strips:
    return strips[:number] + strips[number + 1 :]


def added(strips: Strips, box: Box, lead: Lead, page: Page) -> Strips:
    """One more box, on the clock of the others; a box below all rows of the grid is a rhythm strip."""
    speed = page.speed.value or 25.0
    zero = min((s.x0_mm - s.start_s / _s_per_mm(s) for s in strips), default=box.x0)
    grid = [s.baseline_mm for s in strips if not s.rhythm]
    middle = (box.y0 + box.y1) / 2
    new = Strip(
        lead=lead,
        x0_mm=box.x0,
        x1_mm=max(box.x1, box.x0 + LEAST_WIDTH_MM),
        baseline_mm=middle,
        top_mm=min(box.y0, middle - _LEAST_HALF_MM),
        bottom_mm=max(box.y1, middle + _LEAST_HALF_MM),
        start_s=(box.x0 - zero) / speed,
        end_s=(max(box.x1, box.x0 + LEAST_WIDTH_MM) - zero) / speed,
        gain=Figure(page.gain.value, "mm/mV", page.gain.how),
        rhythm=bool(grid) and middle > max(grid) + _LEAST_HALF_MM,
        how=How.ENTERED,
    )
    return (*strips, new)


def box_at(strips: Sequence[Strip], x: float, y: float) -> int | None:
    """Number of the smallest box that is shown at this place."""
    there = [(box.area, number) for number, box in enumerate(frames(strips)) if box.holds(x, y)]
    return min(there)[1] if there else None


def edge_at(strips: Sequence[Strip], x: float, y: float, *, reach: float) -> tuple[int, Side] | None:
    """The box whose left or right edge is within `reach` mm of this place, the nearest one."""
    near = [
        (abs(x - edge), number, side)
        for number, box in enumerate(frames(strips))
        for edge, side in ((box.x0, Side.LEFT), (box.x1, Side.RIGHT))
        if abs(x - edge) <= reach and box.y0 <= y <= box.y1
    ]
    return min(near, key=lambda one: one[0])[1:] if near else None


def stroke(points: Sequence[Point], strips: Sequence[Strip]) -> Redraw | None:
    """What was drawn from its first point on, as a redrawn stretch of the lead in whose box it begins.

    None when it began beside all boxes, or is too short to mean anything.
    """
    number = _begun_in(strips, *points[0]) if points else None
    if number is None:
        return None
    lasting = {round(x / _POINT_MM): (x, y) for x, y in points}
    kept = tuple(lasting[place] for place in sorted(lasting))
    if kept[-1][0] - kept[0][0] < _LEAST_STROKE_MM:
        return None
    return Redraw(strips[number].lead, kept)


def _begun_in(strips: Sequence[Strip], x: float, y: float) -> int | None:
    there = [
        (abs(y - strips[number].baseline_mm), number)
        for number, box in enumerate(frames(strips))
        if box.x0 - _BESIDE_MM <= x <= box.x1 + _BESIDE_MM and box.y0 <= y <= box.y1
    ]
    return min(there)[1] if there else None


def _with(strips: Strips, number: int, strip: Strip) -> Strips:
    return (*strips[:number], replace(strip, how=How.ENTERED), *strips[number + 1 :])


def _s_per_mm(strip: Strip) -> float:
    return float(np.divide(strip.end_s - strip.start_s, max(strip.x1_mm - strip.x0_mm, 1e-6)))
