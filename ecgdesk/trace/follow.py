"""The way of one trace through its band of ink.

The path visits one row in each column. It pays for every column in which it is not on ink, for every white pixel that
it crosses when it moves up or down, a little for moving at all, and a little for being far from the row's zero line.
The cheapest path is found exactly, column by column (Viterbi). Because moving within ink is nearly free, it follows
the trace up a QRS complex; because leaving it is dear, it passes names, separators and the neighbours' traces by.
"""

import numpy as np
from numpy.typing import NDArray

WHITE_CROSSING = 0.35  # for one white pixel crossed up or down, in columns spent off the ink
INK_CROSSING = 0.002  # for one inked pixel: a high R wave, up and down, costs less than a column of white
ENOUGH = 0.45  # of the trace's darkness is as good as full ink: a thin steep stroke covers no pixel more
SURE = 0.2  # coverage that tells of ink at all
FAR_FROM_BASELINE = 0.3  # for a column spent half a band away from the zero line

F32 = NDArray[np.float32]


def follow(ink: F32, *, baseline: float, pitch: float) -> NDArray[np.intp]:
    """Row of the path in each column of `ink` (float32[h, w], coverage 0 to 1): intp[w].

    `baseline`: row of the usual zero line; `pitch`: half height of the band, in rows.
    """
    height, width = ink.shape
    strong = ink[ink > SURE]
    dark = float(np.quantile(strong, 0.7)) if strong.size else 1.0
    white = 1.0 - np.minimum(ink / (ENOUGH * dark), 1.0)
    rows = np.arange(height, dtype=np.float32)
    far = FAR_FROM_BASELINE * ((rows - baseline) / pitch) ** 2
    here = (white + far[:, None]).T.copy()
    climb = np.cumsum(WHITE_CROSSING * white + INK_CROSSING, axis=0).T.copy()
    came_from = np.empty((width, height), np.int32)
    index = np.arange(height, dtype=np.int32)
    cost = here[0]
    for column in range(1, width):
        height_here = climb[column]
        from_above, above = _running_minimum(cost - height_here, index)
        from_below, below = _running_minimum((cost + height_here)[::-1], index[::-1])
        down, up = from_above + height_here, from_below[::-1] - height_here
        came_from[column] = np.where(down <= up, above, below[::-1])
        cost = np.minimum(down, up) + here[column]
    path = np.empty(width, np.intp)
    path[-1] = int(np.argmin(cost))
    for column in range(width - 1, 0, -1):
        path[column - 1] = came_from[column, path[column]]
    return path


def _running_minimum(values: F32, index: NDArray[np.int32]) -> tuple[F32, NDArray[np.int32]]:
    """The smallest value so far at each place, and where it stood."""
    smallest = np.minimum.accumulate(values)
    is_new = values <= smallest
    place = np.maximum.accumulate(np.where(is_new, np.arange(values.size, dtype=np.int32), 0))
    return smallest, index[place]
