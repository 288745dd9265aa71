"""Calibration pulses: the rectangle that tells the gain (1 mV high) and the speed (0.2 s wide)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.figure import Figure, How
from ecgdesk.page.names import PRINTED, Name
from ecgdesk.page.rows import Row
from ecgdesk.page.working import INKED, WORKING_PPM

PULSE_MV = 1.0  # height of the calibration pulse (IEC 60601-2-25)
PULSE_S = 0.2  # its usual width
GAINS_MM_PER_MV = (5.0, 10.0, 20.0)
_USUAL_GAIN = 10.0  # mm/mV
_LONE_TOLERANCE = 0.07  # of the only pulse that says another gain
_FEWEST_CUT = 3  # of cut pulses that say another gain
_PULSE_SPEEDS = (25.0, 50.0)  # mm/s; carts draw narrow pulses too, so a width of 2.5 mm alone is no 12.5 mm/s
GAIN_TOLERANCE = 0.15  # a pulse this far (relative) from a nominal gain is that gain: pen width and blur
_THICKEST_PIXELS = 6  # of a pen at the working scale
_LEGIBLE, _CLEARLY_LEGIBLE = 1.0, 3.0  # log odds from which a printed speed or gain is believed: the usual, another
_UPRIGHT_MM = 3.5  # the least height of a pulse's side: three quarters of 1 mV at 5 mm/mV
_FROM_END_MM = 16.0  # a pulse stands before or behind the trace, or joins it
_DOTTED_MM, _STRAIGHT_MM, _SIDE_MM = 1.2, 2.0, 1.8  # gaps, least straight piece, and whole width of a pulse's side
_CUT_ALONG_MM, _CUT_ROOF_MM = 9.0, 1.0  # a cut pulse stands this close to its trace's end; this much of its roof shows
_WIDTHS_MM = (1.5, 12.0)
_HEIGHTS_MM = (4.2, 23.0)
_TOP_AGREE_MM = 0.9
_SAME_PLACE_MM = 0.7  # pulses of two heights stand below each other like those of one
_FOOT_AGREE_MM = 2.5
_FOOT_REACH_MM = 4.0  # a pulse stands on its row's zero line, give or take the row's wander


@dataclass(frozen=True)
class Pulse:
    """One pulse in millimetres: its sides `x0_mm`, `x1_mm`, its top and its foot, on row number `row`.

    `whole`: False where the sheet's edge cuts it and only its height is true. `second_mm`: height of the second of its
    two steps, where it has two.
    """

    row: int
    x0_mm: float
    x1_mm: float
    top_mm: float
    foot_mm: float
    whole: bool = True
    second_mm: float | None = None

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
    """Pulses that stand on the rows of working ink (uint8[h, w] at WORKING_PPM), whole or cut by the sheet's edge.

    Rows may have pulses of two heights, and pulses two steps: gains.py tells what that means.
    """
    mask = (ink >= INKED).astype(np.uint8)
    whole, cut = [], []
    for number, row in enumerate(rows):
        uprights = _uprights(mask, row.y_mm)
        pairs = [(left, right) for i, left in enumerate(uprights) for right in uprights[i + 1 :]]
        boxes = [pulse for left, right in pairs if (pulse := _pulse(mask, left, right, number)) is not None]
        whole += [pulse for pulse in boxes if _at_an_end(pulse, row)]
        cut += [pulse for side in uprights if (pulse := _cut_pulse(mask, side, row, number)) is not None]
    alike = _that_agree(whole)
    return (*alike, *_of_another_height(whole, alike)) if alike else _that_agree(cut, least=2)


def _at_an_end(pulse: Pulse, row: Row) -> bool:
    return pulse.x1_mm < row.x0_mm + _FROM_END_MM or pulse.x0_mm > row.x1_mm - _FROM_END_MM


def gain_from(pulses: Sequence[Pulse], *, scale_known: bool = True) -> Figure | None:
    """The gain that most of the sheet's pulses show, snapped to 5, 10 or 20 mm/mV where within tolerance.

    None where they may be scraps of print or of the trace: at a `scale_known` from the grid no cart's pulse has another
    height, and a lone one that says anything but the usual gain must look like a pulse in its width too.
    """
    if not pulses:
        return None
    heights = np.array([pulse.height_mm for pulse in pulses])
    alike = max(
        (np.abs(heights / height - 1) <= GAIN_TOLERANCE for height in heights), key=lambda some: int(some.sum())
    )
    heights, agreed = heights[alike], [pulse for pulse, one in zip(pulses, alike, strict=True) if one]
    measured = float(np.median(heights)) / PULSE_MV
    if scale_known and not _is_sure(agreed, measured):
        return None
    spread = float(np.median(np.abs(heights - np.median(heights)))) + 0.1
    return Figure(nominal_gain(measured) or measured, "mm/mV", How.MEASURED, spread)


def _is_sure(alike: Sequence[Pulse], measured: float) -> bool:
    """Whether pulses of one height, `measured` mm/mV, are surely pulses.

    Complexes that the sheet's edge cuts stand one below the other like cut pulses, and two of them may be as high.
    """
    whole = [pulse for pulse in alike if pulse.whole]
    nominal = nominal_gain(measured)
    if nominal is None:
        return len(whole) > 1
    if nominal == _USUAL_GAIN or len(whole) > 1:
        return True
    if whole:
        return abs(measured / nominal - 1) < _LONE_TOLERANCE and speed_from(whole) is not None
    return len(alike) >= _FEWEST_CUT


def nominal_gain(measured: float) -> float | None:
    """5, 10 or 20 mm/mV, where `measured` is near enough to one of them."""
    nominal = min(GAINS_MM_PER_MV, key=lambda gain: abs(np.log(measured / gain)))
    return nominal if abs(measured / nominal - 1) <= GAIN_TOLERANCE else None


def printed_figure(names: Sequence[Name], values: Mapping[str, float], unit: str, *, usual: float) -> Figure | None:
    """The likeliest of `values` (printed text -> value) among the texts of the sheet; None when none is legible.

    What is not `usual` must be printed more clearly to be believed.
    """
    best, figure = 0.0, None
    for name in names:
        for text, value in values.items():
            said = float(name.log_p[PRINTED.index(text)])
            odds = said - float(np.log(max(1.0 - np.exp(said), 1e-6)))
            surplus = odds - (_LEGIBLE if value == usual else _CLEARLY_LEGIBLE)
            if surplus > best:
                best, figure = surplus, Figure(value, unit, How.PRINTED)
    return figure


def speed_from(pulses: Sequence[Pulse]) -> Figure | None:
    """The paper speed from the pulses' median width, when that is 0.2 s at 25 or at 50 mm/s."""
    widths = [pulse.width_mm for pulse in pulses if pulse.whole]
    if not widths:
        return None
    width = float(np.median(widths))
    for speed in _PULSE_SPEEDS:
        if abs(width / (PULSE_S * speed) - 1) <= GAIN_TOLERANCE:
            return Figure(speed, "mm/s", How.MEASURED)
    return None


def _uprights(mask: NDArray[np.uint8], y_mm: float) -> list[_Upright]:
    """Near-vertical strokes whose lower end is near the row's zero line, from left to right."""
    zero = int(y_mm * WORKING_PPM)
    top = max(0, zero - int(_HEIGHTS_MM[1] * WORKING_PPM))
    band = mask[top : zero + int(_FOOT_REACH_MM * WORKING_PPM)]
    # a side is often dotted where the grid was taken out, and slants on a sheet that is not quite flat
    joined = cv2.morphologyEx(cv2.dilate(band, np.ones((1, 2), np.uint8)), cv2.MORPH_CLOSE, _column(_DOTTED_MM))
    strokes = cv2.morphologyEx(joined, cv2.MORPH_OPEN, _column(_STRAIGHT_MM))
    count, _, stats, centres = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    found = []
    for i in range(1, count):
        _, y, width, height, _ = stats[i]
        near = abs(y + height + top - zero) <= _FOOT_REACH_MM * WORKING_PPM
        if width <= _SIDE_MM * WORKING_PPM and height >= _UPRIGHT_MM * WORKING_PPM and near:
            found.append(_Upright(float(centres[i][0]), int(y) + top, int(y + height) + top))
    return sorted(found, key=lambda upright: upright.x)


def _column(height_mm: float) -> NDArray[np.uint8]:
    return np.ones((int(height_mm * WORKING_PPM), 1), np.uint8)


def _pulse(mask: NDArray[np.uint8], left: _Upright, right: _Upright, row: int) -> Pulse | None:
    width = (right.x - left.x) / WORKING_PPM
    top, foot = (left.top + right.top) / 2, (left.foot + right.foot) / 2
    height = (foot - top) / WORKING_PPM
    fits = (
        _WIDTHS_MM[0] <= width <= _WIDTHS_MM[1]
        and _HEIGHTS_MM[0] <= height <= _HEIGHTS_MM[1]
        and abs(left.foot - right.foot) <= _FOOT_AGREE_MM * WORKING_PPM
    )
    if fits and abs(left.top - right.top) > _TOP_AGREE_MM * WORKING_PPM:
        return _stepped_pulse(mask, left, right, row)
    x0, x1 = round(left.x) + 1, round(right.x)
    if not fits or not _roofed(mask, x0, x1, round(top), round(foot)):
        return None
    # from outer edge to outer edge is one pen more than from centre to centre
    pen = float(np.median(mask[max(0, round(top) - 1) : round(top) + _THICKEST_PIXELS, x0:x1].sum(axis=0)))
    return Pulse(row, left.x / WORKING_PPM, right.x / WORKING_PPM, top / WORKING_PPM, (foot - pen) / WORKING_PPM)


def _stepped_pulse(mask: NDArray[np.uint8], left: _Upright, right: _Upright, row: int) -> Pulse | None:
    """A pulse of two steps: half of its width as high as its left side, half as its right one."""
    first, second = ((side.foot - side.top) / WORKING_PPM for side in (left, right))
    foot = round((left.foot + right.foot) / 2)
    gains = [nominal_gain(height / PULSE_MV) for height in (first, second)]
    x0, x1 = round(left.x) + 1, round(right.x)
    middle, quarter = (x0 + x1) // 2, max((x1 - x0) // 8, 1)
    halves = ((x0 + 1, middle - quarter, left.top), (middle + quarter, x1 - 2, right.top))
    if None in gains or gains[0] == gains[1] or not all(_roofed(mask, *half, foot) for half in halves):
        return None
    return Pulse(
        row,
        left.x / WORKING_PPM,
        right.x / WORKING_PPM,
        left.top / WORKING_PPM,
        foot / WORKING_PPM,
        second_mm=second,
    )


def _roofed(mask: NDArray[np.uint8], x0: int, x1: int, top: int, foot: int) -> bool:
    """True where ink bridges x0..x1 at height `top` and little of it lies below."""
    roof = mask[max(0, top - 2) : top + 4, x0:x1]
    inside = mask[top + 4 : foot - 5, x0 + 2 : x1 - 1]
    return bool(roof.size and roof.any(axis=0).mean() >= 0.85 and (not inside.size or inside.mean() < 0.12))


def _cut_pulse(mask: NDArray[np.uint8], side: _Upright, row: Row, number: int) -> Pulse | None:
    """The inner side of a pulse whose outer side lies off the sheet: a roof runs outwards from the upright's top."""
    height = (side.foot - side.top) / WORKING_PPM
    before = side.x / WORKING_PPM < row.x0_mm + _CUT_ALONG_MM
    behind = side.x / WORKING_PPM > row.x1_mm - _CUT_ALONG_MM
    if not (before or behind) or not _HEIGHTS_MM[0] <= height <= _HEIGHTS_MM[1]:
        return None
    x, roof = round(side.x), int(_CUT_ROOF_MM * WORKING_PPM)
    outwards, inwards = (
        ((x - roof, x), (x + 3, x + 3 + roof)) if before else ((x + 1, x + 1 + roof), (x - 2 - roof, x - 2))
    )
    if min(*outwards, *inwards) < 0 or not _roofed(mask, *outwards, side.top, side.foot):
        return None
    if mask[max(0, side.top - 2) : side.top + 4, slice(*inwards)].any():
        return None
    top, foot, at = side.top / WORKING_PPM, (side.foot - 1) / WORKING_PPM, side.x / WORKING_PPM
    x0, x1 = (max(0.0, at - _CUT_ROOF_MM), at) if before else (at, at + _CUT_ROOF_MM)
    return Pulse(number, x0, x1, top, foot, whole=False)


def _that_agree(pulses: list[Pulse], *, least: int = 1) -> tuple[Pulse, ...]:
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
    return tuple(best) if len(best) >= least else ()


def _of_another_height(pulses: list[Pulse], alike: Sequence[Pulse]) -> list[Pulse]:
    """Pulses of rows that have none of those `alike`, at the same place and as wide, at another nominal gain."""
    x0, width, height = (
        float(np.median([getattr(pulse, side) for pulse in alike])) for side in ("x0_mm", "width_mm", "height_mm")
    )
    return [
        pulse
        for pulse in pulses
        if pulse.row not in {one.row for one in alike}
        and abs(pulse.x0_mm - x0) < _SAME_PLACE_MM
        and abs(pulse.width_mm - width) < _SAME_PLACE_MM
        and nominal_gain(pulse.height_mm / PULSE_MV) not in (None, nominal_gain(height / PULSE_MV))
    ]
