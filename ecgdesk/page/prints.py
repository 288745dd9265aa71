"""The texts of a PDF page, put together from its characters.

Drivers set text a character, a word or a line at a time; what reads as one is what stands on one line without a gap.
"""

import ctypes
import math
from dataclasses import dataclass

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from ecgdesk.ecg.page import Print

MOST_CHARACTERS = 20_000
GAP = 0.6  # of the type's height between two characters that belong together: a space is half of it
OFF_LINE = 0.25  # of the type's height
OBLIQUE = math.radians(10)

F64 = NDArray[np.float64]


@dataclass
class _Piece:
    """A text that may still grow; `along` and `line` are the place where its next character should begin."""

    text: str
    turns: int
    height: float
    along: float
    line: float
    box: tuple[float, float, float, float]


def find_prints(page: pdfium.PdfPage, to_pixels: F64) -> tuple[Print, ...]:
    """The page's texts with their boxes in pixels; `to_pixels` float64[3, 3] from the page's own units."""
    text_page = page.get_textpage()
    try:
        pieces: list[_Piece] = []
        for index in range(min(text_page.count_chars(), MOST_CHARACTERS)):
            _add(pieces, text_page.raw, index, to_pixels)
    finally:
        text_page.close()
    return tuple(
        Print(piece.text.strip(), *piece.box, turns=piece.turns)
        for piece in pieces
        if piece.text.strip() and math.isfinite(piece.box[0])
    )


def _add(pieces: list[_Piece], raw: object, index: int, to_pixels: F64) -> None:
    character = chr(pdfium_c.FPDFText_GetUnicode(raw, index))
    if pdfium_c.FPDFText_IsGenerated(raw, index) == 1 or not (character.isprintable() or character.isspace()):
        return
    turns = _turns(pdfium_c.FPDFText_GetCharAngle(raw, index), to_pixels)
    loose = pdfium_c.FS_RECTF()
    if turns is None or not pdfium_c.FPDFText_GetLooseCharBox(raw, index, ctypes.byref(loose)):
        return
    cell = _box(to_pixels, loose.left, loose.bottom, loose.right, loose.top)
    begin, end, line, height = _run(cell, turns)
    ink = (math.inf, math.inf, -math.inf, -math.inf) if character.isspace() else _tight(raw, index, to_pixels)
    last = pieces[-1] if pieces else None
    near = last is not None and abs(begin - last.along) < GAP * height and abs(line - last.line) < OFF_LINE * height
    if last is None or last.turns != turns or not near or not 0.8 < height / max(last.height, 1e-6) < 1.25:
        pieces.append(_Piece(character, turns, height, end, line, ink))
        return
    last.text += character
    last.along = end
    last.box = (
        min(last.box[0], ink[0]),
        min(last.box[1], ink[1]),
        max(last.box[2], ink[2]),
        max(last.box[3], ink[3]),
    )


def _tight(raw: object, index: int, to_pixels: F64) -> tuple[float, float, float, float]:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    pdfium_c.FPDFText_GetCharBox(raw, index, *(ctypes.byref(side) for side in (left, right, bottom, top)))
    return _box(to_pixels, left.value, bottom.value, right.value, top.value)


def _box(to_pixels: F64, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
    corners = np.array([(left, bottom), (right, top)]) @ to_pixels[:2, :2].T + to_pixels[:2, 2]
    (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def _turns(angle: float, to_pixels: F64) -> int | None:
    """Quarter turns clockwise by which a character stands on the picture; None for one that stands oblique.

    `angle`: clockwise on the page, radians, as PDFium gives it.
    """
    x, y = to_pixels[:2, :2] @ np.array([math.cos(angle), -math.sin(angle)])
    way = math.atan2(y, x)
    turns = round(way / (math.pi / 2))
    return turns % 4 if abs(way - turns * math.pi / 2) < OBLIQUE else None


def _run(cell: tuple[float, float, float, float], turns: int) -> tuple[float, float, float, float]:
    """Where a character's cell begins and ends along its line of text, the line's own place, and the type's height."""
    x0, y0, x1, y1 = cell
    if turns == 0:
        return x0, x1, y1, y1 - y0
    if turns == 1:
        return y0, y1, x0, x1 - x0
    if turns == 2:
        return -x1, -x0, y0, y1 - y0
    return -y1, -y0, x1, x1 - x0
