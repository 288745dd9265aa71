"""Does what the model claims agree with what was measured?

Confirmed is a claim that the published criteria find too on the same measurements. Else contradicted is one that a
measured figure rules out: beyond its limit by more than one standard uncertainty; and a normal ECG beside a claim that
is not of one. Else confirmed is one whose SCP code a statement of the criteria bears as its own (LVH, of LVH with
strain). All else is only claimed by the model, what a statement of the criteria takes the place of too.

| claim | what it needs | source |
|---|---|---|
| sinus bradycardia, ventricular escape | rate up to 60 | AHA/ACC/HRS 2007, Part II |
| sinus and other tachycardias | rate from 100 | AHA/ACC/HRS 2007, Part II |
| first degree AV block; short PR, pre-excitation | PR from 200 ms; up to 120 ms | AHA/ACC/HRS 2009, Part III |
| complete bundle branch blocks; incomplete ones | QRS of most leads from, up to 120 ms | AHA/ACC/HRS 2009, Part III |
| prolonged QT; short QT | QTc from 450 ms; up to 390 ms | AHA/ACC/HRS 2009, Part IV |
| left and right axis deviation, fascicular blocks | axis up to -30, from 90 degrees | AHA/ACC/HRS 2009, Part III |
| atrial fibrillation | RR intervals that differ from beat to beat | ESC 2020 |
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ecgdesk.ecg.figure import Figure
from ecgdesk.ecg.measurements import Measurements
from ecgdesk.ecg.reading import Finding, Probability, Reading, Severity
from ecgdesk.ecg.statements import catalogue
from ecgdesk.read.llama.conversation import SUPERCLASSES

NORMAL = "NORM"
REGULAR_RMSSD_RATIO = 0.03  # successive RR intervals alike to 3 %: no fibrillation conducts so
_INFINITY = float("inf")


class Agreement(StrEnum):
    CONFIRMED = "confirmed"
    CLAIMED = "claimed"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True)
class Judgement:
    """`why`: a sentence for the user."""

    agreement: Agreement
    why: str


@dataclass(frozen=True)
class _Needs:
    """The figure that these codes need, and the range in which it must lie; `name` as it is shown."""

    codes: tuple[str, ...]
    field: str
    name: str
    least: float = -_INFINITY
    most: float = _INFINITY


_TACHYCARDIAS = ("STACH", "SVT", "AVNRT", "AVRT", "ATRIAL_TACHYCARDIA", "MAT", "JUNCTIONAL_TACHYCARDIA")
_VENTRICULAR = ("VT", "WIDE_TACHYCARDIA", "POLYMORPHIC_VT")
_NEEDS = (
    _Needs(("SBRAD", "VENTRICULAR_ESCAPE"), "heart_rate", "heart rate", most=60),
    _Needs((*_TACHYCARDIAS, *_VENTRICULAR), "heart_rate", "heart rate", least=100),
    _Needs(("1AVB",), "pr", "PR", least=200),
    _Needs(("SHORT_PR", "WPW"), "pr", "PR", most=120),
    _Needs(("CLBBB", "CRBBB"), "qrs_typical", "QRS", least=120),
    _Needs(("ILBBB", "IRBBB"), "qrs_typical", "QRS", most=120),
    _Needs(("LNGQT",), "qtc_bazett", "QTc", least=450),
    _Needs(("SHORT_QT",), "qtc_bazett", "QTc", most=390),
    _Needs(("LAD", "LAFB"), "qrs_axis", "QRS axis", most=-30),
    _Needs(("RAD", "LPFB"), "qrs_axis", "QRS axis", least=90),
)


def judged(finding: Finding, measurements: Measurements, criteria: Reading, *, beside: str = "") -> Judgement:
    """What the measurements and the reading by criteria say of a claim of the model.

    `beside`: what `speaks_against_normal` names in the reading of which this is a claim.
    """
    same = next((other for other in criteria.findings if other.code == finding.code), None)
    if same is not None:  # before the limits below: some criteria reach beyond them
        return Judgement(Agreement.CONFIRMED, f"Confirmed by the criteria: {same.why}")
    if against := _against(finding.code, measurements):
        return Judgement(Agreement.CONTRADICTED, f"Contradicted by a measurement: {against}.")
    if finding.code == NORMAL and beside:
        return Judgement(Agreement.CONTRADICTED, f"Contradicted by another claim of the same reading: {beside}.")
    for other in criteria.findings:
        special = catalogue().get(other.code)  # None: kept by another version, whose catalogue knew it
        if special is not None and finding.code in special.scp:
            return Judgement(Agreement.CONFIRMED, f"Confirmed by the criteria, as {special.name}: {other.why}")
    for other in criteria.findings:
        instead = catalogue().get(other.code)
        if instead is not None and finding.code in instead.hides:  # fibrillation hides sinus rhythm, and denies it
            return Judgement(
                Agreement.CLAIMED,
                f"Claimed by the model; where it would stand, the criteria find {instead.name}: {other.why}",
            )
    return Judgement(Agreement.CLAIMED, "Claimed by the model; no measurement confirms it.")


def speaks_against_normal(codes: Iterable[str], probabilities: Iterable[Probability]) -> str:
    """The first claim of a reading beside which no ECG is normal, by its name; empty when there is none.

    As the criteria's overall statement has it, that is any from borderline on; and each superclass but the normal one.
    """
    for code in codes:
        statement = catalogue().get(code)
        if statement is not None and statement.severity >= Severity.BORDERLINE:
            return statement.name
    said = (one.label for one in probabilities if one.threshold is not None and one.value >= one.threshold)
    return next((label for label in said if label in SUPERCLASSES and label != NORMAL), "")


def _against(code: str, measurements: Measurements) -> str:
    for needs in _NEEDS:
        if code in needs.codes:
            return _outside(_figure(measurements, needs.field), needs)
    ratio = measurements.rhythm.rmssd_ratio
    if code == "AFIB" and math.isfinite(ratio) and ratio < REGULAR_RMSSD_RATIO:
        return f"the RR intervals differ by {100 * ratio:.0f} % from beat to beat"
    return ""


def _figure(measurements: Measurements, field: str) -> Figure:
    """As the criteria take it: the QRS of most leads where it is known, else from the outermost marks."""
    figure: Figure = getattr(measurements, field)
    return measurements.qrs if field == "qrs_typical" and figure.value is None else figure


def _outside(figure: Figure, needs: _Needs) -> str:
    if figure.value is None:
        return ""
    spread = figure.uncertainty or 0.0
    if figure.value - spread > needs.most:
        return f"{needs.name} {figure.value:.0f} {figure.unit} > {needs.most:.0f}"
    if figure.value + spread < needs.least:
        return f"{needs.name} {figure.value:.0f} {figure.unit} < {needs.least:.0f}"
    return ""
