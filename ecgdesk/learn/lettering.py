"""Print on a made sheet: fonts as carts have them."""

from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ecgdesk.ecg.resources import resource

U8 = NDArray[np.uint8]

PLOTTER = "plotter"  # a stroke font, as pens and older carts draw it
SYSTEM_FONTS = Path("/usr/share/fonts")
_LETTERS = "aVR1I"
_WANTED = ("sans", "arial", "helvet", "nimbus", "mono", "cour", "roman", "serif", "termes", "heros", "carlito")


@cache
def font_names() -> tuple[str, ...]:
    """The plotter's font, the program's own fonts, and what plain Latin text fonts the system has."""
    own = sorted(str(path) for path in resource("fonts").glob("*Sans*.ttf"))
    system = sorted(
        str(path)
        for path in SYSTEM_FONTS.rglob("*.[to]tf")
        if any(word in path.stem.lower() for word in _WANTED) and "Oblique" not in path.stem and "Math" not in path.stem
    )
    return (PLOTTER, *(font for font in (*own, *system) if _is_latin(font)))


def _is_latin(font: str) -> bool:
    """False for a font that draws the same empty box for every letter."""
    face = ImageFont.truetype(font, 24)
    return len({bytes(face.getmask(letter)) for letter in _LETTERS}) == len(_LETTERS)


def write(coverage: U8, text: str, *, at_px: tuple[float, float], height_px: float, font: str) -> tuple[float, ...]:
    """Writes `text` with its lower left corner at `at_px` into `coverage` (uint8[h, w]), capitals `height_px` tall.

    Returns its box in pixels: x0, y0, x1, y1.
    """
    drawn = _stroked(text, height_px) if font == PLOTTER else _set(text, height_px, font)
    height, width = drawn.shape
    left, top = round(at_px[0]), round(at_px[1]) - height
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + width, coverage.shape[1]), min(top + height, coverage.shape[0])
    if x1 > x0 and y1 > y0:
        target = coverage[y0:y1, x0:x1]
        np.maximum(target, drawn[y0 - top : y1 - top, x0 - left : x1 - left], out=target)
    return float(left), float(top), float(left + width), float(top + height)


def _set(text: str, height_px: float, font: str) -> U8:
    # The height of a capital is about 0.72 of the nominal size in most fonts.
    face = _face(font, max(round(height_px / 0.72), 4))
    x0, y0, x1, y1 = face.getbbox(text)
    canvas = Image.new("L", (max(int(x1 - x0), 1), max(int(y1 - y0), 1)))
    ImageDraw.Draw(canvas).text((-x0, -y0), text, fill=255, font=face)
    return np.asarray(canvas)


@cache
def _face(font: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font, size)


def _stroked(text: str, height_px: float) -> U8:
    finer = 4
    scale = height_px * finer / 21.0  # capitals of the Hershey simplex font are 21 units tall
    thick = max(round(0.12 * height_px * finer), 1)
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    canvas = np.zeros((height + thick, width + thick), np.uint8)
    cv2.putText(canvas, text, (thick // 2, height), cv2.FONT_HERSHEY_SIMPLEX, scale, 255, thick, cv2.LINE_AA)
    size = (max(canvas.shape[1] // finer, 1), max(canvas.shape[0] // finer, 1))
    return cv2.resize(canvas, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
