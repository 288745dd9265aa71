"""Features of the rhythm."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import welch

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, Lead
from ecgdesk.ecg.measurements import NAN, Rhythm
from ecgdesk.measure.conditioning import Conditioned, Floats, samples
from ecgdesk.measure.delineate import Delineated
from ecgdesk.measure.marks import has_p
from ecgdesk.measure.pacing import pacing

ATRIAL_LEADS = (Lead.V1, Lead.II, Lead.III, Lead.AVF)  # where atrial waves are largest


def rhythm(conditioned: Conditioned, shapes: tuple[Delineated, ...], rr_s: Floats) -> Rhythm:
    """Rhythm features of a recording; `rr_s` the RR intervals in seconds."""
    rr = tuple(float(value) for value in rr_s)
    if not shapes:
        return Rhythm(rr_s=rr)
    total = sum(len(shape.cluster.at) for shape in shapes)
    p_times = _p_times(shapes)
    fibrillation, flutter, share = _atrial_spectrum(without_qrst(conditioned, shapes), conditioned)
    return Rhythm(
        rr_s=rr,
        p_share=len(p_times) / total,
        rmssd_ratio=float(np.sqrt(np.mean(np.diff(rr_s) ** 2)) / np.mean(rr_s)) if len(rr_s) > 1 else NAN,
        atrial_rate=float(60 / np.median(np.diff(p_times))) if len(p_times) > 2 else NAN,
        fibrillation_ratio=fibrillation,
        flutter_hz=flutter,
        flutter_ratio=share,
        p_times_s=tuple(p_times),
        spikes_s=tuple(float(spike) / SAMPLING_RATE_HZ for spike in pacing(conditioned.spikes, total)),
    )


def _p_times(shapes: tuple[Delineated, ...]) -> list[float]:
    times = []
    for shape in shapes:
        for number, at in enumerate(shape.cluster.at):
            if has_p(shape, number):
                peak = float(np.nanmedian(shape.p.peak))
                times.append((int(at) + peak - shape.cluster.centre) / SAMPLING_RATE_HZ)
    return sorted(times)


def without_qrst(conditioned: Conditioned, shapes: tuple[Delineated, ...]) -> Floats:
    """float64[12, n]: the signal with every beat's average QRST taken away; P and atrial waves remain."""
    rest = conditioned.mv.copy()
    for shape in shapes:
        first = shape.qrs_onset - samples(0.02)
        last = shape.t_offset if np.isfinite(shape.t_offset) else shape.qrs_offset
        if not (np.isfinite(first) and np.isfinite(last)):
            continue
        a, b = int(first), int(last) + samples(0.04)
        piece = np.nan_to_num(shape.cluster.average[:, a:b]) * _taper(b - a)
        for at in shape.cluster.at:
            _subtract(rest, piece, int(at) + a - shape.cluster.centre)
    return np.where(conditioned.present, rest, 0.0)


def _taper(length: int) -> Floats:
    ramp = np.ones(length)
    edge = min(samples(0.02), length // 2)
    if edge:
        ramp[:edge] = np.linspace(0, 1, edge)
        ramp[-edge:] = np.linspace(1, 0, edge)
    return ramp


def _subtract(rest: Floats, piece: Floats, start: int) -> None:
    a, b = max(0, start), min(rest.shape[1], start + piece.shape[1])
    if b > a:
        rest[:, a:b] -= piece[:, a - start : b - start]


def _atrial_spectrum(rest: Floats, conditioned: Conditioned) -> tuple[float, float, float]:
    """Share of power from 4 to 9 Hz, frequency of the strongest line from 3.5 to 6.5 Hz, its share of power."""
    best = (NAN, NAN, NAN)
    for lead in ATRIAL_LEADS:
        seen: NDArray[np.intp] = np.flatnonzero(conditioned.present[lead.row])
        if len(seen) < samples(2.0):
            continue
        hz, power = welch(rest[lead.row, seen], SAMPLING_RATE_HZ, nperseg=min(len(seen), samples(2.5)), nfft=4096)
        whole = float(power[(hz >= 1.0) & (hz <= 25.0)].sum())
        if whole <= 0:
            continue
        fibrillation = float(power[(hz >= 4.0) & (hz <= 9.0)].sum()) / whole
        band = np.flatnonzero((hz >= 3.5) & (hz <= 6.5))
        peak = band[int(np.argmax(power[band]))]
        line = float(power[np.abs(hz - hz[peak]) <= 0.4].sum()) / whole
        if not np.isfinite(best[2]) or line > best[2]:
            best = (fibrillation, float(hz[peak]), line)
    return best
