"""What stands on every page around its content: patient, status, footer."""

from dataclasses import dataclass
from datetime import datetime

from reportlab.pdfgen.canvas import Canvas

from ecgdesk.ecg.case import Case
from ecgdesk.ecg.patient import Patient, Sex
from ecgdesk.report import fonts, ink
from ecgdesk.report.paper import FOOTER_HEIGHT, MARGIN, MM

HEADER_HEIGHT = 17 * MM
_STATUS_WIDTH = 70 * MM
_GAP = 4 * MM


@dataclass(frozen=True)
class Signing:
    """Who signs, and when (timezone-aware), as it is printed."""

    name: str
    at: datetime


def draw_header(canvas: Canvas, case: Case, signing: Signing | None, *, size: tuple[float, float]) -> float:
    """Patient on the left, status on the right; gives the height at which the content may begin."""
    width, height = size
    top = height - MARGIN
    room = width - 2 * MARGIN - _STATUS_WIDTH - _GAP
    _draw_patient(canvas, case.patient, top=top, room=room)
    _draw_status(canvas, signing, left=width - MARGIN - _STATUS_WIDTH, top=top)
    canvas.setStrokeColor(ink.RULE)
    canvas.setLineWidth(0.5)
    bottom = top - HEADER_HEIGHT + 2.5 * MM
    canvas.line(MARGIN, bottom, width - MARGIN, bottom)
    return top - HEADER_HEIGHT


def draw_footer(canvas: Canvas, case: Case, note: str, *, page: int, pages: int, width: float) -> None:
    """One line at the foot: the note on the left, the source and the page's number on the right."""
    y = MARGIN + 1 * MM
    canvas.setStrokeColor(ink.RULE)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, y + 3.4 * MM, width - MARGIN, y + 3.4 * MM)
    canvas.setFillColor(ink.SOFT)
    fonts.draw(canvas, MARGIN, y, note, face=fonts.REGULAR, size=6.2)
    right = f"ecgdesk · case {case.id[:12]} · page {page} of {pages}"
    fonts.draw(canvas, width - MARGIN - fonts.width(right, fonts.REGULAR, 6.2), y, right, face=fonts.REGULAR, size=6.2)


def content_bottom() -> float:
    """The height above which a page's content stays."""
    return MARGIN + FOOTER_HEIGHT


def _draw_patient(canvas: Canvas, patient: Patient, *, top: float, room: float) -> None:
    name = patient.name.strip() or "Name not stated"
    canvas.setFillColor(ink.TEXT if patient.name.strip() else ink.SOFT)
    size = fonts.fitted(name, fonts.BOLD, 14, room=room, smallest=5)
    fonts.draw(canvas, MARGIN, top - 5 * MM, name, face=fonts.BOLD, size=size)
    x = MARGIN
    shown = _facts(patient)
    scale = min(1.0, room / sum(_fact_width(label, text) for label, text in shown))
    for label, text in shown:
        canvas.setFillColor(ink.SOFT)
        fonts.draw(canvas, x, top - 9 * MM, label, face=fonts.REGULAR, size=5.8 * scale)
        canvas.setFillColor(ink.TEXT)
        fonts.draw(canvas, x, top - 12.4 * MM, text, face=fonts.REGULAR, size=8.5 * scale)
        x += _fact_width(label, text) * scale


def _fact_width(label: str, text: str) -> float:
    return max(fonts.width(label, fonts.REGULAR, 5.8), fonts.width(text, fonts.REGULAR, 8.5)) + 6 * MM


def _facts(patient: Patient) -> list[tuple[str, str]]:
    age = patient.age
    birth = patient.birth_date
    recorded = patient.recorded_at
    return [
        ("Patient ID", patient.patient_id.strip() or "–"),
        ("Born", ink.day(birth) if birth else "–"),
        ("Age at recording", "–" if age is None else f"{int(age)} years" if age >= 2 else f"{int(age * 12)} months"),
        ("Sex", "–" if patient.sex is Sex.UNKNOWN else patient.sex.value),
        ("Recorded", ink.moment(recorded) if recorded else "–"),
    ]


def _draw_status(canvas: Canvas, signing: Signing | None, *, left: float, top: float) -> None:
    box_height = 11.5 * MM
    colour = ink.SIGNED if signing else ink.PRELIMINARY
    canvas.setStrokeColor(colour)
    canvas.setFillColor(colour if not signing else ink.WHITE)
    canvas.setLineWidth(0.9)
    canvas.roundRect(left, top - box_height - 0.8 * MM, _STATUS_WIDTH, box_height, 1.2 * MM, stroke=1, fill=1)
    first, second = _status_words(signing)
    canvas.setFillColor(ink.WHITE if not signing else colour)
    x, room = left + 3 * MM, _STATUS_WIDTH - 6 * MM
    fonts.draw(
        canvas,
        x,
        top - 5.6 * MM,
        first,
        face=fonts.BOLD,
        size=fonts.fitted(first, fonts.BOLD, 11, room=room, smallest=4),
    )
    size = fonts.fitted(second, fonts.REGULAR, 7, room=room, smallest=3)
    fonts.draw(canvas, x, top - 9.8 * MM, second, face=fonts.REGULAR, size=size)


def _status_words(signing: Signing | None) -> tuple[str, str]:
    if signing is None:
        return "PRELIMINARY, NOT SIGNED", "Computed from a scan; not confirmed by a physician."
    return f"SIGNED by {signing.name}", ink.moment(signing.at)
