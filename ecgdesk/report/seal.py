"""The visible signature: who, when, and by which certificate."""

import io
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas

from ecgdesk.report import fonts, ink
from ecgdesk.report.identity import Identity
from ecgdesk.report.paper import MM, Box

_PAD = 2.2 * MM


def draw_seal(identity: Identity, *, at: datetime, box: Box) -> bytes:
    """A PDF of one page of the box's size."""
    with fonts.DRAWING:
        return _drawn(identity, at=at, box=box)


def _drawn(identity: Identity, *, at: datetime, box: Box) -> bytes:
    out = io.BytesIO()
    fonts.load_fonts()
    first_font: Any = fonts.REGULAR  # reportlab's own is not embedded; the stubs take it for a number
    canvas = Canvas(out, pagesize=(box.width, box.height), invariant=1, initialFontName=first_font)
    _frame(canvas, box)
    x, room = 2 * _PAD, box.width - 3 * _PAD
    fingerprint = identity.certificate.fingerprint(hashes.SHA256()).hex().upper()
    short = " ".join(fingerprint[start : start + 4] for start in range(0, 16, 4))
    canvas.setFillColor(ink.SOFT)
    fonts.draw(canvas, x, box.height - 4.6 * MM, "Electronically signed by", face=fonts.REGULAR, size=6.5)
    canvas.setFillColor(ink.TEXT)
    size = fonts.fitted(identity.name, fonts.BOLD, 10, room=room, smallest=1)
    fonts.draw(canvas, x, box.height - 9 * MM, identity.name, face=fonts.BOLD, size=size)
    fonts.draw(canvas, x, box.height - 12.2 * MM, ink.moment(at), face=fonts.REGULAR, size=7)
    canvas.setFillColor(ink.SOFT)
    fonts.draw(canvas, x, box.height - 14.8 * MM, f"Certificate SHA-256 {short} …", face=fonts.REGULAR, size=5.5)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _frame(canvas: Canvas, box: Box) -> None:
    canvas.setStrokeColor(ink.SIGNED)
    canvas.setFillColor(Color(0.96, 0.98, 0.965))
    canvas.setLineWidth(0.6)
    canvas.roundRect(0.3, 0.3, box.width - 0.6, box.height - 0.6, 1.2 * MM, stroke=1, fill=1)
    canvas.setFillColor(ink.SIGNED)
    canvas.rect(0.3, 1.2 * MM, 0.9 * MM, box.height - 2.4 * MM, stroke=0, fill=1)
