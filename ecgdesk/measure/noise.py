"""Slopes of an average beat, and how much of them is noise.

Two kinds: what is too fast for any wave, and the slow ripple of a trace that comes from paper, which is as slow as a
wave and shows where the heart is at rest.
"""

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.measure.conditioning import Floats, samples

WAVES_SMOOTH_S = 0.014  # what this smoothing takes away is too fast for a P or T wave
CALM_SMOOTH_S = 0.020
AT_REST_SHARE = 0.35  # of the time outside the complexes all leads together are calm: between the waves


def slope_of(average: Floats, smooth_s: float) -> Floats:
    """mV/s of each lead of an average beat, zero where absent."""
    filled = np.nan_to_num(average)
    return np.asarray(gaussian_filter1d(filled, smooth_s * SAMPLING_RATE_HZ, order=1, axis=-1) * SAMPLING_RATE_HZ)


def slope_noise(average: Floats, smooth_s: float, first: int, last: int) -> Floats:
    """float64[12]: mV/s (robust rms) of each lead's noise in its slopes, outside the complex in columns first to last.

    The median is taken, since the neighbouring beats' complexes may lie in the average beat's window.
    """
    fast = slope_of(average, smooth_s) - slope_of(average, WAVES_SMOOTH_S)
    outside = np.isfinite(average)
    outside[:, max(0, first - samples(0.04)) : last + samples(0.04)] = False
    size = np.where(outside, np.abs(fast), np.nan)
    seen = outside.any(axis=1)
    noise = np.zeros(len(average))
    noise[seen] = 1.48 * np.nanmedian(size[seen], axis=1)
    return noise


def ripple(average: Floats, smooth_s: float, first: int, last: int) -> Floats:
    """float64[12]: mV/s (robust rms) of each lead's slopes while the heart is at rest.

    That is where all leads together are calmest, outside the complex in columns first to last.
    """
    slope = slope_of(average, smooth_s)
    columns = np.flatnonzero(np.isfinite(average).any(axis=0))
    columns = columns[(columns < first - samples(0.04)) | (columns >= last + samples(0.04))]
    found = np.zeros(len(average))
    if not len(columns):
        return found
    speed = gaussian_filter1d(np.sqrt(np.mean(slope**2, axis=0)), CALM_SMOOTH_S * SAMPLING_RATE_HZ)[columns]
    rest = columns[speed <= np.quantile(speed, AT_REST_SHARE)]
    size = np.where(np.isfinite(average[:, rest]), np.abs(slope[:, rest]), np.nan)
    seen = np.isfinite(size).any(axis=1)
    found[seen] = 1.48 * np.nanmedian(size[seen], axis=1)
    return found
