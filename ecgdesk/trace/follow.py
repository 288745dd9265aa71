"""The way of one trace through its band of ink.

The path visits one row in each column. It pays for every column in which it is not on ink, for every white pixel that
it crosses when it moves up or down, a little for moving at all, and a little for being far from the row's zero line.
The cheapest path is found exactly, column by column (Viterbi). Because moving within ink is nearly free, it follows
the trace up a QRS complex; because leaving it is dear, it passes names, separators and the neighbours' traces by.
Where one lead gives way to the next the trace may jump: there any move costs the same.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.trace.cut import Cut

WHITE_CROSSING = 0.35  # for one white pixel crossed up or down, in columns spent off the ink
INK_CROSSING = 0.002  # for one inked pixel: a high R wave, up and down, costs less than a column of white
ENOUGH = 0.45  # of the trace's darkness is as good as full ink: a thin steep stroke covers no pixel more
SHARED = 0.27  # of the trace's darkness: a stroke halfway between two columns leaves more than a third to each
SURE = 0.2  # coverage that tells of ink at all
LEAD_JUMP = 3.0  # for a move of any height where a lead begins or ends, in columns spent off the ink
FAR_FROM_BASELINE = 0.3  # for a column spent half a band away from the zero line
FAR_OUTSIDE = 6.0  # the same before and after the strip, where only what leads up to it is sought

F32 = NDArray[np.float32]


def follow(piece: Cut) -> NDArray[np.intp]:
    """Row of the path in each column of the piece's ink: intp[w]."""
    ink = piece.ink
    height, width = ink.shape
    strong = ink[ink > SURE]
    dark = float(np.quantile(strong, 0.7)) if strong.size else 1.0
    white = 1.0 - np.minimum(ink / np.float32(ENOUGH * dark), 1.0)
    rows = np.arange(height, dtype=np.float32)
    price = np.where((np.arange(width) >= piece.begin) & (np.arange(width) < piece.end), FAR_FROM_BASELINE, FAR_OUTSIDE)
    here = (white + ((rows - piece.baseline) / piece.pitch)[:, None] ** 2 * price).T.astype(np.float32)
    climb = np.cumsum(WHITE_CROSSING * _gaps(ink, dark) + INK_CROSSING, axis=0).T.astype(np.float32)
    came_from = np.empty((width, height), np.int16)
    # Down from above in the first row, up from below (seen upside down) in the second.
    signs = np.array([[-1.0], [1.0]], np.float32)
    both = np.empty((2, height), np.float32)
    index = np.arange(height, dtype=np.int16)
    cost = here[0]
    may_jump = frozenset(piece.jumps)
    for column in range(1, width):
        steep = climb[column]
        np.add(cost, signs * steep, out=both)
        both[1] = both[1, ::-1].copy()
        smallest = np.minimum.accumulate(both, axis=1)
        place = np.maximum.accumulate(np.where(both <= smallest, index, np.int16(0)), axis=1)
        down, up = smallest[0] + steep, smallest[1, ::-1] - steep
        from_above = down <= up
        came_from[column] = np.where(from_above, place[0], height - 1 - place[1, ::-1])
        best = np.where(from_above, down, up)
        if column in may_jump:
            cheapest = int(np.argmin(cost))
            far = best > cost[cheapest] + LEAD_JUMP
            came_from[column, far] = cheapest
            best = np.where(far, cost[cheapest] + np.float32(LEAD_JUMP), best)
        cost = best + here[column]
        if column % 256 == 0:
            cost -= cost.min()  # keeps float32 exact
    path = np.empty(width, np.intp)
    path[-1] = int(np.argmin(cost))
    for column in range(width - 1, 0, -1):
        path[column - 1] = came_from[column, path[column]]
    return path


def _gaps(ink: F32, dark: float) -> F32:
    """How white each pixel is to a path that moves up or down through it, 0 to 1.

    A thin steep stroke shares its ink between two columns, so neither is dark where it changes over: what counts there
    is the ink of both.
    """
    sure = np.where(ink > SHARED * dark, ink, np.float32(0))
    shared = np.where(sure > 0, cv2.boxFilter(sure, -1, (3, 1), normalize=False), np.float32(0))
    stroke = np.minimum(np.maximum(ink, shared) / np.float32(ENOUGH * dark), 1.0)
    return np.asarray(1.0 - stroke, np.float32)
