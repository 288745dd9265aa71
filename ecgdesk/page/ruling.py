"""The millimetre grid of a drawn page: exact, since its lines are lines."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.page import Stroke

F64 = NDArray[np.float64]

_LEAST_LINE_MM = 8.0  # a grid line is longer; the frame of a table's cell may be, but stands alone
_MOST_POINTS = 30  # of a stroke that may be ruled: traces have more
_STRAIGHT = 0.002  # of its length a line may lean
_LEAST_LINES = 8
_SAME = 0.1  # of a spacing: lines this close are one, drawn twice
_ON_GRID = 0.05  # of a spacing between a line and its place
_SHARE_ON_GRID = 0.8  # of the lines in one pen
_SQUARES = 5  # small squares on the side of a large one (IEC 60601-2-25: 1 mm and 5 mm)
_SIZE_SLACK = 1.25  # a grid in one pen is taken for 1 mm or 5 mm when it is printed within this of it


@dataclass(frozen=True)
class _Spacing:
    spacing: float
    lines: int


def find_ruling(strokes: Sequence[Stroke], *, pixels_per_mm: float) -> tuple[float, float] | None:
    """Pixels per millimetre of the grid along x and y; None where the page draws no grid.

    `pixels_per_mm`: of the paper as the file states it. A page that was fitted to its paper has a grid of another
    size: what its small and large squares have in common tells, and it counts, not the paper.
    """
    pens: dict[tuple[float, tuple[int, int, int]], list[F64]] = {}
    for stroke in strokes:
        if len(stroke.points) <= _MOST_POINTS:
            steps = np.hstack([stroke.points[:-1], np.diff(stroke.points, axis=0)])
            pens.setdefault((round(stroke.width, 2), stroke.colour), []).append(steps)
    groups = [np.concatenate(steps) for steps in pens.values()]
    along_x = _millimetre([_spacing(_places(group, 0, pixels_per_mm)) for group in groups], pixels_per_mm)
    along_y = _millimetre([_spacing(_places(group, 1, pixels_per_mm)) for group in groups], pixels_per_mm)
    return (along_x, along_y) if along_x and along_y else None


def _places(steps: F64, axis: int, pixels_per_mm: float) -> F64:
    """Where along the axis the straight lines across it stand; `steps`: float64[n, 4], begin and way of each."""
    length, lean = np.abs(steps[:, 3 - axis]), np.abs(steps[:, 2 + axis])
    ruled = (length >= _LEAST_LINE_MM * pixels_per_mm) & (lean <= _STRAIGHT * length)
    return np.sort(steps[ruled, axis] + steps[ruled, 2 + axis] / 2)


def _spacing(places: F64) -> _Spacing | None:
    """The one spacing of sorted places, by least squares over all of them; None where they are not evenly set."""
    if places.size < _LEAST_LINES:
        return None
    gaps = np.diff(places)
    apart = gaps[gaps > _SAME * float(np.quantile(gaps, 0.9))]
    if apart.size < _LEAST_LINES - 1:
        return None
    spacing, origin = float(np.median(apart)), float(places[places.size // 2])
    for reach in (10.0, 40.0, np.inf):  # the first estimate counts a few lines on truly, the next one more
        number = np.round((places - origin) / spacing)
        near = np.abs(number) <= reach
        on = near & (np.abs(places - origin - number * spacing) < 2 * _ON_GRID * spacing)
        if np.unique(number[on]).size < 3:
            return None
        spacing, origin = (float(value) for value in np.polyfit(number[on], places[on], 1))
    number = np.round((places - origin) / spacing)
    on = np.abs(places - origin - number * spacing) < _ON_GRID * spacing
    lines = int(np.unique(number[on]).size)
    return _Spacing(spacing, lines) if lines >= _LEAST_LINES and on.mean() >= _SHARE_ON_GRID else None


def _millimetre(found: Sequence[_Spacing | None], pixels_per_mm: float) -> float | None:
    """Pixels of one millimetre from the spacings of all pens."""
    spacings = sorted((one for one in found if one is not None), key=lambda one: -one.lines)
    for fine in spacings:
        for bold in spacings:
            if abs(bold.spacing / fine.spacing / _SQUARES - 1) < 0.01:
                return fine.spacing
    for one in spacings:
        for squares in (1, _SQUARES):
            if 1 / _SIZE_SLACK < one.spacing / squares / pixels_per_mm < _SIZE_SLACK:
                return one.spacing / squares
    return None
