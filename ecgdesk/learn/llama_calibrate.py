"""`ecgdesk learn llama-calibrate BUNDLE PAGES.csv`: temperature and threshold of each label, from a dev set's margins.

A margin is ln P(yes) - ln P(no). The temperature by which it is divided is the one that makes the labels of the dev
set most likely (Guo et al., On Calibration of Modern Neural Networks, 2017); the threshold is where F1 is largest.
Both go into the bundle. PAGES.csv is what `llama-evaluate` wrote: of records that are neither trained nor scored on.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit

from ecgdesk.ecg.refusal import Refusal
from ecgdesk.learn.network_calibration import auc, best_threshold, expected_calibration_error, f1
from ecgdesk.learn.tables import rows_of
from ecgdesk.read.llama.bundle import Bundle, Label, read_bundle, write_manifest
from ecgdesk.read.llama.claims import version_of
from ecgdesk.read.metric import Metric

COLDEST, HOTTEST = 0.05, 20.0
_FIGURES = ("AUC", "F1", "ECE")
_FREE = "AUC"  # no temperature and no threshold changes it; the others look better here than on records not seen
_FITTED_ON = ", on which temperature and threshold were fitted"


class NothingToCalibrate(Refusal):
    """The table holds no margins of this bundle, or none of both kinds."""


def calibrate(folder: Path, pages: Path, *, data: str) -> Bundle:
    """Fits every label of the bundle that the table knows, and writes the bundle with them.

    `data` says in a few words which records these were; it stands beside the figures, and that they were fitted there
    beside those to which that matters. A label of which the dev set
    holds only records with it, or only without, keeps what it had. Raises NothingToCalibrate, BundleRejected.
    """
    bundle, rows = read_bundle(folder), _evaluated(pages)
    version = version_of(bundle.title, aided=bundle.manifest.measured_values)
    strange = sorted({row["model"] for row in rows} - {version})
    if strange:
        raise NothingToCalibrate(f"{pages} was read by {strange[0]}, not by {version}; evaluate this bundle.")
    labels, metrics = [], list(_others(bundle.manifest.metric, bundle.manifest.label))
    fitted = 0
    for label in bundle.manifest.label:
        margins, truth = _of_label(rows, label.name)
        if truth.any() and not truth.all():
            label, figures = fit(label, margins, truth)
            metrics += [
                Metric(f"{kind} {label.name}", round(value, 4), data + ("" if kind == _FREE else _FITTED_ON))
                for kind, value in figures.items()
            ]
            fitted += 1
        labels.append(label)
    if not fitted:
        raise NothingToCalibrate(f"{pages} holds no label with records of both kinds; evaluate more records.")
    return write_manifest(folder, replace(bundle.manifest, label=tuple(labels), metric=tuple(metrics)))


def _evaluated(pages: Path) -> list[dict[str, str]]:
    rows = rows_of(pages)
    if not rows or "model" not in rows[0]:
        raise NothingToCalibrate(f"{pages} is no table of pages; name the pages.csv that llama-evaluate wrote.")
    return rows


def fit(label: Label, margins: NDArray[np.float64], truth: NDArray[np.bool_]) -> tuple[Label, dict[str, float]]:
    """`margins` float64[n], `truth` bool[n] with both kinds: the calibrated label, and how it does on the same n."""

    def loss(logarithm: float) -> float:
        scaled = margins / math.exp(logarithm)
        return float(np.mean(np.logaddexp(0.0, scaled) - truth * scaled))

    found = minimize_scalar(loss, bounds=(math.log(COLDEST), math.log(HOTTEST)), method="bounded")
    temperature = round(math.exp(float(found.x)), 4)
    probability = expit(margins / temperature)
    threshold = best_threshold(probability, truth)
    values = (auc(truth, margins), f1(probability >= threshold, truth), expected_calibration_error(probability, truth))
    figures = dict(zip(_FIGURES, values, strict=True))
    return replace(label, temperature=temperature, threshold=threshold), figures


def _of_label(rows: Sequence[Mapping[str, str]], name: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    told = [row for row in rows if row.get(f"margin_{name}")]
    margins = np.array([float(row[f"margin_{name}"]) for row in told])
    return margins, np.array([row[f"holds_{name}"] == "1" for row in told], dtype=np.bool_)


def _others(metrics: Sequence[Metric], labels: Sequence[Label]) -> list[Metric]:
    """The figures that this calibration does not write anew."""
    own = {f"{kind} {label.name}" for kind in _FIGURES for label in labels}
    return [metric for metric in metrics if metric.name not in own]
