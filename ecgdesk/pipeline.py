"""The walk itself: a sheet of paper becomes a case. The window, the command line and the benchmarks all use this one.

decode -> understand -> trace -> measure -> read, each a plain function of its room; here is only their order, what is
said on the way, and the decision how far the result may be trusted.
"""

import logging
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import cv2
import numpy as np

from ecgdesk.ecg.case import Case, Status
from ecgdesk.ecg.lead import STANDARD_ORDER
from ecgdesk.ecg.page import Page, Sheet
from ecgdesk.ecg.patient import Patient
from ecgdesk.ecg.reading import Evidence, Reading
from ecgdesk.ecg.recording import Recording
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.measure.measure import measure
from ecgdesk.page.decode import decode
from ecgdesk.page.refusals import UnreadablePage
from ecgdesk.page.understand import understand
from ecgdesk.read.registry import reader
from ecgdesk.trace.trace import traced

log = logging.getLogger(__name__)

EMBEDDED_READERS = ("criteria", "network")

# Expected SNR of the digitisation. Below DOUBTFUL_DB the error exceeds a tenth of the signal's power, and small waves
# (P, Q, ST level) are no longer safe; below UNREADABLE_DB not even the QRS shape is.
DOUBTFUL_DB = 12.0
UNREADABLE_DB = 6.0


@dataclass(frozen=True)
class Progress:
    """`stage` is a word for the user, `fraction` the share of the file's work that is done, 0 to 1."""

    stage: str
    fraction: float


OnProgress = Callable[[Progress], None]


def _silent(_: Progress) -> None:
    return None


def walk_file(
    data: bytes, *, name: str, readers: Sequence[str] = EMBEDDED_READERS, on_progress: OnProgress = _silent
) -> Iterator[Case]:
    """One case for each sheet of a file, in order.

    Raises Refusal when the file cannot be decoded; a sheet that cannot be understood is a case of its own, with the
    status UNREADABLE and the reason.
    """
    on_progress(Progress("decoding", 0.0))
    sheets = decode(data, name=name)
    for number, sheet in enumerate(sheets):
        done = number / len(sheets)

        def within(progress: Progress, done: float = done) -> None:
            on_progress(Progress(progress.stage, done + progress.fraction / len(sheets)))

        yield walk(sheet, readers=readers, on_progress=within)


def walk(
    sheet: Sheet,
    *,
    patient: Patient | None = None,
    readers: Sequence[str] = EMBEDDED_READERS,
    on_progress: OnProgress = _silent,
) -> Case:
    """The whole walk of one sheet. Never raises for what is on the paper: an unreadable sheet is a case too."""
    case = Case(
        id=secrets.token_hex(16),
        source_name=sheet.name,
        sheet_number=sheet.number,
        created_at=datetime.now(UTC),
        scan=_encoded(sheet),
        patient=patient or Patient(),
        file_doubts=sheet.doubts,
    )
    try:
        page, recording = digitise(sheet, on_progress=on_progress)
    except UnreadablePage as refusal:
        return replace(case, status=Status.UNREADABLE, reasons=(str(refusal), *sheet.doubts))
    status, reasons = judge(page, recording)
    case = replace(case, page=page, recording=recording, status=status, reasons=reasons)
    if status is Status.UNREADABLE:
        return case
    on_progress(Progress("measuring", 0.8))
    case = replace(case, measurements=measure(recording))
    on_progress(Progress("reading", 0.9))
    return reread(case, readers=readers)


def digitise(sheet: Sheet, *, on_progress: OnProgress = _silent) -> tuple[Page, Recording]:
    """From the sheet's pixels to millivolts. Raises UnreadablePage."""
    on_progress(Progress("straightening", 0.1))
    page = understand(sheet)
    on_progress(Progress("tracing", 0.5))
    return traced(page)


def reread(case: Case, *, readers: Sequence[str] = EMBEDDED_READERS) -> Case:
    """The case with fresh readings: after its patient's age or sex, or its measurements, have changed."""
    if case.recording is None or case.measurements is None:
        return case
    evidence = Evidence(case.recording, case.measurements, case.patient, case.page)
    proposed = tuple(reading for reading in case.readings if reading.proposed)  # asked for by a person, who decides
    return replace(case, readings=tuple(_read(name, evidence) for name in readers) + proposed)


def read_also(case: Case, *, readers: Sequence[str]) -> Case:
    """The case with further readings beside those that it has."""
    if not readers or case.recording is None or case.measurements is None or case.status is Status.UNREADABLE:
        return case
    evidence = Evidence(case.recording, case.measurements, case.patient, case.page)
    return replace(case, readings=(*case.readings, *(_read(name, evidence) for name in readers)))


def _read(name: str, evidence: Evidence) -> Reading:
    chosen = reader(name)
    try:
        return chosen.read(evidence)
    except Refusal as refusal:
        return Reading(reader=name, version="", findings=(), remarks=(str(refusal),))


def judge(page: Page, recording: Recording) -> tuple[Status, tuple[str, ...]]:
    """How far the digitised page may be trusted, with the sentences that say why."""
    present = [lead for lead in STANDARD_ORDER if np.isfinite(recording.signal[lead.row]).any()]
    missing = [lead for lead in STANDARD_ORDER if lead in page.layout.leads and lead not in present]
    quality = {lead: float(recording.quality_db[lead.row]) for lead in present}
    if not present or max(quality.values()) < UNREADABLE_DB:
        reason = "No lead could be followed well enough to be measured: scan the sheet again, flat and sharp."
        return Status.UNREADABLE, (reason, *page.doubts)
    reasons = list(page.doubts)
    if missing:
        reasons.append(f"No trace could be followed in {_names(missing)}: look at the paper.")
    poor = [lead for lead in present if not quality[lead] >= DOUBTFUL_DB]
    if poor:
        reasons.append(
            f"The trace of {_names(poor)} is of low quality: compare it with the paper before you rely on it."
        )
    return (Status.DOUBTFUL if reasons else Status.READ), tuple(reasons)


def _names(leads: Sequence[str]) -> str:
    return ", ".join(leads)


def _encoded(sheet: Sheet) -> bytes:
    """The sheet as an image file: PNG, but JPEG where the source was one, for a photo as PNG would be ten times it."""
    lossy = sheet.name.lower().endswith((".jpg", ".jpeg"))
    kind, options = (".jpg", [cv2.IMWRITE_JPEG_QUALITY, 95]) if lossy else (".png", [cv2.IMWRITE_PNG_COMPRESSION, 1])
    done, encoded = cv2.imencode(kind, cv2.cvtColor(sheet.image, cv2.COLOR_RGB2BGR), options)
    if not done:
        raise RuntimeError(f"OpenCV could not encode a sheet of {sheet.image.shape}")
    return encoded.tobytes()
