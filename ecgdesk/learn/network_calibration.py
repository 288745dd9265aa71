"""From the members' out-of-fold logits to one calibrated probability and a threshold for each label.

The probability is the logistic of a weighted sum of the members' logits (stacking, Wolpert 1992; with one member it is
Platt's scaling, 1999). Weights are not negative: no member may speak against its own answer. The threshold is where F1
on the out-of-fold probabilities is largest.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit
from scipy.stats import rankdata

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


def calibrated(logits: F64, truth: NDArray[np.bool_]) -> Calibration:
    """`logits` float64[n, members], `truth` bool[n]: fits weights and threshold, and says how they do on the same n."""
    members = logits.shape[1]

    def loss(parameters: F64) -> tuple[float, F64]:
        weights, offset = parameters[:-1], parameters[-1]
        answer = logits @ weights + offset
        error = expit(answer) - truth
        spread = weights - weights.mean()
        value = float(np.mean(np.logaddexp(0, answer) - truth * answer) + RIDGE * np.sum(spread**2))
        slope = logits.T @ error / len(truth) + 2 * RIDGE * spread
        return value, np.append(slope, error.mean())

    start = np.append(np.full(members, 1.0 / members), 0.0)
    bounds = [(0.0, None)] * members + [(None, None)]
    found = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x
    probability = expit(logits @ found[:-1] + found[-1])
    threshold = best_threshold(probability, truth)
    said = probability >= threshold
    hits = float((said & truth).sum())
    return Calibration(
        weights=tuple(float(weight) for weight in found[:-1]),
        offset=float(found[-1]),
        threshold=threshold,
        auc=auc(truth, probability),
        f1=f1(said, truth),
        sensitivity=hits / float(truth.sum()),
        specificity=float((~said & ~truth).sum() / (~truth).sum()),
        ppv=hits / max(float(said.sum()), 1.0),
        ece=expected_calibration_error(probability, truth),
        examples=int(truth.sum()),
    )


def at_prevalence(found: Calibration, *, trained: float, wanted: float) -> Calibration:
    """The same answers where the label's share is `wanted` and not, as in training, `trained`.

    Probabilities follow Bayes' rule (Saerens, Latinne and Decaestecker, Neural Computation 2002); the threshold moves
    along, so that the same records are said.
    """
    shift = float(logit(wanted) - logit(trained))
    return replace(found, offset=found.offset + shift, threshold=float(expit(logit(found.threshold) + shift)))


def best_threshold(probability: F64, truth: NDArray[np.bool_]) -> float:
    """Where F1 is largest, on a grid of hundredths, smoothed."""
    grid = np.arange(0.03, 0.98, 0.01)
    scores = np.array([f1(probability >= threshold, truth) for threshold in grid])
    padded = np.pad(scores, SMOOTH // 2, mode="edge")
    return float(np.round(grid[np.argmax(np.convolve(padded, np.full(SMOOTH, 1 / SMOOTH), "valid"))], 2))


def auc(truth: NDArray[np.bool_], score: F64) -> float:
    """Area under the receiver's curve (Mann-Whitney), ties counted half."""
    positive = int(truth.sum())
    ranks = float(rankdata(score)[truth].sum())
    return (ranks - positive * (positive + 1) / 2) / (positive * (len(truth) - positive))


def expected_calibration_error(probability: F64, truth: NDArray[np.bool_]) -> float:
    """Mean gap between said and seen over BINS bins of equal width, weighted by their records."""
    place = np.minimum((probability * BINS).astype(int), BINS - 1)
    gaps = [
        abs(float(probability[place == bin_].mean() - truth[place == bin_].mean())) * float((place == bin_).mean())
        for bin_ in range(BINS)
        if (place == bin_).any()
    ]
    return float(sum(gaps))


def out_of_fold(logits: F64, truth: NDArray[np.bool_], fold: NDArray[np.int64]) -> tuple[F64, NDArray[np.bool_]]:
    """Probabilities and decisions [n, variants] of each fold, by weights and a threshold fitted on the other folds.

    `logits` float64[n, variants, members], `truth` bool[n, variants], `fold` int[n].
    """
    probability, said = np.empty(truth.shape), np.empty(truth.shape, dtype=np.bool_)
    for one in np.unique(fold):
        inside, outside = fold == one, fold != one
        found = calibrated(logits[outside].reshape(-1, logits.shape[2]), truth[outside].ravel())
        probability[inside] = expit(logits[inside] @ np.array(found.weights) + found.offset)
        said[inside] = probability[inside] >= found.threshold
    return probability, said


def f1(said: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """Harmonic mean of sensitivity and positive predictive value; 0 where there is nothing of either."""
    total = float(said.sum() + truth.sum())
    return 2 * float((said & truth).sum()) / total if total else 0.0
