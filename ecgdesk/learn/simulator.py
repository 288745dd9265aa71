"""Simulated 12-lead ECGs whose every onset, offset and amplitude is known exactly.

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

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.measurements import NAN, Beat, BeatKind
from ecgdesk.ecg.recording import Recording
from ecgdesk.learn.rhythms import Complex, Rhythm, Schedule, schedule

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


SPIKE_BEFORE_S = 0.006  # of the paced QRS complex; one sample long
NONE = Size(0.0, 0.0, (0.0,) * 6)
SPIKE = Size(1.2, -75.0, (-0.6, -0.9, -1.0, -1.0, -0.8, -0.6))


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


@dataclass(frozen=True)
class EcgSpec:
    """What to simulate. `qt_ms` None: 390 ms scaled with the square root of RR. `noise_uv`: rms, white to 150 Hz.

    `rate` is the ventricular rate a minute. `shape` is the supraventricular beat, `ventricular` the wide one of
    ectopic, escape and paced beats. `p`, `p_ms`, `pr_ms`: the P wave; `fibrillation_mv`: size of f waves in V1.
    """

    rate: float = 68.0
    duration_s: float = 10.0
    rhythm: Rhythm = Rhythm.SINUS
    p_ms: float = 104.0
    pr_ms: float = 160.0
    qt_ms: float | None = None
    p: Size = Size(0.13, 52.0, (0.06, 0.08, 0.08, 0.08, 0.07, 0.06))
    shape: Qrst = NORMAL
    ventricular: Qrst = VENTRICULAR
    fibrillation_mv: float = 0.08
    flutter_mv: float = 0.22
    noise_uv: float = 0.0
    alternating: float = 0.0  # share of its size that each second complex lacks
    wander_mv: float = 0.0  # amplitude of a baseline that drifts with the breath
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Simulated:
    """`signal`, `clean`: float32[12, n], mV at SAMPLING_RATE_HZ, with and without noise.

    `beats`: every beat with its exact marks (`r_s` is the middle of its main wave). `p_onsets_s`: every P wave.
    `spikes_s`: pacing spikes. `p_axis`, `qrs_axis`, `t_axis`: of the supraventricular beat, from exact net areas.
    """

    spec: EcgSpec
    signal: NDArray[np.float32]
    clean: NDArray[np.float32]
    beats: tuple[Beat, ...]
    p_onsets_s: tuple[float, ...]
    spikes_s: tuple[float, ...]
    qt_ms: float
    p_axis: float
    qrs_axis: float
    t_axis: float

    @property
    def recording(self) -> Recording:
        """The simulated signal as a recording without digitisation loss."""
        return Recording(self.signal, np.full(12, 60.0, dtype=np.float32))


def simulate(spec: EcgSpec) -> Simulated:
    """A simulated ECG with its exact truth. Raises ValueError for a spec whose waves would run into each other."""
    qt_ms = spec.qt_ms if spec.qt_ms is not None else 390.0 * math.sqrt(60.0 / spec.rate)
    _check(spec, qt_ms)
    rng = np.random.default_rng(spec.seed)
    plan = schedule(spec.rhythm, rate=spec.rate, pr_ms=spec.pr_ms, duration_s=spec.duration_s, rng=rng)
    time = np.arange(round(spec.duration_s * SAMPLING_RATE_HZ)) / SAMPLING_RATE_HZ
    clean = np.zeros((12, len(time)))
    for onset in plan.p_onsets_s:
        clean += spec.p.leads()[:, None] * half_cosines(time, onset, spec.p_ms / 1000)[None]
    for number, complex_ in enumerate(plan.complexes):
        shape, qt = _shape_of(spec, complex_, qt_ms)
        clean += (1 - spec.alternating * (number % 2)) * qrst(time - complex_.onset_s, shape, qt)
    clean += _atrial_waves(spec, plan, time, rng)
    spikes = tuple(c.onset_s - SPIKE_BEFORE_S for c in plan.complexes if c.paced)
    for spike in spikes:
        at = round(spike * SAMPLING_RATE_HZ)
        clean[:, at : at + 1] += SPIKE.leads()[:, None]
    return Simulated(
        spec=spec,
        signal=(clean + _disturbance(spec, time, rng)).astype(np.float32),
        clean=clean.astype(np.float32),
        beats=tuple(_beat(spec, complex_, qt_ms) for complex_ in plan.complexes),
        p_onsets_s=plan.p_onsets_s,
        spikes_s=spikes,
        qt_ms=qt_ms,
        p_axis=_wrapped(spec.p.frontal_deg),
        qrs_axis=net_axis(_turned(spec.shape)),
        t_axis=_wrapped(spec.shape.t.frontal_deg),
    )


def half_cosines(time: Floats, start: float, length: float, summit: float = 0.5) -> Floats:
    """A wave from `start` over `length`, zero outside, 1 at its summit (a share of the length), smooth throughout."""
    part = (time - start) / length
    rise = 0.5 - 0.5 * np.cos(np.pi * np.clip(part / summit, 0, 1))
    fall = 0.5 + 0.5 * np.cos(np.pi * np.clip((part - summit) / (1 - summit), 0, 1))
    return np.where((part > 0) & (part < 1), np.where(part < summit, rise, fall), 0.0)


def qrst(time: Floats, shape: Qrst, qt_ms: float) -> Floats:
    """float64[12, n]: QRS, ST and T of one beat; `time` in seconds from QRS onset."""
    turned, width, end = _turned(shape), shape.qrs_ms / 1000, qt_ms / 1000
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
def _turned(shape: Qrst) -> Qrst:
    """The shape turned so that its net QRS area points to `qrs_axis`."""
    if shape.qrs_axis is None:
        return shape
    by = shape.qrs_axis - net_axis(shape)
    return replace(
        shape, q=shape.q.turned(by), r=shape.r.turned(by), s=shape.s.turned(by), r2=shape.r2.turned(by), qrs_axis=None
    )


def _wrapped(degrees: float) -> float:
    return (degrees + 180.0) % 360.0 - 180.0


def _shape_of(spec: EcgSpec, complex_: Complex, qt_ms: float) -> tuple[Qrst, float]:
    if not complex_.ventricular:
        return spec.shape, qt_ms
    return spec.ventricular, qt_ms + 0.8 * max(0.0, spec.ventricular.qrs_ms - spec.shape.qrs_ms)


def _beat(spec: EcgSpec, complex_: Complex, qt_ms: float) -> Beat:
    shape, qt = _shape_of(spec, complex_, qt_ms)
    onset = complex_.onset_s
    kind = BeatKind.VENTRICULAR if complex_.ventricular else BeatKind.DOMINANT
    p_onset = NAN if complex_.pr_ms is None else onset - complex_.pr_ms / 1000
    t_length = shape.t_share * (qt - shape.qrs_ms) / 1000
    return Beat(
        r_s=onset + 0.4 * shape.qrs_ms / 1000,
        kind=BeatKind.PACED if complex_.paced else kind,
        qrs_onset_s=onset,
        qrs_offset_s=onset + shape.qrs_ms / 1000,
        p_onset_s=p_onset,
        p_peak_s=p_onset + spec.p_ms / 2000,
        p_offset_s=p_onset + spec.p_ms / 1000,
        t_peak_s=onset + qt / 1000 - 0.42 * t_length,
        t_offset_s=onset + qt / 1000,
    )


def _atrial_waves(spec: EcgSpec, plan: Schedule, time: Floats, rng: np.random.Generator) -> Floats:
    """f waves (three slowly wandering frequencies) or a flutter saw-tooth, largest in V1 and the inferior leads."""
    if plan.flutter_hz:
        part = (time * plan.flutter_hz) % 1.0
        saw = np.where(part < 0.7, 1 - 2 * part / 0.7, -np.cos(np.pi * (part - 0.7) / 0.3))
        return Size(spec.flutter_mv, -85.0, (0.4 * spec.flutter_mv, 0, 0, 0, 0, 0)).leads()[:, None] * saw[None]
    if not plan.fibrillation:
        return np.zeros((12, len(time)))
    waves = np.zeros((12, len(time)))
    for hz, share in ((5.2, 0.5), (6.3, 0.5), (7.6, 0.35)):
        phase = 2 * np.pi * (hz * time + rng.random()) + np.cumsum(rng.normal(0, 0.12, len(time)))
        turn = float(rng.uniform(60, 100))
        size = Size(0.5, turn, (1.0, 0.6, 0.3, 0.2, 0.15, 0.1)).times(share * spec.fibrillation_mv)
        waves += size.leads()[:, None] * np.sin(phase)[None]
    return waves


def _disturbance(spec: EcgSpec, time: Floats, rng: np.random.Generator) -> Floats:
    noise = rng.normal(0.0, spec.noise_uv / 1000, (12, len(time)))
    noise[2:6] = np.stack(
        [noise[1] - noise[0], -(noise[0] + noise[1]) / 2, noise[0] - noise[1] / 2, noise[1] - noise[0] / 2]
    )
    drift = rng.normal(0.0, 1.0, 12)
    drift[2:6] = (drift[1] - drift[0], -(drift[0] + drift[1]) / 2, drift[0] - drift[1] / 2, drift[1] - drift[0] / 2)
    return np.asarray(noise + spec.wander_mv * drift[:, None] * np.sin(2 * np.pi * 0.23 * time + 0.7)[None])


def _check(spec: EcgSpec, qt_ms: float) -> None:
    if not 15 <= spec.rate <= 320:
        raise ValueError(f"rate must be 15 to 320 a minute, not {spec.rate}")
    if qt_ms <= spec.shape.qrs_ms + 60:
        raise ValueError(f"QT {qt_ms:.0f} ms leaves no room for ST and T after a QRS of {spec.shape.qrs_ms:.0f} ms")
    if spec.rhythm is Rhythm.SINUS and spec.pr_ms < spec.p_ms:
        raise ValueError(f"PR {spec.pr_ms:.0f} ms is shorter than the P wave's {spec.p_ms:.0f} ms")
