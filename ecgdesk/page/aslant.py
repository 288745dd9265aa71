"""The sheet's tilt and bend: from the grid's local spacing and direction, tile by tile, to a first map."""

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from ecgdesk.page.curled import bend
from ecgdesk.page.gridmap import GridMap
from ecgdesk.page.lattice import Lattice, tile_power, tiles

SQUARES_A_TILE = 7.0  # 5 mm squares; enough for a clear peak, few enough for the tilt to be constant
SPACING_REACH = np.linspace(0.80, 1.25, 46)  # of the sheet's mean spacing
ANGLE_REACH = np.deg2rad(np.linspace(-10.0, 10.0, 41))
HARMONICS = 6
MANY_TILES = 36
TOP_FREQUENCY = 0.45  # cycles a pixel
LEAST_PEAK = 0.35  # of the best tiles' peak: below it a tile shows no grid

Array = NDArray[np.float32]
Matrix = NDArray[np.float64]


def first_maps(contrast: Array, lattice: Lattice, *, cell: int) -> tuple[GridMap, GridMap | None]:
    """From pixels to mm, right up to a shift, from the tiles' wave vectors: as a plane, and with a bend on cells of
    `cell` pixels where the tiles may show one."""
    size = cv2.getOptimalDFTSize(int(np.clip(SQUARES_A_TILE * np.mean(lattice.spacing), 64, 320)) // 2 * 2)
    centres, vectors, heights = [], [], []
    for top, left in tiles(contrast.shape, size=size, overlap=_overlap(contrast.shape, size)):
        level = _level(tile_power(contrast, top=top, left=left, size=size))
        found = [
            _wave_vector(level, 1.0 / spacing, np.deg2rad(angle), fine_only=lattice.fine_only)
            for spacing, angle in zip(lattice.spacing, lattice.angle, strict=True)
        ]
        centres.append((left + size / 2, top + size / 2))
        vectors.append([vector for vector, _ in found])
        heights.append([height for _, height in found])
    height = np.array(heights)
    weight = np.clip(height / np.quantile(height, 0.9, axis=0) - LEAST_PEAK, 0.0, 1.0)
    middles, gradients = np.array(centres), np.array(vectors) * 5.0
    homography = _fit(middles, gradients, weight, extent=max(contrast.shape))
    over = bend(homography, middles, gradients, weight, shape=contrast.shape, cell=cell)
    return GridMap(homography), None if over is None else GridMap(homography, over, float(cell))


def _overlap(shape: tuple[int, ...], size: int) -> float:
    """Small tiles tell the tilt well enough side by side; of large ones there would be too few."""
    many = shape[0] * shape[1] > MANY_TILES * size**2
    return 0.0 if many else 0.4


def _level(power: Array) -> Array:
    """Log power over its surroundings, full plane, zero frequency in the middle."""
    mirrored = np.roll(power[::-1], 1, axis=0)[:, -2:0:-1]
    level = np.log(np.fft.fftshift(np.concatenate([power, mirrored], axis=1)) + 1e-9).astype(np.float32)
    return level - cv2.blur(level, (31, 31))


def _wave_vector(level: Array, frequency: float, angle: float, *, fine_only: bool) -> tuple[tuple[float, float], float]:
    """Cycles a pixel (x, y) of the 5 mm wave near the expected one, and the height of its comb."""
    size = level.shape[0]
    radius = (frequency / SPACING_REACH)[:, None]
    x, y = radius * np.cos(angle + ANGLE_REACH), radius * np.sin(angle + ANGLE_REACH)
    orders = [5, 10] if fine_only else list(range(1, HARMONICS + 1))
    orders = [k for k in orders if k * frequency < TOP_FREQUENCY] or orders[:1]
    score: Array = np.zeros(x.shape, np.float32)
    for k in orders:
        columns, rows = (size / 2 + size * k * x).astype(np.float32), (size / 2 + size * k * y).astype(np.float32)
        score += np.asarray(cv2.remap(level, columns, rows, cv2.INTER_LINEAR), np.float32)
    smooth = cv2.GaussianBlur(score, (3, 3), 0.6)
    best = np.unravel_index(int(np.argmax(smooth)), smooth.shape)
    peak = float(smooth[best] - np.median(smooth)) / len(orders)
    return (float(x[best]), float(y[best])), peak


def _fit(centres: Matrix, gradients: Matrix, weight: Matrix, *, extent: float) -> Matrix:
    """Homography whose gradient of (u, v) is `gradients` [n, 2, 2] mm a pixel at `centres` [n, 2]; weight [n, 2]."""
    middle, span = centres.mean(axis=0), extent / 2
    p = (centres - middle) / span
    root = np.sqrt(weight)[:, :, None]
    scale = float(np.median(np.abs(np.linalg.norm(gradients, axis=2))))

    def gradient(q: Matrix) -> Matrix:
        linear, tilt = q[:4].reshape(2, 2), q[4:]
        depth = 1.0 + p @ tilt
        value = p @ linear.T  # [n, 2], mm
        return np.asarray((linear[None] * depth[:, None, None] - value[:, :, None] * tilt) / depth[:, None, None] ** 2)

    def error(q: Matrix) -> Matrix:
        return np.asarray((root * (gradient(q) / span - gradients) / scale).ravel())

    start = np.median(gradients, axis=0) * span
    q = least_squares(error, np.append(start.ravel(), [0.0, 0.0]), loss="soft_l1", f_scale=0.01, max_nfev=60).x
    h = np.array([[q[0], q[1], 0.0], [q[2], q[3], 0.0], [q[4], q[5], 1.0]])
    normalise = np.array([[1 / span, 0, -middle[0] / span], [0, 1 / span, -middle[1] / span], [0, 0, 1.0]])
    return np.asarray(h @ normalise)
