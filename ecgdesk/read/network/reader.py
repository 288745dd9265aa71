"""The embedded network reader: probabilities from small networks and trees, with the waves on which they rest."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.reading import Certainty, Evidence, Finding, Probability, Reading, Severity
from ecgdesk.ecg.statements import Statement, catalogue
from ecgdesk.read.network import abstention
from ecgdesk.read.network.bundle import Bundle, Label, shipped
from ecgdesk.read.network.ensemble import Inputs, inputs, logits, probabilities
from ecgdesk.read.network.occlusion import Part, chosen, falls, spans

F64 = NDArray[np.float64]

NAME = "network"
DEFINITE, PROBABLE = 0.9, 0.5  # calibrated probabilities from which a finding is called so
NORMAL = "NORM"
# What is said where a superclass is reached and none of its statements is: the catalogue's most general row.
GENERAL = {"MI": "MI_SUSPECTED", "STTC": "STT_CHANGE", "CD": "CONDUCTION_DISTURBANCE", "HYP": "HYPERTROPHY"}
SUPERCLASSES = (NORMAL, *GENERAL)
TEXTS = {"ABQRS": "Abnormal QRS complex"}  # wider than the catalogue's row of that code


@dataclass(frozen=True, eq=False)
class _Answer:
    """`parts` and `falls` float64[parts, labels]: see occlusion.py. `probability` float64[labels]."""

    bundle: Bundle
    evidence: Evidence
    probability: F64
    parts: tuple[Part, ...]
    falls: F64


class NetworkReader:
    """Reader of the shipped bundle; `name` is "network". Holds no state but the bundle."""

    def __init__(self, bundle: Bundle | None = None) -> None:
        self.bundle = bundle or shipped()

    @property
    def name(self) -> str:
        return NAME

    def read(self, evidence: Evidence) -> Reading:
        """Findings whose probability reaches its threshold, with spans; none, and one remark, when it abstains."""
        manifest = self.bundle.manifest
        seen = inputs(evidence)
        reason = abstention.reason_to_abstain(
            evidence,
            seen.beat[0],
            middle=self.bundle.middle,
            patterns=self.bundle.patterns,
            largest_oddness=manifest.abstention.largest_oddness,
        )
        if reason:
            return Reading(NAME, manifest.version, (), (reason,))
        answer = self._answer(evidence, seen)
        pairs = tuple(zip(manifest.label, answer.probability.tolist(), strict=True))
        found, said_more = _findings(answer)
        return Reading(
            NAME,
            manifest.version,
            found,
            (*abstention.remarks(evidence), *said_more),
            tuple(
                Probability(label.name, round(p, 4), label.threshold if label.trusted else None) for label, p in pairs
            ),
        )

    def _answer(self, evidence: Evidence, seen: Inputs) -> _Answer:
        whole = logits(self.bundle, seen)
        parts, fall = falls(self.bundle, seen, whole, evidence)
        return _Answer(self.bundle, evidence, probabilities(self.bundle, whole)[0], parts, fall)


def _findings(answer: _Answer) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """The findings, most severe first, and a remark where normal is reached beside a finding that is not.

    "Normal ECG" stands beside findings of normal severity alone: a rhythm belongs to no superclass and yet counts.
    """
    table = catalogue()
    rows = _statement_rows()
    said = {
        label.name: place
        for place, label in enumerate(answer.bundle.manifest.label)
        if label.trusted and answer.probability[place] >= label.threshold
    }
    made = [_finding(answer, place, rows[name]) for name, place in said.items() if name in rows]
    told = {table[finding.code].superclass for finding in made}
    made += [
        _finding(answer, said[name], table[code]) for name, code in GENERAL.items() if name in said and name not in told
    ]
    remarks: tuple[str, ...] = ()
    if NORMAL in said and all(finding.severity is Severity.NORMAL for finding in made):
        made.append(_finding(answer, said[NORMAL], table[NORMAL]))
    elif NORMAL in said:
        chance = answer.probability[said[NORMAL]]
        remarks = (
            f"The network reader does not say normal ECG, although its probability of {chance:.2f} reaches the "
            "threshold: the findings above speak against it.",
        )
    order = {code: place for place, code in enumerate(table)}
    return tuple(sorted(made, key=lambda finding: (-finding.severity, order[finding.code]))), remarks


def _statement_rows() -> dict[str, Statement]:
    """The catalogue's row of each SCP statement: the one of the same code, else the first that carries it."""
    table = catalogue()
    rows: dict[str, Statement] = {}
    for row in table.values():
        for scp in row.scp:
            if scp not in rows or row.code == scp:
                rows[scp] = row
    return {scp: row for scp, row in rows.items() if scp not in SUPERCLASSES}


def _finding(answer: _Answer, place: int, row: Statement) -> Finding:
    label = answer.bundle.manifest.label[place]
    chance = float(answer.probability[place])
    where = chosen(answer.parts, answer.falls[:, place]) if answer.parts and row.code != NORMAL else ()
    return Finding(
        row.code,
        row.severity,
        _certainty(chance),
        spans(where, answer.evidence.measurements),
        NAME,
        _why(label, chance, where),
        TEXTS.get(label.name, ""),
    )


def _certainty(probability: float) -> Certainty:
    if probability >= DEFINITE:
        return Certainty.DEFINITE
    return Certainty.PROBABLE if probability >= PROBABLE else Certainty.POSSIBLE


def _why(label: Label, probability: float, where: tuple[Part, ...]) -> str:
    sentence = (
        f"{label.name}: probability {probability:.2f}, said from {label.threshold:.2f} on; there, on records kept out "
        f"of training, sensitivity {label.sensitivity:.2f}, specificity {label.specificity:.2f}, "
        f"positive predictive value {label.ppv:.2f}"
    )
    if not where:
        return f"{sentence}; no single wave carries it"
    names = ", ".join(f"{part.wave.value} in {part.lead.value}" for part in where)
    return f"{sentence}; rests most on {names}"
