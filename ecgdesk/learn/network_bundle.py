"""Writes what was trained as the bundle that the reader loads: ONNX files, `bundle.toml`, and the model's card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper

from ecgdesk.learn.network_calibration import Calibration
from ecgdesk.learn.network_model import Ensemble
from ecgdesk.read.network.bundle import FORMAT, KIND
from ecgdesk.read.network.inputs import BEAT_SAMPLES

F32 = NDArray[np.float32]

VERSION = "2026.3"
LEAST_HALVED = 1024  # weights of a tensor from which on it is kept in half precision
DATA = "PTB-XL, out of fold"


@dataclass(frozen=True)
class LearnedLabel:
    name: str
    calibration: Calibration
    trusted: bool


@dataclass(frozen=True, eq=False)
class Typical:
    """`middle` float32[m], `patterns` float32[k, m] of average beats, and the oddness from which on one abstains."""

    middle: F32
    patterns: F32
    largest_oddness: float


def export(ensemble: Ensemble, path: Path, *, features: int) -> None:
    """One ONNX file of the whole ensemble: `beat` float32[n, 24, 320], `rows` float32[n, features] to logits."""
    ensemble.eval()
    torch.onnx.export(
        ensemble,
        (torch.zeros(2, 24, BEAT_SAMPLES), torch.zeros(2, features)),
        str(path),
        input_names=["beat", "rows"],
        output_names=["logits"],
        dynamic_axes={"beat": {0: "n"}, "rows": {0: "n"}, "logits": {0: "n"}},
        dynamo=False,
    )
    model = onnx.load(str(path))
    halve(model)
    path.write_bytes(model.SerializeToString())


def halve(model: ModelProto) -> None:
    """Large weights are kept in half precision and widened when the model is loaded: half the file, the same answers.

    The error of a weight, 0.05 %, is far below what separates two runs of training.
    """
    casts = []
    for initialiser in model.graph.initializer:
        values = numpy_helper.to_array(initialiser)
        if values.dtype == np.float32 and values.size >= LEAST_HALVED:
            name = initialiser.name
            initialiser.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
            casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def write_bundle(
    out: Path,
    *,
    members: Mapping[str, Sequence[str]],
    labels: Sequence[LearnedLabel],
    typical: Typical,
    metrics: Mapping[str, float],
    records: int,
) -> None:
    """`members`: the ONNX files that lie in `out` already, each with what it sees, in the order of the weights."""
    np.savez(out / "typical.npz", middle=typical.middle, patterns=typical.patterns)
    lines = [f"format = {FORMAT}", f'kind = "{KIND}"', 'name = "ecgdesk network"', f'version = "{VERSION}"']
    for file, sees in members.items():
        quoted = ", ".join(f'"{name}"' for name in sees)
        lines += ["", "[[member]]", f'file = "{file}"', f"sees = [{quoted}]"]
    for label in labels:
        lines += ["", "[[label]]", *_label(label)]
    lines += ["", "[abstention]", 'file = "typical.npz"', f"largest_oddness = {typical.largest_oddness:.4f}"]
    for name, value in metrics.items():
        lines += ["", "[[metric]]", f'name = "{name}"', f"value = {value:.4f}", f'data = "{DATA}"']
    lines += ["", "[files]"]
    for file in (*members, "typical.npz"):
        lines.append(f'"{file}" = "{sha256((out / file).read_bytes()).hexdigest()}"')
    (out / "bundle.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (out / "README.md").write_text(_card(members, labels, metrics, records), encoding="utf-8")


def _label(label: LearnedLabel) -> list[str]:
    found = label.calibration
    weights = ", ".join(f"{weight:.4f}" for weight in found.weights)
    figures = ("sensitivity", "specificity", "ppv", "auc", "f1")
    return [
        f'name = "{label.name}"',
        f"weights = [{weights}]",
        f"offset = {found.offset:.4f}",
        f"threshold = {found.threshold:.4f}",
        *(f"{name} = {getattr(found, name):.3f}" for name in figures),
        f"examples = {found.examples}",
        f"trusted = {str(label.trusted).lower()}",
    ]


def _card(
    members: Mapping[str, Sequence[str]],
    labels: Sequence[LearnedLabel],
    metrics: Mapping[str, float],
    records: int,
) -> str:
    parts = "\n".join(f"- `{file}` sees {' and '.join(sees)}" for file, sees in members.items())
    table = "\n".join(f"| {name} | {value:.4f} |" for name, value in metrics.items())
    rows = "\n".join(
        f"| {label.name} | {c.examples} | {c.auc:.3f} | {c.threshold:.2f} | {c.sensitivity:.2f} | {c.specificity:.2f} "
        f"| {c.ppv:.2f} | {c.f1:.2f} | {'yes' if label.trusted else 'no'} |"
        for label, c in ((label, label.calibration) for label in labels)
    )
    return f"""# The network reader

Calibrated probabilities of PTB-XL's five superclasses and of {len(labels) - 5} of its statements, from a digitised
12-lead ECG and its measurements. Made by `ecgdesk learn train-network RECORDS… -o OUT --work WORK` (seed 7; torch,
onnx and scikit-learn of the `learn` extra), on two cores within two hours.

## Members
{parts}

`beat` is float32[n, 24, 320] (see `ecgdesk/read/network/inputs.py`), `rows` float32[n, f]
(`ecgdesk/read/network/features.py`). Each answers with one logit a label, in the order of
`bundle.toml`; it is the mean of five, each trained without one fold. A probability is the logistic of the weighted sum
of the members' logits. `typical.npz` holds the patterns of training beats by which the reader knows what is no ECG.

## Data
{records:,} records of PTB-XL's folds 1 to 9, each as it is and as three sheets (3x4, 6x2, 12x1), one of which, for the
records of the first folder, was drawn and digitised by this program while the others are fast likenesses of
that: Wagner et al., "PTB-XL, a large publicly available electrocardiography dataset", Scientific Data 7, 154 (2020),
https://doi.org/10.1038/s41597-020-0495-6, CC BY 4.0. The weights carry that citation.

## Measured
Out of fold, weights and thresholds of each fold fitted on the other four; records are weighted so that each source of
them has the classes as often as the whole of PTB-XL (`ecgdesk/learn/network_weights.py`). `signal`: from the records
themselves, `sheet`: from their first sheets.

| what | |
|---|---|
{table}

By label, out of fold (threshold where F1 is largest; *said*: whether the reader says it at all):

| label | examples | AUC | threshold | sensitivity | specificity | PPV | F1 | said |
|---|---|---|---|---|---|---|---|---|
{rows}

## Limits
- Adults of one German centre (1989 to 1996) with the labels of that data; other populations, carts and prevalences
  shift the probabilities.
- A label says what a cardiologist wrote on the ECG, not what the patient has.
- A patient's records are kept in one fold where the published fold is known; for 862 records it is not.
- It abstains below ten leads, below 18 years, on traces of low quality, without beats, and on odd ones.
"""
