"""Simulated 12-lead ECGs whose every onset, offset and amplitude is known exactly.

`rhythms` tells when the heart beats, `beat_shapes` what each beat looks like.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.measurements import NAN, Beat, BeatKind
from ecgdesk.ecg.recording import Recording
from ecgdesk.learn.beat_shapes import (
    LBBB,
    NORMAL,
    NORMAL_P,
    PACED_SHAPE,
    RBBB,
    VENTRICULAR,
    Floats,
    Qrst,
    Size,
    half_cosines,
    net_axis,
    qrst,
    turned_to_axis,
)
from ecgdesk.learn.rhythms import Complex, Rhythm, Schedule, schedule

__all__ = [
    "LBBB",
    "NORMAL",
    "PACED_SHAPE",
    "RBBB",
    "VENTRICULAR",
    "EcgSpec",
    "Qrst",
    "Simulated",
    "Size",
    "half_cosines",
    "simulate",
]

SPIKE_BEFORE_S = 0.006  # of the paced QRS complex; one sample long
SPIKE = Size(1.2, -75.0, (-0.6, -0.9, -1.0, -1.0, -0.8, -0.6))


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
    p: Size = NORMAL_P
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
        qrs_axis=net_axis(turned_to_axis(spec.shape)),
        t_axis=_wrapped(spec.shape.t.frontal_deg),
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
