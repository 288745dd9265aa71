"""The bend of a strongly curled sheet, from the grid's local spacing and direction in its tiles.

About a plane's map the error of such a sheet runs through a whole line spacing within a few squares, too fast for the
lock-in to follow. A polynomial over the sheet whose slopes are those that the tiles show beyond the plane's brings the
map near enough.
"""

import numpy as np
from numpy.typing import NDArray

BENT = 0.02  # rms of the tiles' spacing and direction about the plane's, from which on the sheet is bent
BETTER = 0.6  # of it at most is left by a bend that is one
DEGREE = 6  # of the polynomial in x and y: a sheet may curl one way on its left and the other on its right
RIDGE = 1e-3  # holds the polynomial down where no tile tells it
ROUNDS = 4  # of trusting tiles less that fit less: one of print or of shadow tells nothing
POWERS = tuple((total - j, j) for total in range(1, DEGREE + 1) for j in range(total + 1))  # of x and y in each term

Array = NDArray[np.float32]
Matrix = NDArray[np.float64]


def bend(
    homography: Matrix, centres: Matrix, gradients: Matrix, weight: Matrix, *, shape: tuple[int, ...], cell: int
) -> Array | None:
    """float32[rows, columns, 2]: millimetres to add to the homography's on cells of `cell` pixels that cover the image
    of `shape`; None for a sheet that is flat enough, or whose tiles no smooth bend explains.

    `gradients` float64[n, 2, 2]: of (u, v), mm a pixel along (x, y), at the tiles' `centres` [n, 2]; `weight` [n, 2].
    """
    span, middle = max(shape) / 2, np.array([shape[1] / 2, shape[0] / 2])
    scale = float(np.median(np.linalg.norm(gradients, axis=2)))
    beyond = (gradients - _plane_gradients(homography, centres)) / scale
    slopes = _slopes((centres - middle) / span)
    fits = [_fitted(slopes, np.concatenate([beyond[:, n, 0], beyond[:, n, 1]]), weight[:, n]) for n in range(2)]
    before, after = (float(np.mean([fit[part] for fit in fits])) for part in (1, 2))
    if before**0.5 < BENT or after > BETTER**2 * before:
        return None
    rows, columns = -(-shape[0] // cell), -(-shape[1] // cell)
    x, y = np.meshgrid((np.arange(columns) + 0.5) * cell, (np.arange(rows) + 0.5) * cell)
    at = (np.stack([x, y], axis=-1) - middle) / span
    terms = np.stack([at[..., 0] ** i * at[..., 1] ** j for i, j in POWERS], axis=-1)
    return np.stack([terms @ terms_of * scale * span for terms_of, _, _ in fits], axis=-1).astype(np.float32)


def _fitted(slopes: Matrix, seen: Matrix, weight: Matrix) -> tuple[Matrix, float, float]:
    """The terms whose slopes are nearest to those seen, and the mean power of these before and after."""
    start = np.tile(weight, 2)
    trust = start
    for _ in range(ROUNDS):
        normal = slopes.T @ (slopes * trust[:, None]) + RIDGE * trust.sum() * np.eye(slopes.shape[1])
        terms = np.linalg.solve(normal, slopes.T @ (trust * seen))
        left = seen - slopes @ terms
        trust = start / (1 + (left / BENT) ** 2)
    total = trust.sum()
    return terms, float((trust * seen**2).sum() / total), float((trust * left**2).sum() / total)


def _plane_gradients(homography: Matrix, at: Matrix) -> Matrix:
    """float64[n, 2, 2]: mm a pixel of the homography's (u, v) along (x, y) at pixels `at` [n, 2]."""
    seen = np.concatenate([at, np.ones((len(at), 1))], axis=1) @ homography.T
    flat = seen[:, :2] / seen[:, 2:]
    return np.asarray((homography[None, :2, :2] - flat[:, :, None] * homography[2, :2]) / seen[:, 2, None, None])


def _slopes(at: Matrix) -> Matrix:
    """Of each term along x and then along y, float64[2 n, terms], at [n, 2]."""
    x, y = at[:, 0], at[:, 1]
    along_x = [i * x ** max(i - 1, 0) * y**j for i, j in POWERS]
    along_y = [j * x**i * y ** max(j - 1, 0) for i, j in POWERS]
    return np.concatenate([np.stack(along_x, axis=1), np.stack(along_y, axis=1)])
