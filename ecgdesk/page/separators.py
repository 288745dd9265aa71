"""Whether separators are printed between the columns of a sheet, and how far from its fitted borders, to a pixel.

A separator is a thin upright stroke that stands in every row at every border, equally far from all of them. So do the
beats of a steady rhythm whose columns hold as many of them each: `recurring` tells those apart.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.page.layout import Match
from ecgdesk.page.recurring import printed_share
from ecgdesk.page.rows import Row
from ecgdesk.page.working import INKED, WORKING_PPM

SEPARATOR_HALF_MM = 0.4
_SEARCH_MM = 4.0  # separators are looked for this far about the fitted borders
_BESIDE_MM = 0.3  # a separator may stand this close to a name
_STROKE_MM = 1.4  # least height of a separator
_THIN_MM = 1.3  # its greatest width
_REACH_MM = 14.0  # a separator stands this close to its row
_ROWS_WORTH = 2.0  # beats stand below each other like separators: all rows at one border are worth two witnesses
_HIT, _ENOUGH = 0.85, 4.0  # share of borders that show their separator when a sheet has them; log odds to believe it
_PRINTED = 0.4  # share of rows and borders that must show a stroke that is no beat
_ONE_STROKE_MM = 1.0  # what stands within this of a beat is the same beat


def separators_shift(
    match: Match, rows: Sequence[Row], ink: NDArray[np.uint8], *, start: float, pitch: float, spread: float
) -> float | None:
    """How far (mm) the printed separators stand from the borders at `start` + n `pitch`; None without any.

    `ink`: working ink, uint8[h, w] at WORKING_PPM. `spread`: how far the borders may be off, mm.
    """
    ink = without_names(ink, match)
    heights = [rows[number].y_mm for number in match.grid]
    borders = start + pitch * np.arange(1, match.template.columns)
    shifts = np.arange(-_SEARCH_MM, _SEARCH_MM + 0.01, 1 / WORKING_PPM)
    odds = _odds(np.array([_strokes(ink, height) for height in heights]), borders, shifts)
    odds -= 0.5 * (shifts / spread) ** 2
    while odds.max() > _ENOUGH:
        shift = float(shifts[int(odds.argmax())])
        if printed_share(ink, (borders + shift).tolist(), heights, pitch_mm=pitch) >= _PRINTED:
            return shift
        odds[np.abs(shifts - shift) <= _ONE_STROKE_MM] = -np.inf
    return None


def _odds(
    strokes: NDArray[np.bool_], borders: NDArray[np.floating], shifts: NDArray[np.floating]
) -> NDArray[np.float64]:
    """float64[len(shifts)]: log odds that the strokes (bool[rows, w]) at the shifted borders are separators."""
    chance = min(max(float(strokes.mean()), 0.02), 0.5)
    hit, miss = np.log(_HIT / chance), np.log((1 - _HIT) / (1 - chance))
    at = np.round((borders[:, None] + shifts) * WORKING_PPM - 0.5).astype(int)
    on_sheet = (at >= 0) & (at < strokes.shape[1])
    seen = strokes[:, np.clip(at, 0, strokes.shape[1] - 1)].mean(axis=0)
    return np.asarray(_ROWS_WORTH * ((hit * seen + miss * (1 - seen)) * on_sheet).sum(axis=0), np.float64)


def without_names(ink: NDArray[np.uint8], match: Match) -> NDArray[np.uint8]:
    """Letters have upright strokes too, and stand in every row equally far from their border."""
    bare = ink.copy()
    for name in match.names.values():
        top, bottom = ((name.y_mm + side * (name.height_mm / 2 + _BESIDE_MM)) * WORKING_PPM for side in (-1, 1))
        left, right = (name.left_mm + _BESIDE_MM) * WORKING_PPM, (name.left_mm + name.width_mm) * WORKING_PPM
        bare[max(0, int(top)) : int(bottom) + 1, max(0, int(left)) : int(right) + 2] = 0
    return bare


def _strokes(ink: NDArray[np.uint8], y_mm: float) -> NDArray[np.bool_]:
    """bool[w]: where near the row's height a thin upright stroke stands, alone or dashed."""
    top = max(0, int((y_mm - _REACH_MM) * WORKING_PPM))
    band = (ink[top : int((y_mm + _REACH_MM) * WORKING_PPM)] >= INKED).astype(np.uint8)
    joined = cv2.morphologyEx(band, cv2.MORPH_CLOSE, np.ones((5, 1), np.uint8))
    upright = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((int(_STROKE_MM * WORKING_PPM), 1), np.uint8))
    wide = cv2.morphologyEx(upright, cv2.MORPH_OPEN, np.ones((1, int(_THIN_MM * WORKING_PPM)), np.uint8))
    seen = np.any((upright > 0) & (wide == 0), axis=0)
    return np.asarray(cv2.dilate(seen[None].astype(np.uint8), np.ones((1, 3), np.uint8))[0] > 0)
