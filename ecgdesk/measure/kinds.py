"""Which shape is the dominant one, and what kind of beat each other one is."""

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.measurements import BeatKind
from ecgdesk.measure.conditioning import Floats, samples
from ecgdesk.measure.delineate import Delineated
from ecgdesk.measure.shapes import Cluster

MS = 1000 / SAMPLING_RATE_HZ
WIDE_MS = 120.0  # AHA/ACC/HRS 2009, Part III
WIDER_MS = 20.0  # than the dominant beat
OTHER_SHAPE = 0.6  # correlation with the dominant beat below which a wide beat has an origin of its own
LEAST_SIZE = 0.45  # of the dominant beat's rms; smaller is a disturbance
MOST_SIZE = 10.0  # of the dominant beat's rms; larger is one too
COMPARED_S = (0.08, 0.12)  # before and after the fiducial
SHIFT_S = 0.03  # between fiducials of different shapes
PACED_BEFORE, PACED_AFTER = 30, 10  # samples, 60 and 20 ms: a stroke so near the onset made the beat
EARLY = 0.85  # of the usual RR: a premature supraventricular beat
UNKNOWN_MS = 999.0  # a beat cut off by the end of the strip
NEAR_COUNT = 0.6  # of the largest cluster's beats: may be the dominant one as well (bigeminy)


def dominant_first(shapes: tuple[Delineated, ...], fiducials: NDArray[np.intp]) -> tuple[Delineated, ...]:
    """The shapes, the dominant one first: the most frequent, or among nearly as frequent ones the narrower."""
    most = max(len(shape.cluster.at) for shape in shapes)
    candidates = [shape for shape in shapes if len(shape.cluster.at) >= NEAR_COUNT * most and most > 1]
    first = min(candidates, key=lambda shape: (not shape.p_found, width_ms(shape)), default=shapes[0])
    return (first, *(shape for shape in shapes if shape is not first))


def width_ms(shape: Delineated) -> float:
    width = (shape.qrs_offset - shape.qrs_onset) * MS
    return float(width) if np.isfinite(width) else UNKNOWN_MS


def beat_kinds(
    shapes: tuple[Delineated, ...], fiducials: NDArray[np.intp], spikes: NDArray[np.intp]
) -> dict[int, BeatKind]:
    """The kind of each beat by its fiducial sample; `spikes`: samples of pacing strokes, if there is pacing."""
    kinds: dict[int, BeatKind] = {}
    if not shapes:
        return kinds
    usual = _usual_rr(fiducials)
    for shape in shapes:
        wide = WIDE_MS <= width_ms(shape) < UNKNOWN_MS and _of_the_ventricle(shape, shapes[0])
        for at in shape.cluster.at:
            place = int(np.searchsorted(fiducials, at))
            early = place > 0 and fiducials[place] - fiducials[place - 1] <= EARLY * usual[place]
            start = at + shape.qrs_onset - shape.cluster.centre
            if np.any((spikes > start - PACED_BEFORE) & (spikes < start + PACED_AFTER)):
                kinds[int(at)] = BeatKind.PACED
            elif shape is shapes[0]:
                kinds[int(at)] = BeatKind.SUPRAVENTRICULAR if early and _regular(fiducials) else BeatKind.DOMINANT
            elif wide:
                kinds[int(at)] = BeatKind.VENTRICULAR
            else:
                kinds[int(at)] = BeatKind.SUPRAVENTRICULAR if early else BeatKind.OTHER
    return kinds


def _of_the_ventricle(shape: Delineated, dominant: Delineated) -> bool:
    """Whether a wide shape arose in the ventricle: wider than the dominant one, or, where that is wide, unlike it.

    A beat from above is conducted in bundle branch block as all others are, so a shape of its own has another origin.
    """
    alike, size = _against(shape.cluster, dominant.cluster)
    if size < LEAST_SIZE or size > MOST_SIZE:
        return False
    usual = width_ms(dominant)
    return width_ms(shape) >= usual + WIDER_MS or (WIDE_MS <= usual < UNKNOWN_MS and alike < OTHER_SHAPE)


def _against(one: Cluster, other: Cluster) -> tuple[float, float]:
    """Best correlation of two average beats over the leads that both show, and the ratio of their rms; NaN without."""
    shift = samples(SHIFT_S)
    wide = _around(one, shift)
    model = _around(other, 0)
    rows = np.isfinite(wide).all(axis=1) & np.isfinite(model).all(axis=1)
    if not rows.any():
        return float("nan"), float("nan")
    model = model[rows] - model[rows].mean(axis=1, keepdims=True)
    fits = []
    for lag in range(2 * shift + 1):
        part = wide[rows, lag : lag + model.shape[1]]
        part = part - part.mean(axis=1, keepdims=True)
        norm = float(np.linalg.norm(part) * np.linalg.norm(model))
        fits.append((float(np.sum(part * model)) / norm if norm else 0.0, float(np.linalg.norm(part))))
    best, length = max(fits)
    size = float(np.linalg.norm(model))
    return best, length / size if size else float("nan")


def _around(cluster: Cluster, margin: int) -> Floats:
    """float64[12, …]: the average beat about its fiducial, NaN beyond its ends."""
    before, after = samples(COMPARED_S[0]) + margin, samples(COMPARED_S[1]) + margin
    padded = np.pad(cluster.average, ((0, 0), (before, after)), constant_values=np.nan)
    return np.asarray(padded[:, cluster.centre : cluster.centre + before + after])


def _usual_rr(fiducials: NDArray[np.intp]) -> Floats:
    """Running median RR around each beat, in samples."""
    gaps = np.diff(fiducials).astype(np.float64)
    if not len(gaps):
        return np.full(len(fiducials), np.inf)
    return np.array([np.median(gaps[max(0, k - 4) : k + 4]) for k in range(len(fiducials))])


def _regular(fiducials: NDArray[np.intp]) -> bool:
    """Most RR intervals are near their median, so that an early beat stands out."""
    gaps = np.diff(fiducials)
    return len(gaps) >= 3 and float(np.mean(np.abs(gaps / np.median(gaps) - 1) < 0.12)) >= 0.6
