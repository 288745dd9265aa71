"""Is there a millimetre grid, which way does it lie, and how many pixels is 5 mm?

A ruled or dotted grid is two families of lines; each is a row of evenly spaced peaks in the power spectrum, along
its own direction through the origin. Power spectra of overlapping tiles are added without their phases, so that
perspective and curl smear the peaks but do not cancel them. A comb of harmonics finds the spacing: what lies on the
comb's teeth less what lies half-way between them.

| spacing found | told apart by |
|---|---|
| 5 mm lines with 1 mm lines or dots | teeth at fifths of the 1 mm frequency, all filled |
| 1 mm lines only | empty fifths, and more cells across the sheet than 5 mm squares could be |
| 5 mm lines only | empty fifths, few cells |
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft2

TILE = 256  # pixels of the reduced image
PART = 448  # pixels: some ten large squares, enough for even peaks
ANGLES = np.arange(0.0, 180.0, 0.5)  # degrees
SQUARE_ANGLE = 10.0  # degrees; how far the families may be from a right angle in a photo
SPACINGS = (2.4, 90.0)  # pixels of the reduced image; the finest is a 1 mm line at 60 dpi
TEETH = 8
FAN = 3  # neighbouring angles that belong to one direction
SPACING_RATIO = 1.35  # of the two families, in a photo taken aslant
MOST_SQUARES = 95  # 5 mm squares along a sheet's longer side: 475 mm of paper
LEAST_LINE = 4.0  # nepers over the background: mean of the strongest peaks along both directions
LEAST_COMB = 3.0  # nepers: evenness of each family
LEAST_FIFTH = 0.7  # nepers: the 5 mm lines' own teeth between those of the 1 mm lines
FREQUENCIES = np.linspace(0.0, 0.48, 512, dtype=np.float32)  # cycles a pixel

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Lattice:
    """`spacing`: (u, v) pixels of the contrast image for 5 mm; `angle`: (u, v) degrees of the direction in which
    each family repeats, u the one nearer to the image's x axis, |angle u| <= 45. `fine_only`: no 5 mm lines, only
    1 mm ones. `score`: nepers over the background."""

    spacing: tuple[float, float]
    angle: tuple[float, float]
    fine_only: bool
    score: float


def find_lattice(contrast: Array) -> Lattice | None:
    """The grid in a contrast image (contrast.py), None when there is none.

    On a sheet that is seen aslant the lines of its far side stand closer than those of its near side, and their peaks
    smear into each other: where the whole shows no even spacing, the part that shows the clearest one stands for it.
    """
    whole = _lattice_of(contrast, longest=max(contrast.shape))
    if whole is not None or min(contrast.shape) < TILE:
        return whole
    found = [_lattice_of(part, longest=max(contrast.shape)) for part in _parts(contrast)]
    return max((part for part in found if part is not None), key=lambda part: part.score, default=None)


def _parts(contrast: Array) -> list[Array]:
    """Overlapping parts, small enough for the tilt to change little in each."""
    return [
        contrast[top : top + PART, left : left + PART] for top, left in tiles(contrast.shape, size=PART, overlap=0.3)
    ]


def _lattice_of(contrast: Array, *, longest: int) -> Lattice | None:
    """`longest`: pixels of the whole sheet's longer side."""
    lines = _polar(_whitened(_mean_power(contrast)))
    strength = np.sort(lines, axis=1)[:, -40:].mean(axis=1)
    half = len(ANGLES) // 2
    first = int(np.argmax(strength[:half] + strength[half:]))
    directions = tuple(_best_near(strength, centre) for centre in (first, first + half))
    score = float(sum(strength[index] for index in directions))
    if score < LEAST_LINE:
        return None
    spectra = [_direction(lines, index) for index in directions]
    pair = _common_spacing(spectra)
    if pair is None:
        return None
    spacing, fine_only = _five_millimetres(spectra, pair, longest=longest)
    angles = [float(ANGLES[index]) for index in directions]
    angles = [angle - 180.0 if angle > 135.0 else angle for angle in angles]
    if abs(angles[0]) > abs(angles[1]):
        angles, spacing = angles[::-1], spacing[::-1]
    return Lattice(spacing=spacing, angle=(angles[0], angles[1]), fine_only=fine_only, score=score)


def tiles(shape: tuple[int, ...], *, size: int, overlap: float) -> list[tuple[int, int]]:
    """(top, left) of overlapping tiles that cover an image; a smaller image has one at the origin."""

    def starts(length: int) -> NDArray[np.int64]:
        if length <= size:
            return np.zeros(1, np.int64)
        count = max(2, round((length - size) / (size * (1.0 - overlap))) + 1)
        return np.linspace(0, length - size, count).astype(np.int64)

    return [(int(top), int(left)) for top in starts(shape[0]) for left in starts(shape[1])]


def tile_power(contrast: Array, *, top: int, left: int, size: int) -> Array:
    """Power spectrum float32[2 size, size + 1] of one Hann-windowed tile, zero-padded twofold, of unit sum."""
    window = np.hanning(size).astype(np.float32)
    tile = np.zeros((size, size), np.float32)
    part = contrast[top : top + size, left : left + size]
    tile[: part.shape[0], : part.shape[1]] = part
    tile *= window[:, None] * window[None, :]
    spectrum = rfft2(tile, s=(2 * size, 2 * size))
    power = spectrum.real**2 + spectrum.imag**2
    return np.asarray(power / (power.sum() + 1e-9), np.float32)


def _mean_power(contrast: Array) -> Array:
    total = np.zeros((2 * TILE, TILE + 1), np.float32)
    for top, left in tiles(contrast.shape, size=TILE, overlap=0.1):
        total += tile_power(contrast, top=top, left=left, size=TILE)
    return total


def _whitened(power: Array) -> Array:
    """Log power over its surroundings, float32[n, n], zero frequency in the middle."""
    mirrored = np.roll(power[::-1], 1, axis=0)[:, -2:0:-1]
    level = np.log(np.fft.fftshift(np.concatenate([power, mirrored], axis=1)) + 1e-12).astype(np.float32)
    return level - cv2.blur(cv2.medianBlur(level, 5), (31, 31))


def _polar(level: Array) -> Array:
    """float32[angles, frequencies]; frequency j is FREQUENCIES[j] cycles a pixel."""
    size = level.shape[0]
    radians = np.deg2rad(ANGLES).astype(np.float32)[:, None]
    x = size / 2 + size * FREQUENCIES[None] * np.cos(radians)
    y = size / 2 + size * FREQUENCIES[None] * np.sin(radians)
    lines = cv2.remap(level, x, y, cv2.INTER_LINEAR)
    lines[:, 1.0 / SPACINGS[1] > FREQUENCIES] = 0.0
    return lines.astype(np.float32, copy=False)


def _best_near(strength: Array, centre: int) -> int:
    reach = round(SQUARE_ANGLE / (ANGLES[1] - ANGLES[0]))
    near = (centre + np.arange(-reach, reach + 1)) % len(ANGLES)
    return int(near[np.argmax(strength[near])])


def _direction(lines: Array, index: int) -> Array:
    fan = (index + np.arange(-FAN, FAN + 1)) % len(ANGLES)
    return np.asarray(lines[fan].max(axis=0), np.float32)


def _at(spectrum: Array, frequency: NDArray[np.float64]) -> NDArray[np.float64]:
    """The highest level within 2 % of each frequency."""
    around = frequency[..., None] * np.linspace(0.98, 1.02, 5)
    return np.asarray(np.interp(around, FREQUENCIES, spectrum).max(axis=-1))


def _teeth(spectrum: Array, base: NDArray[np.float64]) -> NDArray[np.float64]:
    """Height of tooth k = 1 to TEETH of each comb over the gaps beside it, nepers; NaN above the last frequency."""
    k = np.arange(1, TEETH + 1)
    tooth = base[:, None] * k
    gap = (_at(spectrum, base[:, None] * (k - 0.5)) + _at(spectrum, base[:, None] * (k + 0.5))) / 2
    return np.where(tooth < 0.46, _at(spectrum, tooth) - gap, np.nan)


def _comb(spectrum: Array, base: NDArray[np.float64]) -> NDArray[np.float64]:
    height = _teeth(spectrum, base)
    weight = np.where(np.isfinite(height), 1.0 / np.sqrt(np.arange(1, TEETH + 1)), 0.0)
    return np.asarray((weight * np.nan_to_num(height)).sum(axis=1) / np.sqrt((weight**2).sum(axis=1) + 1e-9))


def _common_spacing(spectra: list[Array]) -> tuple[float, float] | None:
    """Frequencies (u, v) of the most even pair of combs, of nearly one spacing."""
    base = np.geomspace(1.0 / SPACINGS[1], 1.0 / SPACINGS[0], 800)
    found = []
    for spectrum in spectra:
        # The comb's tolerance makes plateaus; their middle is the estimate.
        score = np.convolve(np.pad(_comb(spectrum, base), 7, mode="edge"), np.ones(15) / 15, mode="valid")
        peaks = np.flatnonzero((score[1:-1] >= score[:-2]) & (score[1:-1] > score[2:])) + 1
        strongest = peaks[np.argsort(-score[peaks])][:8]
        found.append(
            [(float(base[index]), float(score[index])) for index in strongest if score[index] > LEAST_COMB / 2]
        )
    pairs = [
        (a_score + b_score, a, b)
        for a, a_score in found[0]
        for b, b_score in found[1]
        if max(a, b) / min(a, b) < SPACING_RATIO
    ]
    if not pairs:
        return None
    best = max(pairs)
    return (best[1], best[2]) if best[0] >= 2 * LEAST_COMB else None


def _five_millimetres(
    spectra: list[Array], base: tuple[float, float], *, longest: int
) -> tuple[tuple[float, float], bool]:
    """Spacing of 5 mm (u, v) in pixels from the common frequencies, and whether only 1 mm lines are there."""
    heights = [np.nan_to_num(_teeth(s, np.array([f]))[0]) for s, f in zip(spectra, base, strict=True)]
    odd = sum(float(h[0] + h[2]) for h in heights)
    even = sum(float(h[1] + h[3]) for h in heights)
    spacing = (1.0 / base[0], 1.0 / base[1])
    if odd < 0.3 * even:  # a comb twice too fine has every second tooth empty
        spacing = (spacing[0] / 2, spacing[1] / 2)
    fifths = [_fifths(s, 1.0 / (5 * p)) for s, p in zip(spectra, spacing, strict=True)]
    if min(fifths) > LEAST_FIFTH and 5 * max(spacing) < SPACINGS[1]:
        return (5 * spacing[0], 5 * spacing[1]), False
    squares = longest / min(spacing)
    if squares > MOST_SQUARES:
        return (5 * spacing[0], 5 * spacing[1]), True
    return spacing, False


def _fifths(spectrum: Array, base: float) -> float:
    k = np.array([1, 2, 3, 4, 6, 7, 8, 9])
    k = k[k * base < 0.46]
    tooth = np.array(
        [_at(spectrum, base * k) - (_at(spectrum, base * (k - 0.5)) + _at(spectrum, base * (k + 0.5))) / 2]
    )
    return float(np.median(tooth)) if k.size else 0.0
