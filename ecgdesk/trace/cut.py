"""A strip's own stretch of ink, cut out of the page."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.page import Page, Strip

# A trace gains nothing from a finer image (150 and 300 dpi differ by less than pens do), which costs its square.
ENOUGH_PIXELS_PER_MM = 8.0
PULSE_EDGE_MM = 0.1  # of blur around a pulse
JUMP_WITHIN_MM = 0.2  # of a strip's end the trace jumps to the next lead
CONTEXT_MM = 6.0  # before and after a strip: where the trace comes from and goes to tells it from a name beside it


@dataclass(frozen=True, eq=False)
class Cut:
    """Ink of one strip's band, with CONTEXT_MM before and after it where another trace of its row stands there.

    `ink`: float32[h, w], coverage 0 to 1. Column c covers the paper from c * `mm_x` to (c + 1) * `mm_x` mm
    after `x0_mm`; row r the paper from `top_mm` + r * `mm_y`. `baseline` and `pitch` are in rows: the usual zero line
    and the half height of the band.
    """

    strip: Strip
    ink: NDArray[np.float32]
    x0_mm: float
    top_mm: float
    mm_x: float
    mm_y: float

    @property
    def baseline(self) -> float:
        return (self.strip.baseline_mm - self.top_mm) / self.mm_y - 0.5

    @property
    def begin(self) -> int:
        """The strip's first column."""
        return round((self.strip.x0_mm - self.x0_mm) / self.mm_x)

    @property
    def end(self) -> int:
        """The column after the strip's last."""
        return round((self.strip.x1_mm - self.x0_mm) / self.mm_x)

    @property
    def jumps(self) -> tuple[int, ...]:
        """Columns in which the strip may begin or end."""
        reach = round(JUMP_WITHIN_MM / self.mm_x)
        return tuple(column for end in (self.begin, self.end) for column in range(end - reach, end + reach + 1))

    @property
    def pitch(self) -> float:
        return max(self.strip.bottom_mm - self.strip.top_mm, 1.0) / 2 / self.mm_y


def cut(page: Page, strip: Strip, *, reach_mm: float = math.inf) -> Cut | None:
    """The strip's band of `page.ink`, made coarser where the scan is finer than helps; None if it is off the page.

    `reach_mm`: no farther than this from the strip's zero line.
    """
    ppm_x, ppm_y = float(page.pixels_per_mm_x.value or 0), float(page.pixels_per_mm_y.value or 0)
    height, width = page.ink.shape
    before, after = (CONTEXT_MM if neighbour else 0.0 for neighbour in _neighbours(page, strip))
    left, right = _inside((strip.x0_mm - before) * ppm_x, (strip.x1_mm + after) * ppm_x, width)
    highest = max(strip.top_mm, strip.baseline_mm - reach_mm)
    lowest = min(strip.bottom_mm, strip.baseline_mm + reach_mm)
    top, bottom = _inside(highest * ppm_y, lowest * ppm_y, height)
    if right - left < 2 or bottom - top < 2:
        return None
    coarser = max(round(min(ppm_x, ppm_y) / ENOUGH_PIXELS_PER_MM), 1)
    ink = page.ink[top:bottom, left:right].copy()
    for x0, y0, x1, y1 in page.pulses:  # the trace does not begin with the calibration pulse that it touches
        across = ((x0 - PULSE_EDGE_MM) * ppm_x - left, (x1 + PULSE_EDGE_MM) * ppm_x - left)
        down = ((y0 - PULSE_EDGE_MM) * ppm_y - top, (y1 + PULSE_EDGE_MM) * ppm_y - top)
        ink[slice(*_inside(*down, bottom - top)), slice(*_inside(*across, right - left))] = 0
    if coarser > 1:
        rows, columns = ink.shape[0] // coarser, ink.shape[1] // coarser
        ink = ink[: rows * coarser, : columns * coarser]
        ink = cv2.resize(ink, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.uint8)
    mm_y = coarser / ppm_y
    first, final = _inked(ink, baseline=(strip.baseline_mm - top / ppm_y) / mm_y)
    return Cut(
        strip=strip,
        ink=ink[first:final].astype(np.float32) / 255.0,
        x0_mm=left / ppm_x,
        top_mm=top / ppm_y + first * mm_y,
        mm_x=coarser / ppm_x,
        mm_y=mm_y,
    )


def _inked(ink: NDArray[np.uint8], *, baseline: float) -> tuple[int, int]:
    """First row and row after the last that hold all ink and the zero line, with a white one on each side.

    No trace goes beyond them; they are half of the band or less.
    """
    rows = np.append(np.flatnonzero(ink.any(axis=1)), int(np.clip(baseline, 0, len(ink) - 1)))
    return max(int(rows.min()) - 1, 0), min(int(rows.max()) + 2, len(ink))


def _neighbours(page: Page, strip: Strip) -> tuple[bool, bool]:
    """Whether another trace of the row leads up to the strip, and whether one goes on from it."""
    row = [
        s
        for s in page.layout.strips
        if s.lead is not strip.lead and (s.top_mm, s.bottom_mm) == (strip.top_mm, strip.bottom_mm)
    ]
    before = any(abs(s.x1_mm - strip.x0_mm) < CONTEXT_MM for s in row)
    after = any(abs(s.x0_mm - strip.x1_mm) < CONTEXT_MM for s in row)
    return before, after


def _inside(low: float, high: float, size: int) -> tuple[int, int]:
    return int(np.clip(np.floor(low), 0, size)), int(np.clip(np.ceil(high), 0, size))
