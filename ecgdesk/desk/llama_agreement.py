"""Where the embedded readers and the Llama agree, and where they do not; no Qt."""

from dataclasses import dataclass
from enum import StrEnum

from ecgdesk.desk.models import wording
from ecgdesk.desk.models.agreement import same
from ecgdesk.ecg.case import Case, Verdict
from ecgdesk.ecg.reading import Finding, Reading
from ecgdesk.ecg.statements import catalogue
from ecgdesk.read.criteria.reader import NAME as CRITERIA
from ecgdesk.read.llama.claims import NAME
from ecgdesk.read.llama.judgement import Agreement, judged, speaks_against_normal

_TOO_BROAD = frozenset({"technical", "overall"})  # about the paper, or follows from the other statements


class Mark(StrEnum):
    """What is said of a statement by whom."""

    BOTH = "both agree"
    CLAIMED = "Llama only"
    CONTRADICTED = "contradicted"
    NOT_NAMED = "not named by the Llama"


@dataclass(frozen=True)
class Line:
    """One statement. `finding` is the Llama's where it has one, else the embedded reader's; `verdict` a person's."""

    mark: Mark
    text: str
    why: str
    finding: Finding
    verdict: Verdict | None = None


def llama_reading(case: Case) -> Reading | None:
    """The last one that was asked for."""
    return next((one for one in reversed(case.readings) if one.reader == NAME), None)


def lines(case: Case) -> tuple[Line, ...]:
    """Contradictions first, then what only the Llama says, what both say, what it does not name; each worst first."""
    own = llama_reading(case)
    if own is None or case.measurements is None:
        return ()
    embedded = [one for one in case.readings if one.reader != NAME]
    others = [finding for one in embedded for finding in one.findings]
    measured = [finding for one in embedded if one.reader == CRITERIA for finding in one.findings]
    criteria = Reading(CRITERIA, "", tuple(measured))
    verdicts = {edit.finding: edit.verdict for edit in case.edits}
    beside = speaks_against_normal((finding.code for finding in own.findings), own.probabilities)
    found = []
    for finding in own.findings:
        judgement = judged(finding, case.measurements, criteria, patient=case.patient, beside=beside)
        mark, why = _MARKS[judgement.agreement], judgement.why
        also = next((other.source for other in others if same(finding, other)), "")
        if mark is Mark.CLAIMED and also:
            mark, why = Mark.BOTH, f"The {also} reader says so too; no measurement confirms it."
        found.append(Line(mark, wording.hedged(finding), why, finding, verdicts.get(finding)))
    settled = list(own.findings)
    for finding in others:
        if not _is_too_broad(finding) and not any(same(finding, one) for one in settled):
            settled.append(finding)
            found.append(Line(Mark.NOT_NAMED, wording.hedged(finding), finding.why, finding, verdicts.get(finding)))
    order = (Mark.CONTRADICTED, Mark.CLAIMED, Mark.BOTH, Mark.NOT_NAMED)
    return tuple(sorted(found, key=lambda line: (order.index(line.mark), -line.finding.severity)))


def _is_too_broad(finding: Finding) -> bool:
    statement = catalogue().get(finding.code)
    return statement is not None and statement.category in _TOO_BROAD


_MARKS = {
    Agreement.CONFIRMED: Mark.BOTH,
    Agreement.CLAIMED: Mark.CLAIMED,
    Agreement.CONTRADICTED: Mark.CONTRADICTED,
}
