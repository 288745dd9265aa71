"""Embedded fonts, and which of them draws which character.

A run of text is drawn in the report's own face as far as that has the characters, else in the first fallback that
has them. Only the glyphs that are used go into the PDF.

| face | scripts |
|---|---|
| Noto Sans | Latin, Greek, Cyrillic |
| DejaVu Sans | mathematical signs, arrows, Arabic, Hebrew, Armenian, Georgian |
| Droid Sans Fallback | Chinese, Japanese, Korean |
"""

import unicodedata
from functools import cache
from itertools import groupby
from threading import RLock
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from ecgdesk.ecg.resources import resource
from ecgdesk.report.script import visual_order

REGULAR = "NotoSans"
BOLD = "NotoSans-Bold"
_FILES = {
    REGULAR: "NotoSans-Regular.ttf",
    BOLD: "NotoSans-Bold.ttf",
    "DejaVuSans": "DejaVuSans.ttf",
    "DroidSansFallback": "DroidSansFallback.ttf",
}
_FALLBACKS = ("DejaVuSans", "DroidSansFallback")
# Held while a document is drawn and written: reportlab reads a face with one cursor that all documents share.
DRAWING = RLock()
_NO_BREAK = "\N{NO-BREAK SPACE}"
NO_GLYPH = "\N{REPLACEMENT CHARACTER}"  # drawn for a character that no face has


def load_fonts() -> None:
    """Makes the report's own faces known to reportlab; fallbacks follow when a text needs them."""
    for name in (REGULAR, BOLD):
        _face(name)
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


def runs(text: str, face: str) -> list[tuple[str, str]]:
    """(face, text) in the order of drawing, left to right."""
    composed = unicodedata.normalize("NFC", text)
    visible = visual_order("".join(c if c.isprintable() or c == _NO_BREAK else " " for c in composed))
    drawn = [_drawable(character, face) for character in visible]
    return [
        (name, "".join(character for _, character in group)) for name, group in groupby(drawn, key=lambda pair: pair[0])
    ]


def markup(text: str, face: str = REGULAR) -> str:
    """The text for a reportlab Paragraph in `face`, escaped, with the runs of other faces marked."""
    parts = []
    for name, part in runs(text, face):
        parts.append(escape(part) if name == face else f'<font name="{name}">{escape(part)}</font>')
    return "".join(parts)


def width(text: str, face: str, size: float) -> float:
    """Points."""
    return sum(pdfmetrics.stringWidth(part, name, size) for name, part in runs(text, face))


def draw(canvas: Canvas, x: float, y: float, text: str, *, face: str, size: float) -> float:
    """Draws one line from (x, y) on; gives the x where it ends."""
    for name, part in runs(text, face):
        canvas.setFont(name, size)
        canvas.drawString(x, y, part)
        x += pdfmetrics.stringWidth(part, name, size)
    return x


def fitted(text: str, face: str, size: float, *, room: float, smallest: float) -> float:
    """The largest size from `size` down to `smallest` at which the line fits into `room` points."""
    needed = width(text, face, size)
    return max(smallest, size * min(1.0, room / needed)) if needed else size


@cache
def _face(name: str) -> TTFont:
    font = TTFont(name, str(resource(f"fonts/{_FILES[name]}")))
    pdfmetrics.registerFont(font)
    return font


def _drawable(character: str, face: str) -> tuple[str, str]:
    for name in (face, *_FALLBACKS):
        if ord(character) in _face(name).face.charToGlyph:
            return name, character
    return _FALLBACKS[0], NO_GLYPH
