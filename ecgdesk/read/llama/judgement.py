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
| prolonged QT; short QT | the criteria's QTc, from their limit; up to 390 ms | AHA/ACC/HRS 2009, Part IV |
| axis deviations, fascicular blocks | axis up to -30, from 90 degrees; or below -90 | AHA/ACC/HRS 2009, Part III |
| atrial fibrillation | RR intervals that differ from beat to beat | ESC 2020 |
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from ecgdesk.ecg.figure import Figure
from ecgdesk.ecg.measurements import Measurements
from ecgdesk.ecg.patient import Patient, Sex
from ecgdesk.ecg.reading import Finding, Probability, Reading, Severity
from ecgdesk.ecg.statements import catalogue
from ecgdesk.read.criteria.record_facts import judged_qtc
from ecgdesk.read.criteria.rules import rules
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
_QRS_AXIS = "qrs_axis"
_FARTHEST_LEFT = -90.0  # degrees; from there to -180 lies the axis that is called extreme or indeterminate
_JUDGED_QTC = "judged_qtc"  # no field: made of several
_NEEDS = (
    _Needs(("SBRAD", "VENTRICULAR_ESCAPE"), "heart_rate", "heart rate", most=60),
    _Needs((*_TACHYCARDIAS, *_VENTRICULAR), "heart_rate", "heart rate", least=100),
    _Needs(("1AVB",), "pr", "PR", least=200),
    _Needs(("SHORT_PR", "WPW"), "pr", "PR", most=120),
    _Needs(("CLBBB", "CRBBB"), "qrs_typical", "QRS", least=120),
    _Needs(("ILBBB", "IRBBB"), "qrs_typical", "QRS", most=120),
    _Needs(("SHORT_QT",), _JUDGED_QTC, "QTc", most=390),
    _Needs(("LAD", "LAFB"), _QRS_AXIS, "QRS axis", most=-30),
    _Needs(("RAD", "LPFB"), _QRS_AXIS, "QRS axis", least=90),
)


def judged(
    finding: Finding, measurements: Measurements, criteria: Reading, *, patient: Patient, beside: str = ""
) -> Judgement:
    """What the measurements and the reading by criteria say of a claim of the model.

    `patient`: on whose sex the limit of QTc depends. `beside`: what `speaks_against_normal` names in the reading of
    which this is a claim.
    """
    same = next((other for other in criteria.findings if other.code == finding.code), None)
    if same is not None:  # before the limits below: some criteria reach beyond them
        return Judgement(Agreement.CONFIRMED, f"Confirmed by the criteria: {same.why}")
    if against := _against(finding.code, measurements, patient):
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


def _against(code: str, measurements: Measurements, patient: Patient) -> str:
    if code == "LNGQT":
        needs = _Needs((code,), _JUDGED_QTC, "QTc", least=_long_qtc_ms(patient))
        return _outside(measurements, needs)
    for needs in _NEEDS:
        if code in needs.codes:
            return _outside(measurements, needs)
    ratio = measurements.rhythm.rmssd_ratio
    if code == "AFIB" and math.isfinite(ratio) and ratio < REGULAR_RMSSD_RATIO:
        return f"the RR intervals differ by {100 * ratio:.0f} % from beat to beat"
    return ""


def _long_qtc_ms(patient: Patient) -> float:
    """The criteria's limit for the patient; where the sex is not known the lowest, below which nobody's QTc is long."""
    sexes = (Sex.FEMALE, Sex.MALE) if patient.sex is Sex.UNKNOWN else (patient.sex,)
    limit = rules().limits["QTc_long"]
    return min(limit.of(replace(patient, sex=sex), None, None).value for sex in sexes)


def _figure(measurements: Measurements, needs: _Needs) -> tuple[str, Figure]:
    """Name and figure as the criteria take it: the QRS of most leads where it is known; the QTc that they judge."""
    if needs.field == _JUDGED_QTC:
        qtc = judged_qtc(measurements)
        return qtc.label, Figure(qtc.value if qtc.known else None, qtc.unit, uncertainty=qtc.sd)
    figure: Figure = getattr(measurements, needs.field)
    unknown = needs.field == "qrs_typical" and figure.value is None
    return needs.name, measurements.qrs if unknown else figure


def _outside(measurements: Measurements, needs: _Needs) -> str:
    name, figure = _figure(measurements, needs)
    if figure.value is None:
        return ""
    spread = figure.uncertainty or 0.0
    if figure.value - spread > needs.most:
        return f"{name} {figure.value:.0f} {figure.unit} > {needs.most:.0f}"
    value = figure.value
    if needs.field == _QRS_AXIS and value < _FARTHEST_LEFT:
        value += 360.0  # the other way round: neither a left nor a right deviation is ruled out there
    if value + spread < needs.least:
        return f"{name} {figure.value:.0f} {figure.unit} < {needs.least:.0f}"
    return ""
