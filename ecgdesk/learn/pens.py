"""Pens: how a trace gets from millimetres onto the sheet's coverage map."""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

U8 = NDArray[np.uint8]
Points = NDArray[np.float64]  # [n, 2], x and y

SHIFT = 4  # OpenCV's sub-pixel bits
PRINTER_DOTS_PER_MM = 8.0  # of a thermal printer's head


class Stroke(StrEnum):
    AREA = "area"  # true coverage by area
    SMOOTHED = "smoothed"  # a drawing library's own anti-aliased line
    STEPPED = "stepped"  # no anti-aliasing: every pixel black or white
    DOTS = "dots"  # the printer's dots, then scanned


@dataclass(frozen=True)
class Pen:
    """`width_mm` of the line, its RGB `colour`, how it is drawn, and how `faint` it is (1: full ink).

    `gaps`: where it skips, a 100 mm of trace. `dead_dots`: of a thermal head, white lines along the paper. `uneven`:
    thicker here and there.
    """

    width_mm: float = 0.3
    colour: tuple[int, int, int] = (15, 15, 18)
    stroke: Stroke = Stroke.AREA
    faint: float = 1.0
    gaps: float = 0.0
    dead_dots: int = 0
    uneven: bool = False


def draw_line(coverage: U8, points_px: Points, *, width_px: float, stroke: Stroke, pixels_per_mm: float) -> None:
    """Adds a polyline to `coverage` (uint8[h, w]) in place.

    `points_px`: float64[n, 2], pixel edges at whole numbers, so a pixel's centre lies at + 0.5.
    """
    margin = int(np.ceil(width_px)) + 2
    height, width = coverage.shape
    left, top = np.clip(np.floor(points_px.min(axis=0)).astype(int) - margin, 0, (width, height))
    right, bottom = np.clip(np.ceil(points_px.max(axis=0)).astype(int) + margin, 0, (width, height))
    if right <= left or bottom <= top:
        return
    local = points_px - (left, top)
    size = (int(right - left), int(bottom - top))
    if stroke is Stroke.AREA:
        drawn = _by_area(local, size, width_px)
    elif stroke is Stroke.SMOOTHED:
        drawn = _opencv(local, size, width_px, cv2.LINE_AA)
    elif stroke is Stroke.STEPPED:
        drawn = _stepped(local, size, width_px)
    else:
        drawn = _printer_dots(local, size, width_px, pixels_per_mm)
    target = coverage[top:bottom, left:right]
    np.maximum(target, drawn, out=target)


def _opencv(points: Points, size: tuple[int, int], width_px: float, line_type: int) -> U8:
    canvas = np.zeros(size[::-1], np.uint8)
    fixed = np.round((points - 0.5) * (1 << SHIFT)).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(canvas, [fixed], False, 255, max(round(width_px), 1), line_type, SHIFT)
    return canvas


def _by_area(points: Points, size: tuple[int, int], width_px: float) -> U8:
    finer = 4 if width_px >= 2 else 8
    fine = _opencv(points * finer, (size[0] * finer, size[1] * finer), width_px * finer, cv2.LINE_8)
    return cv2.resize(fine, size, interpolation=cv2.INTER_AREA).astype(np.uint8)


def _stepped(points: Points, size: tuple[int, int], width_px: float) -> U8:
    canvas = Image.new("L", size)
    ImageDraw.Draw(canvas).line([tuple(p) for p in points], fill=255, width=max(round(width_px), 1), joint="curve")
    return np.asarray(canvas)


def _printer_dots(points: Points, size: tuple[int, int], width_px: float, pixels_per_mm: float) -> U8:
    ratio = PRINTER_DOTS_PER_MM / pixels_per_mm
    dots = (max(round(size[0] * ratio), 1), max(round(size[1] * ratio), 1))
    scale = np.array([dots[0] / size[0], dots[1] / size[1]])
    printed = np.where(_by_area(points * scale, dots, width_px * ratio) > 110, 255, 0).astype(np.uint8)
    how = cv2.INTER_AREA if ratio > 1 else cv2.INTER_CUBIC
    return cv2.resize(printed, size, interpolation=how).astype(np.uint8)
