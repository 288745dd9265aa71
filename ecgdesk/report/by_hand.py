"""What of a sheet's digitisation a person set, in words for the report."""

from ecgdesk.ecg.case import Case
from ecgdesk.ecg.corrections import BeatMarks
from ecgdesk.ecg.figure import How
from ecgdesk.ecg.lead import Lead

_MARKS = {
    "p_onset_s": "P onset",
    "p_offset_s": "P end",
    "qrs_onset_s": "QRS onset",
    "qrs_offset_s": "QRS end",
    "t_offset_s": "T end",
}


def by_hand(case: Case) -> str:
    """One sentence that names all of it; empty when the program found everything."""
    parts = []
    if case.corrections.corners is not None:
        parts.append("corners of the sheet")
    if case.page is not None and case.page.layout.how is How.ENTERED:
        parts.append("layout")
        placed = dict.fromkeys(strip.lead for strip in case.page.layout.strips if strip.how is How.ENTERED)
        if placed:
            parts.append(f"place or name of {', '.join(placed)}")
    if case.page is not None:
        scales = (("paper speed", case.page.speed), ("gain", case.page.gain))
        parts += [name for name, figure in scales if figure.how is How.ENTERED]
    parts += [f"trace of {lead} {stretches}" for lead, stretches in _redrawn(case).items()]
    marks = _moved(case.corrections.marks)
    if marks:
        parts.append(f"marks of the beat: {', '.join(marks)}")
    return f"Set by hand: {'; '.join(parts)}." if parts else ""


def _redrawn(case: Case) -> dict[Lead, str]:
    stretches: dict[Lead, list[str]] = {}
    for one in case.recording.redrawn if case.recording is not None else ():
        stretches.setdefault(one.lead, []).append(f"{one.start_s:.2f} to {one.end_s:.2f} s")
    return {lead: f"({', '.join(texts)})" for lead, texts in stretches.items()}


def _moved(marks: BeatMarks) -> list[str]:
    return [name for mark, name in _MARKS.items() if getattr(marks, mark) is not None]
