"""Words in print for the tiles of the reader of names: spellings, fonts, sizes; some not names at all.

Everything follows from a seed and from the fonts that are installed.
"""

from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

U8 = NDArray[np.uint8]

_FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_UNFIT = ("emoji", "symbol", "dingbat", "d050000l", "math", "noto", "z003", "chorus", "oblique")
_HERSHEY = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_PLAIN,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_COMPLEX_SMALL,
)
_SIZE_STEP = 3  # pixels between the sizes of one font, to keep few of them in memory
_CAP_MM = (1.5, 5.0)  # height of capitals of lead names on real sheets

SPELLINGS: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in ("I", "II", "III")},
    **{f"aV{x}": (f"aV{x}",) * 4 + (f"AV{x}", f"av{x.lower()}", f"aV{x.lower()}") for x in "RLF"},
    **{f"V{n}": (f"V{n}",) * 6 + (f"v{n}", f"C{n}") for n in range(1, 7)},
    "25mm/s": ("25mm/s", "25 mm/s", "25 mm/sec", "25mm/sec", "25.0 mm/s", "25 mm/s."),
    "50mm/s": ("50mm/s", "50 mm/s", "50 mm/sec", "50mm/sec", "50.0 mm/s"),
    "5mm/mV": ("5mm/mV", "5 mm/mV", "5.0 mm/mV", "0.5 cm/mV"),
    "10mm/mV": ("10mm/mV", "10 mm/mV", "10.0 mm/mV", "1 cm/mV"),
    "20mm/mV": ("20mm/mV", "20 mm/mV", "20.0 mm/mV", "2 cm/mV"),
}
BEFORE = ("Limb:", "Chest:", "Speed:", "Gain:", "Extr.:", "Brust:", "V:", "limb", "chest", "Vorschub", "Ampl.")
OTHER = (
    "Vent. rate", "PR interval", "QRS", "QT/QTc", "P-R-T axes", "BPM", "ms", "Name:", "ID:", "Room", "Normal ECG",
    "150 Hz", "40Hz", "100Hz", "0.05-150 Hz", "AC", "IV", "VI", "V", "a", "aV", "R", "1", "2", "11", "111", "Sinus",
    "12.5 mm/s", "12.5mm/sec", "12,5 mm/s", "100 mm/s", "Male", "Female", "Dr.", "Page 1",
    "HR", "RR", "P", "T", "V7", "V8", "V9", "RV4", "LL",
    "12SL", "Filter", "F", "L", "||", "|", "-", "/", "Chest", "Limb", "Speed:", "25", "50", "10", "mm", "mV", "5",
)  # fmt: skip


@cache
def fonts() -> tuple[str, ...]:
    """Paths of all installed fonts that hold Latin letters, sorted, so that one seed gives one set of tiles."""
    found = [path for folder in _FONT_FOLDERS for kind in ("*.ttf", "*.otf", "*.t1") for path in folder.rglob(kind)]
    return tuple(sorted(str(path) for path in found if not any(word in path.name.lower() for word in _UNFIT)))


def printed(text: str, rng: np.random.Generator, *, pixels_per_mm: float) -> U8 | None:
    """uint8[h, w]: `text` cut out tightly, in a random font, size, weight and spacing; None where nothing is seen."""
    cap = rng.uniform(*_CAP_MM) if rng.random() < 0.5 else rng.uniform(1.7, 3.2)
    if len(text) > 4:
        cap = min(cap, 3.0)
    pixels = cap * pixels_per_mm
    image = _stroked(text, pixels, pixels_per_mm, rng) if rng.random() < 0.2 else _typeset(text, pixels, rng)
    ys, xs = np.nonzero(image > 60)
    if ys.size == 0:
        return None
    image = image[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    stretch = rng.uniform(0.85, 1.15)
    size = (max(2, round(image.shape[1] * stretch)), image.shape[0])
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _typeset(text: str, cap: float, rng: np.random.Generator) -> U8:
    font = _font(str(rng.choice(np.array(fonts()))), max(8, round(cap / 0.7 / _SIZE_STEP) * _SIZE_STEP))
    image = Image.new("L", (int(cap * (len(text) + 2) * 2.2) + 40, int(cap * 3) + 20))
    draw = ImageDraw.Draw(image)
    spaced = rng.uniform(0, 0.8) * cap if rng.random() < 0.15 else 0.0
    if spaced:
        x = 10.0
        for letter in text:
            draw.text((x, 10), letter, fill=255, font=font)
            x += font.getlength(letter) + spaced
    else:
        draw.text((10, 10), text, fill=255, font=font)
    return np.array(image)


def _stroked(text: str, cap: float, pixels_per_mm: float, rng: np.random.Generator) -> U8:
    face = int(rng.choice(np.array(_HERSHEY)))
    pen = max(1, round(rng.uniform(0.15, 0.45) * pixels_per_mm))
    scale = cap / max(1, cv2.getTextSize("V", face, 1.0, 1)[0][1])
    image = np.zeros((int(cap * 3) + 20, int(cap * (len(text) + 2) * 2.2) + 40), np.uint8)
    spaced = rng.uniform(0.2, 0.9) * cap if rng.random() < 0.3 else 0.0
    x = 10.0
    for piece in text if spaced else [text]:
        cv2.putText(image, piece, (int(x), int(cap * 2)), face, scale, 255, pen, cv2.LINE_AA)
        x += cv2.getTextSize(piece, face, scale, pen)[0][0] + spaced
    return image


@cache
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)
