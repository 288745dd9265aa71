"""Upright strokes that stand where a trace begins, ends or changes leads, to a few hundredths of a millimetre.

Separators: all rows show the same one at the same place, while no trace does: of the rows' ink beside each other, the
part that nearly all of them share is the separator. Sides of calibration pulses: a row shows its own, all at one place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.page.calibration import Pulse

F64 = NDArray[np.float64]
Box = tuple[float, float, float, float]  # x0, y0, x1, y1, mm

_AROUND_MM, _REACH_MM = 2.0, 9.0  # of a border and of a row's zero line: where a separator is looked for
_ACROSS_MM, _DOWN_MM = 0.05, 0.1  # steps of the look
_OFF_MM = 0.8  # a separator was found at the working scale; what stands farther off is a beat
_SHARED = 0.34  # quantile over the rows: ink that so many show
_LEAST_MM = 2.4  # of shared ink in a column of the look, above and below the zero line together
_WIDEST_MM = 1.2
_MOST_STROKES = 4  # about one border: its separator, and complexes of the leads beside it
_STEP_MM = 0.4  # all separators stand equally far from the fitted borders, within this
_HIDING_MM, _HIDING = 0.8, 0.7  # a separator with so much ink this close to the zero line hides the trace
CLEAR_MM = 0.06  # of blur beyond the half level of a stroke's edge
_SIDE_AROUND_MM = 1.0  # of a pulse's side, as it was found at the working scale
_SIDE = (0.2, 0.85)  # part of a pulse's height in which its sides are looked for: above the trace, below the roof
_SIDE_FILLED = 0.75  # ink that a side shows there


@dataclass(frozen=True)
class Separators:
    """`centres_mm`: where each border's separator stands, None where it is not told apart from the traces.

    `hidden_mm`: half the width in which the trace is not seen, 0 where the separators leave it free.
    """

    centres_mm: tuple[float | None, ...]
    hidden_mm: float


@dataclass(frozen=True)
class _Stroke:
    centre_mm: float
    half_mm: float
    tall_mm: float
    hides: bool


def find_separators(
    ink: NDArray[np.uint8],
    borders_mm: Sequence[float],
    heights_mm: Sequence[float],
    *,
    pixels_per_mm: tuple[float, float],
) -> Separators | None:
    """Separators near `borders_mm` that stand on the rows with zero lines at `heights_mm`; None when there are none.

    `ink`: uint8[h, w]; `pixels_per_mm`: of it, x and y.
    """
    found = [_strokes(ink, border, heights_mm, pixels_per_mm) for border in borders_mm]
    chosen = _in_step(found, borders_mm)
    strokes = [stroke for stroke in chosen if stroke is not None]
    if 2 * len(strokes) <= len(found):
        return None
    hides = float(np.mean([stroke.hides for stroke in strokes])) > 0.5
    half = float(np.median([stroke.half_mm for stroke in strokes]))
    return Separators(
        tuple(None if stroke is None else stroke.centre_mm for stroke in chosen), half + CLEAR_MM if hides else 0.0
    )


def _in_step(found: Sequence[Sequence[_Stroke]], borders: Sequence[float]) -> list[_Stroke | None]:
    """One stroke a border, all as far from their borders: complexes that stand below each other keep no such step."""
    best: list[_Stroke | None] = [None] * len(found)
    for strokes, border in zip(found, borders, strict=True):
        for anchor in strokes:
            shift = anchor.centre_mm - border
            chosen = [_nearest(some, at + shift) for some, at in zip(found, borders, strict=True)]
            best = max(best, chosen, key=_worth)
    return best


def _nearest(strokes: Sequence[_Stroke], at_mm: float) -> _Stroke | None:
    close = [stroke for stroke in strokes if abs(stroke.centre_mm - at_mm) < _STEP_MM]
    return min(close, key=lambda stroke: abs(stroke.centre_mm - at_mm), default=None)


def _worth(chosen: Sequence[_Stroke | None]) -> tuple[int, float]:
    strokes = [stroke for stroke in chosen if stroke is not None]
    return len(strokes), sum(stroke.tall_mm for stroke in strokes)


def _strokes(
    ink: NDArray[np.uint8], border: float, heights: Sequence[float], pixels_per_mm: tuple[float, float]
) -> list[_Stroke]:
    """What stands upright near a border, in all rows alike."""
    looks = np.stack([_look(ink, border, height, pixels_per_mm) for height in heights])
    shared = np.quantile(looks, _SHARED, axis=0)
    column = shared.sum(axis=0) * _DOWN_MM
    near, middle = int(_HIDING_MM / _DOWN_MM), shared.shape[0] // 2
    strokes, left_to_see = list[_Stroke](), column.copy()
    for _ in range(_MOST_STROKES):
        if left_to_see.max() < _LEAST_MM:
            break
        peak = int(np.argmax(left_to_see))
        edges = _edges(column, peak)
        low, high = (peak - 1, peak + 1) if edges is None else (int(edges[0]), int(edges[1]) + 1)
        left_to_see[max(low, 0) : high + 1] = 0
        centre = 0.0 if edges is None else (edges[0] + edges[1]) / 2 * _ACROSS_MM - _AROUND_MM
        if edges is not None and abs(centre) <= _OFF_MM:
            hides = float((shared[middle - near : middle + near, peak] > 0.5).mean()) >= _HIDING
            strokes.append(_Stroke(border + centre, (edges[1] - edges[0]) / 2 * _ACROSS_MM, float(column[peak]), hides))
    return strokes


def _edges(column: NDArray[np.floating], peak: int) -> tuple[float, float] | None:
    """Where the peak of `column` passes half its height; None when it is too wide, or cut off."""
    half = float(column[peak]) / 2
    on = column >= half
    first = peak - int(np.argmin(np.append(on[: peak + 1][::-1], False)))
    last = peak + int(np.argmin(np.append(on[peak:], False)))
    if first < 0 or last >= column.size:
        return None
    left, right = _crossing(column, first, half), _crossing(column, last - 1, half)
    return (left, right) if (right - left) * _ACROSS_MM <= _WIDEST_MM else None


def _crossing(column: NDArray[np.floating], before: int, level: float) -> float:
    """Where between entries `before` and `before + 1` the column passes `level`."""
    low, high = float(column[before]), float(column[before + 1])
    return before + float(np.clip((level - low) / (high - low), 0, 1)) if high != low else float(before)


def _look(
    ink: NDArray[np.uint8], border: float, height: float, pixels_per_mm: tuple[float, float]
) -> NDArray[np.float32]:
    """float32[rows, columns], 0 to 1: the ink about one border on one row, in steps of _DOWN_MM and _ACROSS_MM."""
    x = border + np.arange(-_AROUND_MM, _AROUND_MM + 1e-6, _ACROSS_MM)
    y = height + np.arange(-_REACH_MM, _REACH_MM + 1e-6, _DOWN_MM)
    return _sampled(ink, x, y, pixels_per_mm)


def pulse_boxes(
    ink: NDArray[np.uint8], pulses: Sequence[Pulse], heights_mm: Sequence[float], *, pixels_per_mm: tuple[float, float]
) -> tuple[Box, ...]:
    """The outer edges of the calibration pulse on each of the rows with zero lines at `heights_mm` that shows one.

    Sides are looked for in every row where the `pulses` that were found stand; what is not seen again keeps its own
    box.
    """
    if not pulses:
        return ()
    x0, x1 = (float(np.median(sides)) for sides in zip(*((p.x0_mm, p.x1_mm) for p in pulses), strict=True))
    # rows may have pulses of their own height
    own = [min(pulses, key=lambda pulse: abs(pulse.foot_mm - foot)) for foot in heights_mm]
    lefts = [_side(ink, x0, foot, p.height_mm, pixels_per_mm) for p, foot in zip(own, heights_mm, strict=True)]
    rights = [
        _side(ink, x1, foot, p.second_mm or p.height_mm, pixels_per_mm) for p, foot in zip(own, heights_mm, strict=True)
    ]
    sides = [side for side in (*lefts, *rights) if side is not None]
    boxes = [(pulse.x0_mm, pulse.top_mm, pulse.x1_mm, pulse.foot_mm) for pulse in pulses]
    # a complex that climbs beside a pulse widens its side: the narrowest one is the pen
    pen = min((right - left for left, right in sides), default=0.0)
    for foot, pulse, left, right in zip(heights_mm, own, lefts, rights, strict=True):
        if left is None and right is None:
            continue
        tall = pulse.height_mm
        boxes = [box for box in boxes if abs(box[3] - foot) > tall / 2]
        boxes.append((left[1] - pen if left else x0, foot - tall, right[0] + pen if right else x1, foot))
    return tuple(boxes)


def _side(
    ink: NDArray[np.uint8], x_mm: float, foot: float, tall: float, pixels_per_mm: tuple[float, float]
) -> tuple[float, float] | None:
    """Left and right edge (mm) of a pulse's side near `x_mm`."""
    x = x_mm + np.arange(-_SIDE_AROUND_MM, _SIDE_AROUND_MM + 1e-6, _ACROSS_MM)
    y = foot - tall * np.arange(*_SIDE, _DOWN_MM / tall)
    filled = _sampled(ink, x, y, pixels_per_mm).mean(axis=0)
    if filled.max() < _SIDE_FILLED:
        return None
    edges = _edges(filled, int(np.argmax(filled)))
    return None if edges is None else (float(x[0]) + edges[0] * _ACROSS_MM, float(x[0]) + edges[1] * _ACROSS_MM)


def _sampled(ink: NDArray[np.uint8], x_mm: F64, y_mm: F64, pixels_per_mm: tuple[float, float]) -> NDArray[np.float32]:
    x, y = x_mm * pixels_per_mm[0] - 0.5, y_mm * pixels_per_mm[1] - 0.5
    across, down = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
    return np.asarray(cv2.remap(ink, across, down, cv2.INTER_LINEAR), np.float32) / np.float32(255)
