"""Which shape is the dominant one, and what kind of beat each other one is."""

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.measurements import BeatKind
from ecgdesk.measure.conditioning import Floats
from ecgdesk.measure.delineate import Delineated

MS = 1000 / SAMPLING_RATE_HZ
WIDE_MS = 120.0  # AHA/ACC/HRS 2009, Part III
WIDER_MS = 20.0  # than the dominant beat
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
    dominant = width_ms(shapes[0])
    for shape in shapes:
        wide = WIDE_MS <= width_ms(shape) < UNKNOWN_MS and width_ms(shape) >= dominant + WIDER_MS
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
