"""What a reader says of an ECG, and on what evidence."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol

from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.measurements import Measurements
from ecgdesk.ecg.page import Page
from ecgdesk.ecg.patient import Patient
from ecgdesk.ecg.recording import Recording


class Severity(IntEnum):
    """How soon somebody must look; larger is sooner."""

    NORMAL = 0
    INFO = 1
    BORDERLINE = 2
    ABNORMAL = 3
    URGENT = 4  # the same day
    CRITICAL = 5  # phone now

    @property
    def label(self) -> str:
        return self.name.lower()


class Certainty(StrEnum):
    DEFINITE = "definite"
    PROBABLE = "probable"
    POSSIBLE = "possible"


@dataclass(frozen=True)
class Span:
    """A stretch of one lead, seconds on the record's clock."""

    lead: Lead
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Finding:
    """One statement with its evidence.

    `code` is the catalogue's. `spans` are where the evidence is: highlights are drawn from them alone, and a reader
    that cannot point leaves them empty. `source` names the reader (or the person). `why` is the criterion with this
    patient's numbers in it.
    """

    code: str
    severity: Severity
    certainty: Certainty
    spans: tuple[Span, ...]
    source: str
    why: str
    text: str = ""  # the statement as printed, when it differs from the catalogue's name


@dataclass(frozen=True)
class Probability:
    """How likely a reader holds a label, 0 to 1; `label` is a catalogue code or a PTB-XL superclass."""

    label: str
    value: float
    threshold: float | None = None  # the reader says the label from here on; None where it has no threshold


@dataclass(frozen=True)
class Reading:
    """All that one reader says of one recording, most severe first.

    `proposed`: its findings are offered only; each stands in the report once a person has accepted it. `narrative` is
    the reader's free text, empty where it writes none.
    """

    reader: str
    version: str
    findings: tuple[Finding, ...]
    remarks: tuple[str, ...] = ()  # what could not be assessed, and why
    probabilities: tuple[Probability, ...] = ()
    narrative: str = ""
    proposed: bool = False


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a reader is given. `page` is None when there is only a signal."""

    recording: Recording
    measurements: Measurements
    patient: Patient
    page: Page | None = None


class Reader(Protocol):
    """The one interface of all readers."""

    @property
    def name(self) -> str: ...

    def read(self, evidence: Evidence) -> Reading: ...
