"""Rows placed by the lead names, where the traces themselves led to wrong places.

Tall complexes, wandering traces and lines of print hide rows or add some; names stand in a lattice of their own, all
as far above (or below) their rows. The layout that the names alone make tells how many rows there are and how far
apart; the ink tells how far from the names they run: the one distance at which most of it lies flat in all rows.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.page.layout import Match, best_match, name_heights
from ecgdesk.page.names import Name
from ecgdesk.page.rows import Row, between, flatness
from ecgdesk.page.working import WORKING_PPM

_PLAIN, _PLAIN_STROKES = 1.0, 3.0  # log odds from which a text is a name; I and II are read into any strokes
_STROKES = (Lead.I, Lead.II)
_ONE_HEIGHT_MM = 2.5  # names of one row stand within this
_LEAST_READ = 6  # names: fewer make no lattice
_NEAR_MM = 4.0  # a row that was found so close to its place is that row
_STEP_MM = 0.4
_ONE_PLACE_MM = 5.0  # names of rhythm strips stand below those of the first column
_LEAST_FILL = 0.3  # share of a row's columns with ink near its zero line, where it wanders far
_APART_SHARE = 0.4  # of the distance between rows: what lies closer to a named row is no row of its own
_BEFORE_MM, _BEHIND_MM = 16.0, 2.0  # of the first names' beginnings: where a row with its pulse begins
_END_MM = 10.0  # of the last column's end by the names: where a row ends
_USUAL_MM = 1.0  # names begin so far behind their row's beginning


def rows_by_names(
    rows: Sequence[Row], names: Sequence[Name], ink: NDArray[np.uint8], *, width_mm: float, speed: float
) -> tuple[Row, ...]:
    """Rows where the names say that they run, from top to bottom, and those found below them; empty where the names
    make no layout of several rows. `ink`: working ink, uint8[h, w] at WORKING_PPM."""
    named = [name for name in names if _is_plain(name)]
    heights = _heights(named)
    if len(heights) < 2 or not rows:
        return ()
    lines = [Row(y, min(row.x0_mm for row in rows), max(row.x1_mm for row in rows), 1.0) for y in heights]
    match = best_match(lines, names, width_mm=width_mm, speed=speed)
    if match is None or not match.is_read or match.read < _LEAST_READ or match.template.rows < 2:
        return ()
    ends = _ends(match, rows)
    named_rows = [_found_or_made(y, rows, ink, ends) for y in _placed(match, lines, ink)]
    grid = named_rows[: match.template.rows]
    apart = _APART_SHARE * (grid[-1].y_mm - grid[0].y_mm) / (len(grid) - 1)
    others = [
        row for row in rows if row.y_mm > grid[-1].y_mm and all(abs(row.y_mm - one.y_mm) > apart for one in named_rows)
    ]
    return tuple(sorted([*named_rows, *others], key=lambda row: row.y_mm))


def with_named_strips(
    rows: Sequence[Row], match: Match, names: Sequence[Name], ink: NDArray[np.uint8]
) -> tuple[Row, ...]:
    """The rows, with one more wherever a rhythm strip's name stands below the grid, and ink, but none was found."""
    grid = [rows[number] for number in match.grid]
    if match.template.columns == 1 or len(grid) < 2:
        return tuple(rows)
    apart = _APART_SHARE * (grid[-1].y_mm - grid[0].y_mm) / (len(grid) - 1)
    left, ends = match.names_x_mm, _ends(match, grid)
    whole = list(rows)
    for name in names:
        y = name.y_mm - match.names_dy_mm
        is_strips = name.y_mm > grid[-1].y_mm and y > grid[-1].y_mm + apart and abs(name.x_mm - left) < _ONE_PLACE_MM
        if not is_strips or not _is_plain(name) or any(abs(row.y_mm - y) <= apart for row in whole):
            continue
        made = between(ink, y, *ends)
        if made.fill >= _LEAST_FILL:
            whole.append(made)
    return tuple(sorted(whole, key=lambda row: row.y_mm))


def _is_plain(name: Name) -> bool:
    return any(name.odds(lead) > (_PLAIN_STROKES if lead in _STROKES else _PLAIN) for lead in STANDARD_ORDER)


def _heights(names: Sequence[Name]) -> list[float]:
    """Heights of the lines of names, mm, from top to bottom."""
    lines: list[list[float]] = []
    for y in sorted(name.y_mm for name in names):
        if lines and y - float(np.mean(lines[-1])) < _ONE_HEIGHT_MM:
            lines[-1].append(y)
        else:
            lines.append([y])
    return [float(np.median(line)) for line in lines]


def _placed(match: Match, lines: Sequence[Row], ink: NDArray[np.uint8]) -> list[float]:
    """Heights (mm) of the zero lines of the grid's rows and of those named below them, by their flat ink."""
    heights = np.array([lines[number].y_mm for number in (*match.grid, *match.rhythm)])
    grid = heights[: match.template.rows]
    flat = flatness(ink)
    # names stand `dy` below their row
    reach = name_heights([Row(y, 0.0, 0.0, 1.0) for y in grid])
    ways = np.arange(-reach.max(), -reach.min() + _STEP_MM, _STEP_MM)
    at = np.round((grid[:, None] + ways) * WORKING_PPM).astype(int)
    seen = flat[np.clip(at, 0, flat.size - 1)] * ((at >= 0) & (at < flat.size))
    return [float(y) for y in heights + ways[int(seen.sum(axis=0).argmax())]]


def _ends(match: Match, rows: Sequence[Row]) -> tuple[float, float]:
    """From where to where the rows run, mm: as those that fit the columns of the names do, else as the names say."""
    left = float(np.median([name.left_mm - column * match.pitch_mm for (_, column), name in match.names.items()]))
    begin = left - _USUAL_MM
    end = begin + match.template.columns * match.pitch_mm
    begins = [row.x0_mm for row in rows if left - _BEFORE_MM < row.x0_mm < left + _BEHIND_MM]
    ends = [row.x1_mm for row in rows if abs(row.x1_mm - end) < _END_MM]
    return float(np.median(begins or [max(begin, 0.0)])), float(np.median(ends or [end]))


def _found_or_made(y_mm: float, rows: Sequence[Row], ink: NDArray[np.uint8], ends: tuple[float, float]) -> Row:
    x0_mm, x1_mm = ends
    near = min(rows, key=lambda row: abs(row.y_mm - y_mm), default=None)
    if near is not None and abs(near.y_mm - y_mm) <= _NEAR_MM:
        return replace(near, x0_mm=min(near.x0_mm, x0_mm), x1_mm=max(near.x1_mm, x1_mm))
    return between(ink, y_mm, x0_mm, x1_mm)
