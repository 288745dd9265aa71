"""The straightened sheet: what straighten.py hands to the rooms that look for ink, rows and names."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.bend import Bend
from ecgdesk.ecg.figure import Figure


@dataclass(frozen=True, eq=False)
class Flat:
    """A sheet upright (to within 180 degrees), straight and cropped.

    `image`: uint8[h, w, 3], RGB. Pixel (column, row) covers the paper from column/ppm to (column + 1)/ppm.
    `pixels_per_mm_x`, `pixels_per_mm_y`: of `image`; measured on the grid, printed (the file states a resolution) or
    assumed.
    `to_scan`: float64[3, 3], from page millimetres (x, y, 1) to pixels of the original `Sheet.image`, where pixel
    (column, row) has its centre at (column + 0.5, row + 0.5); `bend`: what the sheet's shape adds to it, if any.
    `grid_found`: False where the scale rests on anything but a grid. `resampled`: False where `image` is a pure crop
    of the scan. `doubts`: sentences for the user.
    """

    image: NDArray[np.uint8]
    pixels_per_mm_x: Figure
    pixels_per_mm_y: Figure
    to_scan: NDArray[np.float64]
    doubts: tuple[str, ...] = ()
    grid_found: bool = True
    resampled: bool = False
    bend: Bend | None = None

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of the sheet."""
        height, width = self.image.shape[:2]
        return width / float(self.pixels_per_mm_x.value or 1), height / float(self.pixels_per_mm_y.value or 1)

    def stretched(self, *, along: float, across: float, doubt: str) -> "Flat":
        """The same sheet on which a millimetre was taken to be `along` and `across` times too long; `doubt` takes the
        place of the last one, which is about the scale."""
        x, y = self.pixels_per_mm_x, self.pixels_per_mm_y
        return replace(
            self,
            pixels_per_mm_x=replace(x, value=(x.value or 1.0) * along),
            pixels_per_mm_y=replace(y, value=(y.value or 1.0) * across),
            to_scan=self.to_scan @ np.diag([along, across, 1.0]),
            doubts=(*self.doubts[:-1], doubt),
        )

    def turned(self) -> "Flat":
        """The same sheet the other way up; nothing is resampled."""
        width_mm, height_mm = self.size_mm
        turn = np.array([[-1.0, 0.0, width_mm], [0.0, -1.0, height_mm], [0.0, 0.0, 1.0]])
        return replace(
            self,
            image=np.ascontiguousarray(self.image[::-1, ::-1]),
            to_scan=self.to_scan @ turn,
            bend=self.bend.turned() if self.bend is not None else None,
        )
