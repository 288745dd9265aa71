"""A page's layout brought onto the lines that the file draws: ends and heights of the strips become those of the lines.

Where each lead is a line of its own, its ends are the lead's. Where one line runs through a whole row, the leads give
way to each other at the same place in every row, and there the lines jump.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.page import Page, Strip

F64 = NDArray[np.float64]

_FITTED_MM = 2.5  # how far the fitted ends of a strip are off
_JUMP_WITHIN_MM = 1.6  # of a fitted border
_JUMP = 3.0  # times the next best place
_COVERED = 0.9  # share of a strip that its lines show, else they are not its whole trace
_SAME_PLACE = 50  # points of a line that may stand above each other
_TWICE = 0.02  # share of a strip that may be drawn twice


def on_lines(page: Page, lines: Sequence[F64]) -> Page | None:
    """`page` with `lines` (float64[n, 2], mm, from left to right) and its strips fitted to them.

    None when a strip has no line, or more than one at a place: then the layout or the lines were misunderstood.
    """
    page = replace(page, lines=tuple(lines))
    jumps = _Jumps(page.lines)
    strips = _met(tuple(_fitted(strip, page, jumps) for strip in page.layout.strips))
    page = _laid_out(page, _on_one_clock(strips, speed=float(page.speed.value or 25.0)))
    pieces = [page.lines_of(strip) for strip in page.layout.strips]
    if not all(_shows(own, strip) for own, strip in zip(pieces, page.layout.strips, strict=True)):
        return None
    return _laid_out(
        page,
        tuple(
            replace(strip, baseline_mm=float(np.median(np.concatenate(own)[:, 1])))
            for own, strip in zip(pieces, page.layout.strips, strict=True)
        ),
    )


def _laid_out(page: Page, strips: tuple[Strip, ...]) -> Page:
    return replace(page, layout=replace(page.layout, strips=strips))


def _fitted(strip: Strip, page: Page, jumps: "_Jumps") -> Strip:
    """The strip from where its line begins, or its row's line jumps, to where that ends or jumps."""
    row = [other for other in page.layout.strips if (other.top_mm, other.bottom_mm) == (strip.top_mm, strip.bottom_mm)]
    reach = replace(strip, x0_mm=strip.x0_mm - _FITTED_MM, x1_mm=strip.x1_mm + _FITTED_MM)
    pieces = page.lines_of(reach)
    lines = [line for line in page.lines if any(_is_part(piece, line) for piece in pieces)]
    if not lines:
        return strip
    sample = float(page.speed.value or 25.0) / SAMPLING_RATE_HZ  # the last point stands for that long at least
    step = max(float(np.median([np.median(np.diff(line[:, 0])) for line in lines])), sample)
    x0 = _nearest(strip.x0_mm, [float(line[0, 0]) for line in lines])
    x1 = _nearest(strip.x1_mm, [float(line[-1, 0]) + step for line in lines])
    before = max((other.x1_mm for other in row if other.x1_mm < strip.x1_mm - _FITTED_MM), default=strip.x0_mm)
    after = min((other.x0_mm for other in row if other.x0_mm > strip.x0_mm + _FITTED_MM), default=strip.x1_mm)
    if x0 is None:
        x0 = jumps.near(_even((before + strip.x0_mm) / 2, row, lines, step))
    if x1 is None:
        x1 = jumps.near(_even((strip.x1_mm + after) / 2, row, lines, step))
    return replace(strip, x0_mm=x0, x1_mm=x1)


def _met(strips: Sequence[Strip]) -> tuple[Strip, ...]:
    """Strips of one row do not reach into each other: a line that is clipped at its border ends on the next one's."""
    return tuple(
        replace(
            strip,
            x1_mm=min(
                (
                    other.x0_mm
                    for other in strips
                    if (other.top_mm, other.bottom_mm) == (strip.top_mm, strip.bottom_mm)
                    and strip.x1_mm - _FITTED_MM < other.x0_mm < strip.x1_mm
                ),
                default=strip.x1_mm,
            ),
        )
        for strip in strips
    )


def _is_part(piece: F64, line: F64) -> bool:
    at = int(np.searchsorted(line[:, 0], piece[0, 0]))
    return bool((line[at : at + _SAME_PLACE] == piece[0]).all(axis=1).any())


def _nearest(fitted: float, ends: Sequence[float]) -> float | None:
    nearest = min(ends, key=lambda end: abs(end - fitted))
    return nearest if abs(nearest - fitted) < _FITTED_MM else None


def _even(border: float, row: Sequence[Strip], lines: Sequence[F64], step: float) -> float:
    """The border between two leads of one line if all its leads are equally long and that is near the fitted one."""
    begin = min(float(line[0, 0]) for line in lines)
    width = (max(float(line[-1, 0]) for line in lines) + step - begin) / len(row)
    even = begin + round((border - begin) / width) * width
    return even if abs(even - border) < _JUMP_WITHIN_MM else border


class _Jumps:
    """Where lines jump: the more of them at one place, and the farther, the likelier leads change there."""

    def __init__(self, lines: Sequence[F64]) -> None:
        places, heights = [], []
        for line in lines:
            way = np.abs(np.diff(line[:, 1]))
            beside = np.maximum(way[:-2], way[2:])
            places.append(line[2:-1, 0])
            heights.append(np.maximum(way[1:-1] - beside, 0.0))
        self._places, self._heights = np.concatenate(places), np.concatenate(heights)

    def near(self, border: float) -> float:
        """The first point of the next lead near `border` (mm); `border` itself where no jump stands out."""
        near = np.abs(self._places - border) < _JUMP_WITHIN_MM
        places, heights = np.round(self._places[near], 2), self._heights[near]
        distinct = np.unique(places)
        if distinct.size < 2:
            return border
        total = np.array([heights[places == place].sum() for place in distinct])
        best = int(np.argmax(total))
        second = float(np.delete(total, best).max())
        if total[best] <= _JUMP * second:
            return border
        return float(self._places[near][places == distinct[best]].min())


def _on_one_clock(strips: Sequence[Strip], *, speed: float) -> tuple[Strip, ...]:
    zero = min(strip.x0_mm for strip in strips)
    return tuple(
        replace(strip, start_s=(strip.x0_mm - zero) / speed, end_s=(strip.x1_mm - zero) / speed) for strip in strips
    )


def _shows(pieces: Sequence[F64], strip: Strip) -> bool:
    """Whether these lines are the strip's whole trace, each stretch of it once."""
    if not pieces:
        return False
    length = strip.x1_mm - strip.x0_mm
    spans = sorted((float(piece[0, 0]), float(piece[-1, 0])) for piece in pieces)
    drawn = sum(end - begin for begin, end in spans)
    twice = sum(max(one[1] - other[0], 0.0) for one, other in pairwise(spans))
    return drawn - twice >= _COVERED * length and twice <= _TWICE * length
