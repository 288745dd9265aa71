"""Scans whose pixels are not square: a fax has 204 dots an inch across and 98 or 196 down (ITU-T T.4)."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.page import Sheet
from ecgdesk.page.limits import MAX_PIXELS

SQUARE = 1.01  # pixels whose sides differ by less are square
OBLONG = 3.0  # a file that states more than this states nonsense


def squared(sheet: Sheet) -> tuple[Sheet, NDArray[np.float64]]:
    """`sheet` with square pixels, as its file states their sides, and float64[3, 3] from them back to its own."""
    if sheet.dpi is None:
        return sheet, np.eye(3)
    x, y = (max(sheet.dpi) / side for side in sheet.dpi)
    height, width = sheet.image.shape[:2]
    if not SQUARE < max(x, y) < OBLONG or width * x * height * y > MAX_PIXELS:
        return sheet, np.eye(3)
    size = (round(width * x), round(height * y))
    image = np.asarray(cv2.resize(sheet.image, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    back = np.diag([width / size[0], height / size[1], 1.0])
    return replace(sheet, image=image, dpi=(max(sheet.dpi), max(sheet.dpi))), back
