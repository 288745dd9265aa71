"""The way of one trace through its band of ink.

The path visits one row in each column. It pays for every column in which it is not on ink, for every white pixel that
it crosses when it moves up or down, a little for moving at all, and a little for being far from the row's zero line.
The cheapest path is found exactly, column by column (Viterbi). Because moving within ink is nearly free, it follows
the trace up a QRS complex; because leaving it is dear, it passes names, separators and the neighbours' traces by.
Where one lead gives way to the next the trace may jump: there any move costs the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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
WIDER = 1.25  # times the narrowest of a group is its widest: more would follow blank paper
NOWHERE = 1e6  # price of what lies beyond a piece in its group

F32 = NDArray[np.float32]
Path = NDArray[np.intp]


def follow(pieces: Sequence[Cut]) -> list[Path]:
    """Row of the path in each column of each piece's ink, intp[w] each.

    Pieces of about one width are followed side by side: column by column costs nearly the same for one as for twelve.
    """
    paths: dict[int, Path] = {}
    waiting = sorted(range(len(pieces)), key=lambda number: pieces[number].ink.shape[1])
    while waiting:
        widest = WIDER * pieces[waiting[0]].ink.shape[1]
        group = [number for number in waiting if pieces[number].ink.shape[1] <= widest]
        waiting = waiting[len(group) :]
        paths.update(zip(group, _side_by_side([pieces[number] for number in group]), strict=True))
    return [paths[number] for number in range(len(pieces))]


@dataclass(frozen=True, eq=False)
class _Prices:
    """Of n pieces, columns first: float32[w, n, h]. `here`: of being there. `climb`: of having come there from the
    top. `jumps`: bool[w, n]."""

    here: F32
    climb: F32
    jumps: NDArray[np.bool_]


def _side_by_side(pieces: Sequence[Cut]) -> list[Path]:
    prices = _prices(pieces)
    width, count, height = prices.here.shape
    came_from = np.empty((width, count, height), np.int16)
    # Down from above in the first half, up from below (seen upside down) in the second.
    signs = np.array([-1.0, 1.0], np.float32)[:, None, None]
    both = np.empty((2, count, height), np.float32)
    index = np.arange(height, dtype=np.int16)
    cost, ends = prices.here[0], np.zeros((width, count), np.intp)
    ends[0] = cost.argmin(axis=1)
    for column in range(1, width):
        steep = prices.climb[column]
        np.add(cost, signs * steep, out=both)
        both[1] = both[1, :, ::-1].copy()
        smallest = np.minimum.accumulate(both, axis=2)
        place = np.maximum.accumulate(np.where(both <= smallest, index, np.int16(0)), axis=2)
        down, up = smallest[0] + steep, smallest[1, :, ::-1] - steep
        from_above = down <= up
        came_from[column] = np.where(from_above, place[0], height - 1 - place[1, :, ::-1])
        best = np.where(from_above, down, up)
        for piece in np.flatnonzero(prices.jumps[column]):
            cheapest = int(np.argmin(cost[piece]))
            jump = cost[piece, cheapest] + np.float32(LEAD_JUMP)
            came_from[column, piece, best[piece] > jump] = cheapest
            np.minimum(best[piece], jump, out=best[piece])
        cost = best + prices.here[column]
        ends[column] = cost.argmin(axis=1)
        if column % 256 == 0:
            cost -= cost.min(axis=1, keepdims=True)  # keeps float32 exact
    widths = [piece.ink.shape[1] for piece in pieces]
    return [_back(came_from[:end, piece], int(ends[end - 1, piece])) for piece, end in enumerate(widths)]


def _back(came_from: NDArray[np.int16], row: int) -> Path:
    path = np.empty(len(came_from), np.intp)
    path[-1] = row
    for column in range(len(came_from) - 1, 0, -1):
        path[column - 1] = came_from[column, path[column]]
    return path


def _prices(pieces: Sequence[Cut]) -> _Prices:
    heights, widths = zip(*(piece.ink.shape for piece in pieces), strict=True)
    shape = max(widths), len(pieces), max(heights)
    here, climb = np.full(shape, NOWHERE, np.float32), np.zeros(shape, np.float32)
    jumps = np.zeros(shape[:2], bool)
    for number, (piece, height, width) in enumerate(zip(pieces, heights, widths, strict=True)):
        strong = piece.ink[piece.ink > SURE]
        dark = float(np.quantile(strong, 0.7)) if strong.size else 1.0
        white = 1.0 - np.minimum(piece.ink / np.float32(ENOUGH * dark), 1.0)
        off = ((np.arange(height, dtype=np.float32) - piece.baseline) / piece.pitch) ** 2
        outside = (np.arange(width) < piece.begin) | (np.arange(width) >= piece.end)
        price = np.where(outside, FAR_OUTSIDE, FAR_FROM_BASELINE)
        here[:width, number, :height] = (white + off[:, None] * price).T
        climb[:width, number, :height] = np.cumsum(WHITE_CROSSING * _gaps(piece.ink, dark) + INK_CROSSING, axis=0).T
        jumps[[column for column in piece.jumps if 0 <= column < width], number] = True
    return _Prices(here, climb, jumps)


def _gaps(ink: F32, dark: float) -> F32:
    """How white each pixel is to a path that moves up or down through it, 0 to 1.

    A thin steep stroke shares its ink between two columns, so neither is dark where it changes over: what counts there
    is the ink of both.
    """
    sure = np.where(ink > SHARED * dark, ink, np.float32(0))
    shared = np.where(sure > 0, cv2.boxFilter(sure, -1, (3, 1), normalize=False), np.float32(0))
    stroke = np.minimum(np.maximum(ink, shared) / np.float32(ENOUGH * dark), 1.0)
    return np.asarray(1.0 - stroke, np.float32)
