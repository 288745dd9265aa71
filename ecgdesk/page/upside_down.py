"""Cabrera's order shows lead aVR upside down, so that the limb leads follow each other by their axes: a minus says so.

The reader of names knows only "aVR": the minus is looked for in the ink before it.
"""

import numpy as np
from numpy.typing import NDArray

from ecgdesk.page.names import Name
from ecgdesk.page.working import INKED, WORKING_PPM

_BEFORE_MM, _INTO_MM = 2.8, 1.0  # a minus stands from so far before a name's left edge to so far behind it
_MIDDLE = 0.3  # of the name's height to either side of its middle: a minus lies there
_THICKEST_MM, _LEAST_MM = 0.9, 0.6


def has_minus(ink: NDArray[np.uint8], name: Name) -> bool:
    """Whether a minus stands before a name on working ink (uint8[h, w] at WORKING_PPM)."""
    half = name.height_mm / 2
    top, bottom = (max(0, round((name.y_mm + side * half) * WORKING_PPM)) for side in (-1, 1))
    left = max(0, round((name.left_mm - _BEFORE_MM) * WORKING_PPM))
    piece = ink[top:bottom, left : round((name.left_mm + _INTO_MM) * WORKING_PPM)] >= INKED
    if piece.size == 0:
        return False
    reach = max(1, round(_MIDDLE * piece.shape[0]))
    middle = piece[piece.shape[0] // 2 - reach : piece.shape[0] // 2 + reach + 1]
    thin = (middle.sum(axis=0) <= _THICKEST_MM * WORKING_PPM) & middle.any(axis=0)
    alone = thin & (piece.sum(axis=0) == middle.sum(axis=0))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], alone.astype(np.int8), [0]])))
    runs = edges[1::2] - edges[::2]
    return bool(runs.size and runs.max() >= _LEAST_MM * WORKING_PPM)
