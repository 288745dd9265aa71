"""What the shape of a sheet that does not lie flat adds to its homography."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Real = TypeVar("Real", bound=np.floating)


@dataclass(frozen=True, eq=False)
class Bend:
    """`shift`: float32[rows, columns, 2], at least 2 x 2: (x, y) pixels of the scan to add to what the homography gives
    for a place on the page; node (row, column) of a page `size_mm` (width, height) large stands at
    (column / (columns - 1) width, row / (rows - 1) height)."""

    shift: F32
    size_mm: tuple[float, float]

    def at(self, x_mm: F64, y_mm: F64) -> tuple[F64, F64]:
        """The shift (x, y) in pixels at places on the page, of any one shape; bilinear, constant beyond the rim."""
        rows, columns = self.shift.shape[:2]
        across = np.clip(np.asarray(x_mm, np.float64) / self.size_mm[0] * (columns - 1), 0.0, columns - 1.0)
        down = np.clip(np.asarray(y_mm, np.float64) / self.size_mm[1] * (rows - 1), 0.0, rows - 1.0)
        left = np.minimum(across.astype(np.intp), columns - 2)
        top = np.minimum(down.astype(np.intp), rows - 2)
        a, b = (across - left)[..., None], (down - top)[..., None]
        upper = self.shift[top, left] * (1 - a) + self.shift[top, left + 1] * a
        lower = self.shift[top + 1, left] * (1 - a) + self.shift[top + 1, left + 1] * a
        shift = upper * (1 - b) + lower * b
        return shift[..., 0], shift[..., 1]

    def nodes(self) -> tuple[F64, F64]:
        """Places of the nodes, mm: (x, y), float64[rows, columns] each."""
        rows, columns = self.shift.shape[:2]
        x, y = np.meshgrid(np.linspace(0, self.size_mm[0], columns), np.linspace(0, self.size_mm[1], rows))
        return x, y

    def through(self, onward: F64, to_scan: F64) -> "Bend":
        """The same where the scan was itself cut out of another: `onward` leads from its pixels to the other's."""
        x, y = projected(to_scan, *self.nodes())
        plane = np.stack(projected(onward, x, y), axis=-1)
        seen = np.stack(projected(onward, x + self.shift[..., 0], y + self.shift[..., 1]), axis=-1)
        return Bend((seen - plane).astype(np.float32), self.size_mm)

    def turned(self) -> "Bend":
        """The same for the page the other way up."""
        return Bend(np.ascontiguousarray(self.shift[::-1, ::-1]), self.size_mm)

    def quarter(self) -> "Bend":
        """The same for the page turned a quarter counter-clockwise, as numpy.rot90 turns its image."""
        return Bend(np.ascontiguousarray(np.rot90(self.shift)), (self.size_mm[1], self.size_mm[0]))


def projected(
    homography: NDArray[np.floating], x: NDArray[Real], y: NDArray[Real]
) -> tuple[NDArray[Real], NDArray[Real]]:
    """Points of any one shape through a homography float64[3, 3]; x and y broadcast and keep their precision."""
    a, b, c = (row.tolist() for row in homography)  # Python's floats, so that float32 stays float32
    below = c[0] * x + c[1] * y + c[2]
    return (a[0] * x + a[1] * y + a[2]) / below, (b[0] * x + b[1] * y + b[2]) / below
