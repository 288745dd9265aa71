"""The millimetre grid of a sheet: from the scan's pixels to millimetres, to 0.01 % and locally where it is not flat.

Spectrum (lattice.py) -> tilt (aslant.py) -> lock-in (lockin.py), twice: once to follow the error from cell to cell,
once about the map that this gave, on a longer average.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.bend import projected
from ecgdesk.page.aslant import first_maps
from ecgdesk.page.contrast import contrasts, reduced
from ecgdesk.page.gridmap import GridMap, fit_homography
from ecgdesk.page.lattice import Lattice, find_lattice
from ecgdesk.page.lockin import Shift, shift

SEARCH_SIDE = 1600  # pixels of the longer side of the image in which the grid is looked for
TOP_FREQUENCY = 0.45  # cycles a pixel: finer harmonics are not in the image
ORDERS = (5, 2, 1)  # harmonics of 5 mm to follow; 1 mm lines first, they are the most
ENOUGH = 0.35  # share of the image's cells from which on a harmonic is taken without a look at the others
SHOWS_MORE = 1.1  # times as many cells, about a bend that is one
MOST_ROUNDS, GROWS = 4, 1.01
FINER_SHARE = 0.6  # a finer harmonic is preferred where it shows on this share of what the best one shows
LEAST_MM = 50.0  # a sheet's longer side
LEAST_SHARE = 0.12  # of the image
MOST_UNCERTAIN = 5e-4  # relative, of the scale
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


def searched(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The scan uint8[h, w, 3] as small as structure is sought in."""
    return reduced(image, scale=SEARCH_SIDE / max(image.shape))


def find_grid(image: NDArray[np.uint8], small: NDArray[np.uint8]) -> Grid | None:
    """The grid of a scan uint8[h, w, 3], None when there is none. `small`: the same as `searched` gives it."""
    found = [(lattice, contrast) for contrast in contrasts(small) if (lattice := find_lattice(contrast)) is not None]
    trail: _Trail | None = None
    for lattice, contrast in sorted(found, key=lambda pair: -pair[0].score):
        other = _followed(contrast, lattice)
        if trail is None or other.seen > trail.seen:
            trail = other
        if trail.seen >= ENOUGH:
            break
    if trail is None or trail.seen == 0.0:
        return None
    rough, _ = _fitted(trail.to_mm, trail.error)
    last = _finest(trail, rough)
    fitted, noise = _fitted(rough, last)
    x, y = image.shape[1] / small.shape[1], image.shape[0] / small.shape[0]
    bend = _rms(fitted.residual, last.weight)
    if max(bend) < FLAT_MM:
        fitted = GridMap(fitted.homography)
    grid = Grid(
        to_mm=fitted.scaled(x, y),
        seen=_largest(last.weight.min(axis=2)).astype(np.float32),
        cell=(last.cell * x, last.cell * y),
        uncertainty=_uncertainty(noise, last, fitted),
        bend_mm=bend,
    )
    return grid if _credible(grid) else None


@dataclass(frozen=True, eq=False)
class _Trail:
    """The map's error followed over the sheet by one harmonic; `seen`: the share of the image's cells that show
    it."""

    contrast: Array
    spacing: float
    to_mm: GridMap
    order: int
    error: Shift
    seen: float


def _followed(contrast: Array, lattice: Lattice) -> _Trail:
    """About the plane that the grid's tiles make, or about their bend where that shows more of the grid."""
    flat, bent = first_maps(contrast, lattice, cell=_cell(lattice))
    trail = _trail(contrast, lattice, flat)
    if bent is None:
        return trail
    other = _trail(contrast, lattice, bent)
    return _grown(other, lattice) if other.seen > SHOWS_MORE * trail.seen else trail


def _cell(lattice: Lattice) -> int:
    return max(4, round(float(np.mean(lattice.spacing)) / 2))


def _trail(contrast: Array, lattice: Lattice, to_mm: GridMap) -> _Trail:
    """By 1 mm lines where they show, else by the coarser harmonic that shows most."""
    spacing = min(lattice.spacing)
    trails = []
    for order in _orders(spacing):
        error = shift(contrast, to_mm, order=order, cell=_cell(lattice), average=FIRST_AVERAGE, unwrap=True)
        trails.append(_Trail(contrast, spacing, to_mm, order, error, float((error.weight.min(axis=2) > 0).mean())))
        if trails[-1].seen >= ENOUGH:
            break
    most = max(trail.seen for trail in trails)
    return next(trail for trail in trails if trail.seen >= FINER_SHARE * most)


def _grown(trail: _Trail, lattice: Lattice) -> _Trail:
    """The trail on a bent sheet, followed from where it is sure to where it was too far off."""
    for _ in range(MOST_ROUNDS):
        further = _trail(trail.contrast, lattice, _fitted(trail.to_mm, trail.error)[0])
        if further.seen <= GROWS * trail.seen:
            break
        trail = further
    return trail


def _finest(trail: _Trail, rough: GridMap) -> Shift:
    """The map's error by the finest harmonic that shows on most of what the trail has seen, on a longer average."""
    there = trail.error.weight.min(axis=2) > 0
    bent = trail.to_mm.residual is not None  # and its map may still be off by more than half a line spacing
    for order in _orders(trail.spacing):
        error = shift(trail.contrast, rough, order=order, cell=trail.error.cell, average=LAST_AVERAGE, unwrap=bent)
        if order == trail.order or (error.weight.min(axis=2) > 0)[there].mean() >= FINER_SHARE:
            break
    return error


def _orders(spacing: float) -> tuple[int, ...]:
    return tuple(order for order in ORDERS if order == 1 or order / spacing <= TOP_FREQUENCY)


def _credible(grid: Grid) -> bool:
    """Whether this is a sheet's grid, and not a page of print or a tiled wall."""
    height, width = (n * size for n, size in zip(grid.seen.shape, grid.cell[::-1], strict=True))
    u, v = grid.to_mm.at(np.array([[0.0, width]], dtype=np.float32), np.array([[0.0, height]], dtype=np.float32))
    large = max(abs(float(u[0, 1] - u[0, 0])), abs(float(v[0, 1] - v[0, 0]))) >= LEAST_MM
    share = float((grid.seen > 0).mean())
    return large and share >= LEAST_SHARE and max(grid.uncertainty) <= MOST_UNCERTAIN


def _fitted(to_mm: GridMap, error: Shift) -> tuple[GridMap, Matrix]:
    """The map corrected by its error, and the noise (u, v) mm that the correction leaves in the cells."""
    x, y = (np.broadcast_to(axis, error.weight.shape[:2]) for axis in error.centres)
    u, v = to_mm.at(x.astype(np.float32), y.astype(np.float32))
    true = np.stack([u, v], axis=-1) + error.mm
    sure = _largest(error.weight.min(axis=2))
    homography = fit_homography(
        x.ravel(), y.ravel(), true[..., 0].ravel(), true[..., 1].ravel(), weight=sure.ravel(), limit=TRUST_MM
    )
    plane = np.stack(projected(homography, x, y), axis=-1)
    weight = error.weight * (sure > 0)[..., None]
    left = true - plane
    if to_mm.residual is None:
        smooth = _smooth(left, weight)
    else:  # only what is new is averaged: averaging the known bend once more would flatten it
        smooth = (np.stack([u, v], axis=-1) - plane + _smooth(error.mm, weight)).astype(np.float32)
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
