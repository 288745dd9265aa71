"""One single resampling from the scan to the flat sheet, and none where the scan is straight already."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.figure import Figure
from ecgdesk.ecg.page import Sheet
from ecgdesk.page.flat import Flat
from ecgdesk.page.gridmap import GridMap, project

STRAIGHT_PIXELS = 0.5  # a sheet is straight when nothing on it is further than this from an upright grid
NODE_MM = 2.0  # the map is computed at nodes this far apart and is smooth between them

Matrix = NDArray[np.float64]


def flatten(sheet: Sheet, to_mm: GridMap) -> Flat:
    """The sheet's image by its map from scan pixels to millimetres; the whole scan is kept."""
    height, width = sheet.image.shape[:2]
    upright = _upright_scale(to_mm, width=width, height=height)
    if upright is not None:
        sx, sy = upright
        return Flat(
            image=sheet.image,
            pixels_per_mm_x=Figure(sx, "px/mm"),
            pixels_per_mm_y=Figure(sy, "px/mm"),
            to_scan=np.diag([sx, sy, 1.0]),
            doubts=sheet.doubts,
        )
    x = np.linspace(0, width, 9)[None, :].repeat(9, axis=0)
    y = np.linspace(0, height, 9)[:, None].repeat(9, axis=1)
    u, v = to_mm.at(x.astype(np.float32), y.astype(np.float32))
    ppm = _finest(to_mm, width=width, height=height)
    origin = np.array([[1.0, 0.0, -float(u.min())], [0.0, 1.0, -float(v.min())], [0.0, 0.0, 1.0]])
    moved = to_mm.after(origin)
    size = (int(np.ceil(float(np.ptp(u)) * ppm)), int(np.ceil(float(np.ptp(v)) * ppm)))
    image = _resampled(sheet.image, moved, size=size, ppm=ppm)
    return Flat(
        image=image,
        pixels_per_mm_x=Figure(ppm, "px/mm"),
        pixels_per_mm_y=Figure(ppm, "px/mm"),
        to_scan=np.linalg.inv(moved.homography),
        doubts=sheet.doubts,
        resampled=True,
    )


def _upright_scale(to_mm: GridMap, *, width: int, height: int) -> tuple[float, float] | None:
    """Pixels per mm (x, y) of a sheet that needs no resampling, else None."""
    h = to_mm.homography / to_mm.homography[2, 2]
    x = np.linspace(0, width, 9, dtype=np.float32)[None, :].repeat(9, axis=0)
    y = np.linspace(0, height, 9, dtype=np.float32)[:, None].repeat(9, axis=1)
    u, v = to_mm.at(x, y)
    sx, sy = (width / float((u[:, -1] - u[:, 0]).mean()), height / float((v[-1] - v[0]).mean()))
    du, dv = u - x / sx, v - y / sy
    off = max(float(np.ptp(du)) * sx, float(np.ptp(dv)) * sy) / 2
    return (sx, sy) if h[0, 0] > 0 and h[1, 1] > 0 and off < STRAIGHT_PIXELS * 4 else None


def _finest(to_mm: GridMap, *, width: int, height: int) -> float:
    """Pixels per mm in the middle of the sheet."""
    x, y = np.array([width / 2, width / 2 + 1.0, width / 2]), np.array([height / 2, height / 2, height / 2 + 1.0])
    u, v = project(to_mm.homography, x, y)
    return float(np.sqrt(1.0 / abs((u[1] - u[0]) * (v[2] - v[0]) - (u[2] - u[0]) * (v[1] - v[0]))))


def _resampled(image: NDArray[np.uint8], to_mm: GridMap, *, size: tuple[int, int], ppm: float) -> NDArray[np.uint8]:
    u = ((np.arange(size[0], dtype=np.float32) + 0.5) / ppm)[None, :].repeat(size[1], axis=0)
    v = ((np.arange(size[1], dtype=np.float32) + 0.5) / ppm)[:, None].repeat(size[0], axis=1)
    x, y = to_mm.inverse_at(u, v)
    out = cv2.remap(image, x - 0.5, y - 0.5, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_CONSTANT, borderValue=(255,) * 3)
    return out.astype(np.uint8, copy=False)
