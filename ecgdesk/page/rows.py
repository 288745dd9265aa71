"""Where traces run across a page: their heights, and from where to where."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from ecgdesk.page.working import INKED, WORKING_PPM

FEWEST_EVEN = 3  # rows that tell how far apart rows stand
_FLAT_RUN_MM = 1.8  # a vertical run of ink up to this tall is trace between the deflections (pen plus slope)
_BLOCK_MM = 12.5  # rows are searched in blocks of this width, so that one block's text cannot make a row
_SMOOTH_MM = 1.2  # spread of a baseline's height within a block
_MIN_SPACING_MM = 7.0  # twelve rows on one A4 sheet stand 10 mm apart or more
_REACH_MM = 4.5  # how far a trace between its deflections strays from the row's height
_MIN_LENGTH_MM = 25.0  # one second of trace at 25 mm/s: less is not worth calling a row
_MAX_GAP_MM = 4.0  # a gap in the ink (steep thin strokes, faint pen) that does not end a row
_BROKEN_MM, _STRETCH_MM = 15.0, 10.0  # nor does one up to the former, when a stretch longer than the latter follows
_SHARE_OF_LONGEST = 0.5  # rows of one sheet are about equally long; lines of print are shorter
_LEAST_FILL = 0.45  # share of a row's columns that show ink
_LEAST_BROKEN, _STEP_SLACK = 0.3, 0.12  # a row that only shows in pieces: its share of ink, and its place among others
_SKIPPED = 1.6  # pitches: so far apart, a row between two was missed
_SOLID = 0.7  # of the least broken row's share of ink
_LETTER_MM = 4.0  # a piece of ink longer than this is no letter


@dataclass(frozen=True)
class Row:
    """One row of trace, millimetres on the page. `fill`: share of its columns that show trace."""

    y_mm: float
    x0_mm: float
    x1_mm: float
    fill: float

    @property
    def length_mm(self) -> float:
        return self.x1_mm - self.x0_mm


def find_rows(ink: NDArray[np.uint8]) -> tuple[Row, ...]:
    """Rows of trace on working ink (uint8[h, w] at WORKING_PPM), from top to bottom; empty when there are none.

    A trace is the only ink that shows in nearly every column over centimetres, mostly in short vertical runs; text
    shows in half of them, rules and borders are as flat as no lead is.
    """
    flat = flat_runs(ink)
    heights = _row_heights(flat)
    rows = [row for y in heights if (row := _extent(flat, ink, y)) is not None]
    longest = max((row.length_mm for row in rows), default=0.0)
    strong = [row for row in rows if row.length_mm >= _SHARE_OF_LONGEST * longest and row.fill >= _LEAST_FILL]
    if len(strong) > 1:
        x0 = float(np.median([row.x0_mm for row in strong]))
        x1 = float(np.median([row.x1_mm for row in strong]))
        pieces = [between(ink, row.y_mm, x0, x1) for row in rows if row not in strong]
        strong += [row for row in pieces if row.fill >= _LEAST_BROKEN and _in_step(row.y_mm, strong)]
    return tuple(sorted(strong, key=lambda row: row.y_mm))


def with_missing(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows, with one more wherever two neighbours stand so far apart that one between them was missed.

    Tall complexes of the rows above and below hide a row's zero line; what is put in has a fill of 0.
    """
    if len(rows) < FEWEST_EVEN:
        return tuple(rows)
    pitch = pitch_of([row.y_mm for row in rows])
    x0, x1 = float(np.median([row.x0_mm for row in rows])), float(np.median([row.x1_mm for row in rows]))
    whole = [rows[0]]
    for row in rows[1:]:
        gap = row.y_mm - whole[-1].y_mm
        steps = round(gap / pitch) if gap > _SKIPPED * pitch else 1
        whole += [Row(whole[-1].y_mm + gap * k / steps, x0, x1, 0.0) for k in range(1, steps)]
        whole.append(row)
    return tuple(whole)


def pitch_of(heights: Sequence[float] | NDArray[np.float64]) -> float:
    """From one row to the next, where none is missing; `heights` from top to bottom, mm; infinite where none can tell.

    A trace that is taken for two rows must not pass for a pitch: no sheet has its rows so close.
    """
    steps = np.diff(heights)
    steps = steps[steps >= _MIN_SPACING_MM]
    return float(np.median(steps[steps < 1.5 * steps.min()])) if steps.size else float("inf")


def solid_rows(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Those of the rows that are about as unbroken as the least broken one."""
    most = max((row.fill for row in rows), default=0.0)
    return tuple(row for row in rows if row.fill >= _SOLID * most)


def _in_step(y_mm: float, rows: Sequence[Row]) -> bool:
    """True where a row at this height continues the others' even spacing, or fills a gap in it."""
    heights = np.sort([row.y_mm for row in rows])
    off = float(np.abs(heights - y_mm).min()) / pitch_of(heights)
    return off > 0.5 and abs(off - round(off)) < _STEP_SLACK


def between(ink: NDArray[np.uint8], y_mm: float, x0_mm: float, x1_mm: float) -> Row:
    """A row of which only pieces show, with the ends of the rows that are whole."""
    top, bottom = (max(0, int((y_mm + side * _REACH_MM) * WORKING_PPM)) for side in (-1, 1))
    seen = np.any(ink[top:bottom, int(x0_mm * WORKING_PPM) : int(x1_mm * WORKING_PPM)] >= INKED, axis=0)
    return Row(y_mm, x0_mm, x1_mm, float(seen.mean()))


def drawn_share(ink: NDArray[np.uint8], row: Row) -> float:
    """Share of the row's columns that show a piece of ink longer than any letter: what a pen drew, not print."""
    top, bottom = (max(0, int((row.y_mm + side * _REACH_MM) * WORKING_PPM)) for side in (-1, 1))
    band = ink[top:bottom, int(row.x0_mm * WORKING_PPM) : int(row.x1_mm * WORKING_PPM)] >= INKED
    _, pieces, sizes, _ = cv2.connectedComponentsWithStats(band.astype(np.uint8), connectivity=8)
    long = sizes[:, cv2.CC_STAT_WIDTH] >= _LETTER_MM * WORKING_PPM
    long[0] = False
    return float(np.any(long[pieces], axis=0).mean())


def flat_runs(ink: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """bool[h, w]: the middle pixel of each short vertical run of ink."""
    mask = ink >= INKED
    padded = np.zeros((mask.shape[0] + 2, mask.shape[1]), np.int8)
    padded[1:-1] = mask
    steps = np.diff(padded, axis=0)
    columns, starts = np.nonzero(steps.T == 1)
    _, ends = np.nonzero(steps.T == -1)
    short = ends - starts <= _FLAT_RUN_MM * WORKING_PPM
    middles = np.zeros(mask.shape, bool)
    middles[(starts[short] + ends[short] - 1) // 2, columns[short]] = True
    return middles


def flatness(ink: NDArray[np.uint8]) -> NDArray[np.float64]:
    """float64[h]: in how many blocks along working ink a trace runs flat at each height."""
    return _flatness(flat_runs(ink))


def _flatness(flat: NDArray[np.bool_]) -> NDArray[np.float64]:
    block = int(_BLOCK_MM * WORKING_PPM)
    blocks = max(1, flat.shape[1] // block)
    counts = flat[:, : blocks * block].reshape(flat.shape[0], blocks, -1).sum(axis=2).astype(np.float64)
    smooth = gaussian_filter1d(counts, _SMOOTH_MM * WORKING_PPM, axis=0)
    full = block / (_SMOOTH_MM * WORKING_PPM * np.sqrt(2 * np.pi))  # a block whose every column lies at one height
    return np.asarray(np.minimum(smooth / full, 1.0).sum(axis=1), np.float64)


def _row_heights(flat: NDArray[np.bool_]) -> list[float]:
    """Heights (working pixels) at which flat ink piles up in enough blocks along the page."""
    profile = _flatness(flat)
    enough = 0.5 * max(2.0, _MIN_LENGTH_MM / _BLOCK_MM)
    peaks, _ = find_peaks(profile, height=enough, distance=_MIN_SPACING_MM * WORKING_PPM, prominence=0.3 * enough)
    strong = profile[peaks] > 0.2 * profile[peaks].max(initial=0.0)
    return [float(y) for y in peaks[strong]]


def _extent(flat: NDArray[np.bool_], ink: NDArray[np.uint8], y: float) -> Row | None:
    """From where to where trace runs near height `y`; None when that is nowhere long enough."""
    reach = int(_REACH_MM * WORKING_PPM)
    top, bottom = max(0, int(y) - reach), min(flat.shape[0], int(y) + reach + 1)
    seen = np.any(ink[top:bottom] >= INKED, axis=0)
    gap = int(_MAX_GAP_MM * WORKING_PPM) | 1
    closed = cv2.morphologyEx(seen[None, :].astype(np.uint8), cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))[0]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], closed.astype(np.int8), [0]])))
    begins, ends = edges[::2], edges[1::2]
    if begins.size == 0 or (ends - begins).max() < _MIN_LENGTH_MM * WORKING_PPM:
        return None
    first, last = _joined(begins, ends)
    x0, x1 = int(begins[first]), int(ends[last])
    ys, _ = np.nonzero(flat[top:bottom, x0:x1])
    if ys.size == 0:  # steep ink alone, such as a frame's side or a calibration pulse
        return None
    return Row(
        y_mm=(float(np.median(ys)) + top + 0.5) / WORKING_PPM,
        x0_mm=x0 / WORKING_PPM,
        x1_mm=x1 / WORKING_PPM,
        fill=float(seen[x0:x1].mean()),
    )


def _joined(begins: NDArray[np.intp], ends: NDArray[np.intp]) -> tuple[int, int]:
    """First and last stretch of a row: the longest, and on either side those that a small enough gap parts from it."""
    lengths = ends - begins
    first = last = int(lengths.argmax())
    while first > 0 and _belongs(begins[first] - ends[first - 1], lengths[first - 1]):
        first -= 1
    while last + 1 < lengths.size and _belongs(begins[last + 1] - ends[last], lengths[last + 1]):
        last += 1
    return first, last


def _belongs(gap: int, length: int) -> bool:
    """A stretch belongs to the row when it is longer than the gap before it and long in itself, unlike text."""
    return bool(length > gap and length > _STRETCH_MM * WORKING_PPM and gap < _BROKEN_MM * WORKING_PPM)
