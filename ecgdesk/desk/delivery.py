"""What leaves the desk: exported files, and the signed report."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from ecgdesk.ecg.case import Case, Signature
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.report.identity import Identity
from ecgdesk.report.pdf import render
from ecgdesk.report.signature import sign
from ecgdesk.report.summary import to_json
from ecgdesk.report.table import to_csv
from ecgdesk.report.whole import write_whole


class NotExported(Refusal):
    """A file that could not be written, or a case that has nothing to write."""


@dataclass(frozen=True)
class _Form:
    suffix: str
    filter: str


class Form(Enum):
    """The forms in which a case is handed out."""

    PDF = _Form(".pdf", "PDF report (*.pdf)")
    JSON = _Form(".json", "Findings and measurements (*.json)")
    CSV = _Form(".csv", "Signal in mV (*.csv)")


def suggested_name(case: Case, form: Form) -> str:
    stem = Path(case.source_name).stem
    sheet = f"-{case.sheet_number}" if case.sheet_number > 1 else ""
    return f"{stem}{sheet}{form.value.suffix}"


def replaced_name(case: Case, earlier: Signature) -> str:
    return f"{Path(suggested_name(case, Form.PDF)).stem}-signed-{earlier.at.astimezone():%Y-%m-%d-%H%M}.pdf"


def export(case: Case, form: Form, file: Path) -> Path:
    """Writes the file. Raises NotExported with one sentence."""
    return written(_content(case, form), file)


def written(data: bytes, file: Path) -> Path:
    """Raises NotExported with one sentence; the file is then as it was."""
    try:
        write_whole(file, data)
    except OSError as error:
        cause = error.strerror or "unknown cause"
        raise NotExported(f"{file} was not written ({cause}); make room there, or choose another folder.") from error
    return file


def _content(case: Case, form: Form) -> bytes:
    if form is Form.PDF:
        return case.signature.pdf if case.signature is not None else render(case)
    if form is Form.JSON:
        return to_json(case).encode("utf-8")
    if case.recording is None:
        raise NotExported("This sheet could not be read, so there is no signal to export.")
    return to_csv(case.recording).encode("utf-8")


def signed_report(case: Case, identity: Identity, *, at: datetime) -> Signature:
    """Renders the report of the case and signs it; `at` is timezone-aware."""
    pdf = render(case, signed_by=identity.name, signed_at=at)
    return Signature(signer=identity.name, at=at, pdf=sign(pdf, identity, at=at))
