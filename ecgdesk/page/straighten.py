"""Sheet -> Flat: upright to within 180 degrees, straight, cropped, its scale measured on the grid."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.figure import Figure, How
from ecgdesk.ecg.page import Sheet
from ecgdesk.page.boundary import sheet_mask
from ecgdesk.page.flat import Flat
from ecgdesk.page.grid import Grid, find_grid, searched
from ecgdesk.page.gridless import guess
from ecgdesk.page.gridmap import GridMap
from ecgdesk.page.refusals import UnreadablePage
from ecgdesk.page.resample import flattened
from ecgdesk.page.upright import run_of_traces

LEAST_SIDE = 100  # pixels
ROWS_WITHOUT_GRID = 0.6  # share of a band that traces must cross where no grid says that this is an ECG
ROWS_BETTER = 1.3  # times what is met the other way
LOW_SCALE = 3.0  # px/mm, 75 dpi: a small square has three pixels
CURLED_MM = 1.0  # rms
GRID_SHARE = 0.4  # of the sheet

_NO_ECG = "No ECG is found on this sheet: neither a millimetre grid nor rows of traces; scan the whole tracing."


def straighten(sheet: Sheet, *, upright: bool = False) -> Flat:
    """The sheet straightened; resampled once, or not at all. Raises UnreadablePage when it shows no ECG.

    `upright`: somebody has seen that its traces run from left to right.
    """
    image = sheet.image
    if min(image.shape[:2]) < LEAST_SIDE:
        raise UnreadablePage("The image is too small to show an ECG; scan the sheet at 200 dpi or more.")
    small = searched(image)
    grid = find_grid(image, small)
    mask, paper = sheet_mask(image, grid.seen if grid else None)
    if grid is not None:
        turned = not upright and _turned(image, small, mask, grid.to_mm, surely=False)
        flat = flattened(image, grid.to_mm, mask=mask, paper=paper, turned=turned)
        scale = _measured(flat.scale, grid.uncertainty[::-1] if turned else grid.uncertainty)
        doubts = _doubts(grid, mask, min(flat.scale))
    else:
        assumed = guess(image, sheet.dpi)
        turned = not upright and _turned(image, small, mask, assumed.to_mm, surely=True)
        flat = flattened(image, assumed.to_mm, mask=mask, paper=paper, turned=turned)
        scale = (Figure(flat.scale[0], "px/mm", assumed.how), Figure(flat.scale[1], "px/mm", assumed.how))
        doubts = (assumed.doubt,)
    return Flat(
        image=flat.image,
        pixels_per_mm_x=scale[0],
        pixels_per_mm_y=scale[1],
        to_scan=flat.to_scan,
        doubts=sheet.doubts + doubts,
        grid_found=grid is not None,
        resampled=flat.resampled,
        bend=flat.bend,
    )


def _turned(
    image: NDArray[np.uint8], small: NDArray[np.uint8], mask: NDArray[np.uint8], to_mm: GridMap, *, surely: bool
) -> bool:
    """Whether the traces run along v. Where `surely`, rows must be plain to see: nothing else says it is an ECG."""
    size = (small.shape[1], small.shape[0])
    along, across = run_of_traces(
        small,
        cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST).astype(np.uint8, copy=False),
        to_mm.scaled(size[0] / image.shape[1], size[1] / image.shape[0]),
    )
    high, low = max(along, across), min(along, across)
    if surely and (high < ROWS_WITHOUT_GRID or high < ROWS_BETTER * low):
        raise UnreadablePage(_NO_ECG)
    return across > along


def _measured(scale: tuple[float, float], relative: tuple[float, float]) -> tuple[Figure, Figure]:
    x, y = (Figure(s, "px/mm", How.MEASURED, s * r) for s, r in zip(scale, relative, strict=True))
    return x, y


def _doubts(grid: Grid, mask: NDArray[np.uint8], scale: float) -> tuple[str, ...]:
    doubts = []
    on_sheet = cv2.resize(mask, grid.seen.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    share = float((grid.seen[on_sheet] > 0).mean()) if on_sheet.any() else 0.0
    if share < GRID_SHARE:
        doubts.append(f"The grid is seen on {share:.0%} of the sheet only; check times and voltages elsewhere.")
    if max(grid.bend_mm) > CURLED_MM:
        doubts.append("The sheet is strongly curled; lay it flat and scan it again if times must be exact.")
    if scale < LOW_SCALE:
        doubts.append(f"The image has only {scale * 25.4:.0f} dots per inch; small deflections may be lost.")
    return tuple(doubts)
