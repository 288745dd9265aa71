"""That a sheet was not read, and why: the first thing to see on its report."""

from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas

from ecgdesk.ecg.case import Case, Status
from ecgdesk.report import fonts, ink
from ecgdesk.report.columns import TEXT, paragraph
from ecgdesk.report.paper import MM

_TITLE = ParagraphStyle("notice", parent=TEXT, fontName=fonts.BOLD, fontSize=11, leading=14)
_REASON = ParagraphStyle("reason", parent=TEXT, fontSize=8.5, leading=11)
_PAD = 3.5 * MM


def draw_notice(canvas: Canvas, case: Case, *, left: float, top: float, width: float) -> float:
    """A panel across the page; gives its lower edge."""
    waiting = case.status is Status.WAITING
    title = "This sheet has not been read yet" if waiting else "This sheet could not be read: no ECG was digitised"
    parts = [paragraph(title, _TITLE), *(paragraph(reason, _REASON) for reason in case.reasons)]
    room = width - 3 * _PAD
    height = sum(part.wrap(room, 1e6)[1] for part in parts) + 2 * _PAD
    canvas.setFillColor(ink.PANEL)
    canvas.rect(left, top - height, width, height, stroke=0, fill=1)
    canvas.setFillColor(ink.PRELIMINARY)
    canvas.rect(left, top - height, 1.2 * MM, height, stroke=0, fill=1)
    y = top - _PAD
    for part in parts:
        y -= part.height
        part.drawOn(canvas, left + 2 * _PAD, y)
    return top - height
