"""A trace as the points that a screen can show."""

import numpy as np
from numpy.typing import NDArray

from ecgdesk.desk.models.placement import Placement
from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.recording import Recording

_KEPT_A_COLUMN = 4
FULL = 1  # a_column that keeps every sample


def samples_a_column(placement: Placement, *, columns_per_mm: float) -> int:
    """How many samples fall into one column of a screen at this zoom, 1 where thinning would drop nothing."""
    a_column = int(SAMPLING_RATE_HZ / (columns_per_mm * placement.mm_per_s))
    return a_column if a_column > _KEPT_A_COLUMN else FULL


def polylines(placement: Placement, recording: Recording, *, a_column: int) -> tuple[NDArray[np.float64], ...]:
    """The stretch as float64[k, 2] pieces in mm of paper; a gap in the signal is a gap between pieces.

    Of every `a_column` samples the first, lowest, highest and last one are kept, which draws the same pixels as all.
    """
    samples = placement.samples(recording).astype(np.float64)
    first = max(round(placement.start_s * SAMPLING_RATE_HZ), 0)
    start_mm = placement.x_mm(first / SAMPLING_RATE_HZ)
    step_mm = placement.mm_per_s / SAMPLING_RATE_HZ
    x = np.asarray(start_mm + np.arange(samples.size) * step_mm, dtype=np.float64)
    y = np.asarray(placement.baseline_mm - samples * placement.mm_per_mv, dtype=np.float64)
    return tuple(_thinned(x[a:b], y[a:b], a_column) for a, b in _pieces(samples))


def _pieces(samples: NDArray[np.float64]) -> list[tuple[int, int]]:
    seen = np.isfinite(samples).astype(np.int8)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], seen, [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _thinned(x: NDArray[np.float64], y: NDArray[np.float64], a_column: int) -> NDArray[np.float64]:
    if a_column <= _KEPT_A_COLUMN or x.size <= 2 * a_column:
        return np.column_stack([x, y])
    whole = x.size // a_column * a_column
    columns = y[:whole].reshape(-1, a_column)
    picks = np.sort(
        np.column_stack(
            [
                np.zeros(len(columns), dtype=np.intp),
                columns.argmin(axis=1),
                columns.argmax(axis=1),
                np.full(len(columns), a_column - 1, dtype=np.intp),
            ]
        ),
        axis=1,
    )
    index = np.concatenate([(picks + np.arange(len(columns))[:, None] * a_column).ravel(), np.arange(whole, x.size)])
    return np.column_stack([x[index], y[index]])
