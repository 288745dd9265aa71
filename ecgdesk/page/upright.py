"""Which way do the traces run? A grid looks the same after a quarter turn; its ink does not.

A trace passes every column of its row: in a band as high as a row, ink is met all along. Across the traces, the same
band crosses them here and there only. What repeats every 5 mm is grid and is taken out first.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.page.contrast import brightest
from ecgdesk.page.gridmap import GridMap

PIXELS_PER_MM = 3.0
SQUARE = round(5 * PIXELS_PER_MM)  # pixels
BAND_MM = 10.0
INK_SHARE = 0.985  # quantile of darkness above the grid at which ink surely is
LEAST_INK = 25  # grey levels of 255 darker than the paper
RULE_MM = 40.0  # straight lines longer than this are rules or a grid line that does not repeat
BAND_QUANTILE = 0.9  # a tenth of the bands lie on traces
MOST_PIXELS = 4_000_000  # of the sketch; a map gone wild must not ask for more

Mask = NDArray[np.uint8]


def run_of_traces(image: NDArray[np.uint8], mask: Mask, to_mm: GridMap) -> tuple[float, float]:
    """(along u, along v): the share of a band's length on which ink is met, 0 to 1, in the bands richest in ink.

    `image` uint8[h, w, 3] and `mask` uint8[h, w] (255 on the sheet) in the same pixels, `to_mm` from them.
    """
    ink, inside = _sketch(image, mask, to_mm)
    if ink.size == 0:
        return 0.0, 0.0
    return _covered(ink, inside), _covered(np.ascontiguousarray(ink.T), np.ascontiguousarray(inside.T))


def _sketch(image: NDArray[np.uint8], mask: Mask, to_mm: GridMap) -> tuple[Mask, Mask]:
    """Ink uint8[h, w] 0 or 1 on the flat sheet at PIXELS_PER_MM, grid taken out, and where the sheet is."""
    rows, columns = np.nonzero(mask[::4, ::4])
    u, v = to_mm.at(columns[None, :].astype(np.float32) * 4 + 2, rows[None, :].astype(np.float32) * 4 + 2)
    size = (int(float(np.ptp(u)) * PIXELS_PER_MM), int(float(np.ptp(v)) * PIXELS_PER_MM))
    if min(size) < 2 * SQUARE or size[0] * size[1] > MOST_PIXELS:
        return np.zeros((0, 0), np.uint8), np.zeros((0, 0), np.uint8)
    us = (u.min() + np.arange(size[0], dtype=np.float32) / PIXELS_PER_MM)[None, :].repeat(size[1], axis=0)
    vs = (v.min() + np.arange(size[1], dtype=np.float32) / PIXELS_PER_MM)[:, None].repeat(size[0], axis=1)
    x, y = to_mm.inverse_at(us, vs)
    flat = cv2.remap(image, x - 0.5, y - 0.5, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.remap(mask, x - 0.5, y - 0.5, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    inside = cv2.erode((inside > 0).astype(np.uint8), np.ones((7, 7), np.uint8), borderValue=0)
    value = brightest(flat.astype(np.uint8, copy=False))
    paper = cv2.blur(cv2.dilate(value, np.ones((9, 9), np.uint8)), (33, 33)).astype(np.float32) + 1.0
    dark = (np.clip(1.0 - value / paper, 0.0, 1.0) * 255 * inside).astype(np.uint8)
    over = cv2.subtract(dark, _repeating(dark))
    ink = (over > max(LEAST_INK, 0.6 * float(np.quantile(over[inside > 0], INK_SHARE)))).astype(np.uint8)
    for shape in ((1, round(RULE_MM * PIXELS_PER_MM)), (round(RULE_MM * PIXELS_PER_MM), 1)):
        dashes = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones(tuple(min(n, 5) for n in shape), np.uint8))
        ink[cv2.morphologyEx(dashes, cv2.MORPH_OPEN, np.ones(shape, np.uint8)) > 0] = 0
    return ink, inside.astype(np.uint8, copy=False)


def _repeating(dark: Mask) -> Mask:
    """What is as dark one and two squares further on, in most directions."""
    moves = [(n * SQUARE * a, n * SQUARE * b) for n in (1, 2) for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1))]
    shifted = np.stack([np.roll(dark, move, axis=(0, 1)) for move in moves])
    return cv2.dilate(np.partition(shifted, 2, axis=0)[2], np.ones((3, 3), np.uint8)).astype(np.uint8, copy=False)


def _covered(ink: Mask, inside: Mask) -> float:
    band = np.ones((round(BAND_MM * PIXELS_PER_MM), 1), np.uint8)
    met = (np.asarray(cv2.dilate(ink, band), np.uint8) & inside).sum(axis=1)
    there = inside.sum(axis=1)
    share = met / np.maximum(there, max(1.0, 0.5 * float(there.max())))
    return float(np.quantile(share, BAND_QUANTILE))
