"""One single resampling from the scan to the flat sheet, and none where the scan is straight already."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.bend import Bend, projected
from ecgdesk.page.contrast import reduced
from ecgdesk.page.gridmap import GridMap, bilinear

STRAIGHT_PIXELS = 0.6  # a sheet is straight when nothing on it lies further than this from an upright grid
BEND_NODE_MM = 2.5  # half a grid square: the residual's own cells
NODE_PIXELS = 16  # the map is computed at nodes this far apart and is smooth between them
MOST_PIXELS_PER_MM = 12.0  # 300 dpi: a 0.25 mm pen is three pixels wide; finer photos only cost time
EDGE_MM = 1.0  # of the sheet's rim that is shadow and blur, painted over with the paper's colour

Matrix = NDArray[np.float64]
Array = NDArray[np.float32]
Image = NDArray[np.uint8]
QUARTER_TURN = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])  # millimetres: down becomes right


@dataclass(frozen=True, eq=False)
class Flattened:
    """`image` uint8[h, w, 3]; `scale`: its pixels per mm (x, y); `to_scan`: from its mm to scan pixels, and `bend` what
    the sheet's shape adds to it."""

    image: Image
    scale: tuple[float, float]
    to_scan: Matrix
    resampled: bool
    bend: Bend | None = None


def flattened(scan: Image, to_mm: GridMap, *, mask: Image, paper: Image, turned: bool) -> Flattened:
    """The sheet by its map from scan pixels to mm, cropped to `mask`, what is off the sheet in the paper's colour.

    `mask` uint8[h, w] and `paper` uint8[h, w, 3] are reduced images of the scan (boundary.py). `turned`: the traces
    run along v, and a quarter turn is due.
    """
    return _cropped(scan, to_mm, mask=mask, paper=paper, turned=turned) or _warped(
        scan, to_mm.after(QUARTER_TURN) if turned else to_mm, mask=mask, paper=paper
    )


def _cropped(scan: Image, to_mm: GridMap, *, mask: Image, paper: Image, turned: bool) -> Flattened | None:
    """The scan's own pixels, when its grid is upright (or a quarter turn off) and even; else None."""
    height, width = scan.shape[:2]
    left, top, right, bottom = _box(mask, width=width, height=height)
    x, y = np.meshgrid(np.linspace(left, right, 15), np.linspace(top, bottom, 15))
    u, v = to_mm.at(x.astype(np.float32), y.astype(np.float32))
    (across, along), (down, drop) = _slope(x, u), _slope(y, v)
    off = max(float(np.abs(along).max()) / abs(across), float(np.abs(drop).max()) / abs(down))
    if across <= 0 or down <= 0 or off > STRAIGHT_PIXELS:
        return None
    scale = (1.0 / across, 1.0 / down)
    image = _painted(scan, mask, paper, ppm=min(scale))[top:bottom, left:right]
    to_scan = np.array([[scale[0], 0.0, left], [0.0, scale[1], top], [0.0, 0.0, 1.0]])
    if turned:
        image = np.rot90(image)
        # Page mm (a, b) is b' = width - b along the scan's x, and a along its y.
        to_scan = np.array([[0.0, -scale[0], right], [scale[1], 0.0, top], [0.0, 0.0, 1.0]])
        scale = (scale[1], scale[0])
    return Flattened(np.ascontiguousarray(image), scale, to_scan, resampled=False)


def _slope(position: Matrix, value: Array) -> tuple[float, Matrix]:
    """Millimetres a pixel, and what a straight line leaves, mm."""
    centred = position - position.mean()
    slope = float((centred * (value - value.mean())).sum() / (centred**2).sum())
    return slope, value - value.mean() - slope * centred


def _box(mask: Image, *, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the sheet in scan pixels; the scan's own edge where the sheet reaches it."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    x, y = width / mask.shape[1], height / mask.shape[0]
    return (
        int(columns[0] * x),
        int(rows[0] * y),
        min(width, int(np.ceil((columns[-1] + 1) * x))),
        min(height, int(np.ceil((rows[-1] + 1) * y))),
    )


def _painted(scan: Image, mask: Image, paper: Image, *, ppm: float) -> Image:
    """The scan with the paper's colour where there is no sheet; the scan itself where all of it is sheet."""
    if mask.all():
        return scan
    off = _off_sheet(mask, (scan.shape[1], scan.shape[0]), rim=EDGE_MM * ppm)
    colour = cv2.resize(paper, (scan.shape[1], scan.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.where(off[..., None], colour, scan).astype(np.uint8, copy=False)


def _off_sheet(mask: Image, size: tuple[int, int], *, rim: float) -> NDArray[np.bool_]:
    large = cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR)
    reach = max(1, round(rim)) * 2 + 1
    return np.asarray(cv2.erode(large, np.ones((reach, reach), np.uint8), borderValue=255) < 128)


def _warped(scan: Image, to_mm: GridMap, *, mask: Image, paper: Image) -> Flattened:
    height, width = scan.shape[:2]
    step = np.array([width / mask.shape[1], height / mask.shape[0]])
    rows, columns = np.nonzero(mask)
    edge = np.stack([columns, rows], axis=1)[:: max(1, len(rows) // 20_000)] * step + step / 2
    u, v = to_mm.at(edge[None, :, 0].astype(np.float32), edge[None, :, 1].astype(np.float32))
    ppm = _finest(to_mm, edge)
    if ppm > 1.01 * MOST_PIXELS_PER_MM:
        fine = reduced(scan, scale=MOST_PIXELS_PER_MM / ppm)
        less = (fine.shape[1] / width, fine.shape[0] / height)
        warped = _warped(fine, to_mm.scaled(*less), mask=mask, paper=paper)
        back = np.diag([1 / less[0], 1 / less[1], 1.0])
        return replace(warped, to_scan=back @ warped.to_scan, bend=_enlarged(warped.bend, 1 / less[0], 1 / less[1]))
    moved = to_mm.after(np.array([[1.0, 0.0, -float(u.min())], [0.0, 1.0, -float(v.min())], [0.0, 0.0, 1.0]]))
    size = (max(1, int(np.ceil(float(np.ptp(u)) * ppm))), max(1, int(np.ceil(float(np.ptp(v)) * ppm))))
    x, y = _positions(moved, size=size, ppm=ppm)
    image = cv2.remap(scan, x - 0.5, y - 0.5, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    small_x, small_y = x / np.float32(step[0]) - 0.5, y / np.float32(step[1]) - 0.5
    there = cv2.remap(mask, small_x, small_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    there[(x < 0.5) | (y < 0.5) | (x > width - 0.5) | (y > height - 0.5)] = 0
    if not there.all():
        off = _off_sheet(there.astype(np.uint8, copy=False), size, rim=EDGE_MM * ppm)
        colour = cv2.remap(paper, small_x, small_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        image[off] = colour[off]
    return Flattened(
        image.astype(np.uint8, copy=False),
        (ppm, ppm),
        np.linalg.inv(moved.homography).astype(np.float64),
        resampled=True,
        bend=_bend(moved, size_mm=(size[0] / ppm, size[1] / ppm)),
    )


def _bend(to_mm: GridMap, *, size_mm: tuple[float, float]) -> Bend | None:
    """What the map's residual adds to its homography, in scan pixels."""
    if to_mm.residual is None:
        return None
    columns, rows = (max(2, round(side / BEND_NODE_MM) + 1) for side in size_mm)
    u, v = np.meshgrid(np.linspace(0, size_mm[0], columns), np.linspace(0, size_mm[1], rows))
    plane = projected(np.linalg.inv(to_mm.homography).astype(np.float64), u, v)
    shift = np.stack([seen - flat for seen, flat in zip(to_mm.inverse_at(u, v), plane, strict=True)], axis=-1)
    return Bend(shift.astype(np.float32), size_mm)


def _enlarged(bend: Bend | None, x: float, y: float) -> Bend | None:
    return None if bend is None else replace(bend, shift=(bend.shift * (x, y)).astype(np.float32))


def _finest(to_mm: GridMap, points: Matrix) -> float:
    """Pixels per mm where the scan is sharpest (a tenth of the sheet may be sharper still)."""
    x, y = points[None, ::50, 0].astype(np.float32), points[None, ::50, 1].astype(np.float32)
    (u, v), (right_u, right_v), (down_u, down_v) = to_mm.at(x, y), to_mm.at(x + 8, y), to_mm.at(x, y + 8)
    area = np.abs((right_u - u) * (down_v - v) - (right_v - v) * (down_u - u)) / 64
    return float(np.quantile(1.0 / np.sqrt(area + 1e-12), 0.9))


def _positions(to_mm: GridMap, *, size: tuple[int, int], ppm: float) -> tuple[Array, Array]:
    """Scan pixels (x, y) float32[h, w] of every pixel of the flat image."""
    columns, rows = -(-size[0] // NODE_PIXELS) + 1, -(-size[1] // NODE_PIXELS) + 1
    u = (np.arange(columns, dtype=np.float64) * NODE_PIXELS / ppm)[None, :].repeat(rows, axis=0)
    v = (np.arange(rows, dtype=np.float64) * NODE_PIXELS / ppm)[:, None].repeat(columns, axis=1)
    nodes = to_mm.inverse_at(u, v)
    across = ((np.arange(size[0], dtype=np.float64) + 0.5) / NODE_PIXELS)[None, :]
    down = ((np.arange(size[1], dtype=np.float64) + 0.5) / NODE_PIXELS)[:, None]
    field = bilinear(np.stack(nodes, axis=-1).astype(np.float32), across, down)
    return np.ascontiguousarray(field[..., 0]), np.ascontiguousarray(field[..., 1])
