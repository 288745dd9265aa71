"""From the members' out-of-fold logits to one calibrated probability and a threshold for each label.

The probability is the logistic of a weighted sum of the members' logits (stacking, Wolpert 1992; with one member it is
Platt's scaling, 1999). Weights are not negative: no member may speak against its own answer. The threshold is where F1
on the out-of-fold probabilities is largest. Each record counts by its weight (`learn.network_weights`) throughout.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

F64 = NDArray[np.float64]

RIDGE = 0.02  # pulls the weights together where the members are too alike to be told apart
BINS = 15  # of the calibration error
SMOOTH = 9  # neighbouring thresholds over which F1 is averaged, so that one record's luck does not choose


@dataclass(frozen=True)
class Calibration:
    """`weights` float64[members] and `offset` of one label, its threshold, and how it did out of fold."""

    weights: tuple[float, ...]
    offset: float
    threshold: float
    auc: float
    f1: float
    sensitivity: float
    specificity: float
    ppv: float
    ece: float
    examples: int


def calibrated(logits: F64, truth: NDArray[np.bool_], weight: F64) -> Calibration:
    """`logits` float64[n, members], `truth` bool[n], `weight` float64[n]: fits, and says how it does on the same n."""
    members = logits.shape[1]
    counts = weight / weight.sum()

    def loss(parameters: F64) -> tuple[float, F64]:
        weights, offset = parameters[:-1], parameters[-1]
        answer = logits @ weights + offset
        error = counts * (expit(answer) - truth)
        spread = weights - weights.mean()
        value = float(counts @ (np.logaddexp(0, answer) - truth * answer) + RIDGE * np.sum(spread**2))
        return value, np.append(logits.T @ error + 2 * RIDGE * spread, error.sum())

    start = np.append(np.full(members, 1.0 / members), 0.0)
    bounds = [(0.0, None)] * members + [(None, None)]
    found = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x
    probability = expit(logits @ found[:-1] + found[-1])
    threshold = best_threshold(probability, truth, weight)
    said = probability >= threshold
    hits = float(counts[said & truth].sum())
    return Calibration(
        weights=tuple(float(weight) for weight in found[:-1]),
        offset=float(found[-1]),
        threshold=threshold,
        auc=auc(truth, probability, weight),
        f1=f1(said, truth, weight),
        sensitivity=hits / float(counts[truth].sum()),
        specificity=float(counts[~said & ~truth].sum() / counts[~truth].sum()),
        ppv=hits / max(float(counts[said].sum()), float(counts.min())),
        ece=expected_calibration_error(probability, truth, weight),
        examples=int(truth.sum()),
    )


def best_threshold(probability: F64, truth: NDArray[np.bool_], weight: F64 | None = None) -> float:
    """Where F1 is largest, on a grid of hundredths, smoothed."""
    grid = np.arange(0.03, 0.98, 0.01)
    scores = np.array([f1(probability >= threshold, truth, weight) for threshold in grid])
    padded = np.pad(scores, SMOOTH // 2, mode="edge")
    return float(np.round(grid[np.argmax(np.convolve(padded, np.full(SMOOTH, 1 / SMOOTH), "valid"))], 2))


def auc(truth: NDArray[np.bool_], score: F64, weight: F64 | None = None) -> float:
    """Area under the receiver's curve (Mann-Whitney), ties counted half."""
    weight = np.ones(len(truth)) if weight is None else weight
    _, place = np.unique(score, return_inverse=True)
    positive, negative = (np.bincount(place, weight * side) for side in (truth, ~truth))
    below = np.cumsum(negative) - negative / 2
    return float(positive @ below / (positive.sum() * negative.sum()))


def expected_calibration_error(probability: F64, truth: NDArray[np.bool_], weight: F64 | None = None) -> float:
    """Mean gap between said and seen over BINS bins of equal width, by the weight of their records."""
    weight = np.ones(len(truth)) if weight is None else weight
    place = np.minimum((probability * BINS).astype(int), BINS - 1)
    return float(np.abs(np.bincount(place, weight * (probability - truth))).sum() / weight.sum())


def out_of_fold(
    logits: F64, truth: NDArray[np.bool_], weight: F64, fold: NDArray[np.int64]
) -> tuple[F64, NDArray[np.bool_]]:
    """Probabilities and decisions [n, variants] of each fold, by weights and a threshold fitted on the other folds.

    `logits` float64[n, variants, members], `truth` bool[n, variants], `weight` float64[n], `fold` int[n].
    """
    probability, said = np.empty(truth.shape), np.empty(truth.shape, dtype=np.bool_)
    for one in np.unique(fold):
        inside, outside = fold == one, fold != one
        counts = np.repeat(weight[outside], truth.shape[1])
        found = calibrated(logits[outside].reshape(-1, logits.shape[2]), truth[outside].ravel(), counts)
        probability[inside] = expit(logits[inside] @ np.array(found.weights) + found.offset)
        said[inside] = probability[inside] >= found.threshold
    return probability, said


def f1(said: NDArray[np.bool_], truth: NDArray[np.bool_], weight: F64 | None = None) -> float:
    """Harmonic mean of sensitivity and positive predictive value; 0 where there is nothing of either."""
    weight = np.ones(len(truth)) if weight is None else weight
    total = float(weight[said].sum() + weight[truth].sum())
    return 2 * float(weight[said & truth].sum()) / total if total else 0.0
