"""Calibration pulses: the rectangle that tells the gain (1 mV high) and the speed (0.2 s wide)."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.figure import Figure, How
from ecgdesk.page.rows import Row
from ecgdesk.page.working import INKED, WORKING_PPM

PULSE_MV = 1.0  # height of the calibration pulse (IEC 60601-2-25)
PULSE_S = 0.2  # its usual width
GAINS_MM_PER_MV = (5.0, 10.0, 20.0)
GAIN_TOLERANCE = 0.12  # a pulse this far (relative) from a nominal gain is that gain: pen width and blur
_UPRIGHT_MM = 3.5  # the least height of a pulse's side: three quarters of 1 mV at 5 mm/mV
_WIDTHS_MM = (1.5, 12.0)
_HEIGHTS_MM = (4.2, 23.0)
_TOP_AGREE_MM = 0.9
_FOOT_AGREE_MM = 1.6
_FOOT_REACH_MM = 4.0  # a pulse stands on its row's zero line, give or take the row's wander


@dataclass(frozen=True)
class Pulse:
    """One pulse in millimetres: its sides `x0_mm`, `x1_mm`, its top and its foot, on row number `row`."""

    row: int
    x0_mm: float
    x1_mm: float
    top_mm: float
    foot_mm: float

    @property
    def height_mm(self) -> float:
        return self.foot_mm - self.top_mm

    @property
    def width_mm(self) -> float:
        return self.x1_mm - self.x0_mm


@dataclass(frozen=True)
class _Upright:
    x: float
    top: int
    foot: int


def find_pulses(ink: NDArray[np.uint8], rows: Sequence[Row]) -> tuple[Pulse, ...]:
    """Rectangular pulses that stand on the rows of working ink (uint8[h, w] at WORKING_PPM)."""
    mask = (ink >= INKED).astype(np.uint8)
    pulses = []
    for number, row in enumerate(rows):
        uprights = _uprights(mask, row.y_mm)
        found = [
            pulse
            for i, left in enumerate(uprights)
            for right in uprights[i + 1 :]
            if (pulse := _pulse(mask, left, right, number)) is not None
        ]
        pulses += _leftmost_and_rightmost(found)
    return _that_agree(pulses)


def gain_from(pulses: Sequence[Pulse]) -> Figure | None:
    """The sheet's gain from its pulses' median height, snapped to 5, 10 or 20 mm/mV where within tolerance."""
    if not pulses:
        return None
    heights = np.array([pulse.height_mm for pulse in pulses])
    measured = float(np.median(heights)) / PULSE_MV
    spread = float(np.median(np.abs(heights - np.median(heights)))) + 0.1
    nominal = min(GAINS_MM_PER_MV, key=lambda gain: abs(np.log(measured / gain)))
    value = nominal if abs(measured / nominal - 1) <= GAIN_TOLERANCE else measured
    return Figure(value, "mm/mV", How.MEASURED, spread)


def _uprights(mask: NDArray[np.uint8], y_mm: float) -> list[_Upright]:
    """Near-vertical strokes whose lower end is near the row's zero line, from left to right."""
    reach = int(_HEIGHTS_MM[1] * WORKING_PPM)
    zero = int(y_mm * WORKING_PPM)
    top = max(0, zero - reach)
    band = mask[top : zero + int(_FOOT_REACH_MM * WORKING_PPM)]
    # one pixel of slant is allowed for: a stroke may step sideways once
    thick = cv2.dilate(band, np.ones((1, 2), np.uint8))
    strokes = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((int(_UPRIGHT_MM * WORKING_PPM), 1), np.uint8))
    count, _, stats, centres = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    found = []
    for i in range(1, count):
        _, y, width, height, _ = stats[i]
        near = abs(y + height + top - zero) <= _FOOT_REACH_MM * WORKING_PPM
        if width <= 1.6 * WORKING_PPM and near:
            found.append(_Upright(float(centres[i][0]), int(y) + top, int(y + height) + top))
    return sorted(found, key=lambda upright: upright.x)


def _pulse(mask: NDArray[np.uint8], left: _Upright, right: _Upright, row: int) -> Pulse | None:
    width = (right.x - left.x) / WORKING_PPM
    top, foot = (left.top + right.top) / 2, (left.foot + right.foot) / 2
    height = (foot - top) / WORKING_PPM
    fits = (
        _WIDTHS_MM[0] <= width <= _WIDTHS_MM[1]
        and _HEIGHTS_MM[0] <= height <= _HEIGHTS_MM[1]
        and abs(left.top - right.top) <= _TOP_AGREE_MM * WORKING_PPM
        and abs(left.foot - right.foot) <= _FOOT_AGREE_MM * WORKING_PPM
    )
    if not fits:
        return None
    x0, x1 = round(left.x) + 1, round(right.x)
    roof = mask[max(0, round(top) - 1) : round(top) + 4, x0:x1]
    inside = mask[round(top) + 4 : round(foot) - 5, x0 + 2 : x1 - 1]
    if roof.size == 0 or roof.any(axis=0).mean() < 0.9 or (inside.size and inside.any(axis=0).mean() > 0.25):
        return None
    pen = 1 / WORKING_PPM  # outer edge to outer edge is one pen wider than centre to centre
    return Pulse(row, left.x / WORKING_PPM, right.x / WORKING_PPM, top / WORKING_PPM, foot / WORKING_PPM - pen)


def _leftmost_and_rightmost(pulses: list[Pulse]) -> list[Pulse]:
    """A row has at most a pulse before its trace and one behind it."""
    if len(pulses) < 2:
        return pulses
    ordered = sorted(pulses, key=lambda pulse: pulse.x0_mm)
    return [ordered[0], ordered[-1]]


def _that_agree(pulses: list[Pulse]) -> tuple[Pulse, ...]:
    """The largest set of pulses of one height and one place across the rows: QRS complexes agree on neither."""
    best: list[Pulse] = []
    for one in pulses:
        like = [
            other
            for other in pulses
            if abs(other.x0_mm - one.x0_mm) < 4.0
            and abs(other.width_mm - one.width_mm) < 1.0
            and abs(other.height_mm - one.height_mm) < 0.15 * one.height_mm
        ]
        if len(like) > len(best):
            best = like
    return tuple(best)
