"""The members' answers put together: calibrated probabilities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ecgdesk.ecg.reading import Evidence
from ecgdesk.read.network.bundle import BEAT, ROWS, Bundle
from ecgdesk.read.network.features import features
from ecgdesk.read.network.inputs import beat_input

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Inputs:
    """What the members see of n versions of one recording, each float32[n, …]; see inputs.py and features.py."""

    beat: F32
    rows: F32


def inputs(evidence: Evidence) -> Inputs:
    """The recording as it is: n is 1."""
    measured = evidence.measurements
    return Inputs(
        beat_input(measured.median_beat)[None],
        features(measured, evidence.patient)[None],
    )


def logits(bundle: Bundle, seen: Inputs) -> F64:
    """float64[members, n, labels]."""
    given = {BEAT: seen.beat, ROWS: seen.rows}
    answers = []
    for member, session in zip(bundle.manifest.member, bundle.sessions, strict=True):
        (answer,) = session.run(None, {name: given[name] for name in member.sees})
        answers.append(np.asarray(answer, dtype=np.float64))
    return np.stack(answers)


def probabilities(bundle: Bundle, answers: F64) -> F64:
    """float64[n, labels] from the members' logits."""
    weights = np.array([label.weights for label in bundle.manifest.label])  # labels, members
    offsets = np.array([label.offset for label in bundle.manifest.label])
    return np.asarray(expit(np.einsum("mnl,lm->nl", answers, weights) + offsets))
