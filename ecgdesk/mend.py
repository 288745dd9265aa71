"""The walk again from where a person corrected it: only the steps after the correction are done anew.

| corrected | done anew |
|---|---|
| corners | straightening and all after it |
| layout, speed, gain, boxes | layout on the same pixels, tracing, measuring, reading |
| a stretch of trace redrawn | that stretch, measuring, reading |
| marks of the beat | measuring, reading |
| nothing of these, but the patient's age or sex | reading |
"""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.case import Case, Status
from ecgdesk.ecg.corrections import AS_MEASURED, Corrections
from ecgdesk.ecg.figure import How
from ecgdesk.ecg.page import Page, Sheet
from ecgdesk.ecg.recording import Recording
from ecgdesk.measure.measure import measure
from ecgdesk.page.mend import moved
from ecgdesk.page.understand import understand, understand_again
from ecgdesk.pipeline import EMBEDDED_READERS, OnProgress, Progress, judge, reread
from ecgdesk.trace.redraw import redrawn
from ecgdesk.trace.trace import traced

MM_PER_INCH = 25.4


def _silent(_: Progress) -> None:
    return None


def mend(
    case: Case,
    corrections: Corrections,
    *,
    readers: Sequence[str] = EMBEDDED_READERS,
    on_progress: OnProgress = _silent,
) -> Case:
    """The case as its scan and these corrections make it; what a person decided on findings and patient stays.

    With the corrections that it has already it is read anew: its patient's age or sex has changed.
    Raises UnreadablePage, with a sentence for the user, when the corrections leave nothing that can be read as an ECG.
    """
    if corrections == case.corrections:
        on_progress(Progress("reading", 0.9))
        return reread(case, readers=readers)
    page, corrections = _page(case, corrections, on_progress)
    if corrections.strips is not None:
        corrections = replace(corrections, strips=page.layout.strips)  # with the times and gains that they have now
    recording = _added_to(case, page, corrections)
    if recording is None:
        on_progress(Progress("tracing", 0.5))
        page, recording = traced(page)
        recording = redrawn(page, recording, corrections.redraws)
    return _measured(replace(case, corrections=corrections), page, recording, readers, on_progress)


def _added_to(case: Case, page: Page, corrections: Corrections) -> Recording | None:
    """The case's own signal with the strokes that are new; None where the traces have to be followed again."""
    before = case.corrections.redraws
    if case.page is not page or case.recording is None or corrections.redraws[: len(before)] != before:
        return None
    added = corrections.redraws[len(before) :]
    return redrawn(page, case.recording, added) if added else case.recording


def _page(case: Case, corrections: Corrections, on_progress: OnProgress) -> tuple[Page, Corrections]:
    """The page, and the corrections in its own millimetres."""
    before, page = case.corrections, case.page
    if page is None or corrections.corners != before.corners:
        on_progress(Progress("straightening", 0.1))
        sheet = _sheet(case)
        # Where its boxes lie is known only once the new page is there.
        after = understand(sheet, replace(corrections, strips=None))
        if page is not None:
            corrections = moved(corrections, before=page, after=after)
        return (after if corrections.strips is None else understand_again(after, corrections)), corrections
    if _on_page(corrections) == _on_page(before):
        return page, corrections
    on_progress(Progress("finding the leads", 0.3))
    return understand_again(page, corrections), corrections


def _on_page(corrections: Corrections) -> Corrections:
    """What of the corrections is about the layout of the straightened page."""
    return replace(corrections, corners=None, redraws=(), marks=AS_MEASURED)


def _measured(case: Case, page: Page, recording: Recording, readers: Sequence[str], on_progress: OnProgress) -> Case:
    status, reasons = judge(page, recording)
    case = replace(case, page=page, recording=recording, status=status, reasons=reasons)
    if status is Status.UNREADABLE:
        return replace(case, measurements=None, readings=(), comparison=None)
    on_progress(Progress("measuring", 0.8))
    case = replace(case, measurements=measure(recording, case.corrections.marks))
    on_progress(Progress("reading", 0.9))
    return reread(case, readers=readers)


def _sheet(case: Case) -> Sheet:
    """The case's own scan; its resolution and its doubts as far as the page still knows them from the file."""
    image = decoded(case.scan)
    page, dpi = case.page, None
    doubts = case.file_doubts or (page.file_doubts if page is not None else ())  # cases of old kept them with the page
    if page is not None and page.pixels_per_mm_x.how is How.PRINTED:
        across, down = np.hypot(*page.to_scan[:2, :2])
        dpi = (float(across) * MM_PER_INCH, float(down) * MM_PER_INCH)
    return Sheet(image=image, name=case.source_name, number=case.sheet_number, dpi=dpi, doubts=doubts)


def decoded(scan: bytes) -> NDArray[np.uint8]:
    """uint8[h, w, 3] RGB of a kept scan: the walk itself encoded it, no hostile file comes here."""
    image = cv2.imdecode(np.frombuffer(scan, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError("a kept scan is not an image")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)
