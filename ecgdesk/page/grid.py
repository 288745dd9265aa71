"""The millimetre grid of a sheet: from the scan's pixels to millimetres, to 0.01 % and locally where it is not flat.

Spectrum (lattice.py) -> tilt (aslant.py) -> lock-in (lockin.py), twice: once to follow the error from cell to cell,
once about the map that this gave, on a longer average.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.page.aslant import first_homography
from ecgdesk.page.contrast import contrasts, reduced
from ecgdesk.page.gridmap import GridMap, fit_homography, project
from ecgdesk.page.lattice import Lattice, find_lattice
from ecgdesk.page.lockin import Shift, shift

SEARCH_SIDE = 1600  # pixels of the longer side of the image in which the grid is looked for
TOP_FREQUENCY = 0.45  # cycles a pixel: finer harmonics are not in the image
ORDERS = (5, 2, 1)  # harmonics of 5 mm to follow; 1 mm lines first, they are the most
ENOUGH = 0.35  # share of the image's cells from which on a harmonic is taken without a look at the others
COARSER_GAIN = 1.5  # a coarser harmonic must show this much more of the grid to be preferred
FIRST_AVERAGE, LAST_AVERAGE = 1.2, 2.0  # cells, standard deviation
SMOOTH_CELLS = 2.5  # of the residual; a cell is 2.5 mm
TRUST_MM = 0.15  # residuals beyond this are curl or mistakes, and bend the homography less
FLAT_MM = 0.03  # a smooth residual below this is the grid's own printing and the noise, not the sheet's shape

Matrix = NDArray[np.float64]
Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Grid:
    """`to_mm`: from scan pixels to mm. `seen`: float32[rows, columns], how surely the grid is there, 0 to 1, on cells
    that tile the scan, `cell` scan pixels wide and high. `uncertainty`: relative standard deviation of the scale
    (x, y). `bend_mm`: rms of the sheet's shape over a plane's, (u, v)."""

    to_mm: GridMap
    seen: Array
    cell: tuple[float, float]
    uncertainty: tuple[float, float]
    bend_mm: tuple[float, float]


def find_grid(image: NDArray[np.uint8]) -> Grid | None:
    """The grid of a scan uint8[h, w, 3], None when there is none."""
    small = reduced(image, scale=SEARCH_SIDE / max(image.shape))
    found = [(lattice, contrast) for contrast in contrasts(small) if (lattice := find_lattice(contrast)) is not None]
    if not found:
        return None
    lattice, contrast = max(found, key=lambda pair: pair[0].score)
    cell = max(4, round(float(np.mean(lattice.spacing)) / 2))
    tilted = GridMap(first_homography(contrast, lattice))
    order, first = _followed(contrast, tilted, lattice, cell=cell)
    if first.weight.min(axis=2).max() == 0.0:
        return None
    rough, _ = _fitted(tilted, first)
    last = shift(contrast, rough, order=order, cell=cell, average=LAST_AVERAGE, unwrap=False)
    fitted, noise = _fitted(rough, last)
    x, y = image.shape[1] / small.shape[1], image.shape[0] / small.shape[0]
    bend = _rms(fitted.residual, last.weight)
    if max(bend) < FLAT_MM:
        fitted = GridMap(fitted.homography)
    return Grid(
        to_mm=fitted.scaled(x, y),
        seen=_largest(last.weight.min(axis=2)).astype(np.float32),
        cell=(cell * x, cell * y),
        uncertainty=_uncertainty(noise, last, fitted),
        bend_mm=bend,
    )


def _followed(contrast: Array, to_mm: GridMap, lattice: Lattice, *, cell: int) -> tuple[int, Shift]:
    """The harmonic that shows most of the grid, and the map's error by it."""
    best: tuple[float, int, Shift] | None = None
    for order in ORDERS:
        if order > 1 and order / min(lattice.spacing) > TOP_FREQUENCY:
            continue
        error = shift(contrast, to_mm, order=order, cell=cell, average=FIRST_AVERAGE, unwrap=True)
        seen = float((error.weight.min(axis=2) > 0).mean())
        if best is None or seen > COARSER_GAIN * best[0]:
            best = (seen, order, error)
        if seen > ENOUGH:
            break
    assert best is not None
    return best[1], best[2]


def _fitted(to_mm: GridMap, error: Shift) -> tuple[GridMap, Matrix]:
    """The map corrected by its error, and the noise (u, v) mm that the correction leaves in the cells."""
    x, y = (np.broadcast_to(axis, error.weight.shape[:2]) for axis in error.centres)
    u, v = to_mm.at(x.astype(np.float32), y.astype(np.float32))
    true = np.stack([u, v], axis=-1) + error.mm
    sure = _largest(error.weight.min(axis=2))
    homography = fit_homography(
        x.ravel(), y.ravel(), true[..., 0].ravel(), true[..., 1].ravel(), weight=sure.ravel(), limit=TRUST_MM
    )
    left = true - np.stack(project(homography, x, y), axis=-1)
    weight = error.weight * (sure > 0)[..., None]
    smooth = _smooth(left, weight)
    return GridMap(homography, smooth, float(error.cell)), np.array(_rms(left - smooth, weight))


def _largest(sure: Matrix) -> Matrix:
    """`sure` on its largest connected part: text and noise elsewhere imitate a line or two."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((sure > 0).astype(np.uint8), connectivity=4)
    if count < 2:
        return sure
    return np.asarray(sure * (labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))))


def _smooth(left: Matrix, weight: Matrix) -> Array:
    """Weighted Gaussian average; where nothing is near, ever wider ones."""
    total, share = np.zeros(left.shape, np.float32), np.zeros(left.shape, np.float32)
    sigma, faith = SMOOTH_CELLS, 1.0
    for _ in range(4):
        total += faith * cv2.GaussianBlur((left * weight).astype(np.float32), (0, 0), sigma)
        share += faith * cv2.GaussianBlur(weight.astype(np.float32), (0, 0), sigma)
        sigma, faith = sigma * 2, faith * 1e-2
    return (total / (share + 1e-9)).astype(np.float32)


def _rms(value: NDArray[np.floating] | None, weight: Matrix) -> tuple[float, float]:
    if value is None:
        return 0.0, 0.0
    u, v = np.sqrt((value.astype(np.float64) ** 2 * weight).sum(axis=(0, 1)) / (weight.sum(axis=(0, 1)) + 1e-9))
    return float(u), float(v)


def _uncertainty(noise: Matrix, error: Shift, to_mm: GridMap) -> tuple[float, float]:
    """Relative standard deviation of the scale (x, y): that of a slope through cells that average their neighbours."""
    sure = error.weight.min(axis=2)
    x, y = (np.broadcast_to(axis, sure.shape) for axis in error.centres)
    u, v = to_mm.at(x.astype(np.float32), y.astype(np.float32))
    independent = max(float(sure.sum()) / (4 * np.pi * LAST_AVERAGE**2), 2.0)
    total = float(sure.sum()) + 1e-9
    spread = [float(np.sqrt((sure * (axis - (sure * axis).sum() / total) ** 2).sum() / total)) for axis in (u, v)]
    relative = noise / (np.array(spread) * np.sqrt(independent) + 1e-9)
    return float(relative[0]), float(relative[1])
