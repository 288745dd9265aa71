"""Where on the scan the sheet is: the grid and the paper that joins it, without table, fingers and scanner lid."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.page.contrast import reduced

SIDE = 500  # pixels of the longer side of the image in which the outline is sought
AS_BRIGHT = 0.80  # of the paper nearby: a table is darker or of another colour, and where it is neither it does no harm
DARK = 0.6  # of the paper nearby: less is no paper even where the grid seems to be
AS_COLOURED = 28.0  # grey levels between the channels, against the paper nearby
COARSER = 4  # paper has no detail
INK_PIXELS = 3  # lines of print thinner than this are no edge of the sheet

Mask = NDArray[np.uint8]
Array = NDArray[np.float32]


def sheet_mask(image: NDArray[np.uint8], seen: Array | None) -> tuple[Mask, NDArray[np.uint8]]:
    """(mask uint8[h, w], 255 on the sheet, paper uint8[h, w, 3]: the colour of bare paper), both reduced images of
    the scan uint8[H, W, 3]. `seen` is Grid.seen; without a grid the brightest half stands for the paper."""
    small = reduced(image, scale=SIDE / max(image.shape))
    height, width = small.shape[:2]
    # Paper is what is bright between lines and letters.
    bare = cv2.blur(cv2.dilate(small, np.ones((INK_PIXELS, INK_PIXELS), np.uint8)), (INK_PIXELS, INK_PIXELS))
    if seen is None:
        core = (bare.min(axis=2) >= np.median(bare.min(axis=2))).astype(np.uint8)
    else:
        core = (cv2.resize(seen, (width, height), interpolation=cv2.INTER_LINEAR) > 0.1).astype(np.uint8)
    inner = cv2.erode(core, np.ones((9, 9), np.uint8), borderValue=1).astype(np.uint8)
    paper = _spread(bare.astype(np.float32), inner if inner.any() else core)
    level, nearby = bare.astype(np.float32), paper
    bright = level.mean(axis=2) > AS_BRIGHT * nearby.mean(axis=2)
    hue = (level - level.mean(axis=2, keepdims=True)) - (nearby - nearby.mean(axis=2, keepdims=True))
    like = (bright & (np.abs(hue).max(axis=2) < AS_COLOURED)).astype(np.uint8)
    # The dilation above has widened the sheet by half its window; a thin bridge of glare is no paper.
    like = cv2.erode(like, np.ones((INK_PIXELS, INK_PIXELS), np.uint8), borderValue=1)
    # The lock-in's average reaches a little over the rim, but no paper is that dark.
    like = np.asarray(like) | (core & (level.mean(axis=2) > DARK * nearby.mean(axis=2)))
    _, labels = cv2.connectedComponents(like, connectivity=4)
    counts = np.bincount(labels[core > 0], minlength=int(labels.max()) + 1)
    counts[0] = 0
    sheet = (labels == int(np.argmax(counts))).astype(np.uint8)
    outline, _ = cv2.findContours(sheet, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    mask = np.zeros((height, width), np.uint8)
    cv2.drawContours(mask, outline, -1, 255, cv2.FILLED)
    return mask, np.clip(paper, 0, 255).astype(np.uint8)


def _spread(level: Array, core: Mask) -> Array:
    """Colour of the paper within `core`, carried outwards."""
    size = (max(1, core.shape[1] // COARSER), max(1, core.shape[0] // COARSER))
    there = core.astype(np.float32)
    seen = cv2.resize(level * there[..., None], size, interpolation=cv2.INTER_AREA)
    weight = cv2.resize(there, size, interpolation=cv2.INTER_AREA)
    total: Array = np.zeros((size[1], size[0], 3), np.float32)
    share: Array = np.zeros((size[1], size[0]), np.float32)
    sigma, faith = 2.0, 1.0
    for _ in range(5):
        total += faith * np.asarray(cv2.GaussianBlur(seen, (0, 0), sigma), np.float32)
        share += faith * np.asarray(cv2.GaussianBlur(weight, (0, 0), sigma), np.float32)
        sigma, faith = sigma * 2, faith * 1e-3
    smooth = total / (share[..., None] + 1e-14)
    return cv2.resize(smooth, core.shape[::-1], interpolation=cv2.INTER_LINEAR).astype(np.float32, copy=False)
