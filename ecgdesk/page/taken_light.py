"""The light that a pixel takes from its paper, and how much ink that is."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.page.contrast import least_channel

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]

BAND_ROWS = 512  # the image is worked on in bands, to keep memory modest at 600 dpi


def losses_of(image: U8, paper: F32, rows: range) -> F32:
    """Share of the paper's light that each channel loses in `rows`: float32[len(rows), w, 3], 0 on paper."""
    height, width = image.shape[:2]
    scale = np.array([[paper.shape[1] / width, 0, 0], [0, paper.shape[0] / height * rows.step, 0]])
    scale[0, 2] = scale[0, 0] / 2 - 0.5
    scale[1, 2] = paper.shape[0] / height * (rows.start + 0.5) - 0.5
    local = cv2.warpAffine(
        paper,
        scale,
        (width, len(rows)),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    losses: F32 = image[rows.start : rows.stop : rows.step].astype(np.float32)
    losses /= local
    return np.subtract(1.0, losses, out=losses)


def coverage_of(image: U8, paper: F32, weights: F32 | None) -> U8:
    """uint8[h, w]: the weighted loss of light; the least loss of any channel without weights."""
    height, width = image.shape[:2]
    coverage = np.empty((height, width), np.uint8)
    for top in range(0, height, BAND_ROWS):
        bottom = min(top + BAND_ROWS, height)
        losses = losses_of(image, paper, range(top, bottom))
        band = least_channel(losses) if weights is None else cv2.transform(losses, weights[None])
        coverage[top:bottom] = np.clip(band * 255.0 + 0.5, 0, 255).astype(np.uint8)
    return coverage
