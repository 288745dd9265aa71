"""An earlier ECG of the same patient: which ones there are, and what has changed, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ecgdesk.desk.models import wording
from ecgdesk.ecg.case import Case, Status
from ecgdesk.ecg.comparison import Change, SerialComparison
from ecgdesk.ecg.reading import Severity
from ecgdesk.read.serial import may_be_earlier, on_the_wall
from ecgdesk.store.cases import Summary

_DIGITS = {"mV": 2}


def others_of(case: Case, kept: Iterable[Summary]) -> tuple[Summary, ...]:
    """The other read ECGs of the case's patient, newest first; none where nobody has entered the patient's ID."""
    wanted = case.patient.patient_id.strip()
    found = [
        summary
        for summary in kept
        if wanted
        and summary.patient_id.strip() == wanted
        and summary.id != case.id
        and summary.status in (Status.READ, Status.DOUBTFUL)
    ]
    return tuple(sorted(found, key=lambda summary: summary.created_at, reverse=True))


@dataclass(frozen=True)
class Candidate:
    """An ECG that may be the earlier one; `taken`: None where nobody has said when."""

    summary: Summary
    taken: datetime | None

    @property
    def title(self) -> str:
        added = f"added {self.summary.created_at.astimezone():%Y-%m-%d %H:%M}"
        when = f"taken {self.taken:%Y-%m-%d %H:%M}" if self.taken is not None else f"time not entered, {added}"
        signed = ", signed" if self.summary.signed else ""
        return f"{self.summary.source_name}, {when}{signed}"


def other_name(case: Case, other: Summary) -> str:
    """The name that the other ECG bears beside the same ID, where both bear one and they differ; else empty."""
    mine, theirs = (" ".join(name.split()) for name in (case.patient.name, other.patient_name))
    return theirs if mine and theirs and mine.casefold() != theirs.casefold() else ""


def earlier_of(case: Case, others: Iterable[Summary], taken: Mapping[str, datetime | None]) -> tuple[Candidate, ...]:
    """Those of the other ECGs that may be earlier than the case: latest first, then those taken nobody knows when."""
    found = [Candidate(other, taken[other.id]) for other in others if other.id in taken]
    found = [candidate for candidate in found if may_be_earlier(candidate.taken, case)]
    dated = [candidate for candidate in found if candidate.taken is not None]
    dated.sort(key=lambda candidate: on_the_wall(candidate.taken or case.created_at), reverse=True)
    return (*dated, *(candidate for candidate in found if candidate.taken is None))


@dataclass(frozen=True)
class Line:
    """One line of the comparison. `real`: a change that counts; `strong`: a heading of its own."""

    text: str
    detail: str = ""
    real: bool = False
    strong: bool = False


def lines(comparison: SerialComparison) -> tuple[Line, ...]:
    """Statements first, then what is new and gone, the changes that count, and last what stayed within uncertainty."""
    told = [Line(statement.text, statement.why, strong=True) for statement in comparison.statements]
    told += [
        Line(f"New: {wording.statement(finding)}", finding.why, real=finding.severity >= Severity.ABNORMAL)
        for finding in comparison.new
    ]
    told += [Line(f"Gone: {wording.statement(finding)}", finding.why) for finding in comparison.gone]
    told += [Line(_change(change), _how_sure(change), real=True) for change in comparison.real_changes]
    same = [change for change in comparison.changes if not change.beyond_uncertainty and change.lead is None]
    told += [Line(_change(change), _how_sure(change)) for change in same]
    told += [Line(sentence) for sentence in comparison.not_compared]
    return tuple(told)


def _change(change: Change) -> str:
    digits = _DIGITS.get(change.unit, 0)
    name = change.name if change.lead is None else f"{change.name} {change.lead}"
    signed = f"{change.difference:+.{digits}f}"
    text = f"{name} {change.earlier:.{digits}f} → {change.later:.{digits}f} {change.unit} ({signed})"
    return text.replace("-", "−")


def _how_sure(change: Change) -> str:
    digits = _DIGITS.get(change.unit, 0)
    spread = f"one standard deviation of the difference is {change.uncertainty:.{digits}f} {change.unit}"
    if change.beyond_uncertainty:
        return f"More than the measurement’s uncertainty: {spread}."
    return f"Within the measurement’s uncertainty: {spread}."
