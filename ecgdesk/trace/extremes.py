"""The signal from the edges of the runs, without a trained network."""

import numpy as np
from numpy.typing import NDArray

from ecgdesk.trace.columns import Columns

F32 = NDArray[np.float32]

STEEP = 1.5  # a run this many pens long holds a steep stretch


def rows_at_extremes(runs: Columns) -> F32:
    """Row of the trace's middle in each column: float32[w].

    The middle of a run is right where the trace runs flat or straight; where a steep run holds a peak, the trace's
    outer edge less half a pen is.
    """
    top, bottom = runs.top, runs.bottom
    middle = (top + bottom) / 2
    steep = (bottom - top) > STEEP * runs.pen
    pad_top, pad_bottom = np.pad(top, 1, mode="edge"), np.pad(bottom, 1, mode="edge")
    is_peak = steep & (top <= np.minimum(pad_top[:-2], pad_top[2:]))
    is_trough = steep & (bottom >= np.maximum(pad_bottom[:-2], pad_bottom[2:])) & ~is_peak
    rows = np.where(is_peak, top + runs.pen / 2, np.where(is_trough, bottom - runs.pen / 2, middle))
    return rows.astype(np.float32)
