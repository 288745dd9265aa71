"""The kinds of members that make up the reader: each can be trained, asked, and written as ONNX."""

import lzma
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecgdesk.learn.network_bundle import export
from ecgdesk.learn.network_data import SUPERCLASSES, VARIANTS, Material
from ecgdesk.learn.network_fit import answers, fit
from ecgdesk.learn.network_model import Ensemble
from ecgdesk.learn.network_trees import Forest, Growth, grow, to_onnx
from ecgdesk.read.network.features import AGE, MALE, NAMES

F32 = NDArray[np.float32]
Records = NDArray[np.intp]
Member = Any  # forests of every label, or a scaling and its network

HIDDEN_SHARE = 0.4  # of the rows, without age and sex, as on most sheets
LOST_SHARE = 0.03  # of the measurements
SUPERCLASS_GROWTH = Growth(trees=120)
STATEMENT_GROWTH = Growth(trees=40, rate=0.1, leaves=8, least_in_leaf=20)
STATEMENT_VARIANTS = 2  # of VARIANTS: the record and one sheet, half the time


@dataclass(frozen=True)
class Kind:
    """`sees`: the inputs that its ONNX file takes. `answers`: logits float32[k, VARIANTS, labels] of k records."""

    file: str
    sees: tuple[str, ...]
    train: Callable[[Material, Records, int], Member]
    answers: Callable[[Member, Material, Records], F32]
    export: Callable[[Sequence[Member], Path], None]


def _grow_all(material: Material, train: Records, seed: int) -> list[Forest]:
    rng = np.random.default_rng(seed)
    rows = material.rows[train].copy()
    rows[(rng.random(rows.shape[:2]) < HIDDEN_SHARE)[..., None] & np.isin(np.arange(rows.shape[2]), (AGE, MALE))] = (
        np.nan
    )
    rows[rng.random(rows.shape) < LOST_SHARE] = np.nan
    flat = rows.reshape(-1, rows.shape[2])
    weight = material.weight[train]
    everyone = np.repeat(weight, VARIANTS)
    forests = [
        grow(flat, np.repeat(material.superclasses[train, k], VARIANTS), everyone, how=SUPERCLASS_GROWTH, seed=seed + k)
        for k in range(len(SUPERCLASSES))
    ]
    told = material.told[train]
    fewer, theirs = (
        rows[told, :STATEMENT_VARIANTS].reshape(-1, rows.shape[2]),
        np.repeat(weight[told], STATEMENT_VARIANTS),
    )
    for k in range(len(material.codes)):
        truth = np.repeat(material.statements[train][told, k], STATEMENT_VARIANTS)
        forests.append(grow(fewer, truth, theirs, how=STATEMENT_GROWTH, seed=seed + k))
    return forests


def _asked(forests: list[Forest], material: Material, records: Records) -> F32:
    flat = material.rows[records].reshape(-1, material.rows.shape[2])
    said = np.stack([forest.decision_function(flat) for forest in forests], axis=-1)
    return said.reshape(len(records), VARIANTS, -1).astype(np.float32)


def _write_trees(folds: Sequence[list[Forest]], path: Path) -> None:
    path.write_bytes(lzma.compress(to_onnx(folds, features=len(NAMES)).SerializeToString()))


def _write_beats(folds: Sequence[Member], path: Path) -> None:
    export(Ensemble(folds), path, features=len(NAMES))


TREES = Kind("trees.onnx.xz", ("rows",), _grow_all, _asked, _write_trees)
BEATS = Kind("beat.onnx", ("beat", "rows"), fit, answers, _write_beats)
