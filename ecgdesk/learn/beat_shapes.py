"""The beats of the simulator: waves of exact size, direction and time.

A beat is a sum of smooth waves, each zero outside its own stretch of time (half cosines). A wave has a size and
direction in the frontal plane, from which the six limb leads follow, so that they obey Einthoven's and Goldberger's
laws exactly, and a size in each chest lead.

| wave | from | to |
|---|---|---|
| P | P onset | P onset + p_ms |
| q, r, s | shares 0 to 0.38, 0.17 to 0.76, 0.5 to 1 of the QRS complex | |
| r2 (a late force, as in RBBB) | 0.45 of the complex | its end |
| ST | 0.6 of the complex; full from its end on | T end |
| T | the last `t_share` of JT | T end |
| t_end (a second phase of T) | the last 0.3 of JT | T end |
| notch (at the end of R) | 10 ms before the end of the complex | 24 ms after it |
| u | 40 ms after T | 180 ms later |
| pr (level of the PR segment) | 60 ms before the complex | its onset |
"""

import math
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Directions of the limb leads in the frontal plane, degrees, and their scale against a lead vector of length 1
_LIMB = (
    (0.0, 1.0),
    (60.0, 1.0),
    (120.0, 1.0),
    (-150.0, math.sqrt(0.75)),
    (-30.0, math.sqrt(0.75)),
    (90.0, math.sqrt(0.75)),
)
Chest = tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class Size:
    """Size of one wave: `frontal_mv` towards `frontal_deg` (0 is lead I, 90 aVF), `chest_mv` in V1 to V6."""

    frontal_mv: float
    frontal_deg: float
    chest_mv: Chest

    def leads(self) -> Floats:
        """float64[12], mV in each lead."""
        limb = [
            self.frontal_mv * scale * math.cos(math.radians(self.frontal_deg - direction)) for direction, scale in _LIMB
        ]
        return np.array([*limb, *self.chest_mv])

    def turned(self, degrees: float) -> "Size":
        return replace(self, frontal_deg=self.frontal_deg + degrees)

    def times(self, factor: float) -> "Size":
        chest = tuple(value * factor for value in self.chest_mv)
        return Size(self.frontal_mv * factor, self.frontal_deg, chest)  # type: ignore[arg-type]


NONE = Size(0.0, 0.0, (0.0,) * 6)
NORMAL_P = Size(0.13, 52.0, (0.06, 0.08, 0.08, 0.08, 0.07, 0.06))


@dataclass(frozen=True)
class Qrst:
    """Shape of a ventricular beat; `qrs_axis` turns the whole complex so that its net area points there (degrees)."""

    qrs_ms: float = 92.0
    qrs_axis: float | None = 50.0  # None: leave the sizes' own directions
    q: Size = Size(0.07, -160.0, (0.11, 0.17, 0.14, 0.05, -0.07, -0.07))
    r: Size = Size(1.10, 52.0, (-0.75, -1.00, -0.10, 1.10, 1.35, 1.05))
    s: Size = Size(0.18, -130.0, (-0.06, -0.20, -0.55, -0.45, -0.20, -0.10))
    r2: Size = NONE
    st: Size = NONE
    t: Size = Size(0.30, 42.0, (0.08, 0.40, 0.45, 0.40, 0.32, 0.24))
    t_share: float = 0.55
    t_end: Size = NONE
    notch: Size = NONE
    u: Size = NONE
    pr: Size = NONE
    delta: float = 0.0  # share of r that a slurred onset brings in during the first 40 ms (pre-excitation)


NORMAL = Qrst()
RBBB = replace(
    NORMAL,
    qrs_ms=142.0,
    qrs_axis=None,
    r2=Size(0.45, 170.0, (0.95, 0.70, 0.20, -0.20, -0.40, -0.45)),
    t=Size(0.28, 30.0, (-0.20, -0.15, 0.25, 0.35, 0.32, 0.24)),
)
LBBB = Qrst(
    qrs_ms=148.0,
    qrs_axis=10.0,
    q=Size(0.12, 20.0, (-0.15, -0.20, -0.08, 0.08, 0.18, 0.18)),
    r=Size(0.85, 5.0, (-1.10, -1.60, -1.10, 0.20, 0.85, 0.95)),
    s=NONE,
    r2=Size(0.80, 15.0, (-1.00, -1.50, -1.10, 0.10, 0.80, 0.90)),
    st=Size(0.08, 190.0, (0.14, 0.20, 0.14, 0.02, -0.08, -0.10)),
    t=Size(0.25, 190.0, (0.35, 0.55, 0.45, 0.10, -0.22, -0.28)),
)
PACED_SHAPE = replace(
    LBBB,
    qrs_ms=164.0,
    qrs_axis=-70.0,
    r2=Size(0.85, -65.0, (-1.00, -1.50, -1.30, -0.80, -0.60, -0.50)),
    r=Size(0.90, -70.0, (-1.10, -1.60, -1.30, -0.80, -0.60, -0.50)),
)
VENTRICULAR = Qrst(
    qrs_ms=156.0,
    qrs_axis=105.0,
    q=Size(0.10, 100.0, (-0.10, -0.15, -0.10, 0.10, 0.10, 0.10)),
    r=Size(1.30, 105.0, (-1.20, -1.70, -0.90, 0.60, 0.90, 0.90)),
    s=NONE,
    r2=Size(0.80, 105.0, (-0.90, -1.20, -0.60, 0.50, 0.70, 0.60)),
    st=Size(0.12, -75.0, (0.14, 0.18, 0.10, -0.05, -0.10, -0.10)),
    t=Size(0.55, -75.0, (0.50, 0.65, 0.40, -0.30, -0.45, -0.40)),
)


def half_cosines(time: Floats, start: float, length: float, summit: float = 0.5) -> Floats:
    """A wave from `start` over `length`, zero outside, 1 at its summit (a share of the length), smooth throughout."""
    part = (time - start) / length
    rise = 0.5 - 0.5 * np.cos(np.pi * np.clip(part / summit, 0, 1))
    fall = 0.5 + 0.5 * np.cos(np.pi * np.clip((part - summit) / (1 - summit), 0, 1))
    return np.where((part > 0) & (part < 1), np.where(part < summit, rise, fall), 0.0)


def qrst(time: Floats, shape: Qrst, qt_ms: float) -> Floats:
    """float64[12, n]: QRS, ST and T of one beat; `time` in seconds from QRS onset."""
    turned, width, end = turned_to_axis(shape), shape.qrs_ms / 1000, qt_ms / 1000
    waves = [(size, half_cosines(time, a * width, (b - a) * width, summit)) for size, a, b, summit in _parts(turned)]
    if shape.delta:
        waves.append((turned.r.times(shape.delta), half_cosines(time, 0.0, 0.7 * width, summit=0.6)))
    t_start = end - shape.t_share * (end - width)
    t_end = end - 0.3 * (end - width)
    waves += [
        (turned.t, half_cosines(time, t_start, end - t_start, summit=0.58)),
        (turned.t_end, half_cosines(time, t_end, end - t_end)),
        (turned.notch, half_cosines(time, width - 0.010, 0.034)),
        (turned.u, half_cosines(time, end + 0.040, 0.180)),
        (turned.pr, half_cosines(time, -0.060, 0.060, summit=0.4)),
    ]
    waves.append((turned.st, _st_course(time, 0.6 * width, width, t_start, end)))
    sizes = np.stack([size.leads() for size, _ in waves])
    return np.asarray(sizes.T @ np.stack([wave for _, wave in waves]))


def _parts(shape: Qrst) -> list[tuple[Size, float, float, float]]:
    """Each wave with its stretch and its summit, in shares of the complex.

    The first and the last wave are gentle towards the ends of the complex, as in real ones: there the slope reaches
    a tenth of the steepest only some 10 ms inside the marks that cardiologists set.
    """
    return [
        (shape.q, 0.0, 0.38, 0.66),
        (shape.r, 0.17, 0.76, 0.5),
        (shape.s, 0.50, 1.0, 0.38),
        (shape.r2, 0.45, 1.0, 0.36),
    ]


def _st_course(time: Floats, rise: float, full: float, fall: float, end: float) -> Floats:
    up = 0.5 - 0.5 * np.cos(np.pi * np.clip((time - rise) / (full - rise), 0, 1))
    down = 0.5 + 0.5 * np.cos(np.pi * np.clip((time - fall) / (end - fall), 0, 1))
    return np.asarray(up * down)


def net_axis(shape: Qrst) -> float:
    """Direction of the complex's net area in the frontal plane, degrees."""
    x = y = 0.0
    for size, a, b, _ in _parts(shape):
        area = size.frontal_mv * (b - a) / 2
        x += area * math.cos(math.radians(size.frontal_deg))
        y += area * math.sin(math.radians(size.frontal_deg))
    return math.degrees(math.atan2(y, x))


@cache
def turned_to_axis(shape: Qrst) -> Qrst:
    """The shape turned so that its net QRS area points to `qrs_axis`."""
    if shape.qrs_axis is None:
        return shape
    by = shape.qrs_axis - net_axis(shape)
    return replace(
        shape, q=shape.q.turned(by), r=shape.r.turned(by), s=shape.s.turned(by), r2=shape.r2.turned(by), qrs_axis=None
    )
