"""One line of the list of cases."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from ecgdesk.desk.models import wording
from ecgdesk.ecg.case import Case, Status
from ecgdesk.ecg.reading import Severity
from ecgdesk.store.cases import Summary

_STATUS_WORDS = {
    Status.WAITING: "waiting",
    Status.READ: "read, not signed",
    Status.DOUBTFUL: "doubtful, check it",
    Status.UNREADABLE: "not readable",
}


@dataclass(frozen=True)
class Entry:
    """What the list shows of a case. `stage` and `fraction` are set while it is being read."""

    id: str
    source_name: str
    sheet_number: int
    created_at: datetime
    status: Status
    reasons: str = ""
    patient_name: str = ""
    signed: bool = False
    severity: Severity | None = None
    stage: str = ""
    fraction: float = 0.0
    stopped: bool = False

    @classmethod
    def of_summary(cls, summary: Summary) -> Self:
        return cls(
            id=summary.id,
            source_name=summary.source_name,
            sheet_number=summary.sheet_number,
            created_at=summary.created_at,
            status=summary.status,
            reasons=summary.reasons,
            patient_name=summary.patient_name,
            signed=summary.signed,
            severity=summary.severity,
        )

    @classmethod
    def of_case(cls, case: Case) -> Self:
        findings = case.findings
        return cls(
            id=case.id,
            source_name=case.source_name,
            sheet_number=case.sheet_number,
            created_at=case.created_at,
            status=case.status,
            reasons=" ".join(case.reasons),
            patient_name=case.patient.name,
            signed=case.signature is not None,
            severity=findings[0].severity if findings else None,
        )

    @property
    def title(self) -> str:
        sheet = f", sheet {self.sheet_number}" if self.sheet_number > 1 else ""
        return self.patient_name or f"{self.source_name}{sheet}"

    @property
    def short_title(self) -> str:
        """The title as it goes into a sentence."""
        return wording.shortened(self.title)

    @property
    def status_line(self) -> str:
        if self.stage:
            return f"{self.stage} …"
        if self.stopped:
            return "stopped; press F5 to read it"
        if self.signed:
            return "signed"
        if self.status is Status.UNREADABLE and self.reasons:
            return self.reasons
        return _STATUS_WORDS[self.status]

    @property
    def tip(self) -> str:
        """All that the line may have to cut off."""
        lines = [self.source_name, f"added {self.created_at.astimezone():%Y-%m-%d %H:%M}", self.status_line]
        return "\n".join([*lines, self.reasons] if self.reasons and self.reasons != self.status_line else lines)

    @property
    def in_work(self) -> bool:
        return bool(self.stage)

    def working(self, stage: str, fraction: float) -> Self:
        return replace(self, stage=stage, fraction=fraction, stopped=False)

    def at_rest(self, *, stopped: bool, why: str = "") -> Self:
        """`why` it was stopped, a sentence, where nobody wanted it."""
        return replace(self, stage="", fraction=0.0, stopped=stopped, reasons=why)


def order(entry: Entry) -> tuple[float, int]:
    """Newest first, the sheets of one file in their order."""
    return -entry.created_at.timestamp(), entry.sheet_number
