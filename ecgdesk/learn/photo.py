"""What happens to a sheet between the printer and the file: handling, camera or scanner, compression."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.learn.bend import Bend, bent
from ecgdesk.learn.copying import Copy, copied
from ecgdesk.learn.light import glare, light

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

_NODE_PIXELS = 8  # the map from the picture to the sheet is computed at nodes this far apart
_HALF = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])  # from OpenCV's pixel centres to edges at whole numbers


@dataclass(frozen=True)
class Handling:
    """All off by default: the sheet as the printer's software drew it.

    `rotation_deg`: clockwise. `perspective`: largest shift of a corner as a share of the sheet. `border_mm`: of the
    table around it. `curl_mm`: largest shift of the paper out of its plane's place; `folds`: across it; `torn`: pieces
    torn out of its rim. `shadow`, `wrinkle`, `glare`: 0 none to 1 heavy; `cast_shadows`: their number. `warmth`:
    colour cast, -1 to 1. `blur_px`: sigma; `motion_px`: of a camera that moved. `noise`: sigma in grey levels, and
    `cast` the share of light that each channel keeps after it. `sharpened`: a scanner's. `copy`: a photocopy or a
    fax, `grain`: its noise. `jpeg`: quality, None for lossless.
    """

    rotation_deg: float = 0.0
    perspective: float = 0.0
    border_mm: float = 0.0
    curl_mm: float = 0.0
    folds: int = 0
    torn: int = 0
    shadow: float = 0.0
    cast_shadows: int = 0
    wrinkle: float = 0.0
    glare: float = 0.0
    warmth: float = 0.0
    blur_px: float = 0.0
    motion_px: float = 0.0
    noise: float = 0.0
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)
    sharpened: float = 0.0
    copy: Copy = Copy.NONE
    grain: float = 0.0
    jpeg: int | None = None


@dataclass(frozen=True, eq=False)
class Handled:
    """`image`: uint8[h, w, 3]. `to_pixels`: float64[3, 3] from millimetres of the flat sheet. `bend`: None for a flat
    one."""

    image: U8
    to_pixels: F64
    bend: Bend | None


def handle(image: F32, to_pixels: F64, handling: Handling, rng: np.random.Generator) -> Handled:
    """The sheet `image` (float32[h, w, 3], 0 to 255) as it ends in a file, and where its points are there.

    `to_pixels`: float64[3, 3], from sheet millimetres to pixels of `image`.
    """
    ppm = float(to_pixels[0, 0])
    table = _table_colour(rng)
    if handling.torn:
        image = _torn(image, handling.torn, ppm, table, rng)
    image = (
        image
        * light(
            image.shape,
            ppm,
            shadow=handling.shadow,
            cast_shadows=handling.cast_shadows,
            wrinkle=handling.wrinkle,
            rng=rng,
        )[..., None]
    )
    if handling.glare:
        image += (250 - image) * glare(image.shape, 0.85 * handling.glare, rng)[..., None]
    bend = None
    if handling.curl_mm or handling.folds:
        size = (image.shape[1] / ppm, image.shape[0] / ppm)
        bend = bent(size, curl_mm=handling.curl_mm, folds=handling.folds, rng=rng)
    if handling.rotation_deg or handling.perspective or handling.border_mm or bend is not None:
        image, to_pixels = _laid_down(image, to_pixels, handling, bend, table, rng)
    if handling.warmth:
        image = image * np.array([1 + 0.08 * handling.warmth, 1.0, 1 - 0.08 * handling.warmth], np.float32)
    result = _taken(image, handling, rng)
    if handling.copy is not Copy.NONE:
        result, to_pixels = copied(result, to_pixels, handling.copy, grain=handling.grain, rng=rng)
    return Handled(result if handling.jpeg is None else _compressed(result, handling.jpeg), to_pixels, bend)


def _taken(image: F32, handling: Handling, rng: np.random.Generator) -> U8:
    """What the camera or the scanner makes of it."""
    if handling.blur_px:
        image = cv2.GaussianBlur(image, (0, 0), handling.blur_px).astype(np.float32)
    if handling.motion_px:
        image = _moved(image, handling.motion_px, rng)
    if handling.sharpened:
        image = image + np.float32(handling.sharpened) * (image - cv2.GaussianBlur(image, (0, 0), 1.2))
    if handling.noise:
        image = image + rng.standard_normal(image.shape, np.float32) * np.float32(handling.noise)
    image = np.clip(image, 0, 255)
    if handling.cast != (1.0, 1.0, 1.0):
        image = image * np.asarray(handling.cast, np.float32)
    return np.asarray(np.clip(image + 0.5, 0, 255), np.uint8)


def _moved(image: F32, motion_px: float, rng: np.random.Generator) -> F32:
    reach = max(int(np.ceil(motion_px)), 1) * 2 + 1
    kernel = np.zeros((reach * 4, reach * 4), np.uint8)
    angle, middle = rng.uniform(0, np.pi), reach * 2.0
    ends = [(middle + s * 2 * motion_px * np.cos(angle), middle + s * 2 * motion_px * np.sin(angle)) for s in (-1, 1)]
    cv2.line(kernel, (round(ends[0][0]), round(ends[0][1])), (round(ends[1][0]), round(ends[1][1])), 255, 4)
    small = cv2.resize(kernel, (reach, reach), interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(cv2.filter2D(image, -1, small / small.sum()), np.float32)


def _torn(image: F32, count: int, ppm: float, table: F32, rng: np.random.Generator) -> F32:
    """Corners torn off and upper and lower rims frayed, where no trace is."""
    height, width = image.shape[:2]
    gone = np.zeros((height, width), np.uint8)
    for _ in range(count):
        ragged = np.cumsum(rng.normal(0, 0.35, 60)) * ppm
        if rng.random() < 0.6:
            wide, tall = rng.uniform(4, 16, 2) * ppm
            x = np.linspace(0, wide, 60)
            y = np.clip(tall * (1 - x / wide) + ragged * np.hanning(60), 0, None)
            corner = np.concatenate([[[0.0, 0.0]], np.stack([x, y], axis=1)])
        else:
            left, wide, tall = rng.uniform(0, 0.7) * width, rng.uniform(15, 80) * ppm, rng.uniform(1, 5) * ppm
            x = left + np.linspace(0, wide, 60)
            corner = np.stack([x, np.clip(tall * np.hanning(60) + ragged * np.hanning(60), 0, None)], axis=1)
        if rng.random() < 0.5:
            corner[:, 0] = width - corner[:, 0]
        if rng.random() < 0.5:
            corner[:, 1] = height - corner[:, 1]
        cv2.fillPoly(gone, [np.round(corner).astype(np.int32)], 255)
    share = cv2.GaussianBlur(gone, (0, 0), 0.8).astype(np.float32)[..., None] / np.float32(255)
    return np.asarray(image + (table - image) * share, np.float32)


def _laid_down(
    image: F32, to_pixels: F64, handling: Handling, bend: Bend | None, table: F32, rng: np.random.Generator
) -> tuple[F32, F64]:
    """The sheet turned and seen at an angle, on a table; one resampling."""
    height, width = image.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    angle = np.deg2rad(handling.rotation_deg)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    moved = (corners - corners.mean(axis=0)) @ turn
    moved += rng.uniform(-1, 1, (4, 2)) * handling.perspective * np.array([width, height])
    margin = (handling.border_mm + (handling.curl_mm + 1 if bend is not None else 0)) * to_pixels[0, 0]
    moved += margin - moved.min(axis=0)
    size = np.ceil(moved.max(axis=0) + margin).astype(int)
    warp = cv2.getPerspectiveTransform(corners.astype(np.float32), moved.astype(np.float32)).astype(np.float64)
    there = (int(size[0]), int(size[1]))
    sheet = np.full((height, width), 255, np.uint8)
    if bend is None:
        by_centres = np.linalg.inv(_HALF) @ warp @ _HALF
        laid = cv2.warpPerspective(image, by_centres, there, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        mask = cv2.warpPerspective(sheet, by_centres, there, flags=cv2.INTER_LINEAR)
    else:
        x, y = _sources(there, np.linalg.inv(warp).astype(np.float64), bend, float(to_pixels[0, 0]))
        laid = cv2.remap(image, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        mask = cv2.remap(sheet, x, y, cv2.INTER_LINEAR)
    share = mask.astype(np.float32)[..., None] / np.float32(255)
    under = _table(there, table, float(to_pixels[0, 0]), rng)
    laid = under + (np.asarray(laid, np.float32) - under) * share
    return np.clip(laid, 0, 255).astype(np.float32), warp @ to_pixels


def _sources(size: tuple[int, int], back: F64, bend: Bend, ppm: float) -> tuple[F32, F32]:
    """Pixels of the flat sheet (by their centres) that each pixel of the picture shows, float32[h, w] each."""
    columns, rows = (np.arange(0, n + _NODE_PIXELS + 1, _NODE_PIXELS, dtype=np.float64) + 0.5 for n in size)
    px, py = np.meshgrid(columns, rows)
    below = back[2, 0] * px + back[2, 1] * py + back[2, 2]
    u = (back[0, 0] * px + back[0, 1] * py + back[0, 2]) / below
    v = (back[1, 0] * px + back[1, 1] * py + back[1, 2]) / below
    x, y = bend.undone(u / ppm, v / ppm)
    return _between(x * ppm - 0.5, size), _between(y * ppm - 0.5, size)


def _between(nodes: F64, size: tuple[int, int]) -> F32:
    """Bilinear between nodes _NODE_PIXELS apart."""
    share = (np.arange(_NODE_PIXELS) / _NODE_PIXELS)[None, :, None]
    tall = (nodes[:-1, None] * (1 - share) + nodes[1:, None] * share).reshape(-1, nodes.shape[1])
    share = share[:, :, 0]
    wide = (tall[:, :-1, None] * (1 - share[:, None]) + tall[:, 1:, None] * share[:, None]).reshape(len(tall), -1)
    return wide[: size[1], : size[0]].astype(np.float32)


def _table_colour(rng: np.random.Generator) -> F32:
    base = rng.uniform(15, 190)
    return np.array([base + rng.uniform(-10, 25), base, base - rng.uniform(0, 15)], np.float32)


def _table(size: tuple[int, int], colour: F32, ppm: float, rng: np.random.Generator) -> F32:
    """float32[h, w, 3]: a table top with its grain."""
    long, short = rng.uniform(3, 40), rng.uniform(0.5, 4)
    cells = (max(int(size[0] / ppm / long), 2), max(int(size[1] / ppm / short), 2))
    grain = rng.normal(0, rng.uniform(0, 0.08), cells[::-1]).astype(np.float32)
    return colour * (1 + cv2.resize(grain, size, interpolation=cv2.INTER_LINEAR))[..., None]


def _compressed(image: U8, quality: int) -> U8:
    _, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(decoded[..., ::-1])
