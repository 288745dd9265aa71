"""A strip's two scales: millimetres along the paper are seconds of the record, millimetres up it are millivolts."""

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.page import Strip

USUAL_GAIN_MM_PER_MV = 10.0  # where the page tells none
_LEAST = 1e-6  # mm or s: a strip without length would divide by zero

F64 = NDArray[np.float64]


def gain_mm_per_mv(strip: Strip) -> float:
    return strip.gain.value or USUAL_GAIN_MM_PER_MV


def upwards_mm_per_mv(strip: Strip) -> float:
    """Millimetres up the paper that a positive millivolt goes; negative where the lead is drawn upside down."""
    return -gain_mm_per_mv(strip) if strip.inverted else gain_mm_per_mv(strip)


def millivolts(strip: Strip, y_mm: F64) -> F64:
    """Millivolts above the strip's zero line at these heights of the page (float64, any shape)."""
    return np.asarray((strip.baseline_mm - y_mm) / upwards_mm_per_mv(strip), np.float64)


def seconds(strip: Strip, x_mm: NDArray[np.floating]) -> F64:
    """Seconds on the record's clock at these places along the page (any shape)."""
    return np.asarray(strip.start_s + (x_mm - strip.x0_mm) / _mm_per_s(strip), np.float64)


def places_mm(strip: Strip, times_s: F64) -> F64:
    """Places along the page of these seconds on the record's clock (float64, any shape)."""
    return np.asarray(strip.x0_mm + (times_s - strip.start_s) * _mm_per_s(strip), np.float64)


def _mm_per_s(strip: Strip) -> float:
    return max(strip.x1_mm - strip.x0_mm, _LEAST) / max(strip.end_s - strip.start_s, _LEAST)
