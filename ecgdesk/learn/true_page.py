"""A made page as the layout room would hand it over if it made no mistake."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.figure import Figure, How
from ecgdesk.ecg.page import Page
from ecgdesk.learn.pages import MadePage
from ecgdesk.page.ink import ink


def true_page(made: MadePage) -> Page:
    """The page flattened by its own homography, its ink found in the image, its layout as drawn."""
    ppm = made.spec.dpi / 25.4
    image = _flattened(made, ppm)
    figure = Figure(ppm, "px/mm", How.ENTERED)
    return Page(
        image=image,
        ink=ink(image, pixels_per_mm=ppm),
        pixels_per_mm_x=figure,
        pixels_per_mm_y=figure,
        to_scan=made.to_scan,
        layout=made.layout,
        speed=made.speed,
        gain=made.gain,
        pulses=made.pulses,
    )


def _flattened(made: MadePage, ppm: float) -> NDArray[np.uint8]:
    to_flat = made.to_scan @ np.diag([1 / ppm, 1 / ppm, 1.0])
    if made.bend is None and np.allclose(to_flat / to_flat[2, 2], np.eye(3), atol=1e-9):
        return made.image
    width, height = (round(side * ppm) for side in made.spec.sheet_mm)
    if made.bend is not None:
        x, y = np.meshgrid((np.arange(width) + 0.5) / ppm, (np.arange(height) + 0.5) / ppm)
        u, v = ((axis - 0.5).astype(np.float32) for axis in made.to_pixels(x, y))
        return np.asarray(cv2.remap(made.image, u, v, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    by_centres = np.linalg.inv(half) @ to_flat @ half
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    flat = cv2.warpPerspective(made.image, by_centres, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(flat, np.uint8)
