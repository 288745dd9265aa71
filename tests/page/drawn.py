"""Sheets drawn pixel by pixel from a known place on the paper, so that a test knows the truth exactly."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.page import Sheet

Reals = NDArray[np.float64]
PINK, RED, GREEN, GREY, BLUE = (255, 150, 160), (220, 40, 40), (90, 170, 90), (150, 150, 150), (90, 120, 220)
WHITE = (252, 250, 248)
ROWS_MM = (20.0, 42.0, 64.0, 86.0)


def upright(ppm_x: float, ppm_y: float | None = None) -> Callable[[Reals, Reals], tuple[Reals, Reals]]:
    """Pixels -> mm of a straight sheet."""
    return lambda x, y: (x / ppm_x + 0.3, y / (ppm_y or ppm_x) + 0.7)


def through(matrix: Reals) -> Callable[[Reals, Reals], tuple[Reals, Reals]]:
    """Pixels -> mm by a homography."""

    def place(x: Reals, y: Reals) -> tuple[Reals, Reals]:
        below = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
        return (
            (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / below,
            (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / below,
        )

    return place


def sheet(
    place: Callable[[Reals, Reals], tuple[Reals, Reals]],
    *,
    size: tuple[int, int],
    line: tuple[int, int, int] | None = PINK,
    fine: float = 0.5,
    coarse: float = 1.0,
    dotted: bool = False,
    traces: bool = True,
    paper_mm: tuple[float, float, float, float] | None = None,
    table: tuple[int, int, int] = (70, 60, 50),
    noise: float = 2.0,
    dpi: tuple[float, float] | None = None,
) -> Sheet:
    """A sheet of `size` (width, height) pixels; `place` gives the mm on the paper of pixel positions.

    `line`: the grid's colour, None for no grid; `fine`, `coarse`: strength of the 1 mm and 5 mm lines. `paper_mm`:
    (left, top, right, bottom) of the paper, what is outside of it is table.
    """
    fold = 3 if size[0] < 900 else 1  # a pixel covers an area: at few pixels a line its middle alone would alias
    x, y = np.meshgrid((np.arange(size[0] * fold) + 0.5) / fold, (np.arange(size[1] * fold) + 0.5) / fold)
    u, v = place(x, y)
    image = np.empty((*u.shape, 3))
    image[:] = WHITE
    if line is not None:
        ruled = np.maximum(_grid(u, v, 1.0, dotted) * fine, _grid(u, v, 5.0, False) * coarse)
        image += ruled[..., None] * (np.array(line, dtype=float) - image)
    if traces:
        image *= 1.0 - 0.95 * _ink(u, v)[..., None]
    if paper_mm is not None:
        left, top, right, bottom = paper_mm
        image[(u < left) | (u > right) | (v < top) | (v > bottom)] = table
    image = image.reshape(size[1], fold, size[0], fold, 3).mean(axis=(1, 3))
    image += np.random.default_rng(1).normal(0.0, noise, image.shape)
    return Sheet(image=np.clip(image, 0, 255).astype(np.uint8), name="drawn", dpi=dpi)


def _grid(u: Reals, v: Reals, spacing: float, dotted: bool) -> Reals:
    across, down = (np.exp(-((((axis / spacing + 0.5) % 1.0 - 0.5) * spacing / 0.12) ** 2)) for axis in (u, v))
    return across * down if dotted else np.maximum(across, down)


def _ink(u: Reals, v: Reals) -> Reals:
    """Coverage of four rows of beats, 0 to 1; a beat every 21.3 mm, rising 10 mm."""
    ink = np.zeros_like(u)
    for number, base in enumerate(ROWS_MM):
        phase = (u + 3.0 * number) % 21.3
        height = 10.0 * np.exp(-(((phase - 8.0) / 0.6) ** 2)) + 2.5 * np.exp(-(((phase - 15.0) / 2.0) ** 2))
        slope = np.gradient(height, axis=1) / np.maximum(np.abs(np.gradient(u, axis=1)), 1e-6)
        distance = np.abs(v - base + height) / np.sqrt(1.0 + slope**2)
        ink = np.maximum(ink, np.clip((0.35 - distance) / 0.2, 0.0, 1.0))
    return ink
