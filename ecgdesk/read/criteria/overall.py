"""The overall line: one statement for the whole ECG, from the most severe finding that stands."""

from collections.abc import Sequence

from ecgdesk.ecg.lead import STANDARD_ORDER
from ecgdesk.ecg.reading import Certainty, Evidence, Finding, Severity
from ecgdesk.ecg.statements import catalogue
from ecgdesk.read.criteria.patient_facts import PatientFacts

# AHA/ACC/HRS 2007, Part II, overall statements; uninterpretable below three leads or three beats.
FEWEST_LEADS = 3
FEWEST_BEATS = 3
_CLASSES = (
    (Severity.CRITICAL, "OVERALL_CRITICAL"),
    (Severity.ABNORMAL, "OVERALL_ABNORMAL"),
    (Severity.BORDERLINE, "OVERALL_OTHERWISE_NORMAL"),
)


def overall(findings: Sequence[Finding], facts: PatientFacts, evidence: Evidence) -> Finding:
    """The overall statement beside `findings`.

    "Normal ECG" needs every limit of `normal_limits` to be met, and all twelve leads, as "otherwise normal" does: what
    is not seen is not normal.
    """
    table = catalogue()
    unseen = [lead for lead in STANDARD_ORDER if not facts.has(lead)]
    leads = len(STANDARD_ORDER) - len(unseen)
    beats = len(evidence.measurements.beats)
    worst = max(findings, key=lambda finding: finding.severity, default=None)
    critical = worst is not None and worst.severity is Severity.CRITICAL
    if not critical and (leads < FEWEST_LEADS or beats < FEWEST_BEATS):
        why = f"{leads} leads and {beats} beats can be judged; at least {FEWEST_LEADS} of each are needed"
        return _line("OVERALL_UNINTERPRETABLE", Certainty.DEFINITE, why)
    if unseen and (worst is None or worst.severity < Severity.ABNORMAL):
        return _line("OVERALL_NOT_CLASSIFIED", Certainty.DEFINITE, f"{', '.join(unseen)} cannot be judged")
    for severity, code in _CLASSES:
        if worst is not None and worst.severity >= severity:
            return _line(code, worst.certainty, f"most severe statement: {worst.text or table[worst.code].name}")
    normal = facts.condition("normal_limits", None)
    if normal.truth:
        return _line("NORM", Certainty.DEFINITE, "; ".join(normal.criteria))
    return _line("OVERALL_NOT_CLASSIFIED", Certainty.DEFINITE, _why_not(normal.criteria, normal.missing))


def _line(code: str, certainty: Certainty, why: str) -> Finding:
    return Finding(code, catalogue()[code].severity, certainty, (), "criteria", why)


def _why_not(refuted: Sequence[str], missing: Sequence[str]) -> str:
    reasons = "; ".join((*refuted, *missing))
    return f"no abnormal criterion is met, yet not every normal limit could be confirmed: {reasons}"
