"""What people leave on a sheet: stamps, handwriting, circles around a complex, text marker."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]

_INKS = ((20, 30, 130), (30, 60, 190), (150, 20, 30), (25, 25, 30), (90, 30, 120), (20, 90, 60))  # RGB
_WORDS = ("seen", "o.B.", "copy", "normal", "ST?", "check", "old?", "chest pain", "bland", "08:15", "ok", "1/2")
_STAMPS = ("CHECKED", "COPY", "RECEIVED", "ENTWURF", "EKG", "ARCHIV", "SAMPLE")
_MARKERS = ((250, 240, 90), (170, 245, 130), (250, 170, 210))
_SCRIPT = (cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, cv2.FONT_HERSHEY_SCRIPT_COMPLEX)


@dataclass(frozen=True)
class Marks:
    """How many of each."""

    stamps: int = 0
    words: int = 0
    circles: int = 0
    strokes: int = 0
    markers: int = 0

    def __bool__(self) -> bool:
        return any((self.stamps, self.words, self.circles, self.strokes, self.markers))


def leave_marks(image: F32, marks: Marks, *, pixels_per_mm: float, rng: np.random.Generator) -> U8:
    """Draws onto `image` (float32[h, w, 3], RGB, 0 to 255) in place, anywhere on it; returns what they cover."""
    covered = np.zeros(image.shape[:2], np.uint8)
    for draw, count in (
        (_marker, marks.markers),
        (_stamp, marks.stamps),
        (_word, marks.words),
        (_circle, marks.circles),
        (_stroke, marks.strokes),
    ):
        for _ in range(count):
            layer = np.zeros(image.shape[:2], np.uint8)
            draw(layer, pixels_per_mm, rng)
            palette = _MARKERS if draw is _marker else _INKS
            colour = np.asarray(palette[int(rng.integers(len(palette)))], np.float32)
            _laid_on(image, layer, colour, float(rng.uniform(0.55, 0.95)))
            np.maximum(covered, layer, out=covered)
    return covered


def _laid_on(image: F32, layer: U8, colour: F32, strength: float) -> None:
    """As ink on ink: light passes both."""
    rows, columns = np.nonzero(layer)
    share = (layer[rows, columns].astype(np.float32) * np.float32(strength / 255.0))[:, None]
    image[rows, columns] *= 1 - share * (1 - colour / 255)


def _anywhere(layer: U8, rng: np.random.Generator) -> tuple[float, float]:
    height, width = layer.shape
    return float(rng.uniform(0.05, 0.9) * width), float(rng.uniform(0.1, 0.95) * height)


def _stamp(layer: U8, ppm: float, rng: np.random.Generator) -> None:
    text = str(rng.choice(_STAMPS))
    tall = rng.uniform(3.5, 8) * ppm
    scale = tall / 21
    thick = max(1, round(0.16 * tall))
    (wide, high), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, scale, thick)
    pad = int(0.6 * tall)
    tile = np.zeros((high + 2 * pad, wide + 2 * pad), np.uint8)
    cv2.putText(tile, text, (pad, pad + high), cv2.FONT_HERSHEY_DUPLEX, scale, 255, thick, cv2.LINE_AA)
    cv2.rectangle(tile, (thick, thick), (tile.shape[1] - thick, tile.shape[0] - thick), 255, thick)
    # the rubber takes the ink unevenly
    uneven = cv2.resize(rng.uniform(0.3, 1.0, (6, 12)).astype(np.float32), tile.shape[::-1])
    _turned_onto(layer, (tile * uneven).astype(np.uint8), _anywhere(layer, rng), float(rng.normal(0, 12)))


def _word(layer: U8, ppm: float, rng: np.random.Generator) -> None:
    text = str(rng.choice(_WORDS))
    tall = rng.uniform(3, 8) * ppm
    scale, thick = tall / 21, max(1, round(rng.uniform(0.25, 0.6) * ppm))
    face = int(rng.choice(np.array(_SCRIPT)))
    (wide, high), below = cv2.getTextSize(text, face, scale, thick)
    tile = np.zeros((high + 2 * below + 4, wide + 8), np.uint8)
    cv2.putText(tile, text, (4, high + 2), face, scale, 255, thick, cv2.LINE_AA)
    _turned_onto(layer, tile, _anywhere(layer, rng), float(rng.normal(0, 8)))


def _turned_onto(layer: U8, tile: U8, at: tuple[float, float], angle: float) -> None:
    turn = cv2.getRotationMatrix2D((tile.shape[1] / 2, tile.shape[0] / 2), angle, 1.0)
    turn[:, 2] += (at[0] - tile.shape[1] / 2, at[1] - tile.shape[0] / 2)
    placed = cv2.warpAffine(tile, turn, layer.shape[::-1], flags=cv2.INTER_LINEAR)
    np.maximum(layer, placed.astype(np.uint8, copy=False), out=layer)


def _circle(layer: U8, ppm: float, rng: np.random.Generator) -> None:
    x, y = _anywhere(layer, rng)
    wide, tall = rng.uniform(5, 18, 2) * ppm
    angle = np.linspace(0, 2 * np.pi * rng.uniform(0.9, 1.15), 60)
    wobble = 1 + 0.08 * np.sin(2 * angle + rng.uniform(0, 6)) + 0.02 * angle
    points = np.stack([x + wide * wobble * np.cos(angle), y + tall * wobble * np.sin(angle)], axis=1)
    _penned(layer, points, ppm, rng)


def _stroke(layer: U8, ppm: float, rng: np.random.Generator) -> None:
    x, y = _anywhere(layer, rng)
    steps = rng.normal(0, 1, (40, 2)).cumsum(axis=0).cumsum(axis=0)
    steps *= rng.uniform(8, 35) * ppm / max(float(np.ptp(steps, axis=0).max()), 1e-6)
    _penned(layer, steps + np.array([x, y]), ppm, rng)


def _penned(layer: U8, points: NDArray[np.float64], ppm: float, rng: np.random.Generator) -> None:
    thick = max(1, round(rng.uniform(0.25, 0.7) * ppm))
    fixed = np.round(points * 16).astype(np.int32)
    cv2.polylines(layer, [fixed], False, 255, thick, cv2.LINE_AA, 4)


def _marker(layer: U8, ppm: float, rng: np.random.Generator) -> None:
    x, y = _anywhere(layer, rng)
    end = (round(x + rng.uniform(15, 70) * ppm), round(y + rng.normal(0, 1.5) * ppm))
    cv2.line(layer, (round(x), round(y)), end, 255, max(2, round(rng.uniform(3, 6) * ppm)), cv2.LINE_AA)
