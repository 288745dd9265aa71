"""Where the columns of a sheet begin and end, fitted to all rows at once.

One start, one pitch and one distance from a border to the names behind it explain every row (least squares): names
give the pitch, ends of the traces give the start, and the paper speed says what the pitch should be. Separators that
are printed at the borders then settle the start to the millimetre.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.page.borders import find_separators
from ecgdesk.page.calibration import Pulse
from ecgdesk.page.layout import GRID_S, Match
from ecgdesk.page.names import Name
from ecgdesk.page.rows import Row
from ecgdesk.page.separators import SEPARATOR_HALF_MM, separators_shift, without_names
from ecgdesk.page.working import INKED, WORKING_PPM

F64 = NDArray[np.float64]
Equation = tuple[tuple[float, float, float], float, float]  # of start, pitch and names: factors, value and spread

_EDGE_MM = 2.5  # a trace that reaches this close to the sheet's edge was cut off there
_NAME_MM = 0.8  # spread of the names' left edges about one distance from their border
_NAME_USUAL_MM, _NAME_FREE_MM = 1.0, 4.0  # names start about here behind their border
_NAME_FARTHEST_MM = 12.0  # and no farther
_JOINED_START_MM = 1.5
_ONE_BEGINNING_MM = 1.0  # of the first column and of its ink: a pulse, or a tall wave, hides the first of it
_ONE_END_MM = 5.0  # of the last column and of its ink: a complex there leaves the zero line; blank paper stays blank
_START_MM, _END_MM = 0.5, 1.5  # how well the ends of a trace show where the first column begins, the last one ends
_PITCH_SHARE = 0.002  # columns are this true to the paper speed
_SEPARATOR_MM = 0.05  # a separator stands this true to its border: it is drawn to whole dots
_USUAL_PITCH = 0.06  # columns whose names stand this close to their share of ten seconds apart are meant to be it
_BEYOND_PULSE_MM = 6.0  # ink that reaches this far beyond a pulse is the trace
_NEAR_ZERO_MM = 4.5
_WANDERED_MM = 10.0  # a trace that is first seen so far behind its name, and too short by as much, began elsewhere
_HIDDEN_MM = 30.0  # a trace is seen to be too short by at most this where it leaves its zero line at an end
INKED_END = 0.6  # share of such an end that shows ink at any height,
_WAVE_MM = 12.0  # up to this far from the zero line
_SPLINTER_MM = 3.0  # a shorter piece of ink before or behind a trace is dust, print or the sheet's edge
_AGREE_MM = 3.0  # rows whose ends agree within this begin (or end) together
_SPREAD_KNOWN_MM, _SPREAD_FREE_MM = 0.5, 1.5  # how far borders are off where both ends of the traces show, or not


@dataclass(frozen=True)
class Columns:
    """Column c runs from `start_mm + c pitch_mm` to `start_mm + (c + 1) pitch_mm`, cut to `first_mm`..`last_mm`.

    `separator_mm`: half the width of a printed separator, 0 where there is none.
    """

    start_mm: float
    pitch_mm: float
    first_mm: float
    last_mm: float
    separator_mm: float = 0.0

    def ends(self, column: int) -> tuple[float, float]:
        begin = self.start_mm + column * self.pitch_mm
        first = self.start_mm if abs(self.first_mm - self.start_mm) < _ONE_BEGINNING_MM else self.first_mm
        end = begin + self.pitch_mm
        return max(begin, first), end if self.last_mm > end - _ONE_END_MM else self.last_mm


def fit_columns(
    match: Match,
    rows: Sequence[Row],
    pulses: Sequence[Pulse],
    ink: NDArray[np.uint8],
    *,
    speed: float,
    cover: NDArray[np.uint8],
    pixels_per_mm: tuple[float, float],
    scale_known: bool = True,
) -> Columns:
    """Borders of the grid's columns; without regard to the speed where the page's scale is not known.

    `ink`: working ink, uint8[h, w] at WORKING_PPM; `cover`: the same at the page's own `pixels_per_mm`, for the last
    tenths of a millimetre.
    """
    width = ink.shape[1] / WORKING_PPM
    spans = [trace_ends(rows[number], number, pulses, ink) for number in match.grid]
    names = [match.names.get((row, 0)) for row in range(len(match.grid))]
    first = _together(_beginnings([span[0] for span in spans], names, rows, match, ink), earliest=True)
    last = _together([span[1] for span in spans], earliest=False)
    # a trace that ends on a raised ST segment seems to end early: the longest row tells
    farthest = max(trace_ends(rows[number], number, pulses, ink)[1] for number in (*match.grid, *match.rhythm))
    count = match.template.columns
    first, last = _by_names(first, last, farthest, match)
    # a pulse that runs on into the trace hides where the trace begins
    joined = any(abs(pulse.x1_mm - first) < 1 / WORKING_PPM for pulse in pulses)
    if count == 1:
        if joined and scale_known and farthest < width - _EDGE_MM:
            first = _behind_foot(first, farthest, speed=speed)
        return Columns(first, farthest - first, first, farthest)
    equations: list[Equation] = [((0.0, 0.0, 1.0), _NAME_USUAL_MM, _NAME_FREE_MM)]
    nominal = GRID_S / count * speed
    if scale_known and abs(match.pitch_mm / nominal - 1) < _USUAL_PITCH:
        equations.append(((0.0, 1.0, 0.0), nominal, _PITCH_SHARE * nominal))
        heights = [rows[number].y_mm for number in match.grid]
        bare = without_names(ink, match)
        first, last = _as_long(first, last, count * nominal, heights, pulses, bare, joined=joined)
        farthest = max(farthest, last)
    for (row, column), name in match.names.items():
        if name.odds(match.template.lead(row, column)) > 0.0:
            equations.append(((1.0, float(column), 1.0), name.left_mm, _NAME_MM))
    begins, ends = first > _EDGE_MM, last < width - _EDGE_MM
    if begins:
        equations.append(((1.0, 0.0, 0.0), first, _JOINED_START_MM if joined else _START_MM))
    if ends and (begins or _reach_their_end(equations, count, last)):
        half_pen = _pen_mm(ink, [rows[number] for number in match.grid]) / 2  # ink goes on so far behind the trace
        equations.append(((1.0, float(count), 0.0), last - half_pen, _END_MM))
    start, pitch, _ = _solve(equations)
    ends_known = begins and ends and not joined
    spread = _SPREAD_KNOWN_MM if ends_known else _SPREAD_FREE_MM
    # ends that are not as far apart as the columns are wide were not both seen: one of them is off by the difference
    spread = float(np.hypot(spread, last - first - count * pitch)) if ends_known else spread
    shift = separators_shift(match, rows, ink, start=start, pitch=pitch, spread=spread)
    if shift is None:
        return Columns(start, pitch, first, farthest)
    borders = start + shift + pitch * np.arange(1, count)
    heights = [rows[number].y_mm for number in match.grid]
    exact = find_separators(cover, borders.tolist(), heights, pixels_per_mm=pixels_per_mm)
    if exact is None:
        return Columns(start + shift, pitch, first, farthest, SEPARATOR_HALF_MM)
    seen = [(number, at) for number, at in enumerate(exact.centres_mm, start=1) if at is not None]
    equations += [((1.0, float(number), 0.0), at, _SEPARATOR_MM) for number, at in seen]
    start, pitch, _ = _solve(equations)
    # with borders so well known a beginning that leaves the zero line at once is not missed
    first = start if abs(first - start) < _ONE_END_MM else first
    return Columns(start, pitch, first, farthest, exact.hidden_mm)


def _reach_their_end(equations: Sequence[Equation], count: int, last: float) -> bool:
    """Whether the traces' end may be the last column's: names stand near the beginnings of their columns, and where
    columns that end with the traces would begin far before them, the sheet was cut before its last column was over."""
    start, pitch, behind = _solve(equations)
    return last > start + behind - _NAME_FARTHEST_MM + count * pitch


def _by_names(first: float, last: float, farthest: float, match: Match) -> tuple[float, float]:
    """Where the traces begin and end, when they wander far off their zero lines there: their names tell better."""
    count, pitch = match.template.columns, match.pitch_mm
    if count == 1:
        return first, last
    names = [
        name.left_mm - column * pitch
        for (row, column), name in match.names.items()
        if name.odds(match.template.lead(row, column)) > 0.0
    ]
    if not names:
        return first, last
    start = float(np.median(names))
    begin = farthest - count * pitch
    if max(begin, start) < first - _WANDERED_MM:
        first = max(begin, 0.0)
    return first, farthest if last < start + (count - 0.5) * pitch else last


def _as_long(
    first: float,
    last: float,
    length: float,
    heights_mm: Sequence[float],
    pulses: Sequence[Pulse],
    ink: NDArray[np.uint8],
    *,
    joined: bool,
) -> tuple[float, float]:
    """The ends of traces that are known to be of this `length`, where the one that is seen wrong can be told.

    A complex at an end leaves the zero line, so that the trace seems to begin late or to end early, yet there is its
    ink; the foot behind a pulse that runs on into the trace makes it begin early.
    """
    short = length - (last - first)
    if joined and -_BEYOND_PULSE_MM < short < -_START_MM:
        return first - short, last
    if not _END_MM < short < _HIDDEN_MM:
        return first, last
    pulse_end = max((pulse.x1_mm for pulse in pulses if pulse.x1_mm < first), default=0.0)
    # no trace begins before its pulse ends
    before = inked_share(ink, heights_mm, first - short, first) if first - short > pulse_end - _START_MM else 0.0
    behind = inked_share(ink, heights_mm, last, last + short)
    if max(before, behind) < INKED_END:
        return first, last
    return (first - short, last) if before > behind else (first, last + short)


def _behind_foot(first: float, last: float, *, speed: float) -> float:
    """Where a whole record begins whose ink, from the pulse on, is longer by no more than the foot behind a pulse."""
    foot = last - first - GRID_S * speed
    return first + foot if _START_MM < foot < _BEYOND_PULSE_MM else first


def trace_ends(row: Row, number: int, pulses: Sequence[Pulse], ink: NDArray[np.uint8]) -> tuple[float, float]:
    """Where the row's trace begins and ends, its calibration pulse left out; mm.

    A row whose own pulse was not recognised has the one of the nearest row: they stand below each other.
    """
    stretches = [one for one in _stretches(ink, row) if one[1] - one[0] >= _SPLINTER_MM]
    if not stretches:
        return row.x0_mm, row.x1_mm
    pulse = min(pulses, key=lambda pulse: abs(pulse.row - number), default=None)
    if pulse is None:
        return stretches[0][0], stretches[-1][1]
    if pulse.x1_mm < (row.x0_mm + row.x1_mm) / 2:
        begins = [begin for begin, end in stretches if end > pulse.x1_mm + _BEYOND_PULSE_MM]
        return max(min(begins, default=row.x0_mm), pulse.x1_mm), stretches[-1][1]
    ends = [end for begin, end in stretches if begin < pulse.x0_mm - _BEYOND_PULSE_MM]
    return stretches[0][0], min(max(ends, default=row.x1_mm), pulse.x0_mm)


def _beginnings(
    begins: Sequence[float], names: Sequence[Name | None], rows: Sequence[Row], match: Match, ink: NDArray[np.uint8]
) -> list[float]:
    """Where the grid's rows begin, their first names left out: of a row whose name runs into its trace nothing is
    known, and it counts only where that holds for all of them."""
    known = []
    for begin, name, number in zip(begins, names, match.grid, strict=True):
        row = rows[number]
        low = name is not None and abs(name.y_mm - row.y_mm) < _NEAR_ZERO_MM + name.height_mm / 2
        if name is None or not low or not name.left_mm - _NAME_MM < begin < name.left_mm + name.width_mm:
            known.append(begin)
            continue
        right = name.left_mm + name.width_mm
        behind = [a for a, b in _stretches(ink, row) if b - a >= _SPLINTER_MM and b > right + _NAME_MM]
        if behind and behind[0] > right:
            known.append(behind[0])
    return known or list(begins)


def _pen_mm(ink: NDArray[np.uint8], rows: Sequence[Row]) -> float:
    """The pen's width: how much ink stands in a column of the rows' traces, of which most run flat."""
    widths = []
    for row in rows:
        top, bottom = (max(0, int((row.y_mm + side * _NEAR_ZERO_MM) * WORKING_PPM)) for side in (-1, 1))
        inked = (ink[top:bottom, int(row.x0_mm * WORKING_PPM) : int(row.x1_mm * WORKING_PPM)] >= INKED).sum(axis=0)
        widths.append(float(np.median(inked[inked > 0])) if inked.any() else 0.0)
    return float(np.median(widths)) / WORKING_PPM


def inked_share(ink: NDArray[np.uint8], heights_mm: Sequence[float], begin: float, end: float) -> float:
    """Share of `begin`..`end` (mm) over which rows with these zero lines show ink far or near, mean over the rows."""
    x0, x1 = (round(max(x, 0.0) * WORKING_PPM) for x in (begin, end))
    bands = [
        ink[max(0, int((y - _WAVE_MM) * WORKING_PPM)) : max(0, int((y + _WAVE_MM) * WORKING_PPM)), x0:x1]
        for y in heights_mm
    ]
    shares = [float((band >= INKED).any(axis=0).mean()) for band in bands if band.size]
    return float(np.mean(shares)) if shares else 0.0


def _stretches(ink: NDArray[np.uint8], row: Row) -> list[tuple[float, float]]:
    """(begin, end) mm of the row's unbroken ink near its zero line."""
    top, bottom = (max(0, int((row.y_mm + side * _NEAR_ZERO_MM) * WORKING_PPM)) for side in (-1, 1))
    x0, x1 = int(row.x0_mm * WORKING_PPM), int(row.x1_mm * WORKING_PPM)
    seen = np.any(ink[top:bottom, x0:x1] >= INKED, axis=0).astype(np.uint8)
    closed = cv2.morphologyEx(seen[None], cv2.MORPH_CLOSE, np.ones((1, int(WORKING_PPM) | 1), np.uint8))[0]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], closed.astype(np.int8), [0]])))
    return [
        (float(begin + x0) / WORKING_PPM, float(end + x0) / WORKING_PPM)
        for begin, end in zip(edges[::2], edges[1::2], strict=True)
    ]


def _together(ends: Sequence[float], *, earliest: bool) -> float:
    """The end on which most rows agree; among equals the outermost."""
    counts = [(sum(abs(other - end) <= _AGREE_MM for other in ends), -end if earliest else end) for end in ends]
    outermost = max(range(len(ends)), key=counts.__getitem__)
    agreeing = [end for end in ends if abs(end - ends[outermost]) <= _AGREE_MM]
    return float(np.median(agreeing))


def _solve(equations: Sequence[Equation]) -> tuple[float, float, float]:
    """Weighted least squares, twice: what lies far off the first solution counts little in the second (Huber)."""
    a = np.array([row for row, _, _ in equations])
    b = np.array([value for _, value, _ in equations])
    spread = np.array([sigma for _, _, sigma in equations])
    weight = 1 / spread
    for _ in range(8):
        solution, *_ = np.linalg.lstsq(a * weight[:, None], b * weight, rcond=None)
        off = np.abs(a @ solution - b) / spread
        weight = np.sqrt(np.minimum(1.0, 1.5 / np.maximum(off, 1e-9))) / spread
    return float(solution[0]), float(solution[1]), float(solution[2])
