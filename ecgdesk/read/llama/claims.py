"""From the model's answers to a Reading: findings with their places, how sure, and how far a measurement agrees."""

import json
from dataclasses import dataclass
from typing import Any

from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.ecg.reading import Certainty, Evidence, Finding, Probability, Reading, Span
from ecgdesk.ecg.recording import Recording
from ecgdesk.ecg.statements import Statement, catalogue
from ecgdesk.read.criteria.reader import CriteriaReader
from ecgdesk.read.llama.judgement import Agreement, judged, speaks_against_normal
from ecgdesk.read.llama.messages import Result, Said

NAME = "llama"
_CUT_OFF = "The model's list of findings was cut off at its longest length; only its narrative and labels are shown."


@dataclass(frozen=True)
class _Claim:
    """One statement that the model listed or affirmed."""

    code: str
    certainty: Certainty
    leads: tuple[Lead, ...]


def reading(result: Result, evidence: Evidence) -> Reading:
    """The Reading of one page, most severe first; each finding says whether a measurement confirms it."""
    table, criteria = catalogue(), CriteriaReader().read(evidence)
    sure = {said.label: said for said in result.labels}
    claims, remarks = _claims(result)
    probabilities = tuple(Probability(said.label, said.probability, said.threshold) for said in result.labels)
    beside = speaks_against_normal((claim.code for claim in claims), probabilities)
    findings = []
    for claim in claims:
        statement = table[claim.code]
        plain = _finding(statement, claim, evidence.recording)
        judgement = judged(plain, evidence.measurements, criteria, patient=evidence.patient, beside=beside)
        if judgement.agreement is Agreement.CONTRADICTED:
            remarks.append(f"The model claims {statement.name}; {judgement.why[0].lower()}{judgement.why[1:]}")
        certainty = Certainty.POSSIBLE if judgement.agreement is Agreement.CONTRADICTED else claim.certainty
        why = " ".join(part for part in (judgement.why, _share(sure.get(claim.code))) if part)
        spans = _confirmed_spans(claim, plain, criteria) if judgement.agreement is Agreement.CONFIRMED else plain.spans
        findings.append(Finding(claim.code, statement.severity, certainty, spans, NAME, why))
    place = {code: number for number, code in enumerate(table)}
    ordered = sorted(findings, key=lambda finding: (-finding.severity, place[finding.code]))
    version = version_of(result.title, aided=result.aided)
    return Reading(NAME, version, tuple(ordered), tuple(remarks), probabilities, result.narrative)


def version_of(title: str, *, aided: bool) -> str:
    """The version that a bundle's readings carry; `aided`: its prompts held the measured values."""
    return title if aided else f"{title}, without measured values"


def _claims(result: Result) -> tuple[list[_Claim], list[str]]:
    """What was listed, then what labels affirm beyond it; and what to remark."""
    table = catalogue()
    listed, remarks = _listed(result.listed)
    claims = {claim.code: claim for claim in reversed(listed)}  # of one that is listed twice, the first
    for said in result.labels:
        if said.label in table and said.probability >= said.threshold and said.label not in claims:
            claims[said.label] = _Claim(said.label, _certainty(said.probability), ())
    return list(claims.values()), remarks


def _listed(text: str) -> tuple[list[_Claim], list[str]]:
    if not text:
        return [], []
    try:
        rows: list[dict[str, Any]] = json.loads(text)["findings"]
    except ValueError:
        return [], [_CUT_OFF]
    return [
        _Claim(row["code"], Certainty(row["certainty"]), tuple(lead for lead in STANDARD_ORDER if lead in row["leads"]))
        for row in rows
    ], []


def _finding(statement: Statement, claim: _Claim, recording: Recording) -> Finding:
    """Where the model names a lead, the whole of it that the paper shows: it does not say where within."""
    spans = tuple(Span(lead, *stretch) for lead in claim.leads for stretch in recording.spans_s(lead))
    return Finding(statement.code, statement.severity, claim.certainty, spans, NAME, "")


def _confirmed_spans(claim: _Claim, plain: Finding, criteria: Reading) -> tuple[Span, ...]:
    """The measured places within the leads that the model names; where it names none, all of them."""
    same = [span for finding in criteria.findings if finding.code == claim.code for span in finding.spans]
    within = tuple(span for span in same if not claim.leads or span.lead in claim.leads)
    return within or plain.spans


def _certainty(probability: float) -> Certainty:
    if probability >= 0.9:
        return Certainty.DEFINITE
    return Certainty.PROBABLE if probability >= 0.5 else Certainty.POSSIBLE


def _share(said: Said | None) -> str:
    return "" if said is None else f"The model gives it a probability of {said.probability:.2f}."
