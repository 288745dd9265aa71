"""Where a grid shows best: the sheet as a flat-field contrast image, its ink limited to the grid's own strength."""

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

CLIP_QUANTILE = 0.90  # ink covers a few per cent of a sheet, grid lines more than a tenth
WINDOWS_A_SIDE = 48  # the flat field's window: over 5 mm on a whole sheet, so that no grid line is its own paper
LEAST_WINDOW = 25  # pixels: over 5 mm on a part of a sheet at 100 dpi
DARK = 100.0  # grey levels; a shaded photo of paper is brighter
LEAST_COLOUR = 0.5  # grey levels; below it the image is monochrome

Gray = NDArray[np.float32]
Level = TypeVar("Level", np.uint8, np.float32)


def reduced(image: NDArray[np.uint8], *, scale: float) -> NDArray[np.uint8]:
    """The image area-averaged to about `scale` (at most 1) of its size."""
    if scale >= 1.0:
        return image
    height, width = image.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def contrasts(image: NDArray[np.uint8]) -> tuple[Gray, ...]:
    """float32[h, w] each, zero mean, about unit variance: darkness, and colourfulness unless the image is grey.

    Coloured lines under black ink show in colourfulness alone; grey, faint or dotted ones in darkness.
    """
    darkness = 255.0 - cv2.transform(image.astype(np.float32), np.full((1, 3), 1 / 3, np.float32))
    colour = cv2.subtract(brightest(image), least_channel(image)).astype(np.float32)
    if float(colour[::4, ::4].std()) < LEAST_COLOUR:
        return (_flat_field(darkness),)
    return _flat_field(darkness), _flat_field(colour)


def brightest(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8[h, w]: the brightest of three channels. NumPy's own is ten times slower on so short an axis."""
    red, green, blue = cv2.split(image)
    return cv2.max(cv2.max(red, green), blue).astype(np.uint8, copy=False)


def least_channel(image: NDArray[Level]) -> NDArray[Level]:
    """[h, w]: the least of the three channels of [h, w, 3]."""
    red, green, blue = cv2.split(image)
    return cv2.min(cv2.min(red, green), blue).astype(image.dtype, copy=False)


def ranked(levels: NDArray[np.uint8], kth: int) -> NDArray[np.uint8]:
    """The kth smallest along the last axis. NumPy partitions words of 16 bits ten times as fast as bytes."""
    found: NDArray[np.uint8] = np.partition(levels.astype(np.int16), kth, axis=-1)[..., kth].astype(np.uint8)
    return found


def is_dark(image: NDArray[np.uint8]) -> bool:
    """True for a picture that is mostly dark, as a monitor's or a negative's: its traces may be light."""
    return float(np.median(brightest(image[::8, ::8]))) < DARK


def _flat_field(level: Gray) -> Gray:
    window = max(LEAST_WINDOW, max(level.shape) // WINDOWS_A_SIDE | 1)
    high = level - cv2.blur(level, (window, window))
    limit = float(np.quantile(np.abs(high[::3, ::3]), CLIP_QUANTILE)) + 1e-6
    np.clip(high, -limit, limit, out=high)
    high -= cv2.blur(high, (window, window))
    power = cv2.blur(high * high, (2 * window + 1, 2 * window + 1))
    spread = np.sqrt(np.maximum(power, 0.0))
    # A third of the usual spread keeps blank margins from being amplified into noise.
    return (high / (spread + 0.3 * float(np.median(spread)) + 1e-3)).astype(np.float32, copy=False)
