"""Every P wave, conducted or not, in the signal from which the QRST complexes have been taken away.

A P wave of known shape is looked for along the whole strip. Where no P wave keeps its distance to the complexes
(Wenckebach, complete AV block), the shape is the one that comes back most often, and it is believed only when it
comes back regularly.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import fftconvolve, find_peaks

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.measure.conditioning import Conditioned, Floats, samples
from ecgdesk.measure.delineate import Delineated
from ecgdesk.measure.shapes import cut

SMOOTH_S = 0.008
HALF_S = 0.06  # of the stretch that is compared, to each side of a P wave's peak
ALIKE = 0.80  # correlation with the P wave's shape
LEAST_SIZE, LARGEST_SIZE = 0.5, 1.8  # of the usual P wave
APART_S = 0.22  # 270 P waves a minute
FEWEST = 5  # P waves that a train without a fixed distance to the complexes must have
STEADY = 0.85  # how well its P waves keep one period (1: exactly)
PERIODS_S = (0.40, 1.60)
SEEN_SHARE = 0.6  # of the P waves that this period asks for must be there, where no complex hides them


@dataclass(frozen=True)
class Train:
    """Peaks of the P waves in samples; `own`: found by their own rhythm, not by their distance to the complexes."""

    peaks: tuple[int, ...] = ()
    own: bool = False


def p_train(rest: Floats, conditioned: Conditioned, shapes: tuple[Delineated, ...]) -> Train:
    """P waves in `rest` (float64[12, n], mV, QRST taken away, P waves kept)."""
    if not shapes:
        return Train()
    smooth = gaussian_filter1d(rest, SMOOTH_S * SAMPLING_RATE_HZ, axis=1)
    hidden = _hidden(conditioned, shapes)
    dominant = shapes[0]
    if dominant.p_found:
        middle = (dominant.p_onset + dominant.p_offset) / 2
        half = int(max(samples(0.04), (dominant.p_offset - dominant.p_onset) / 2))
        model = dominant.cluster.average[:, max(0, int(middle) - half) : int(middle) + half]
        return Train(tuple(_matches(smooth, conditioned, hidden, np.nan_to_num(model))))
    found = _recurring(smooth, conditioned, hidden)
    return Train(tuple(found), own=True) if _steady(np.array(found), hidden) else Train()


def _hidden(conditioned: Conditioned, shapes: tuple[Delineated, ...]) -> NDArray[np.bool_]:
    """bool[n]: where a complex hides any P wave, or nothing is seen."""
    hidden: NDArray[np.bool_] = np.logical_not(conditioned.present.any(axis=0))
    for shape in shapes:
        if not (np.isfinite(shape.qrs_onset) and np.isfinite(shape.qrs_offset)):
            continue
        for at in shape.cluster.at:
            a = int(at + shape.qrs_onset - shape.cluster.centre) - samples(0.012)
            b = int(at + shape.qrs_offset - shape.cluster.centre) + samples(0.02)
            hidden[max(0, a) : max(0, b)] = True
    return hidden


def _matches(smooth: Floats, conditioned: Conditioned, hidden: NDArray[np.bool_], model: Floats) -> list[int]:
    """Middles of the stretches that look like the model (float64[12, m], mV), of comparable size."""
    model = model - model.mean(axis=1, keepdims=True)
    power = (model**2).sum(axis=1)
    seen = conditioned.present.astype(np.float64)
    width = model.shape[1]
    cross = fftconvolve(smooth, model[:, ::-1], mode="same", axes=1).sum(axis=0)
    box = np.ones((1, width))
    local = (
        fftconvolve(smooth**2, box, mode="same", axes=1) - fftconvolve(smooth, box, mode="same", axes=1) ** 2 / width
    )
    energy = np.maximum(0.0, (local * (power[:, None] > 0) * seen).sum(axis=0))
    expected = (power[:, None] * seen).sum(axis=0)
    norm = np.sqrt(energy * expected)
    likeness = np.divide(cross, norm, out=np.zeros_like(cross), where=norm > 1e-9)
    size = np.divide(cross, expected, out=np.zeros_like(cross), where=expected > 1e-9)
    likeness[hidden | (size < LEAST_SIZE) | (size > LARGEST_SIZE)] = 0.0
    peaks, _ = find_peaks(likeness, height=ALIKE, distance=samples(APART_S))
    return [int(peak) for peak in peaks]


def _recurring(smooth: Floats, conditioned: Conditioned, hidden: NDArray[np.bool_]) -> list[int]:
    """Places of the wave that comes back most often between the complexes."""
    half = samples(HALF_S)
    size = np.sqrt(np.mean((smooth * conditioned.present) ** 2, axis=0))
    size[hidden] = 0.0
    bumps, _ = find_peaks(size, distance=samples(APART_S), prominence=0.008)
    bumps = bumps[(bumps > half) & (bumps < smooth.shape[1] - half)]
    if len(bumps) < FEWEST:
        return []
    pieces = cut(smooth * conditioned.present, bumps, half, half)
    pieces = pieces - pieces.mean(axis=2, keepdims=True)
    cross = np.einsum("blt,clt->bc", pieces, pieces, optimize=True)
    power = np.sqrt(np.maximum(np.diag(cross), 1e-12))
    alike = cross / power[:, None] / power[None, :] > ALIKE
    seed = int(np.argmax(alike.sum(axis=1)))
    if alike[seed].sum() < FEWEST:
        return []
    return _matches(smooth, conditioned, hidden, pieces[alike[seed]].mean(axis=0))


def _steady(peaks: NDArray[np.intp], hidden: NDArray[np.bool_]) -> bool:
    """Whether these P waves keep one period, and few are missing where they could be seen."""
    if len(peaks) < FEWEST:
        return False
    periods = np.arange(samples(PERIODS_S[0]), samples(PERIODS_S[1]) + 1)
    turns = np.exp(2j * np.pi * peaks[None, :] / periods[:, None])
    steady = np.abs(turns.mean(axis=1))
    good = np.flatnonzero(steady >= max(STEADY, 0.98 * float(steady.max())))
    if not len(good):
        return False
    period = int(periods[good[-1]])  # shorter ones that divide it fit as well
    phase = float(np.angle(turns[good[-1]].mean())) / (2 * np.pi) * period
    expected = np.arange(phase % period, len(hidden), period).astype(int)
    visible = expected[~hidden[expected]]
    near = [np.abs(peaks - place).min() <= 0.12 * period for place in visible]
    return bool(len(near) >= FEWEST and np.mean(near) >= SEEN_SHARE)
