"""The page as the model is shown it."""

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.page import Page

MARGIN_MM = 4.0  # around the traces: the lead names and pulses stand within


def picture(page: Page) -> NDArray[np.uint8]:
    """uint8[h, w, 3], RGB: the straightened page, cut to where its traces are.

    What is printed around them (a name, an interpretation) would cost the little sharpness that the model's tiles
    have, and would tell it what it is to find out.
    """
    strips = page.layout.strips
    if not strips:
        return page.image
    boxes = [(s.x0_mm, s.top_mm, s.x1_mm, s.bottom_mm) for s in strips] + list(page.pulses)
    x0, y0 = (min(box[side] for box in boxes) - MARGIN_MM for side in (0, 1))
    x1, y1 = (max(box[side] for box in boxes) + MARGIN_MM for side in (2, 3))
    height, width = page.image.shape[:2]
    across, down = page.pixels_per_mm_x.value or 1.0, page.pixels_per_mm_y.value or 1.0
    columns = slice(max(0, int(x0 * across)), min(width, int(np.ceil(x1 * across))))
    rows = slice(max(0, int(y0 * down)), min(height, int(np.ceil(y1 * down))))
    return np.ascontiguousarray(page.image[rows, columns])
