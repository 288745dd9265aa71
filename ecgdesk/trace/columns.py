"""What the ink around the path says in each column."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

ON = 0.4  # coverage, relative to the trace's usual darkness, from which a pixel belongs to a run
BRIDGED_PX = 5  # white gaps up to this inside a column may be a hole of the trace: a faint pen, a hole between strokes
_PAD = 4


@dataclass(frozen=True, eq=False)
class Columns:
    """The run of ink that the path goes through, one entry a column; rows in pixels, sub-pixel, growing downwards.

    `top`, `bottom`: its edges. `outer_top`, `outer_bottom`: the edges when small white gaps are bridged. `centre`: its
    centroid. `amount`: its coverage, pixels. `peak`: its darkest pixel, relative to `dark`. `seen`: False where the
    path crosses white. `pen`: the usual vertical thickness of the trace where it runs flat, pixels. `dark`: coverage
    of its core.
    """

    top: F32
    bottom: F32
    outer_top: F32
    outer_bottom: F32
    centre: F32
    amount: F32
    peak: F32
    seen: NDArray[np.bool_]
    pen: float
    dark: float

    @property
    def middle(self) -> F32:
        return np.asarray((self.top + self.bottom) / 2, np.float32)


def columns(ink: F32, path: NDArray[np.intp]) -> Columns:
    """`ink`: float32[h, w], coverage 0 to 1; `path`: intp[w], a row a column."""
    every = np.arange(ink.shape[1])
    padded = np.pad(ink, ((_PAD, _PAD), (0, 0)))
    near = path + _PAD
    core = np.max([padded[near + d, every] for d in (-1, 0, 1)], axis=0)
    dark = float(np.quantile(core[core > 0.15], 0.7)) if (core > 0.15).any() else 1.0
    level = np.minimum(padded / np.float32(dark), 1.0)
    # The path may run on the rim of a thin trace; the darkest neighbour is inside it.
    inside = near + np.array([0, -1, 1])[np.argmax([level[near + d, every] for d in (0, -1, 1)], axis=0)]
    on = (level >= ON).astype(np.uint8)
    first, final, seen = _run(on, inside)
    top = first + 1.0 - level[first, every] - level[first - 1, every]
    bottom = final + level[final, every] + level[final + 1, every]
    bridged = cv2.morphologyEx(on, cv2.MORPH_CLOSE, np.ones((BRIDGED_PX, 1), np.uint8)).astype(np.uint8)
    outer_first, outer_final, outer_seen = _run(bridged, inside)
    total = np.cumsum(level, axis=0)
    moment = np.cumsum(level * (np.arange(len(level), dtype=np.float32)[:, None] + 0.5), axis=0)
    amount = total[final + 1, every] - total[first - 2, every]
    centre = (moment[final + 1, every] - moment[first - 2, every]) / np.maximum(amount, 1e-3)
    peak = np.max([level[np.clip(inside + d, first, final), every] for d in (-2, -1, 0, 1, 2)], axis=0)
    off = inside + 0.5
    to_rows = _PAD + 0.5  # edges at whole numbers become rows of pixel centres

    def rows(values: NDArray[np.floating], when: NDArray[np.bool_], otherwise: NDArray[np.floating]) -> F32:
        return (np.where(when, values, otherwise) - to_rows).astype(np.float32)

    return Columns(
        top=rows(top, seen, off - 0.5),
        bottom=rows(bottom, seen, off + 0.5),
        outer_top=rows(outer_first.astype(float), outer_seen, off - 0.5),
        outer_bottom=rows(outer_final + 1.0, outer_seen, off + 0.5),
        centre=rows(centre, seen, off),
        amount=np.where(seen, amount, 0.0).astype(np.float32),
        peak=np.where(seen, peak, 0.0).astype(np.float32),
        seen=seen,
        pen=float(np.quantile(amount[seen], 0.25)) if seen.any() else 1.0,
        dark=dark,
    )


def _run(
    on: NDArray[np.uint8], inside: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """First and last row of the run through `inside` in each column, and whether there is one."""
    height, width = on.shape
    every = np.arange(width)
    rows = np.arange(height, dtype=np.int16)[:, None]
    last_white = np.maximum.accumulate(np.where(on, np.int16(0), rows), axis=0)[inside, every]
    next_white = np.minimum.accumulate(np.where(on, np.int16(height - 1), rows)[::-1], axis=0)[::-1][inside, every]
    seen = on[inside, every] > 0
    first = np.where(seen, last_white.astype(np.intp) + 1, inside)
    final = np.where(seen, next_white.astype(np.intp) - 1, inside)
    return np.clip(first, 2, height - 2), np.clip(final, 2, height - 2), seen
