"""Where the QRS complexes are.

All leads that are seen at a moment vote: the slopes of each lead, relative to that lead's own steepest slopes, are
added as squares. A QRS complex is steep in several leads at once; P and T waves are not steep, noise is not common.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d
from scipy.signal import find_peaks

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.measure.conditioning import Bools, Conditioned, Floats, samples, stretches

REFRACTORY_S = 0.18  # 333 beats a minute
T_WAVE_S = 0.40  # a T wave's steepest part follows its QRS within this time
P_WAVE_S = 0.26  # and a P wave precedes it by less than this
LEAST_SLOPE_MV_PER_S = 3.0  # a QRS complex of 0.1 mV in 80 ms rises by about this; less is no heart beat
PEAK_SHARE = 0.30  # of the usual QRS
SEARCH_BACK_SHARE = 0.12
LEADS_AGREE = 0.3
EDGE_S = 0.03
LEAST_CONTRAST = 2.2  # of a usual complex over the median; noise has 1.2 to 1.8, the noisiest real strips above 4


def activity(conditioned: Conditioned) -> Floats:
    """float64[n]: steepness over all leads seen at that time, about 1 at a usual QRS complex."""
    total, weight = np.zeros(conditioned.length), np.zeros(conditioned.length)
    for run in conditioned.runs:
        rows, time = np.array(run.rows), slice(run.start, run.stop)
        slope = np.abs(conditioned.slope[rows, time])
        steep = steepest(slope)
        usual = np.median(slope, axis=1)
        # A lead whose slopes hardly stand out of its own usual ones says little about beats.
        trust = np.where(steep > LEAST_SLOPE_MV_PER_S / 3, np.clip(steep / (usual + 1e-9) - 3, 0.0, 10.0), 0.0)
        relative = np.minimum(1.0, slope / np.maximum(steep, 1e-9)[:, None])
        if not np.any(trust > 0):  # no line is calm at all: a wide tachycardia, or noise
            trust = (steep > LEAST_SLOPE_MV_PER_S / 3).astype(np.float64)
        total[time] += np.sum(trust[:, None] * relative**2, axis=0)
        weight[time] += np.sum(trust)
    mean = np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)
    return gaussian_filter1d(np.sqrt(mean), 0.012 * SAMPLING_RATE_HZ)


def steepest(slope: Floats) -> Floats:
    """The usual height of a lead's steepest moments: median over seconds of each second's largest |slope| [leads]."""
    count = max(1, slope.shape[1] // samples(1.2))
    return np.asarray(np.median([part.max(axis=1) for part in np.array_split(slope, count, axis=1)], axis=0))


def find_beats(conditioned: Conditioned) -> NDArray[np.intp]:
    """Sample of each QRS complex's steepest moment, in order; empty when there is no heart beat to be seen."""
    height = activity(conditioned)
    if not np.any(height > 0) or not _beats_at_all(conditioned):
        return np.empty(0, dtype=np.intp)
    peaks, _ = find_peaks(np.concatenate([[0.0], height, [0.0]]), distance=samples(REFRACTORY_S))
    peaks = peaks - 1
    usual = float(steepest(height[None])[0])
    peaks = peaks[(_agreement(conditioned)[peaks] >= LEADS_AGREE) & _inside(conditioned)[peaks]]
    found = _drop_t_waves(peaks[height[peaks] > PEAK_SHARE * usual], height, _strength(conditioned))
    return _search_back(found, peaks, height, usual)


def stands_out(conditioned: Conditioned) -> bool:
    """Whether the complexes rise out of what lies between them, as they do not in noise."""
    height = activity(conditioned)
    above = height[height > 0]
    return bool(len(above) and steepest(height[None])[0] >= LEAST_CONTRAST * np.median(above))


def _beats_at_all(conditioned: Conditioned) -> bool:
    heights = [np.max(np.abs(conditioned.slope[np.array(run.rows), run.start : run.stop])) for run in conditioned.runs]
    return max(heights, default=0.0) >= LEAST_SLOPE_MV_PER_S


def _inside(conditioned: Conditioned) -> Bools:
    """bool[n]: clear of the ends of what is seen, where a cut complex and an artefact look the same."""
    inside = np.zeros(conditioned.length, dtype=np.bool_)
    for start, stop in stretches(np.asarray(conditioned.present.any(axis=0))):
        inside[start + samples(EDGE_S) : stop - samples(EDGE_S)] = True
    return inside


def _agreement(conditioned: Conditioned) -> Floats:
    """float64[n]: share of the leads seen that are steep around that time; a fault of one electrode is not a beat."""
    steep_leads = np.zeros(conditioned.length)
    for run in conditioned.runs:
        rows, time = np.array(run.rows), slice(run.start, run.stop)
        slope = np.abs(conditioned.slope[rows, time])
        high = slope > 0.3 * np.maximum(steepest(slope), 1e-9)[:, None]
        steep_leads[time] += np.sum(maximum_filter1d(high, samples(0.06), axis=1), axis=0)
    return np.asarray(steep_leads / np.maximum(1, conditioned.present.sum(axis=0)))


def _strength(conditioned: Conditioned) -> Floats:
    """float64[n]: rms slope over the leads seen, mV/s, in which large leads count for more."""
    number = np.maximum(1, conditioned.present.sum(axis=0))
    rms = np.sqrt(np.sum(conditioned.slope**2, axis=0) / number)
    return gaussian_filter1d(rms, 0.012 * SAMPLING_RATE_HZ)


def _drop_t_waves(peaks: NDArray[np.intp], height: Floats, strength: Floats) -> NDArray[np.intp]:
    """A much flatter peak soon after a steep one is its T wave (or a P wave soon before one).

    Flatter by either measure: one small lead with a sudden step must not make a beat.
    """
    kept: list[int] = []
    for peak in peaks:
        while kept and peak - kept[-1] < samples(P_WAVE_S) and _flatter(kept[-1], int(peak), height, strength, 0.4):
            kept.pop()
        if kept and peak - kept[-1] < samples(T_WAVE_S) and _flatter(int(peak), kept[-1], height, strength, 0.62):
            continue
        kept.append(int(peak))
    return np.array(kept, dtype=np.intp)


def _flatter(one: int, other: int, height: Floats, strength: Floats, share: float) -> bool:
    return bool(height[one] < share * height[other] or strength[one] < share * strength[other])


def _search_back(found: NDArray[np.intp], peaks: NDArray[np.intp], height: Floats, usual: float) -> NDArray[np.intp]:
    """Small complexes in a gap far longer than the usual RR."""
    if len(found) < 3:
        return found
    rr = float(np.median(np.diff(found)))
    extra: list[int] = []
    for before, after in pairwise(found):
        if after - before < 1.6 * rr:
            continue
        inside = peaks[(peaks > before + samples(T_WAVE_S)) & (peaks < after - samples(P_WAVE_S))]
        inside = inside[height[inside] > SEARCH_BACK_SHARE * usual]
        quiet = float(np.median(height[before:after]))
        extra += [int(p) for p in inside if height[p] > 4 * quiet and height[p] > 0.25 * height[before]]
    return np.array(sorted({*found.tolist(), *extra}), dtype=np.intp)
