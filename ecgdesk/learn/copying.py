"""Black and white copies of a sheet: photocopies and faxes."""

from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

_FAX_ACROSS, _FAX_FINE = 204 / 25.4, 196 / 25.4  # dots a millimetre, ITU-T T.4
_WINDOW_MM = 9.0  # a copier judges black by what is around
_WHITE = 246  # a copier's white is not quite white to a scanner


class Copy(StrEnum):
    NONE = "none"
    LEVEL = "level"  # black or white at one level of grey
    LOCAL = "local"  # at a level that follows the paper, as office scanners do
    DITHERED = "dithered"  # greys as patterns of dots
    GREY = "grey"  # a photocopy with its grain, scanned in greys
    FAX = "fax"  # fine mode
    FAX_COARSE = "coarse fax"  # standard mode: half the lines, each sent twice


def copied(image: U8, to_pixels: F64, how: Copy, *, grain: float, rng: np.random.Generator) -> tuple[U8, F64]:
    """`image` (uint8[h, w, 3]) copied, and the homography that belongs to the copy. `grain`: grey levels (sigma)."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    if how in (Copy.FAX, Copy.FAX_COARSE):
        grey, to_pixels = _sent(grey, to_pixels, coarse=how is Copy.FAX_COARSE)
    if grain:
        noise = np.asarray(rng.standard_normal(grey.shape, np.float32))
        grey += cv2.GaussianBlur(noise, (0, 0), 0.7) * np.float32(2 * grain)
    level = float(rng.uniform(95, 150))
    if how is Copy.GREY:
        copy = np.clip((grey - level) * np.float32(rng.uniform(2, 4)) + 128, rng.uniform(0, 40), _WHITE).astype(
            np.uint8
        )
    elif how is Copy.DITHERED:
        copy = np.array(Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).convert("1")).astype(np.uint8) * 255
    elif how is Copy.LEVEL:
        copy = np.where(grey > level, 255, 0).astype(np.uint8)
    else:
        window = int(_WINDOW_MM * to_pixels[0, 0]) | 1
        around = cv2.blur(grey, (window, window))
        copy = np.where(grey > around * np.float32(rng.uniform(0.7, 0.88)), 255, 0).astype(np.uint8)
    if how is Copy.FAX_COARSE:
        copy = np.repeat(copy, 2, axis=0)
        to_pixels = np.diag([1.0, 2.0, 1.0]) @ to_pixels
    _specked(copy, to_pixels[0, 0], rng)
    return np.repeat(copy[..., None], 3, axis=2), to_pixels


def _sent(grey: F32, to_pixels: F64, *, coarse: bool) -> tuple[F32, F64]:
    """The sheet in the fax machine's own dots."""
    ppm = abs(float(to_pixels[0, 0]))
    across, down = _FAX_ACROSS / ppm, (_FAX_FINE / 2 if coarse else _FAX_FINE) / ppm
    height, width = grey.shape
    size = (max(round(width * across), 1), max(round(height * down), 1))
    sent = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if down < 1 else cv2.INTER_CUBIC)
    return sent.astype(np.float32), np.diag([size[0] / width, size[1] / height, 1.0]) @ to_pixels


def _specked(copy: U8, pixels_per_mm: float, rng: np.random.Generator) -> None:
    """Dust on the glass, and a streak where the roller is dirty."""
    height, width = copy.shape
    for _ in range(int(rng.poisson(15))):
        at = (int(rng.integers(width)), int(rng.integers(height)))
        cv2.circle(copy, at, int(rng.integers(0, max(2, round(0.25 * pixels_per_mm)))), 0, -1)
    if rng.random() < 0.2:
        y = int(rng.integers(height))
        copy[y : y + max(1, round(0.1 * pixels_per_mm)), rng.random(width) < 0.6] = 0
