"""One complex found twice: where the leads that are shown change, each side may have its own steepest moment."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ecgdesk.measure.conditioning import Bools, samples
from ecgdesk.measure.delineate import Delineated

APART_S = 0.10  # between the R peaks of two beats at the least: half the shortest time in which a ventricle recovers


def without_doubles(shapes: Sequence[Delineated]) -> tuple[Delineated, ...]:
    """The shapes without the beats whose R peak is another shape's as well; the first of two shapes keeps its beat."""
    kept: list[Delineated] = []
    taken = np.empty(0)
    for shape in shapes:
        peaks = shape.cluster.at + shape.r_peak - shape.cluster.centre
        own = np.array([not np.any(np.abs(taken - peak) < samples(APART_S)) for peak in peaks], dtype=np.bool_)
        if own.any():
            kept.append(shape if own.all() else _of_beats(shape, own))
            taken = np.concatenate([taken, peaks[own]])
    return tuple(kept)


def _of_beats(shape: Delineated, wanted: Bools) -> Delineated:
    return replace(
        shape,
        cluster=replace(shape.cluster, at=shape.cluster.at[wanted]),
        p_alike=shape.p_alike[wanted],
        p_lag=shape.p_lag[wanted],
        p_onset_lag=shape.p_onset_lag[wanted],
        t_lag=shape.t_lag[wanted],
    )
