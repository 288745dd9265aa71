"""Grid papers: what they look like, and how they are drawn.

Grid lines are separable, so a sheet is two one-dimensional coverage profiles, exact by area at any resolution.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
Colour = tuple[int, int, int]

SMALL_BOX_MM = 1.0
LARGE_BOX_MM = 5.0


class Grid(StrEnum):
    LINES = "lines"
    SNAPPED = "snapped"  # lines moved to whole pixels, as drawing libraries do
    DOTS = "dots"  # small boxes as dots, large ones as lines
    LARGE_ONLY = "large only"
    NONE = "none"


@dataclass(frozen=True)
class Paper:
    """Colours are RGB; widths in mm. `woven`: small lines run over the large ones that cross them, which then look
    dashed, as on pages of plotting libraries."""

    name: str
    sheet: Colour
    minor: Colour
    major: Colour
    grid: Grid = Grid.LINES
    minor_mm: float = 0.1
    major_mm: float = 0.2
    woven: bool = False


PAPERS: tuple[Paper, ...] = (
    Paper("red on white", (255, 255, 255), (255, 215, 215), (250, 90, 90)),
    Paper("red on rose", (255, 240, 238), (250, 205, 200), (240, 130, 125)),
    Paper("pink", (252, 226, 240), (250, 190, 215), (245, 130, 165)),
    Paper("thermal pink", (250, 238, 240), (236, 200, 208), (214, 150, 164), minor_mm=0.12, major_mm=0.22),
    Paper("strong pink", (255, 205, 215), (250, 150, 165), (235, 95, 115)),
    Paper("orange", (255, 248, 236), (250, 205, 160), (238, 150, 80)),
    Paper("orange sheet", (255, 170, 90), (240, 140, 70), (225, 60, 30)),
    Paper("brown", (232, 220, 205), (205, 178, 160), (160, 110, 95)),
    Paper("green", (240, 250, 240), (190, 225, 195), (110, 180, 125)),
    Paper("blue", (236, 244, 255), (190, 212, 240), (110, 150, 215)),
    Paper("grey", (245, 245, 245), (205, 205, 205), (150, 150, 150)),
    Paper("dark grey", (225, 222, 220), (150, 145, 145), (95, 85, 90)),
    Paper("dotted", (236, 234, 226), (120, 120, 118), (190, 130, 130), Grid.DOTS, 0.22, 0.16),
    Paper("dotted grey", (228, 230, 230), (110, 112, 118), (140, 130, 135), Grid.DOTS, 0.2, 0.16),
    Paper("black boxes", (222, 222, 215), (90, 90, 90), (40, 40, 42), Grid.DOTS, 0.16, 0.24),
    Paper("black lines", (238, 238, 234), (150, 150, 150), (45, 45, 48), Grid.LINES, 0.1, 0.2),
    Paper("large boxes", (250, 250, 248), (230, 230, 230), (200, 170, 170), Grid.LARGE_ONLY),
    Paper("plain", (252, 252, 250), (252, 252, 250), (252, 252, 250), Grid.NONE),
)


def draw_paper(paper: Paper, *, size_mm: tuple[float, float], pixels_per_mm: float, phase_mm: float = 0.0) -> F32:
    """float32[h, w, 3], 0 to 255: an empty sheet. `phase_mm`: where the first large line stands, from both edges."""
    width, height = (round(side * pixels_per_mm) for side in size_mm)
    image = np.empty((height, width, 3), np.float32)
    image[:] = paper.sheet
    if paper.grid is Grid.NONE:
        return image
    snapped = paper.grid is Grid.SNAPPED

    def lines(pixels: int, period: float, line: float) -> F32:
        return _line_coverage(pixels, pixels_per_mm, period=period, line=line, phase=phase_mm, snapped=snapped)

    if paper.grid is not Grid.LARGE_ONLY:
        across = lines(height, SMALL_BOX_MM, paper.minor_mm)[:, None]
        down = lines(width, SMALL_BOX_MM, paper.minor_mm)[None, :]
        dots = paper.grid is Grid.DOTS
        _cover(image, np.minimum(across, down) if dots else np.maximum(across, down), paper.minor)
    across = lines(height, LARGE_BOX_MM, paper.major_mm)[:, None]
    down = lines(width, LARGE_BOX_MM, paper.major_mm)[None, :]
    _cover(image, np.maximum(across, down), paper.major)
    if paper.woven and paper.grid is not Grid.LARGE_ONLY:
        small = lines(height, SMALL_BOX_MM, paper.minor_mm)[:, None]
        _cover(image, small * (1 - across) * down, paper.minor)
    return image


def _cover(image: F32, coverage: F32, colour: Colour) -> None:
    image += (np.asarray(colour, np.float32) - image) * coverage[..., None]


def _line_coverage(
    pixels: int, pixels_per_mm: float, *, period: float, line: float, phase: float, snapped: bool
) -> F32:
    """float32[pixels]: how much of each pixel the lines cover."""
    count = int(pixels / pixels_per_mm / period) + 2
    centres = (phase % period + np.arange(-1, count) * period) * pixels_per_mm
    if snapped:
        width = max(round(line * pixels_per_mm), 1)
        low = np.round(centres - width / 2)
        high = low + width
    else:
        low, high = centres - line * pixels_per_mm / 2, centres + line * pixels_per_mm / 2
    edges = np.arange(pixels + 1, dtype=np.float64)
    covered = np.zeros(pixels + 1)
    for begin, end in zip(low, high, strict=True):
        covered += np.clip(edges, begin, end) - begin
    return np.diff(covered).astype(np.float32)
