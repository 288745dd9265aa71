"""Sheets that do not lie flat: curl and folds, as shifts of the paper in its own plane (what a camera above sees)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

_NODE_MM = 5.0
_ROUNDS = 6


@dataclass(frozen=True, eq=False)
class Bend:
    """`shift_mm`: float32[rows, columns, 2], (x, y), by how much a point of the sheet is seen shifted, on nodes
    `node_mm` apart from the sheet's origin; a sheet point is seen where a flat sheet's point at its shifted place
    would be."""

    shift_mm: F32
    node_mm: float = _NODE_MM

    def at(self, x_mm: F32 | F64, y_mm: F32 | F64) -> tuple[F64, F64]:
        """The shift (x, y) in mm at points of any one shape; bilinear between the nodes."""
        rows, columns = self.shift_mm.shape[:2]
        across = np.clip(np.asarray(x_mm, np.float64) / self.node_mm, 0, columns - 1.000001)
        down = np.clip(np.asarray(y_mm, np.float64) / self.node_mm, 0, rows - 1.000001)
        left, top = across.astype(np.intp), down.astype(np.intp)
        a, b = (across - left)[..., None], (down - top)[..., None]
        upper = self.shift_mm[top, left] * (1 - a) + self.shift_mm[top, left + 1] * a
        lower = self.shift_mm[top + 1, left] * (1 - a) + self.shift_mm[top + 1, left + 1] * a
        shift = upper * (1 - b) + lower * b
        return shift[..., 0], shift[..., 1]

    def undone(self, x_mm: F64, y_mm: F64) -> tuple[F64, F64]:
        """The points of the sheet that are seen at (x, y): shifts are small and smooth, so each round gains digits."""
        u, v = x_mm, y_mm
        for _ in range(_ROUNDS):
            dx, dy = self.at(u, v)
            u, v = x_mm - dx, y_mm - dy
        return u, v


def bent(size_mm: tuple[float, float], *, curl_mm: float, folds: int, rng: np.random.Generator) -> Bend:
    """Curl of about `curl_mm` (largest shift), long-waved, and `folds` across which the paper bends sharply."""
    width, height = size_mm
    x = np.arange(0.0, width + 2 * _NODE_MM, _NODE_MM)[None, :]
    y = np.arange(0.0, height + 2 * _NODE_MM, _NODE_MM)[:, None]
    shift = np.zeros((y.size, x.size, 2))
    for _ in range(3):
        angle, long = rng.uniform(0, np.pi), rng.uniform(0.5, 1.6) * width
        phase = 2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / long + rng.uniform(0, 2 * np.pi)
        shift += np.sin(phase)[..., None] * rng.normal(0, 1, 2)
    shift *= curl_mm / max(float(np.abs(shift).max()), 1e-9)
    for _ in range(folds):
        upright = rng.random() < 0.6
        at = rng.uniform(0.15, 0.85) * (width if upright else height)
        across = (x if upright else y) - at
        # a fold lifts the paper on both sides: both sides are seen moved towards it, most at the fold
        pull = -rng.uniform(0.2, 0.9) * np.tanh(across / 6.0) * np.exp(-np.abs(across) / rng.uniform(15, 60))
        shift[..., 0 if upright else 1] += pull
    return Bend(shift.astype(np.float32))
