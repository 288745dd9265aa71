"""Gradient-boosted trees over the measurements, and their translation to ONNX.

The trees are grown by scikit-learn (Ke et al., LightGBM, NeurIPS 2017, in its HistGradientBoostingClassifier), one
forest a label. The program itself has no scikit-learn: every forest of every fold becomes part of one
TreeEnsembleRegressor, whose targets are the labels, as the mean of the folds' logits. A measurement that is absent
(NaN) goes the way that training found best for absent ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper
from sklearn.ensemble import HistGradientBoostingClassifier

F32 = NDArray[np.float32]
Forest = Any  # a HistGradientBoostingClassifier; scikit-learn is only there for training


@dataclass(frozen=True)
class Growth:
    """How a forest is grown."""

    trees: int = 100
    rate: float = 0.06
    leaves: int = 15
    least_in_leaf: int = 40
    share_of_columns: float = 0.3
    l2: float = 5.0


def grow(rows: F32, truth: F32, weight: F32, *, how: Growth, seed: int) -> Forest:
    """One label's forest. `rows` float32[n, f] with NaN, `truth` 0 or 1, `weight` float32[n]."""
    forest = HistGradientBoostingClassifier(
        max_iter=how.trees,
        learning_rate=how.rate,
        max_leaf_nodes=how.leaves,
        min_samples_leaf=how.least_in_leaf,
        max_features=how.share_of_columns,
        l2_regularization=how.l2,
        early_stopping=False,
        random_state=seed,
    )
    return forest.fit(rows, truth, sample_weight=weight)


@dataclass
class _Nodes:
    """The columns of a TreeEnsembleRegressor as they are filled."""

    treeids: list[int] = field(default_factory=list)
    nodeids: list[int] = field(default_factory=list)
    featureids: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    modes: list[str] = field(default_factory=list)
    truenodeids: list[int] = field(default_factory=list)
    falsenodeids: list[int] = field(default_factory=list)
    missing_value_tracks_true: list[int] = field(default_factory=list)


def to_onnx(forests: Sequence[Sequence[Forest]], *, features: int) -> ModelProto:
    """`forests[fold][label]` as one model: rows float32[n, features] to logits float32[n, labels], the folds' mean."""
    nodes, base = _Nodes(), np.zeros(len(forests[0]))
    target: dict[str, list[float]] = {"treeids": [], "nodeids": [], "ids": [], "weights": []}
    tree = 0
    for fold in forests:
        for label, forest in enumerate(fold):
            base[label] += float(forest._baseline_prediction.ravel()[0]) / len(forests)
            for (predictor,) in forest._predictors:
                _add_tree(predictor.nodes, tree, nodes)
                for number, node in enumerate(predictor.nodes):
                    if node["is_leaf"]:
                        for key, value in zip(target, (tree, number, label, node["value"] / len(forests)), strict=True):
                            target[key].append(value)
                tree += 1
    ensemble = helper.make_node(
        "TreeEnsembleRegressor",
        ["rows"],
        ["logits"],
        domain="ai.onnx.ml",
        n_targets=len(base),
        base_values=base.tolist(),
        **{f"nodes_{name}": column for name, column in vars(nodes).items()},
        **{f"target_{name}": column for name, column in target.items()},
    )
    graph = helper.make_graph(
        [ensemble],
        "trees",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["n", features])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", len(base)])],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9)


def _add_tree(tree: NDArray[np.void], number: int, nodes: _Nodes) -> None:
    for place, node in enumerate(tree):
        leaf = bool(node["is_leaf"])
        nodes.treeids.append(number)
        nodes.nodeids.append(place)
        nodes.featureids.append(0 if leaf else int(node["feature_idx"]))
        nodes.values.append(0.0 if leaf else _below(node["num_threshold"]))
        nodes.modes.append("LEAF" if leaf else "BRANCH_LEQ")
        nodes.truenodeids.append(0 if leaf else int(node["left"]))
        nodes.falsenodeids.append(0 if leaf else int(node["right"]))
        nodes.missing_value_tracks_true.append(0 if leaf else int(node["missing_go_to_left"]))


def _below(threshold: float) -> float:
    """The largest float32 that is not above the threshold: rows are float32, so no row changes its way."""
    near = np.float32(threshold)
    return float(near if near <= threshold else np.nextafter(near, np.float32(-np.inf)))
