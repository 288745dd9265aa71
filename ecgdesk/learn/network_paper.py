"""A fast likeness of what comes back from paper: a recording cut to a layout, with a digitiser's errors.

Drawing and digitising a page takes seconds; this takes a millisecond. What it copies: the cut of the layout, the
width of the pen (a low-pass), the raster (steps of a pixel), gain, speed and zero lines that are a little wrong, slow
errors of a trace that follows the wrong edge, and scraps that are missing.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, STANDARD_ORDER, Lead
from ecgdesk.ecg.recording import Recording

F32 = NDArray[np.float32]
T = TypeVar("T")

LAYOUTS = (((3, 4), 0.75), ((6, 2), 0.15), ((12, 1), 0.10))  # rows and columns
RHYTHMS: tuple[tuple[tuple[Lead, ...], float], ...] = (
    ((Lead.II,), 0.6),
    ((), 0.2),
    ((Lead.V1,), 0.05),
    ((Lead.V1, Lead.II, Lead.V5), 0.15),
)
EDGE_S = 0.08  # at most lost at a lead's end, to separators and names
SCRAP = 0.03  # chance that a lead misses a stretch


def from_paper(signal: F32, rng: np.random.Generator) -> Recording:
    """`signal`: float32[12, n], mV at 500 Hz, as a digitiser would give it back from a sheet of some layout."""
    length = signal.shape[1]
    rows, columns = drawn(LAYOUTS, rng)
    rhythm = drawn(RHYTHMS, rng) if columns > 1 else ()
    seen = np.zeros((12, length), dtype=bool)
    for lead in range(12):
        column = lead // rows
        first, last = column * length // columns, (column + 1) * length // columns
        seen[lead, first + _samples(rng.uniform(0, EDGE_S)) : last - _samples(rng.uniform(0, EDGE_S))] = True
    for strip in rhythm:
        seen[STANDARD_ORDER.index(strip)] = True
    gain, level = rng.normal(1.0, 0.015), 10 ** rng.uniform(-2.4, -1.4)  # 4 to 40 uV of slow error
    pixel_mv = 0.1 / rng.uniform(6.0, 14.0)
    wrong = _warped(signal, rng) * gain * rng.normal(1.0, 0.01, (12, 1))
    wrong = gaussian_filter1d(wrong, rng.uniform(0.8, 2.5), axis=1)
    wrong += gaussian_filter1d(rng.normal(0.0, 1.0, wrong.shape), 12.0, axis=1) * level * 6.5
    wrong += gaussian_filter1d(rng.normal(0.0, 1.0, wrong.shape), 1.5, axis=1) * level
    wrong += rng.normal(0.0, 0.02, (12, 1))
    wrong = np.round(wrong / pixel_mv) * pixel_mv + rng.normal(0.0, pixel_mv / 8, wrong.shape)
    for scrappy in np.flatnonzero(rng.random(12) < SCRAP):
        middle = int(rng.integers(length))
        seen[scrappy, middle : middle + _samples(rng.uniform(0.1, 0.6))] = False
    mv = np.where(seen, wrong, np.nan).astype(np.float32)
    return Recording(mv, np.full(12, 20.0, dtype=np.float32))


def drawn(choices: tuple[tuple[T, float], ...], rng: np.random.Generator) -> T:
    shares = np.array([share for _, share in choices])
    return choices[int(rng.choice(len(choices), p=shares / shares.sum()))][0]


def _samples(seconds: float) -> int:
    return round(seconds * SAMPLING_RATE_HZ)


def _warped(signal: F32, rng: np.random.Generator) -> NDArray[np.float64]:
    """The signal on a clock that runs a little wrong."""
    length = signal.shape[1]
    at = np.clip((np.arange(length) - length / 2) * rng.normal(1.0, 0.004) + length / 2, 0, length - 1)
    return np.stack([np.interp(at, np.arange(length), row) for row in signal.astype(np.float64)])
