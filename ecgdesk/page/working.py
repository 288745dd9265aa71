"""One working scale for all that looks for structure on a page."""

import cv2
import numpy as np
from numpy.typing import NDArray

WORKING_PPM = 5.0  # pixels/mm: the smallest lead names (1.6 mm) keep 8 pixels of height, a page stays near 1.5 Mpx
INKED = 90  # working ink of 0..255 from which on a pixel counts as inked; a 0.2 mm pen fills half a working pixel


def to_working_scale(image: NDArray[np.uint8], *, pixels_per_mm_x: float, pixels_per_mm_y: float) -> NDArray[np.uint8]:
    """`image` (uint8[h, w]) at WORKING_PPM; pixel (column, row) then starts at (column, row)/WORKING_PPM mm."""
    sx, sy = WORKING_PPM / pixels_per_mm_x, WORKING_PPM / pixels_per_mm_y
    height, width = image.shape
    size = (max(1, int(np.ceil(width * sx))), max(1, int(np.ceil(height * sy))))
    if max(sx, sy) >= 1.0:
        matrix = np.array([[sx, 0, sx / 2 - 0.5], [0, sy, sy / 2 - 0.5]])
        return np.asarray(cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR), dtype=np.uint8)
    # INTER_AREA stretches to whole pixels: at most one working pixel (0.2 mm) at the far edge
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
