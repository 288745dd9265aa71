"""What stands on every page around its content: patient, status, footer, and the place of the signature."""

from dataclasses import dataclass
from datetime import datetime

from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas

from ecgdesk import __version__
from ecgdesk.ecg.case import Case
from ecgdesk.ecg.patient import Patient, Sex
from ecgdesk.report import fonts, ink
from ecgdesk.report.paper import CONTENT_WIDTH, FOOTER_HEIGHT, MARGIN_Y, MM, Box, left_edge

HEADER_HEIGHT = 16 * MM
_STATUS_WIDTH = 70 * MM
_GAP = 4 * MM
_LEAST_NAME = 9.5  # points; a name that would be smaller on one line takes two
_LABEL_SIZE, _FACT_SIZE, _NOTE_SIZE = 5.8, 8.5, 6.2


@dataclass(frozen=True)
class Signing:
    """Who signs, and when (timezone-aware), as it is printed."""

    name: str
    at: datetime


def draw_header(canvas: Canvas, case: Case, signing: Signing | None, *, size: tuple[float, float]) -> float:
    """Patient on the left, status on the right; gives the height at which the content may begin."""
    left, top = left_edge(size[0]), size[1] - MARGIN_Y
    _draw_patient(canvas, case.patient, left=left, top=top, room=CONTENT_WIDTH - _STATUS_WIDTH - _GAP)
    _draw_status(canvas, case, signing, left=left + CONTENT_WIDTH - _STATUS_WIDTH, top=top)
    return top - HEADER_HEIGHT


def draw_footer(canvas: Canvas, case: Case, note: str, *, page: int, pages: int, page_width: float) -> None:
    """One line at the foot: the note on the left, the case and the page's number on the right."""
    left, y = left_edge(page_width), MARGIN_Y + 1 * MM
    right = left + CONTENT_WIDTH
    canvas.setStrokeColor(ink.RULE)
    canvas.setLineWidth(0.5)
    canvas.line(left, y + 3.2 * MM, right, y + 3.2 * MM)
    canvas.setFillColor(ink.SOFT)
    fonts.draw(canvas, left, y, note, face=fonts.REGULAR, size=_NOTE_SIZE)
    text = f"ecgdesk {__version__}  ·  case {case.id[:12]}  ·  page {page} of {pages}"
    start = right - fonts.width(text, fonts.REGULAR, _NOTE_SIZE)
    fonts.draw(canvas, start, y, text, face=fonts.REGULAR, size=_NOTE_SIZE)


def draw_empty_seal(canvas: Canvas, box: Box) -> None:
    """The place of a signature that is not there."""
    canvas.setStrokeColor(ink.SOFT)
    canvas.setLineWidth(0.5)
    canvas.setDash(2, 2)
    canvas.roundRect(box.x, box.y, box.width, box.height, 1.2 * MM, stroke=1, fill=0)
    canvas.setDash()
    canvas.setFillColor(ink.SOFT)
    fonts.draw(canvas, box.x + 3 * MM, box.top - 4.6 * MM, "Signature", face=fonts.REGULAR, size=6.5)
    fonts.draw(canvas, box.x + 3 * MM, box.y + 2.4 * MM, "Not signed", face=fonts.REGULAR, size=6.5)


def content_bottom() -> float:
    """The height above which a page's content stays."""
    return MARGIN_Y + FOOTER_HEIGHT


def _draw_patient(canvas: Canvas, patient: Patient, *, left: float, top: float, room: float) -> None:
    name = patient.name.strip() or "Name not stated"
    canvas.setFillColor(ink.TEXT if patient.name.strip() else ink.SOFT)
    _draw_name(canvas, name, left=left, top=top, room=room)
    facts = _facts(patient)
    scale = min(1.0, room / sum(_fact_width(label, text) for label, text in facts))
    x = left
    for label, text in facts:
        canvas.setFillColor(ink.SOFT)
        fonts.draw(canvas, x, top - 9 * MM, label, face=fonts.REGULAR, size=_LABEL_SIZE * scale)
        canvas.setFillColor(ink.TEXT)
        fonts.draw(canvas, x, top - 12.6 * MM, text, face=fonts.REGULAR, size=_FACT_SIZE * scale)
        x += _fact_width(label, text) * scale


def _draw_name(canvas: Canvas, name: str, *, left: float, top: float, room: float) -> None:
    """On one line, or on two smaller ones when it is long."""
    size = fonts.fitted(name, fonts.BOLD, 14, room=room, smallest=_LEAST_NAME)
    if fonts.width(name, fonts.BOLD, size) <= room:
        fonts.draw(canvas, left, top - 5 * MM, name, face=fonts.BOLD, size=size)
        return
    words = name.split(" ")
    half = (len(words) + 1) // 2
    for number, line in enumerate((" ".join(words[:half]), " ".join(words[half:]))):
        size = fonts.fitted(line, fonts.BOLD, 8.5, room=room, smallest=1)
        fonts.draw(canvas, left, top - (2.8 + 3.2 * number) * MM, line, face=fonts.BOLD, size=size)


def _fact_width(label: str, text: str) -> float:
    widest = max(fonts.width(label, fonts.REGULAR, _LABEL_SIZE), fonts.width(text, fonts.REGULAR, _FACT_SIZE))
    return widest + 6 * MM


def _facts(patient: Patient) -> list[tuple[str, str]]:
    age = patient.age
    return [
        ("Patient ID", patient.patient_id.strip() or "–"),
        ("Born", ink.day(patient.birth_date) if patient.birth_date else "–"),
        ("Age at recording", "–" if age is None else f"{int(age)} years" if age >= 2 else f"{int(age * 12)} months"),
        ("Sex", "–" if patient.sex is Sex.UNKNOWN else patient.sex.value),
        ("Recorded", ink.moment(patient.recorded_at) if patient.recorded_at else "–"),
    ]


def _draw_status(canvas: Canvas, case: Case, signing: Signing | None, *, left: float, top: float) -> None:
    first, second, colour = _status(case, signing)
    height = 12.4 * MM
    filled = signing is None
    canvas.setStrokeColor(colour)
    canvas.setFillColor(colour if filled else ink.WHITE)
    canvas.setLineWidth(0.9)
    canvas.roundRect(left, top - height - 0.6 * MM, _STATUS_WIDTH, height, 1.2 * MM, stroke=1, fill=1)
    canvas.setFillColor(ink.WHITE if filled else colour)
    x, room = left + 3 * MM, _STATUS_WIDTH - 6 * MM
    size = fonts.fitted(first, fonts.BOLD, 11, room=room, smallest=1)
    fonts.draw(canvas, x, top - 5.8 * MM, first, face=fonts.BOLD, size=size)
    size = fonts.fitted(second, fonts.REGULAR, 7, room=room, smallest=1)
    fonts.draw(canvas, x, top - 10.2 * MM, second, face=fonts.REGULAR, size=size)


def _status(case: Case, signing: Signing | None) -> tuple[str, str, Color]:
    if signing is not None:
        return f"SIGNED by {signing.name}", f"on {ink.moment(signing.at)}", ink.SIGNED
    if case.signature is not None:
        original = f"The original was signed by {case.signature.signer} on {ink.moment(case.signature.at)}."
        return "COPY, NOT SIGNED", original, ink.SOFT
    return "PRELIMINARY, NOT SIGNED", "Computed from a scan; not yet confirmed by a person.", ink.PRELIMINARY
