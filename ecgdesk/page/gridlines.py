"""What a grid leaves after its colour has been taken out: straight lines that come back every 5 mm.

They run straight for centimetres; a stretch of trace runs straight or comes back, never both.
"""

import itertools

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.page.contrast import ranked
from ecgdesk.page.taken_light import BAND_ROWS

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]

TILE_MM = 30.0  # grid lines are straight over this length even on a sheet that is not quite flat
PERIOD_MM = 5.0  # of the large grid boxes
HEAVY, HEAVY_LEFT = 0.3, 0.12  # coverage of a heavy line, and what the usual ones leave of it
LARGE_SHARE = 0.6  # of the darkest usual line's coverage, from which on a usual line is a large box's
HEAVY_SHARE = 0.75  # of the sheet on which it does
FEWEST_HEAVY = 3  # such lines: a single one may be a lead without any deflection
HEAVY_REACH_PX = 2  # from a line's middle to its edge, and from its place among the others
MARGINS_MM = (2.5, 6.0, 9.5)  # from the sheet's rim: its grid reaches into one of the two stretches between


def without_grid(coverage: U8, pixels_per_mm: float) -> U8:
    """Takes straight periodic lines out as a layer below the ink."""
    across = _line_layer(coverage, pixels_per_mm)
    down = _line_layer(np.ascontiguousarray(coverage.T), pixels_per_mm)
    if max(across.max(initial=0), down.max(initial=0)) < 8:
        return coverage
    height, width = coverage.shape
    result = np.empty_like(coverage)
    down_full = cv2.resize(np.ascontiguousarray(down.T), (width, height), interpolation=cv2.INTER_LINEAR)
    for top in range(0, height, BAND_ROWS):
        bottom = min(top + BAND_ROWS, height)
        grid = cv2.resize(across[top:bottom], (width, bottom - top), interpolation=cv2.INTER_LINEAR)
        grid = np.maximum(grid, down_full[top:bottom])
        seen = coverage[top:bottom].astype(np.float32)
        bare = (seen - grid) * (255.0 / np.maximum(255.0 - grid, 40.0))
        result[top:bottom] = np.clip(bare + 0.5, 0, 255).astype(np.uint8)
    return result


def _line_layer(coverage: U8, pixels_per_mm: float) -> F32:
    """Grid lines along the rows: float32[h, tiles], grey level of the line in each row of each tile of columns."""
    height, width = coverage.shape
    tiles = max(round(width / (TILE_MM * pixels_per_mm)), 1)
    bounds = np.linspace(0, width, tiles + 1).astype(int)
    step = max(int(pixels_per_mm // 4), 1)
    profile = np.empty((height, tiles), np.float32)
    for tile in range(tiles):
        columns = coverage[:, bounds[tile] : bounds[tile + 1] : step]
        profile[:, tile] = ranked(columns, columns.shape[1] // 2)
    # A flat stretch of trace fills a tile's row as a line does, but nothing stands 5 and 10 mm above and below it.
    tolerant = cv2.dilate(profile, np.ones((3, 1), np.uint8))
    shifted = []
    for boxes in (-3, -2, -1, 1, 2, 3):
        rows = np.round(np.arange(height) + boxes * PERIOD_MM * pixels_per_mm).astype(int)
        inside = (rows >= 0) & (rows < height)
        copy = np.full_like(profile, np.nan)
        copy[inside] = tolerant[rows[inside]]
        shifted.append(copy)
    stack = np.stack(shifted)
    many = np.isfinite(stack).sum(axis=0) >= 3
    usual = np.where(many, np.nan_to_num(np.nanmedian(np.where(many, stack, 0.0), axis=0)), 0.0)
    # The same line falls differently on the pixels in each box: half as dark there is as good as equal.
    grid = np.minimum(profile, 2 * usual)
    heavy = _heavy_lines(coverage, profile - grid, usual, pixels_per_mm)
    return np.asarray(np.where(heavy[:, None], np.maximum(grid, tolerant), grid), np.float32)


def _heavy_lines(coverage: U8, left: F32, usual: F32, pixels_per_mm: float) -> NDArray[np.bool_]:
    """bool[h]: rows of lines of the grid that are drawn darker or wider than the others, every 25 mm, say.

    `left`: what the usual lines leave of the profile. They lie where other boxes have lines, and run across the whole
    sheet, its margins too; no trace does all that.
    """
    reach = np.ones((2 * HEAVY_REACH_PX + 1, 1), np.uint8)
    across = (cv2.dilate(left, reach[:3]) >= HEAVY_LEFT * 255).mean(axis=1) >= HEAVY_SHARE
    strongest = usual.max(axis=1)
    large = max(HEAVY * 255, LARGE_SHARE * float(np.quantile(strongest, 0.99)))  # 5 mm lines, not those of 1 mm
    in_place = cv2.dilate(strongest[:, None], reach)[:, 0] >= large
    marks = [round(side * pixels_per_mm) for side in MARGINS_MM]
    if marks[-1] >= coverage.shape[1]:
        return np.zeros(len(coverage), bool)
    through = np.ones(len(coverage), bool)
    for side in (coverage, coverage[:, ::-1]):
        dark = np.stack([np.median(side[:, a:b], axis=1) for a, b in itertools.pairwise(marks)]).max(axis=0)
        through &= cv2.dilate(dark[:, None], reach[:3])[:, 0] >= HEAVY * 255
    heavy = across & in_place & through
    lines = np.count_nonzero(np.diff(np.concatenate([[0], heavy.astype(np.int8)])) == 1)
    return np.asarray(heavy if lines >= FEWEST_HEAVY else np.zeros_like(heavy), bool)
