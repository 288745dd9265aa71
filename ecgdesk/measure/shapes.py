"""Beats of one shape: aligned, sorted into clusters, and averaged.

A cluster's average is a midmean over its beats in each lead apart (the middle half of the values at each time), so
that one bad beat does not show. On a 3x4 page each lead has two or three beats of its own; the rhythm strip, seen
throughout, ties the columns together.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgdesk.measure.conditioning import Conditioned, Floats, samples

BEFORE_S, AFTER_S = 0.55, 0.80  # of the fiducial point, in an average beat
QRS_BEFORE, QRS_AFTER = samples(0.10), samples(0.14)  # what is compared between beats
SHIFT = samples(0.05)
SAME_SHAPE = 0.85  # correlation; a ventricular beat is less alike
EARLY_SHARE = 0.85  # of the longer intervals after beats of a cluster: the next beat comes early


@dataclass(frozen=True, eq=False)
class Cluster:
    """Beats of one shape.

    `at`: fiducial sample of each beat, aligned. `average`: float64[12, m], NaN where a lead shows no such beat;
    column `centre` is the fiducial point. `counts`: beats averaged in each lead. `noise`: float64[12], mV rms of
    what differs between the beats, of the average itself.
    """

    at: NDArray[np.intp]
    average: Floats
    counts: NDArray[np.intp]
    noise: Floats
    centre: int = samples(BEFORE_S)


def cut(values: Floats, at: NDArray[np.intp], before: int, after: int) -> Floats:
    """float64[beats, 12, before + after] around each fiducial; NaN beyond the record's ends."""
    index = at[:, None] + np.arange(-before, after)[None, :]
    inside = (index >= 0) & (index < values.shape[1])
    out = values[:, np.clip(index, 0, values.shape[1] - 1)].transpose(1, 0, 2).copy()
    out[~np.broadcast_to(inside[:, None, :], out.shape)] = np.nan
    return out


def seen(conditioned: Conditioned) -> Floats:
    """The cleaned signal, NaN where absent."""
    return np.where(conditioned.present, conditioned.mv, np.nan)


def clusters(conditioned: Conditioned, beats: NDArray[np.intp]) -> tuple[Cluster, ...]:
    """Beats sorted by shape, the largest cluster first."""
    if not len(beats):
        return ()
    at = beats.copy()
    groups = _sort(conditioned, at)
    for _ in range(2):
        for group in groups:
            at[group] = _align(conditioned, at[group])
        _pull_together(conditioned, at, groups)
        groups = _sort(conditioned, at)
    found = [average_of(conditioned, at[group], among=at) for group in groups]
    return tuple(sorted(found, key=lambda cluster: -len(cluster.at)))


def average_of(conditioned: Conditioned, at: NDArray[np.intp], *, among: NDArray[np.intp]) -> Cluster:
    """The average of the beats at these fiducials; `among`: those of all beats, with those of other shapes."""
    at = np.sort(at)
    segments = cut(seen(conditioned), at, samples(BEFORE_S), samples(AFTER_S))
    _without_early_next(segments, at, np.sort(among))
    core = slice(samples(BEFORE_S) - QRS_BEFORE, samples(BEFORE_S) + QRS_AFTER)
    whole = np.all(np.isfinite(segments[:, :, core]), axis=2)
    segments[~whole] = np.nan
    average = midmean(segments)
    counts = whole.sum(axis=0)
    return Cluster(at, average, counts, _noise(segments, average, counts))


def _without_early_next(segments: Floats, at: NDArray[np.intp], among: NDArray[np.intp]) -> None:
    """Take from each beat, in place, what an early next beat lays over it: it would pass for a T wave of them all.

    Where the next beat is early after every one of them, as in bigeminy, nothing is taken.
    """
    place = np.searchsorted(among, at, side="right")
    gaps = np.full(len(at), np.inf)
    followed = place < len(among)
    gaps[followed] = among[place[followed]] - at[followed]
    if not followed.any():
        return
    early = gaps < EARLY_SHARE * np.quantile(gaps[followed], 0.75, method="higher")
    for beat in np.flatnonzero(early):
        segments[beat, :, samples(BEFORE_S) + max(int(gaps[beat]) - QRS_BEFORE, QRS_AFTER) :] = np.nan


def midmean(values: Floats) -> Floats:
    """Mean of the middle half along the first axis (median of three or four values), NaN ignored."""
    count = np.sum(np.isfinite(values), axis=0)
    ordered = np.sort(values, axis=0)  # NaN last
    drop = np.where(count >= 3, np.maximum(1, count // 4), 0)
    rank = np.arange(values.shape[0]).reshape(-1, *([1] * (values.ndim - 1)))
    kept = (rank >= drop) & (rank < count - drop)
    total = np.sum(np.where(kept, ordered, 0.0), axis=0)
    number = kept.sum(axis=0)
    return np.asarray(np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0))


def _noise(segments: Floats, average: Floats, counts: NDArray[np.intp]) -> Floats:
    """mV rms of the average in each lead, from the fast part of the difference between beats."""
    rough = np.diff(segments - average[None], axis=2)
    size = np.abs(np.where(np.isfinite(rough), rough, 0.0)).reshape(len(segments), -1, rough.shape[2])
    number = np.maximum(1, np.isfinite(rough).sum(axis=(0, 2)))
    spread = 1.25 * size.sum(axis=(0, 2)) / number / np.sqrt(2)
    alone = 1.25 * np.nanmean(np.abs(np.diff(np.nan_to_num(average), axis=1)), axis=1) / np.sqrt(2)
    noise: Floats = np.where(counts > 1, spread / np.sqrt(np.maximum(counts, 1)), alone)
    return noise


def _sort(conditioned: Conditioned, at: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Indices of the beats of each shape: the beat that most others are like founds a group, its mean gathers it."""
    values, mask = _qrs(conditioned, at)
    likeness = _likeness(values, mask, values, mask)
    left = np.arange(len(at))
    groups: list[NDArray[np.intp]] = []
    while len(left):
        alike = likeness[np.ix_(left, left)] > SAME_SHAPE
        seed = int(np.argmax(alike.sum(axis=1)))
        first = left[alike[seed]] if alike[seed].any() else left[[seed]]
        near = _likeness(values[left], mask[left], *_mean(values[first], mask[first]))[:, 0] > SAME_SHAPE
        near[seed] = True
        groups.append(left[near])
        left = left[~near]
    return groups


def _qrs(conditioned: Conditioned, at: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """float64[beats, 12, window] with the mean removed, and 1 where it is seen, 0 where not.

    A lead that shows less than half of a complex does not count as showing it.
    """
    segments = cut(seen(conditioned), at, QRS_BEFORE, QRS_AFTER)
    mask = np.isfinite(segments)
    mask &= mask.mean(axis=2, keepdims=True) >= 0.5
    number = np.maximum(1, mask.sum(axis=2, keepdims=True))
    values = np.where(mask, segments, 0.0)
    values = np.where(mask, values - values.sum(axis=2, keepdims=True) / number, 0.0)
    return values, mask.astype(np.float64)


def _likeness(values: Floats, mask: Floats, others: Floats, other_mask: Floats) -> Floats:
    """float64[b, c]: correlation of each of b with each of c over what both show; 0 where they share nothing."""
    cross = np.einsum("blt,clt->bc", values, others, optimize=True)
    norm = np.einsum("blt,clt->bc", values**2, other_mask, optimize=True)
    norm *= np.einsum("blt,clt->bc", mask, others**2, optimize=True)
    return np.asarray(np.divide(cross, np.sqrt(norm), out=np.zeros_like(cross), where=norm > 0))


def _mean(values: Floats, mask: Floats) -> tuple[Floats, Floats]:
    """The mean of the beats, float64[1, 12, window], and where any beat shows it."""
    number = mask.sum(axis=0, keepdims=True)
    return values.sum(axis=0, keepdims=True) / np.maximum(1.0, number), (number > 0).astype(np.float64)


def _align(conditioned: Conditioned, at: NDArray[np.intp]) -> NDArray[np.intp]:
    """Move each fiducial to where its beat fits the group's mean best."""
    if len(at) < 2:
        return at
    slope = np.where(conditioned.present, conditioned.slope, 0.0)
    wide = np.nan_to_num(cut(slope, at, QRS_BEFORE + SHIFT, QRS_AFTER + SHIFT))
    mean = wide.sum(axis=0)[:, SHIFT:-SHIFT]
    shifts = np.arange(-SHIFT, SHIFT + 1)
    score = _fits(wide, mean)
    best = shifts[np.argmax(score, axis=0)]
    moved = at + best - int(np.median(best))
    length = conditioned.length
    return np.where((moved >= 0) & (moved < length), moved, at).astype(np.intp)


def _fits(wide: Floats, mean: Floats) -> Floats:
    """float64[shifts, beats]: how well each beat's slopes, cut wide by SHIFT, fit the mean at each shift."""
    width = mean.shape[1]
    return np.stack(
        [np.einsum("blt,lt->b", wide[:, :, shift : shift + width], mean) for shift in range(wide.shape[2] - width + 1)]
    )


def _pull_together(conditioned: Conditioned, at: NDArray[np.intp], groups: list[NDArray[np.intp]]) -> None:
    """Move the smaller groups, in place, to where they fit the largest best.

    The steepest moment may be another part of the same complex in another column's leads, or in noise.
    """
    largest = max(groups, key=len)
    slope = np.where(conditioned.present, conditioned.slope, 0.0)
    pieces = np.nan_to_num(cut(slope, at[largest], QRS_BEFORE, QRS_AFTER))
    shows = np.any(pieces != 0, axis=2).sum(axis=0)
    mean = pieces.sum(axis=0) / np.maximum(1, shows)[:, None]
    for group in groups:
        if group is largest:
            continue
        wide = np.nan_to_num(cut(slope, at[group], QRS_BEFORE + SHIFT, QRS_AFTER + SHIFT))
        score = _fits(wide, mean).sum(axis=1)
        moved = at[group] + int(np.argmax(score)) - SHIFT
        if score.max() > 0 and moved.min() >= 0 and moved.max() < conditioned.length:
            at[group] = moved
