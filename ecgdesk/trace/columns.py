"""What the ink around the path says in each column."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

ON = 0.4  # coverage, relative to the trace's usual darkness, from which a pixel belongs to a run


@dataclass(frozen=True, eq=False)
class Columns:
    """The run of ink that the path goes through, one entry a column; rows in pixels, sub-pixel, growing downwards.

    `top`, `bottom`: its edges. `centre`: its centroid. `amount`: its coverage, pixels. `seen`: False where the path
    crosses white. `pen`: the usual vertical thickness of the trace where it runs flat. `dark`: coverage of its core.
    """

    top: F32
    bottom: F32
    centre: F32
    amount: F32
    seen: NDArray[np.bool_]
    pen: float
    dark: float


def columns(ink: F32, path: NDArray[np.intp]) -> Columns:
    """`ink`: float32[h, w], coverage 0 to 1; `path`: intp[w], a row a column."""
    height, width = ink.shape
    every = np.arange(width)
    padded = np.pad(ink, ((2, 2), (0, 0)))
    near = path + 2
    core = np.max([padded[near + d, every] for d in (-1, 0, 1)], axis=0)
    dark = float(np.quantile(core[core > 0.15], 0.7)) if (core > 0.15).any() else 1.0
    level = np.minimum(padded / dark, 1.0)
    # The path may run on the rim of a thin trace; the darkest neighbour is inside it.
    best = np.stack([level[near + d, every] for d in (0, -1, 1)])
    inside = near + np.array([0, -1, 1])[np.argmax(best, axis=0)]
    on = level >= ON
    rows = np.arange(height + 4)[:, None]
    last_white = np.maximum.accumulate(np.where(on, 0, rows), axis=0)
    next_white = np.minimum.accumulate(np.where(on, height + 3, rows)[::-1], axis=0)[::-1]
    first = np.clip(last_white[inside, every] + 1, 1, height + 2)
    final = np.clip(next_white[inside, every] - 1, 1, height + 2)
    seen = on[inside, every]
    top = first + 1.0 - level[first, every] - level[first - 1, every]
    bottom = final + level[final, every] + level[final + 1, every]
    total = np.concatenate([np.zeros((1, width)), np.cumsum(level, axis=0)])
    moment = np.concatenate([np.zeros((1, width)), np.cumsum(level * (rows + 0.5), axis=0)])
    low, high = first - 1, final + 2
    amount = total[high, every] - total[low, every]
    centre = (moment[high, every] - moment[low, every]) / np.maximum(amount, 1e-3)
    where_not = inside + 0.5
    pen = float(np.quantile(amount[seen], 0.25)) if seen.any() else 1.0

    def place(values: NDArray[np.floating], offset: float = 0.0) -> F32:
        return (np.where(seen, values, where_not + offset) - 2.5).astype(np.float32)

    return Columns(
        top=place(top, -0.5),
        bottom=place(bottom, 0.5),
        centre=place(centre),
        amount=np.where(seen, amount, 0.0).astype(np.float32),
        seen=seen,
        pen=pen,
        dark=dark,
    )
