"""What happens to a sheet between the printer and the file: handling, camera or scanner, compression."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Handling:
    """All off by default: the sheet as the printer's software drew it.

    `rotation_deg`: clockwise. `perspective`: largest shift of a corner as a share of the sheet. `border_mm`: of the
    table around it. `shadow`, `wrinkle`: 0 none to 1 heavy. `warmth`: colour cast, -1 to 1. `blur_px`: sigma.
    `noise`: sigma in grey levels. `copied`: a black and white photocopy. `jpeg`: quality, None for lossless.
    """

    rotation_deg: float = 0.0
    perspective: float = 0.0
    border_mm: float = 0.0
    shadow: float = 0.0
    wrinkle: float = 0.0
    warmth: float = 0.0
    blur_px: float = 0.0
    noise: float = 0.0
    copied: bool = False
    jpeg: int | None = None


def handle(image: F32, to_pixels: F64, handling: Handling, rng: np.random.Generator) -> tuple[U8, F64]:
    """The sheet `image` (float32[h, w, 3], 0 to 255) as it ends in a file, and its homography.

    `to_pixels`: float64[3, 3], from sheet millimetres to pixels of `image`; the one returned belongs to the result.
    """
    image = image * _light(image.shape[:2], to_pixels[0, 0], handling, rng)[..., None]
    if handling.rotation_deg or handling.perspective or handling.border_mm:
        image, to_pixels = _laid_down(image, to_pixels, handling, rng)
    if handling.warmth:
        image = image * np.array([1 + 0.08 * handling.warmth, 1.0, 1 - 0.08 * handling.warmth], np.float32)
    if handling.blur_px:
        image = cv2.GaussianBlur(image, (0, 0), handling.blur_px).astype(np.float32)
    if handling.noise:
        image = image + rng.standard_normal(image.shape, np.float32) * np.float32(handling.noise)
    result = np.clip(image + 0.5, 0, 255).astype(np.uint8)
    if handling.copied:
        grey = cv2.cvtColor(result, cv2.COLOR_RGB2GRAY)
        result = np.repeat(np.where(grey > 120, 255, 0).astype(np.uint8)[..., None], 3, axis=2)
    return (result if handling.jpeg is None else _compressed(result, handling.jpeg)), to_pixels


def _light(shape: tuple[int, ...], pixels_per_mm: float, handling: Handling, rng: np.random.Generator) -> F32:
    """float32[h, w]: how brightly each pixel is lit."""
    height, width = shape[:2]
    light = np.ones((height, width), np.float32)
    if handling.shadow:
        coarse = rng.uniform(1 - 0.6 * handling.shadow, 1.0, (4, 5)).astype(np.float32)
        light *= cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    if handling.wrinkle:
        light *= 1 - handling.wrinkle * _creases(width, height, pixels_per_mm, rng)
    return np.clip(light, 0.12, 1.05)


def _creases(width: int, height: int, pixels_per_mm: float, rng: np.random.Generator) -> F32:
    """float32[h, w], 0 to about 0.6: folds throw a soft shadow to one side of a sharp line."""
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
    soft = cv2.resize(np.minimum(dark, 0.6), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(soft, np.float32)


def _laid_down(image: F32, to_pixels: F64, handling: Handling, rng: np.random.Generator) -> tuple[F32, F64]:
    """The sheet turned and seen at an angle, on a table."""
    height, width = image.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    angle = np.deg2rad(handling.rotation_deg)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    moved = (corners - corners.mean(axis=0)) @ turn
    moved += rng.uniform(-1, 1, (4, 2)) * handling.perspective * np.array([width, height])
    moved += handling.border_mm * to_pixels[0, 0] - moved.min(axis=0)
    size = np.ceil(moved.max(axis=0) + handling.border_mm * to_pixels[0, 0]).astype(int)
    # Edges at whole numbers on both sides; OpenCV counts from pixel centres.
    warp = cv2.getPerspectiveTransform(corners.astype(np.float32), moved.astype(np.float32)).astype(np.float64)
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    by_centres = np.linalg.inv(half) @ warp @ half
    laid = cv2.warpPerspective(
        image, by_centres, (int(size[0]), int(size[1])), flags=cv2.INTER_CUBIC, borderValue=_table(rng)
    )
    return np.clip(laid, 0, 255).astype(np.float32), warp @ to_pixels


def _table(rng: np.random.Generator) -> tuple[float, float, float]:
    base = rng.uniform(15, 120)
    return base + rng.uniform(-10, 25), base, base - rng.uniform(0, 15)


def _compressed(image: U8, quality: int) -> U8:
    _, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(decoded[..., ::-1])
