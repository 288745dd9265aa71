"""Beats tell themselves from what is printed between the columns: they recur along their column.

Where every column holds a whole number of beats (three at 72 a minute), the complexes before each border stand like
separators, in all rows, as far from every border. But what stands beside them has the same course about one beat
earlier, or later; a separator stands once. So the ink on either side of a border is laid on its likeness elsewhere in
its own column, all rows at once, since the leads of a column beat together; what that does not cover is print.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.page.working import INKED, WORKING_PPM

_REACH_MM = 9.0  # of a row's zero line
_BESIDE_MM, _BEYOND_MM = 2.6, 0.5  # what is laid on its likeness reaches so far to one side of a border, to the other
_APART_MM = 1.0  # the likeness lies at least so far off
_BLUR_MM = 0.24  # of what is compared: a pen's width, so that a shift of half a pen still compares
_COVERS = (5, 3)  # working pixels, down and across, by which a likeness may be off
_AT_MM = 0.4  # of a border: where its stroke is looked for
_STROKE_MM = 1.4  # least height of a stroke


def printed_share(
    ink: NDArray[np.uint8], borders_mm: Sequence[float], heights_mm: Sequence[float], *, pitch_mm: float
) -> float:
    """Share of the rows and borders at which a stroke is left that does not recur in either column beside it.

    `ink`: working ink, uint8[h, w] at WORKING_PPM; the rows' zero lines lie at `heights_mm`. NaN where no border has a
    whole column beside it.
    """
    stack = _stacked(ink, heights_mm)
    ways = [
        np.concatenate([_left(stack, border, pitch_mm, before=before) for border in borders_mm])
        for before in (True, False)
    ]
    shares = [float((way >= _STROKE_MM * WORKING_PPM).mean()) for way in ways if way.size]
    return min(shares, default=float("nan"))


def _stacked(ink: NDArray[np.uint8], heights_mm: Sequence[float]) -> NDArray[np.uint8]:
    """uint8[rows, h, w]: the bands of all rows."""
    reach = int(_REACH_MM * WORKING_PPM)
    padded = np.pad(ink, ((reach, reach), (0, 0)))
    tops = [int(np.clip(round(height * WORKING_PPM), 0, len(ink))) for height in heights_mm]
    return np.stack([padded[top : top + 2 * reach] for top in tops])


def _left(stack: NDArray[np.uint8], border: float, pitch: float, *, before: bool) -> NDArray[np.intp]:
    """intp[rows]: the most ink (pixels) in one column at the border that its likeness does not cover; empty where the
    sheet ends too early."""
    if before:
        piece = (border - _BESIDE_MM, border + _BEYOND_MM)
        column = (border - pitch + _APART_MM, piece[0] - _APART_MM)
    else:
        piece = (border - _BEYOND_MM, border + _BESIDE_MM)
        column = (piece[1] + _APART_MM, border + pitch - _APART_MM)
    x0, x1 = (round(x * WORKING_PPM) for x in piece)
    from_x, to_x = max(0, round(column[0] * WORKING_PPM)), round(column[1] * WORKING_PPM)
    ours, theirs = stack[:, :, max(0, x0) : x1], stack[:, :, from_x:to_x]
    if x0 < 0 or x1 > stack.shape[2] or theirs.shape[2] <= ours.shape[2]:
        return np.zeros(0, np.intp)
    alike = cv2.matchTemplate(_blurred(theirs), _blurred(ours), cv2.TM_CCOEFF_NORMED)[0]
    at = int(np.argmax(alike))
    likeness = (theirs[:, :, at : at + ours.shape[2]] >= INKED).astype(np.uint8)
    cover = np.stack([cv2.dilate(one, np.ones(_COVERS, np.uint8)) for one in likeness])
    middle, near = round(border * WORKING_PPM) - x0, round(_AT_MM * WORKING_PPM)
    left = (ours >= INKED) & (cover == 0)
    return np.asarray(left[:, :, max(0, middle - near) : middle + near + 1].sum(axis=1).max(axis=1), np.intp)


def _blurred(stack: NDArray[np.uint8]) -> NDArray[np.float32]:
    """float32[rows * h, w]: the bands below each other."""
    flat = np.concatenate(list(stack)).astype(np.float32)
    return cv2.GaussianBlur(flat, (0, 0), _BLUR_MM * WORKING_PPM).astype(np.float32, copy=False)
