"""The refiner's input: what each column says, in numbers of about one.

| row | what |
|---|---|
| 0, 1 | top and bottom edge against the strip's usual height, in 10 px |
| 2, 3 | length and amount of the run, in pens |
| 4 | centroid against the middle, px |
| 5, 6 | ink beyond small white gaps above and below the run, in 10 px |
| 7 | the path against the middle, in 10 px |
| 8, 9 | slope of the middle to the column before and after, in 10 px |
| 10 | the darkest pixel of the run |
| 11 | 1 where the path is on ink |
| 12, 13, 14 | the strip's pen in px, darkness, and log2 of its pixels per mm |
"""

import numpy as np
from numpy.typing import NDArray

from ecgdesk.trace.columns import Columns

F32 = NDArray[np.float32]

FEATURES = 15
OUTPUTS = 6  # of the refiner in each column: rows of the trace at six times
FAR_PX = 10.0


def features(runs: Columns, path: NDArray[np.intp], *, pixels_per_mm: float) -> F32:
    """float32[FEATURES, w]."""
    middle = runs.middle
    usual = float(np.median(middle))
    slope = np.diff(middle)
    pen = max(runs.pen, 0.5)
    ones = np.ones_like(middle)
    stacked = [
        (runs.top - usual) / FAR_PX,
        (runs.bottom - usual) / FAR_PX,
        (runs.bottom - runs.top) / pen / 4,
        runs.amount / pen / 4,
        runs.centre - middle,
        (runs.top - runs.outer_top) / FAR_PX,
        (runs.outer_bottom - runs.bottom) / FAR_PX,
        (path - middle) / FAR_PX,
        np.concatenate([[0], slope]) / FAR_PX,
        np.concatenate([slope, [0]]) / FAR_PX,
        runs.peak,
        runs.seen.astype(np.float32),
        ones * pen / 4,
        ones * runs.dark,
        ones * np.log2(pixels_per_mm / 4),
    ]
    return np.asarray(np.clip(np.stack(stacked), -20, 20), np.float32)
