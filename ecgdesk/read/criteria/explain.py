"""Why a statement was not made: the deciding criterion with the patient's number, or what it was left out beside."""

from collections.abc import Iterable
from dataclasses import dataclass

from ecgdesk.ecg.reading import Evidence, Reading
from ecgdesk.ecg.statements import catalogue
from ecgdesk.read.criteria.outcome import Outcome
from ecgdesk.read.criteria.patient_facts import PatientFacts
from ecgdesk.read.criteria.reader import ADULT_YEARS, DEFINITE_CONFIDENCE
from ecgdesk.read.criteria.rules import rules


@dataclass(frozen=True)
class Reason:
    """`text`: one criterion with this patient's number, or a sentence; `near`: within one uncertainty of its limit."""

    text: str
    near: bool = False


def why_not(evidence: Evidence, reading: Reading, codes: Iterable[str]) -> Reason:
    """Why none of these statements stands in `reading`, the criteria reader's of the same evidence.

    Of several rules the one that came nearest is told. A statement without a rule says so.
    """
    wanted, table = set(codes), catalogue()
    age = evidence.patient.age
    if age is not None and age < ADULT_YEARS:
        return Reason("adult criteria are not applied below 18 years")
    if all(table[code].category == "overall" for code in wanted):
        said = next(finding for finding in reading.findings if table[finding.code].category == "overall")
        return Reason(f"said instead: {table[said.code].name}, {said.why}")
    facts = PatientFacts(evidence, rules())
    outcomes = [rule.test(facts, None) for rule in rules().rules if rule.code in wanted]
    if any(outcome.truth for outcome in outcomes):
        return Reason(f"criteria met, left out beside {_left_out_beside(wanted, reading)}")
    refuted = [outcome for outcome in outcomes if outcome.truth is False and outcome.criteria]
    if refuted:
        return _decided(min(refuted, key=lambda outcome: outcome.confidence))
    missing = [reason for outcome in outcomes for reason in outcome.missing]
    return Reason(missing[0] if missing else "no rule makes this statement")


def narrowly(evidence: Evidence, code: str) -> bool:
    """Whether a statement that was made rests on a figure within one uncertainty of its limit, in each rule for it.

    A rule's own certainty does not count: a pattern that is never more than possible may be met by a wide margin.
    """
    facts = PatientFacts(evidence, rules())
    met = [outcome for rule in rules().rules if rule.code == code and (outcome := rule.test(facts, None)).truth]
    return bool(met) and max(outcome.confidence for outcome in met) < DEFINITE_CONFIDENCE


def _decided(outcome: Outcome) -> Reason:
    return Reason(outcome.criteria[0], outcome.confidence < DEFINITE_CONFIDENCE)


def _left_out_beside(wanted: set[str], reading: Reading) -> str:
    table = catalogue()
    rivals = [f.code for f in reading.findings if wanted & {*table[f.code].hides, *table[f.code].precludes}]
    return rivals[0] if rivals else "another statement"
