"""Small pieces of made ECG paper with print on them, as the ink room would show them: to train the reader of names.

A tile is uint8[TILE_H, TILE_W] at the page room's working scale. On it: stretches of trace, pulses, separators,
remnants of grid, words that are not names, and names in many fonts and sizes, often touching the trace. Everything
follows from one seed and from the fonts that are installed.
"""

import string
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.learn.name_words import BEFORE, OTHER, SPELLINGS, printed
from ecgdesk.page.names import PRINTED, SHORT
from ecgdesk.page.working import WORKING_PPM

U8 = NDArray[np.uint8]
Box = tuple[float, float, float, float]  # x0, y0, x1, y1 in fine pixels

TILE_H, TILE_W = 160, 192  # 32 x 38.4 mm: room for a whole "25 mm/sec"
_FINE = 3  # drawn this much larger, then averaged down: edges become coverage
_PPM = WORKING_PPM * _FINE

# I, II and III differ by a stroke alone, and a rhythm strip's name stands without the others' company
_SHARES = np.array([2.0 if set(name) == {"I"} else 1.0 for name in PRINTED])
_SHARES /= _SHARES.sum()
_NUMBER = 0.8  # of the text's height: the middle of a number of two digits, from its left edge
_INTRODUCED = 0.4  # of the speeds and gains have a word before them


@dataclass(frozen=True)
class Label:
    """One printed name: index into PRINTED, its place and size in working pixels of the tile.

    The place of a lead's name is its centre; that of a speed or a gain lies on its number, which alone tells it from
    the others.
    """

    kind: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, eq=False)
class Tile:
    image: U8
    labels: tuple[Label, ...]


def make_tile(rng: np.random.Generator) -> Tile:
    """One tile with its labels."""
    canvas = np.zeros((TILE_H * _FINE, TILE_W * _FINE), np.uint8)
    rows = _draw_traces(canvas, rng)
    if rng.random() < 0.4:
        _draw_uprights(canvas, rng)
    labels: list[Label] = []
    taken: list[Box] = []
    for _ in range(int(rng.integers(1, 7))):
        kind = int(rng.choice(len(PRINTED), p=_SHARES)) if rng.random() < 0.75 else None
        _print_word(canvas, kind, rows, taken, labels, rng)
    image = cv2.resize(canvas, (TILE_W, TILE_H), interpolation=cv2.INTER_AREA)
    return Tile(_worn(np.asarray(image, dtype=np.uint8), rng), tuple(labels))


def _draw_traces(canvas: U8, rng: np.random.Generator) -> list[float]:
    """0 to 3 stretches of trace; returns their heights in fine pixels."""
    height, width = canvas.shape
    rows = []
    pen = max(1, round(rng.uniform(0.15, 0.6) * _PPM))
    y = rng.uniform(-0.2, 0.9) * height
    for _ in range(int(rng.integers(0, 4))):
        x = np.arange(0, width, 3, dtype=np.float64)
        signal = rng.normal(0, rng.choice([0.01, 0.03, 0.1]), x.size)
        signal += rng.uniform(0, 0.1) * np.sin(2 * np.pi * x / width * rng.uniform(0.5, 2) + rng.uniform(0, 6))
        beat = rng.uniform(8, 28) * _PPM
        shape = [(rng.normal(0, 1.0), rng.uniform(0.3, 0.9)) for _ in range(3)]  # Q, R, S: mV, mm
        at = rng.uniform(0, beat)
        while at < width + beat:
            for k, (size, wide) in enumerate(shape):
                signal += size * np.exp(-(((x - at - (k - 1) * 1.1 * _PPM) / (wide * _PPM)) ** 2))
            signal += rng.normal(0, 0.08) + 0.12 * np.exp(-(((x - at + 4 * _PPM) / (1.2 * _PPM)) ** 2))
            signal += 0.25 * shape[1][0] * np.exp(-(((x - at - 7 * _PPM) / (2.2 * _PPM)) ** 2))
            at += beat * rng.uniform(0.8, 1.2)
        line = y - signal * 10 * _PPM
        x0, x1 = sorted(rng.uniform(-0.3, 1.3, 2) * width) if rng.random() < 0.3 else (0.0, float(width))
        keep = (x >= x0) & (x <= x1)
        if keep.sum() > 2:
            points = np.stack([x[keep], line[keep]], axis=1)
            cv2.polylines(canvas, [np.round(points).astype(np.int32)], False, 255, pen, cv2.LINE_AA)
            rows.append(float(y))
        y += rng.uniform(8, 30) * _PPM
    return rows


def _draw_uprights(canvas: U8, rng: np.random.Generator) -> None:
    """Separators, ticks and calibration pulses."""
    height, width = canvas.shape
    x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
    pen = max(1, round(rng.uniform(0.15, 0.8) * _PPM))
    tall = int(rng.uniform(1.5, 12) * _PPM)
    kind = rng.random()
    if kind < 0.5:
        cv2.line(canvas, (x, y), (x, y + tall), 255, pen)
    elif kind < 0.75:
        step = max(3, int(rng.uniform(0.4, 1.5) * _PPM))
        for piece in range(0, height, 2 * step):
            cv2.line(canvas, (x, piece), (x, piece + step), 255, pen)
    else:
        foot, wide, arm = y + int(10 * _PPM), int(5 * _PPM), int(rng.uniform(0, 3) * _PPM)
        corners = [(x - arm, foot), (x, foot), (x, y), (x + wide, y), (x + wide, foot), (x + wide + arm, foot)]
        cv2.polylines(canvas, [np.array(corners, np.int32)], False, 255, pen)


def _print_word(
    canvas: U8,
    kind: int | None,
    rows: Sequence[float],
    taken: list[Box],
    labels: list[Label],
    rng: np.random.Generator,
) -> None:
    word = printed(_text(kind, rng), rng, pixels_per_mm=_PPM)
    if word is None:
        return
    tall, wide = word.shape
    if wide > canvas.shape[1]:
        return
    x = rng.uniform(-0.1 * wide, canvas.shape[1] - 0.9 * wide)
    y = rng.uniform(-0.1 * tall, canvas.shape[0] - 0.9 * tall)
    if rows and rng.random() < 0.6:
        y = float(rng.choice(np.array(rows))) + rng.uniform(-6, 6) * _PPM - tall / 2
    box = (x, y, x + wide, y + tall)
    if any(_touch(box, other) for other in taken):
        return
    x0, y0 = max(0, int(x)), max(0, int(y))
    x1, y1 = min(canvas.shape[1], int(x) + wide), min(canvas.shape[0], int(y) + tall)
    if x1 - x0 < 0.88 * wide or y1 - y0 < 0.88 * tall:
        return
    piece = word[y0 - int(y) : y1 - int(y), x0 - int(x) : x1 - int(x)]
    np.maximum(canvas[y0:y1, x0:x1], piece, out=canvas[y0:y1, x0:x1])
    taken.append(box)
    if kind is not None and PRINTED[kind] not in SHORT and rng.random() < _INTRODUCED:
        _introduce(canvas, (x, y, tall), taken, rng)
    if kind is not None:
        at = x + (wide / 2 if PRINTED[kind] in SHORT else min(_NUMBER * tall, wide / 2))
        labels.append(Label(kind, at / _FINE, (y + tall / 2) / _FINE, wide / _FINE, tall / _FINE))


def _text(kind: int | None, rng: np.random.Generator) -> str:
    if kind is not None:
        return str(rng.choice(SPELLINGS[PRINTED[kind]]))
    text = str(rng.choice(OTHER))
    if rng.random() < 0.4:
        text = "".join(rng.choice(list(string.ascii_letters + string.digits), int(rng.integers(1, 8))))
    return text


def _touch(one: Box, other: Box) -> bool:
    """Whether there is less than 0.6 mm between the two."""
    room = 0.6 * _PPM
    return all(one[side] < other[side + 2] + room and other[side] < one[side + 2] + room for side in (0, 1))


def _introduce(canvas: U8, at: tuple[float, float, int], taken: list[Box], rng: np.random.Generator) -> None:
    """A word in front of a speed or gain: what it is the speed or gain of."""
    x, y, tall = at
    word = printed(str(rng.choice(BEFORE)), rng, pixels_per_mm=_PPM)
    if word is None:
        return
    size = (max(2, round(word.shape[1] * tall / word.shape[0])), tall)
    word = np.asarray(cv2.resize(word, size, interpolation=cv2.INTER_AREA), np.uint8)
    left, top = int(x - rng.uniform(0.4, 1.2) * tall - size[0]), int(y)
    if left < 0 or top < 0 or top + tall > canvas.shape[0]:
        return
    target = canvas[top : top + tall, left : left + size[0]]
    np.maximum(target, word, out=target)
    taken.append((left, top, left + size[0], top + tall))


def _worn(image: U8, rng: np.random.Generator) -> U8:
    """Blur, fading, remnants and bites of grid, specks: what scanning and taking out the grid leave behind."""
    worn = image.astype(np.float32)
    if rng.random() < 0.6:
        worn = np.asarray(cv2.GaussianBlur(worn, (0, 0), float(rng.uniform(0.3, 0.9))), np.float32)
    if rng.random() < 0.3:
        coarse = cv2.resize(worn, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
        worn = np.asarray(cv2.resize(coarse, image.shape[::-1]), np.float32)
    worn *= rng.uniform(0.65, 1.0) if rng.random() < 0.35 else rng.uniform(1.0, 1.8)
    if rng.random() < 0.4:
        _grid(worn, rng, float(rng.uniform(10, 120)))
    if rng.random() < 0.3:
        _grid(worn, rng, -float(rng.uniform(40, 160)))
    if rng.random() < 0.4:
        worn += rng.normal(0, rng.uniform(3, 25), worn.shape).astype(np.float32) * (worn > 20)
    specks = int(rng.poisson(4)) if rng.random() < 0.4 else 0
    for _ in range(specks):
        x, y = int(rng.integers(TILE_W)), int(rng.integers(TILE_H))
        cv2.circle(worn, (x, y), int(rng.integers(0, 3)), float(rng.uniform(80, 255)), -1)
    return np.clip(worn, 0, 255).astype(np.uint8)


def _grid(worn: NDArray[np.float32], rng: np.random.Generator, change: float) -> None:
    """Adds `change` along pieces of the millimetre grid; a negative one bites into what is printed there."""
    step = WORKING_PPM * float(rng.choice([1.0, 5.0]))
    for axis in (0, 1):
        if rng.random() < 0.3:
            continue
        place = rng.uniform(0, step)
        while place < worn.shape[axis]:
            along = worn.shape[1 - axis]
            a, b = sorted(int(v) for v in rng.uniform(-0.3, 1.3, 2) * along)
            a, b = max(a, 0), max(b, 0)
            index = (int(place), slice(a, b)) if axis == 0 else (slice(a, b), int(place))
            worn[index] += change
            place += step
