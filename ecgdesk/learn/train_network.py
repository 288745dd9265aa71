"""`ecgdesk learn train-network RECORDS… -o OUT [--work WORK]`: trains the embedded network reader from its records.

Five folds; in each, a forest for every label over the measurements, and a network over the average beat. What a fold's
members say of the records that they were not trained on decides their weights, the thresholds and every figure of the
card; what is shipped is the mean over the five folds. Everything made on the way is kept in WORK, so that a stopped
run goes on.
"""

import logging
import pickle
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ecgdesk.learn.network_bundle import LearnedLabel, Typical, write_bundle
from ecgdesk.learn.network_calibration import (
    auc,
    calibrated,
    expected_calibration_error,
    f1,
    out_of_fold,
)
from ecgdesk.learn.network_data import FOLDS, SUPERCLASSES, Material, material
from ecgdesk.learn.network_members import BEATS, TREES, Kind, Member
from ecgdesk.read.network.abstention import flattened, oddness

log = logging.getLogger(__name__)

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

SEED = 7
LEAST_PPV, LEAST_F1 = 0.35, 0.35  # out of fold; below, a statement is computed but never said
PATTERNS = 40  # principal components of the average beats
TYPICAL_SHARE = 0.998  # of the training beats that are not odd
SIGNAL, SHEET = 0, 1  # variants on which the figures are measured


def train_network(folders: Sequence[Path], out: Path, *, work: Path, seed: int = SEED) -> None:
    """Writes the bundle to `out`. Raises NoRecords when a folder holds none."""
    torch.set_num_threads(1)  # two threads would give other sums, and another network, from the same seed
    started = time.monotonic()
    records = material(folders, work, seed=seed)
    log.info("%d records ready after %.0f s", len(records.ids), time.monotonic() - started)
    kinds = (TREES, BEATS)
    members = {kind.file: [_member(kind, records, work, fold, seed) for fold in range(FOLDS)] for kind in kinds}
    log.info("members ready after %.0f s", time.monotonic() - started)
    out.mkdir(parents=True, exist_ok=True)
    for kind in kinds:
        kind.export([member for member, _ in members[kind.file]], out / kind.file)
    logits = np.stack([_out_of_fold(records, members[kind.file]) for kind in kinds], axis=-1)
    write_bundle(
        out,
        members={kind.file: kind.sees for kind in kinds},
        labels=labels(records, logits),
        typical=typical(records),
        metrics=figures(records, logits) | alone(records, logits, [kind.file for kind in kinds]),
        records=len(records.ids),
    )


def labels(records: Material, logits: F64) -> list[LearnedLabel]:
    """Weights and threshold of each label from `logits` float64[n, VARIANTS, labels, members], out of fold."""
    learned = []
    for place, (name, truth, told) in enumerate(_truths(records)):
        both = np.concatenate([logits[told, variant, place] for variant in (SIGNAL, SHEET)])
        found = calibrated(both, np.tile(truth[told], 2), np.tile(records.weight[told], 2).astype(np.float64))
        found = replace(found, examples=int(truth[told].sum()))
        good = found.ppv >= LEAST_PPV and found.f1 >= LEAST_F1
        trusted = name in SUPERCLASSES or (good and " " not in name)
        learned.append(LearnedLabel(name, found, trusted))
    return learned


def figures(records: Material, logits: F64) -> dict[str, float]:
    """What the card says of the superclasses; each fold with weights and thresholds from the other four."""
    shown: dict[str, float] = {}
    weight = records.weight.astype(np.float64)
    for variant, name in ((SIGNAL, "signal"), (SHEET, "sheet")):
        scores, hits, wrong, gaps = [], [], [], []
        for place, (_, truth, _) in enumerate(_truths(records)[: len(SUPERCLASSES)]):
            both, twice = logits[:, (SIGNAL, SHEET), place], np.stack([truth, truth], axis=1)
            probability, said = out_of_fold(both, twice, weight, records.fold)
            here = probability[:, variant]
            scores.append(auc(truth, here, weight))
            gaps.append(expected_calibration_error(here, truth, weight))
            hits.append(f1(said[:, variant], truth, weight))
            wrong.append(float(np.average(said[:, variant] != truth, weights=weight)))
        shown |= {f"auc_{name}": float(np.mean(scores)), f"macro_f1_{name}": float(np.mean(hits))}
        shown |= {f"hamming_{name}": float(np.mean(wrong)), f"ece_{name}": float(np.mean(gaps))}
    return shown


def alone(records: Material, logits: F64, files: Sequence[str]) -> dict[str, float]:
    """The macro AUC of each member by itself, for what the others add to it."""
    truths = [truth for _, truth, _ in _truths(records)[: len(SUPERCLASSES)]]
    weight = records.weight.astype(np.float64)
    return {
        f"auc_{name}_{file.split('.')[0]}_alone": float(
            np.mean([auc(truth, logits[:, variant, place, member], weight) for place, truth in enumerate(truths)])
        )
        for member, file in enumerate(files)
        for variant, name in ((SIGNAL, "signal"), (SHEET, "sheet"))
    }


def typical(records: Material) -> Typical:
    """The patterns of the average beats, and how odd the oddest of them are."""
    beats = records.beat.reshape(-1, *records.beat.shape[2:]).astype(np.float32)
    flat = np.stack([flattened(beat) for beat in beats])
    middle = flat.mean(axis=0)
    away = flat - middle
    _, vectors = np.linalg.eigh(away.T @ away)
    patterns = np.ascontiguousarray(vectors[:, -PATTERNS:].T).astype(np.float32)
    odd = [oddness(beat, middle=middle, patterns=patterns) for beat in beats if beat.any()]
    return Typical(middle, patterns, float(np.quantile(odd, TYPICAL_SHARE)))


def _member(kind: Kind, records: Material, work: Path, fold: int, seed: int) -> tuple[Member, F32]:
    """A member trained without the fold, and what it says of the fold: from WORK where it is there already."""
    kept = work / f"{kind.file}-{fold}.pickle"
    if not kept.exists():
        started = time.monotonic()
        member = kind.train(records, np.flatnonzero(records.fold != fold), seed + fold)
        made = (member, kind.answers(member, records, np.flatnonzero(records.fold == fold)))
        kept.write_bytes(pickle.dumps(made))
        log.info("%s without fold %d: %.0f s", kind.file, fold, time.monotonic() - started)
    found: tuple[Member, F32] = pickle.loads(kept.read_bytes())
    return found


def _out_of_fold(records: Material, members: Sequence[tuple[Member, F32]]) -> F64:
    whole = np.empty((len(records.ids), *members[0][1].shape[1:]), dtype=np.float64)
    for fold, (_, said) in enumerate(members):
        whole[records.fold == fold] = said
    return whole


def _truths(records: Material) -> list[tuple[str, NDArray[np.bool_], NDArray[np.bool_]]]:
    """Name, truth and where it is told, of every label in order."""
    everywhere = np.ones(len(records.ids), dtype=np.bool_)
    supers = [(name, records.superclasses[:, k] > 0, everywhere) for k, name in enumerate(SUPERCLASSES)]
    # PTB-XL has a statement NORM beside its superclass: it helps to learn, but has no name of its own to be read by.
    names = [f"{name} statement" if name in SUPERCLASSES else name for name in records.codes]
    return supers + [(name, records.statements[:, k] > 0, records.told) for k, name in enumerate(names)]
