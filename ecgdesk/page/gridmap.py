"""From pixels to millimetres on the paper: a homography, and a smooth residual where the sheet is not flat."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.bend import projected

Array = NDArray[np.float32]
Matrix = NDArray[np.float64]
Reals = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class GridMap:
    """`homography`: float64[3, 3], from pixels (x, y, 1) to mm; a pixel's centre is at (column + 0.5, row + 0.5).

    `residual`: float32[rows, columns, 2], mm to add to what the homography gives, on cells of `cell` pixels that
    cover the image from its origin; None for a flat sheet.
    """

    homography: Matrix
    residual: Array | None = None
    cell: float = 1.0

    def at(self, x: Reals, y: Reals) -> tuple[Array, Array]:
        """Millimetres (u, v) at pixel positions of any one shape."""
        u, v = projected(self.homography, x, y)
        if self.residual is None:
            return u.astype(np.float32), v.astype(np.float32)
        more = bilinear(self.residual, x / self.cell - 0.5, y / self.cell - 0.5)
        return (u + more[..., 0]).astype(np.float32), (v + more[..., 1]).astype(np.float32)

    def scaled(self, x: float, y: float) -> "GridMap":
        """The same map for an image `x` and `y` times as large; a residual needs x == y."""
        return replace(self, homography=self.homography @ np.diag([1 / x, 1 / y, 1.0]), cell=self.cell * (x + y) / 2)

    def after(self, move: Matrix) -> "GridMap":
        """The same map with another origin or another way up: `move` acts on the millimetres, and is a rigid one."""
        residual = None if self.residual is None else (self.residual @ move[:2, :2].T.astype(np.float32))
        return replace(self, homography=move @ self.homography, residual=residual)

    def inverse_at(self, u: Reals, v: Reals) -> tuple[Array, Array]:
        """Pixel positions (x, y) of points on the paper, both float32[h, w]."""
        back: Matrix = np.linalg.inv(self.homography).astype(np.float64)
        x, y = projected(back, u, v)
        if self.residual is not None:
            for _ in range(3):  # the residual is small and smooth: each round gains two digits
                got_u, got_v = self.at(x.astype(np.float32), y.astype(np.float32))
                flat_u, flat_v = projected(self.homography, x, y)
                x, y = projected(back, u - (got_u - flat_u), v - (got_v - flat_v))
        return x.astype(np.float32), y.astype(np.float32)


def bilinear(field: Array, columns: Reals, rows: Reals) -> Array:
    """float32[..., channels] of a field[r, c, channels] at fractional places, constant beyond its rim.

    OpenCV's remap would round the places to 1/32 of a cell.
    """
    columns = np.clip(columns, 0.0, field.shape[1] - 1.0)
    rows = np.clip(rows, 0.0, field.shape[0] - 1.0)
    left = np.minimum(columns.astype(np.intp), max(field.shape[1] - 2, 0))
    top = np.minimum(rows.astype(np.intp), max(field.shape[0] - 2, 0))
    right, bottom = np.minimum(left + 1, field.shape[1] - 1), np.minimum(top + 1, field.shape[0] - 1)
    across, down = (columns - left).astype(np.float32)[..., None], (rows - top).astype(np.float32)[..., None]
    if columns.ndim == 2 and columns.shape[0] == 1 and rows.shape[1] == 1:  # axes of a grid: one after the other
        wide = field[:, left[0]] * (1 - across) + field[:, right[0]] * across
        return np.asarray(wide[top[:, 0]] * (1 - down) + wide[bottom[:, 0]] * down)
    upper = field[top, left] * (1 - across) + field[top, right] * across
    lower = field[bottom, left] * (1 - across) + field[bottom, right] * across
    return np.asarray(upper * (1 - down) + lower * down)


def fit_homography(x: Matrix, y: Matrix, u: Matrix, v: Matrix, *, weight: Matrix, limit: float) -> Matrix:
    """Weighted homography (x, y) -> (u, v), each [n], that trusts residuals beyond `limit` mm less and less.

    Linear least squares for both axes at once, reweighted by Cauchy's function and by the projective depth, so that
    it is distances on the paper that are made small.
    """
    centre, span = np.array([x.mean(), y.mean()]), max(float(np.ptp(x)), float(np.ptp(y)), 1.0) / 2
    xs, ys = (x - centre[0]) / span, (y - centre[1]) / span
    one, zero = np.ones_like(xs), np.zeros_like(xs)
    rows_u = np.stack([xs, ys, one, zero, zero, zero, -u * xs, -u * ys], axis=1)
    rows_v = np.stack([zero, zero, zero, xs, ys, one, -v * xs, -v * ys], axis=1)
    trust, depth = np.array(weight, dtype=np.float64), one
    h = np.eye(3)
    for _ in range(6):
        w = np.sqrt(trust) / depth
        a = np.concatenate([rows_u * w[:, None], rows_v * w[:, None]])
        h = np.append(np.linalg.lstsq(a, np.concatenate([u * w, v * w]), rcond=None)[0], 1.0).reshape(3, 3)
        depth = h[2, 0] * xs + h[2, 1] * ys + 1.0
        got_u, got_v = projected(h, xs, ys)
        error2 = (got_u - u) ** 2 + (got_v - v) ** 2
        trust = weight / (1.0 + error2 / limit**2)
    normalise = np.array([[1 / span, 0, -centre[0] / span], [0, 1 / span, -centre[1] / span], [0, 0, 1.0]])
    return np.asarray(h @ normalise)
