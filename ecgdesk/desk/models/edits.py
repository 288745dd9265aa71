"""What a person decides, as functions from a case to the changed case.

A decision is always about the finding as its reader gave it; the last word on it counts (see `Case.findings`). A
signed case is never changed: it has to be opened for amendment first, which makes it preliminary again.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from ecgdesk.desk.models import agreement
from ecgdesk.desk.models.patient_entry import age_matters
from ecgdesk.ecg.case import Case, Edit, Signature, Status, Verdict
from ecgdesk.ecg.comparison import SerialComparison
from ecgdesk.ecg.patient import Patient
from ecgdesk.ecg.reading import Certainty, Finding, Reading, Severity
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.ecg.statements import Statement

PERSON = "person"  # the source of a finding that no reader gave
UNREAD = "The patient’s age or sex was changed, and the ECG has not been read for it yet."
SIGNED_SENTENCE = "This case is signed and cannot be changed; choose Amend first, then sign it again."


class SignedCase(Refusal):
    """A change of a case that is signed."""


@dataclass(frozen=True)
class Author:
    """Who decides, and when (timezone-aware)."""

    by: str
    at: datetime


@dataclass(frozen=True)
class Row:
    """One finding as the review lists it: what the reader gave, what stands, and the person's last word.

    `said`: who says so, and whether the readers agree. `agrees`: whether they do, None where nobody else has judged
    it. `follows`: another reader says the same in the row above.
    """

    original: Finding
    shown: Finding
    verdict: Verdict | None
    said: str = ""
    agrees: bool | None = None
    follows: bool = False

    @property
    def stands(self) -> bool:
        return self.verdict is not Verdict.REJECTED


def rows(case: Case) -> tuple[Row, ...]:
    """All findings, worst first, rejected ones last; an added one that was taken back is gone.

    Of a reading that is only proposed, those that a person has decided on. What several readers say stands together.
    """
    last = {edit.finding: edit for edit in case.edits}
    given = [
        finding for reading in case.readings for finding in reading.findings if not reading.proposed or finding in last
    ]
    listed = [_row(finding, last.get(finding)) for finding in dict.fromkeys(given)]
    listed += [
        Row(edit.finding, edit.finding, Verdict.ADDED)
        for edit in last.values()
        if edit.verdict is Verdict.ADDED and edit.finding not in given
    ]
    worst_first = {row.original: row for row in sorted(listed, key=lambda row: (not row.stands, -row.shown.severity))}
    together = []
    for group in agreement.groups(tuple(worst_first)):
        said = "" if group[0].source == PERSON else agreement.said_by(group, case)
        agrees = agreement.agree(group, case)
        together += [replace(worst_first[one], said=said, agrees=agrees, follows=one is not group[0]) for one in group]
    return tuple(together)


def _row(finding: Finding, edit: Edit | None) -> Row:
    if edit is None:
        return Row(finding, finding, None)
    return Row(finding, edit.replacement or finding, edit.verdict)


def of_one_mind(case: Case, finding: Finding) -> tuple[Finding, ...]:
    """The finding and those of other readers that say the same: a person decides on the statement."""
    given = [row.original for row in rows(case)]
    return next((group for group in agreement.groups(given) if finding in group), (finding,))


def accepted(case: Case, finding: Finding, author: Author) -> Case:
    """Also takes a rejection or a rewording back."""
    return _decided(case, author, Verdict.ACCEPTED, finding)


def rejected(case: Case, finding: Finding, author: Author) -> Case:
    return _decided(case, author, Verdict.REJECTED, finding)


def all_accepted(case: Case, finding: Finding, author: Author) -> Case:
    """Also what other readers say to the same effect."""
    for one in of_one_mind(case, finding):
        case = accepted(case, one, author)
    return case


def all_rejected(case: Case, finding: Finding, author: Author) -> Case:
    for one in of_one_mind(case, finding):
        case = rejected(case, one, author)
    return case


def reworded(case: Case, finding: Finding, replacement: Finding, author: Author) -> Case:
    """Puts `replacement` in the place of `finding`."""
    if _last_word(case, finding) is Verdict.ADDED:
        return added(rejected(case, finding, author), replacement, author)
    return _decided(case, author, Verdict.EDITED, finding, replacement)


def added(case: Case, finding: Finding, author: Author) -> Case:
    return _decided(case, author, Verdict.ADDED, finding)


def by_hand(statement: Statement, *, note: str = "") -> Finding:
    """The catalogue's statement as a person enters it."""
    return Finding(
        code=statement.code,
        severity=statement.severity,
        certainty=Certainty.DEFINITE,
        spans=(),
        source=PERSON,
        why=note or "Entered by hand.",
        text=statement.name,
    )


def with_proposal(case: Case, reading: Reading) -> Case:
    """The case with a reading that a person asked for, in the place of an earlier one of the same reader.

    What a person has decided on of the earlier one stays, in place of what is now said of the same statement.
    """
    _refuse_signed(case)
    decided = {edit.finding for edit in case.edits}
    earlier = tuple(one for one in case.readings if one.proposed and one.reader == reading.reader)
    stays = tuple(finding for one in earlier for finding in one.findings if finding in decided)
    codes = {finding.code for finding in stays}
    findings = (*stays, *(finding for finding in reading.findings if finding.code not in codes))
    proposal = replace(reading, findings=findings, proposed=True)
    return replace(case, readings=(*(one for one in case.readings if one not in earlier), proposal))


def with_patient(case: Case, patient: Patient) -> Case:
    """The case with these data; where age or sex are others now, what was read for the old ones is gone with them."""
    _refuse_signed(case)
    readings = case.readings
    if age_matters(case.patient, patient):
        readings = tuple(one if one.proposed else _unread(one) for one in readings)
    return replace(case, patient=patient, readings=readings)


def _unread(reading: Reading) -> Reading:
    return Reading(reading.reader, version="", findings=(), remarks=(UNREAD,))


def is_unread(case: Case) -> bool:
    """Whether it is still to be read for its patient's age and sex."""
    return any(UNREAD in reading.remarks for reading in case.readings)


def compared(case: Case, comparison: SerialComparison | None) -> Case:
    """The case beside an earlier one; None takes the comparison away."""
    _refuse_signed(case)
    return replace(case, comparison=comparison)


def mended(case: Case, walked: Case) -> Case:
    """The case with all that a correction of its sheet has changed; `walked` is the case as it was walked again.

    What was decided on patient and findings while it was walked stays, and so does what a model said meanwhile.
    """
    _refuse_signed(case)
    proposed = tuple(reading for reading in case.readings if reading.proposed)
    return replace(
        case,
        corrections=walked.corrections,
        page=walked.page,
        recording=walked.recording,
        measurements=walked.measurements,
        readings=(*(reading for reading in walked.readings if not reading.proposed), *proposed),
        status=walked.status,
        reasons=walked.reasons,
    )


def amended(case: Case) -> Case:
    """The signed case opened again: preliminary until it is signed anew, the signed report kept behind it."""
    if case.signature is None:
        return case
    return replace(case, signature=None, superseded=(*case.superseded, case.signature))


def signed(case: Case, signature: Signature, *, reported: Case) -> Case:
    """The case with its signature; `reported` is what the signed report was made from.

    Raises SignedCase when somebody has signed it already, or has changed it since the report was made.
    """
    _refuse_signed(case)
    if _signed_for(case) != _signed_for(reported):
        raise SignedCase("The case was changed while it was being signed; look at it and sign it again.")
    return replace(case, signature=signature)


def _signed_for(case: Case) -> tuple[object, ...]:
    return case.patient, case.readings, case.edits, case.corrections, case.comparison


def unacknowledged(case: Case) -> tuple[Finding, ...]:
    """Critical findings that nobody has accepted, changed or rejected yet."""
    return tuple(
        row.original for row in rows(case) if row.verdict is None and row.original.severity is Severity.CRITICAL
    )


def acknowledged(case: Case, author: Author) -> Case:
    """All critical findings accepted."""
    for finding in unacknowledged(case):
        case = accepted(case, finding, author)
    return case


def was_read(case: Case) -> bool:
    """Whether there is a reading to review; what an unreadable sheet has of a signal is nothing to rely on."""
    return case.recording is not None and case.status in (Status.READ, Status.DOUBTFUL)


def why_not_signable(case: Case) -> str:
    """One sentence for the user; empty when the case can be signed."""
    if case.signature is not None:
        return "This case is signed; choose Amend to change it and sign it again."
    if case.status is Status.WAITING:
        return "This case is still being read; wait until it is done."
    if not was_read(case):
        return "This sheet could not be read, so there is nothing to sign; scan it again or delete it."
    if is_unread(case):
        return f"{UNREAD} Wait a moment, or open the case again."
    if unacknowledged(case):
        return "A critical finding is not acknowledged yet; acknowledge, change or reject it first."
    return ""


def _last_word(case: Case, finding: Finding) -> Verdict | None:
    return next((edit.verdict for edit in reversed(case.edits) if edit.finding == finding), None)


def _decided(
    case: Case, author: Author, verdict: Verdict, finding: Finding, replacement: Finding | None = None
) -> Case:
    _refuse_signed(case)
    edit = Edit(verdict=verdict, finding=finding, at=author.at, by=author.by, replacement=replacement)
    return replace(case, edits=(*case.edits, edit))


def _refuse_signed(case: Case) -> None:
    if case.signature is not None:
        raise SignedCase(SIGNED_SENTENCE)
