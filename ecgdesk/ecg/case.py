"""A case: one sheet, all that was made of it, and what people decided."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ecgdesk.ecg.comparison import SerialComparison
from ecgdesk.ecg.corrections import AUTOMATIC, Corrections
from ecgdesk.ecg.measurements import Measurements
from ecgdesk.ecg.page import Page
from ecgdesk.ecg.patient import Patient
from ecgdesk.ecg.reading import Finding, Reading
from ecgdesk.ecg.recording import Recording


class Status(StrEnum):
    """How far the digitised page may be trusted."""

    WAITING = "waiting"  # kept, not yet walked
    READ = "read"
    DOUBTFUL = "doubtful"  # read, with reasons to check
    UNREADABLE = "unreadable"


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EDITED = "edited"
    ADDED = "added"


@dataclass(frozen=True)
class Edit:
    """One decision of a person about one finding.

    `finding` is the finding as the reader gave it (ADDED: as the person entered it); `replacement` is the finding
    that takes its place when EDITED.
    """

    verdict: Verdict
    finding: Finding
    at: datetime  # timezone-aware
    by: str
    replacement: Finding | None = None


@dataclass(frozen=True)
class Signature:
    """Who signed, when, and the signed PDF itself."""

    signer: str
    at: datetime  # timezone-aware
    pdf: bytes


@dataclass(frozen=True, eq=False)
class Case:
    """`id` is a random hex string. `scan` is the sheet's own image file (PNG or JPEG), upright as decoded.

    `source_name` is the dropped file's name; it may name a patient, so it never leaves the encrypted store but into
    the report and onto the screen. `reasons` are sentences for the user: why it is doubtful or unreadable;
    `file_doubts` are those about the file itself, which stay whatever a person sets right.
    `corrections`: what a person set right; page, recording and measurements follow from the scan and from them.
    `superseded` are the signed reports from before the case was amended, oldest first. `comparison`: with an earlier
    ECG of the same patient, where somebody asked for it.
    """

    id: str
    source_name: str
    sheet_number: int
    created_at: datetime  # timezone-aware
    scan: bytes
    status: Status = Status.WAITING
    reasons: tuple[str, ...] = ()
    patient: Patient = field(default_factory=Patient)
    page: Page | None = None
    recording: Recording | None = None
    measurements: Measurements | None = None
    readings: tuple[Reading, ...] = ()
    edits: tuple[Edit, ...] = ()
    signature: Signature | None = None
    superseded: tuple[Signature, ...] = ()
    comparison: SerialComparison | None = None
    corrections: Corrections = AUTOMATIC
    file_doubts: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What stands in the report now: the readers' findings after the person's last word on each, worst first.

        Of a reading that is only proposed, what a person has accepted.
        """
        last = {edit.finding: edit for edit in self.edits}
        standing = [
            finding
            for reading in self.readings
            for finding in reading.findings
            if not reading.proposed or finding in last
        ]
        standing += [edit.finding for edit in last.values() if edit.verdict is Verdict.ADDED]
        kept = []
        for finding in standing:
            edit = last.get(finding)
            if edit is None or edit.verdict in (Verdict.ACCEPTED, Verdict.ADDED):
                kept.append(finding)
            elif edit.verdict is Verdict.EDITED and edit.replacement is not None:
                kept.append(edit.replacement)
        return tuple(sorted(kept, key=lambda finding: -finding.severity))
