"""How a sheet is lit: shadows soft and hard, creases, glare."""

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

_COARSER = 4  # light is smooth: it is drawn in pixels this many times larger


def light(
    shape: tuple[int, ...],
    pixels_per_mm: float,
    *,
    shadow: float,
    cast_shadows: int,
    wrinkle: float,
    rng: np.random.Generator,
) -> F32:
    """float32[h, w]: how brightly each pixel is lit. `shadow`, `wrinkle`: 0 none to 1 heavy. `cast_shadows`: of a
    hand, a telephone, a window's frame."""
    height, width = shape[:2]
    bright = np.ones((height, width), np.float32)
    if shadow:
        coarse = rng.uniform(1 - 0.6 * shadow, 1.0, (4, 5)).astype(np.float32)
        bright *= cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(cast_shadows):
        bright *= _cast(width, height, pixels_per_mm, rng)
    if wrinkle:
        bright *= 1 - wrinkle * _creases(width, height, pixels_per_mm, rng)
    return np.clip(bright, 0.12, 1.05)


def glare(shape: tuple[int, ...], strength: float, rng: np.random.Generator) -> F32:
    """float32[h, w], 0 to `strength`: how far each pixel is washed out by a lamp's reflection."""
    height, width = shape[:2]
    y, x = np.mgrid[0 : height // _COARSER + 1, 0 : width // _COARSER + 1].astype(np.float32)
    x, y = x / np.float32(x.max()), y / np.float32(y.max())
    angle = np.float32(rng.uniform(0, np.pi))
    dx, dy = x - np.float32(rng.uniform(0, 1)), y - np.float32(rng.uniform(0, 1))
    along, across = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
    spot = np.exp(
        -((along / np.float32(rng.uniform(0.1, 0.5))) ** 2 + (across / np.float32(rng.uniform(0.05, 0.2))) ** 2)
    )
    return np.asarray(cv2.resize(spot * np.float32(strength), (width, height)), np.float32)


def _cast(width: int, height: int, pixels_per_mm: float, rng: np.random.Generator) -> F32:
    """A darker side of a line, or a darker quarter, with a half shadow some millimetres wide."""
    size = (width // _COARSER + 1, height // _COARSER + 1)
    ppm = pixels_per_mm / _COARSER
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    middle = (x - size[0] * rng.uniform(0.1, 0.9), y - size[1] * rng.uniform(0.1, 0.9))
    inside = middle[0] * np.float32(np.cos(angle)) + middle[1] * np.float32(np.sin(angle))
    if rng.random() < 0.5:
        turned = angle + rng.uniform(0.6, 1.6)
        inside = np.minimum(inside, middle[0] * np.float32(np.cos(turned)) + middle[1] * np.float32(np.sin(turned)))
    soft = np.float32(rng.uniform(0.8, 8) * ppm)
    dark = np.float32(rng.uniform(0.1, 0.5)) * (0.5 + 0.5 * np.tanh(inside / soft))
    return np.asarray(cv2.resize(1 - dark, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _creases(width: int, height: int, pixels_per_mm: float, rng: np.random.Generator) -> F32:
    """float32[h, w], 0 to about 0.6: folds throw a soft shadow to one side of a sharp line, and some shine on it."""
    y, x = np.mgrid[0:height:2, 0:width:2].astype(np.float32) / np.float32(pixels_per_mm)
    dark = np.zeros(x.shape, np.float32)
    for _ in range(int(rng.integers(8, 22))):
        angle, offset = rng.uniform(0, np.pi), rng.uniform(-0.1, 1.1)
        across = (x - x.max() * offset) * np.cos(angle) + (y - y.max() * rng.uniform(0, 1)) * np.sin(angle)
        reach = np.float32(rng.uniform(3, 30))
        along = (-(x - x.max() / 2) * np.sin(angle) + (y - y.max() / 2) * np.cos(angle)) / np.float32(
            rng.uniform(30, 120)
        )
        depth = np.float32(rng.uniform(0.1, 0.5))
        dark += depth * np.exp(-np.maximum(across, 0) / reach - along**2) * (across > 0)
        if rng.random() < 0.3:
            dark -= np.float32(rng.uniform(0.1, 0.3)) * np.exp(-((across / 0.5) ** 2) - along**2)
    soft = cv2.resize(np.clip(dark, -0.1, 0.6), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(soft, np.float32)
