"""The embedded reader: published criteria, applied to the measurements and printed with the patient's own numbers."""

from collections.abc import Iterable
from dataclasses import replace

from ecgdesk.ecg.reading import Certainty, Evidence, Finding, Reading
from ecgdesk.ecg.statements import catalogue
from ecgdesk.read.criteria.highlight import spans
from ecgdesk.read.criteria.outcome import Outcome
from ecgdesk.read.criteria.overall import overall
from ecgdesk.read.criteria.patient_facts import PatientFacts
from ecgdesk.read.criteria.precedence import standing
from ecgdesk.read.criteria.rules import Rule, Rules, rules

NAME = "criteria"
ADULT_YEARS = 18  # below, normal limits differ (Davignon 1979, Rijnbeek 2001)

# A criterion met by more than one standard uncertainty of its measurement is definite.
DEFINITE_CONFIDENCE = 0.731  # logistic(1)
_ORDER = (Certainty.POSSIBLE, Certainty.PROBABLE, Certainty.DEFINITE)
MOST_NAMED = 3  # statements in one remark

# Statements that are made by other means than a rule
WITHOUT_RULE = frozenset(code for code, row in catalogue().items() if row.category == "overall") | {"CHILD"}


class CriteriaReader:
    """Reader of the catalogue's rules; `name` is "criteria". Holds no state but the rules."""

    def __init__(self, table: Rules | None = None) -> None:
        self._rules = table or rules()

    @property
    def name(self) -> str:
        return NAME

    def read(self, evidence: Evidence) -> Reading:
        """Findings with spans and reasons, most severe first; never raises for want of measurements."""
        age = evidence.patient.age
        if age is not None and age < ADULT_YEARS:
            return self._reading([_child(age)], ())
        facts = PatientFacts(evidence, self._rules)
        remarks = [f"Lead {lead} was not judged: {reason}." for lead, reason in facts.unusable.items()]
        outcomes = [(rule, rule.test(facts, None)) for rule in self._rules.rules]
        met = [_finding(rule, outcome, facts, evidence) for rule, outcome in outcomes if outcome.truth]
        kept, precluded = standing(_best_of_each(met), catalogue())
        kept = (*kept, overall(kept, facts, evidence))
        interpretable = kept[-1].code != "OVERALL_UNINTERPRETABLE"
        remarks += [*precluded, *(_open_questions(outcomes, kept) if interpretable else ())]
        return self._reading(kept, remarks)

    def _reading(self, findings: Iterable[Finding], remarks: Iterable[str]) -> Reading:
        place = {code: number for number, code in enumerate(catalogue())}
        ordered = sorted(findings, key=lambda finding: (-finding.severity, place[finding.code]))
        return Reading(NAME, self._rules.version, tuple(ordered), tuple(dict.fromkeys(remarks)))


def _child(age: float) -> Finding:
    row = catalogue()["CHILD"]
    why = f"age {int(age)} years < {ADULT_YEARS} years: the measurements stand, adult criteria were not applied"
    return Finding(row.code, row.severity, Certainty.DEFINITE, (), NAME, why)


def _finding(rule: Rule, outcome: Outcome, facts: PatientFacts, evidence: Evidence) -> Finding:
    usual = catalogue()[rule.code].severity
    severity, text, reasons = rule.severity or usual, rule.text, list(outcome.criteria)
    for grade in rule.grades:
        graded = grade.test(facts, None)
        if graded.truth:
            severity, text = grade.severity or severity, grade.text or text
            reasons += graded.criteria
    why = "; ".join(dict.fromkeys([*reasons, *([rule.note] if rule.note else [])]))
    where = spans(rule.show, outcome, evidence)
    return Finding(rule.code, severity, _certainty(rule, outcome), where, NAME, why, text)


def _certainty(rule: Rule, outcome: Outcome) -> Certainty:
    reached = Certainty.DEFINITE if outcome.confidence >= DEFINITE_CONFIDENCE else Certainty.PROBABLE
    return min(rule.certainty, reached, key=_ORDER.index)


def _best_of_each(findings: Iterable[Finding]) -> list[Finding]:
    """One finding a code: the most certain one; where several are as certain, with the reasons of them all."""
    best: dict[str, Finding] = {}
    for finding in sorted(findings, key=lambda f: (-_ORDER.index(f.certainty), -f.severity)):
        first = best.setdefault(finding.code, finding)
        if first is not finding and first.certainty is finding.certainty:
            best[finding.code] = replace(
                first,
                spans=tuple(dict.fromkeys((*first.spans, *finding.spans))),
                why="; ".join(dict.fromkeys((*first.why.split("; "), *finding.why.split("; ")))),
            )
    return list(best.values())


def _open_questions(outcomes: Iterable[tuple[Rule, Outcome]], kept: Iterable[Finding]) -> list[str]:
    """One remark for each measurement that was missing, with what could not be assessed without it."""
    table = catalogue()
    settled = {code for finding in kept for code in (finding.code, *table[finding.code].hides)}
    settled |= {code for finding in kept for code in table[finding.code].precludes}
    waiting: dict[str, list[str]] = {}
    for rule, outcome in outcomes:
        if outcome.truth is None and rule.code not in settled:
            for reason in outcome.missing[:1]:
                waiting.setdefault(reason, []).append(table[rule.code].name)
    return [f"Not assessable: {_listed(list(dict.fromkeys(names)))} ({reason})." for reason, names in waiting.items()]


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:MOST_NAMED])
    return shown if len(names) <= MOST_NAMED else f"{shown} and {len(names) - MOST_NAMED} more"
