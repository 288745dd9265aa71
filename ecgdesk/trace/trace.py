"""From a page to twelve leads in millivolts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, STANDARD_ORDER
from ecgdesk.ecg.page import Page, Strip
from ecgdesk.ecg.recording import Recording
from ecgdesk.trace.columns import Columns, columns
from ecgdesk.trace.cut import Cut, cut
from ecgdesk.trace.extremes import rows_at_extremes
from ecgdesk.trace.follow import follow

LONGEST_BRIDGE_S = 0.04  # a gap of the ink up to this is bridged; a longer one is a gap of the signal
USUAL_GAIN_MM_PER_MV = 10.0

F32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class _Stretch:
    """One strip's signal on the record's clock: samples first..first + len(mv)."""

    strip: Strip
    first: int
    mv: F32
    quality_db: float


def trace(page: Page) -> Recording:
    """Follows every strip of the page's layout and gives the recording that the paper shows.

    Time is the strips' own clock, zero is each strip's own median; NaN where no strip is or its ink is missing.
    """
    duration_s = max((strip.end_s for strip in page.layout.strips), default=0.0)
    samples = max(round(duration_s * SAMPLING_RATE_HZ), 1)
    stretches = [s for strip in page.layout.strips if (s := _stretch(page, strip, samples)) is not None]
    signal = np.full((len(STANDARD_ORDER), samples), np.nan, np.float32)
    quality = np.full(len(STANDARD_ORDER), np.nan, np.float32)
    for stretch in sorted(stretches, key=lambda s: s.mv.size):  # the longest strip of a lead has the last word
        row = stretch.strip.lead.row
        seen = np.isfinite(stretch.mv)
        if not seen.any():
            continue
        signal[row, stretch.first : stretch.first + stretch.mv.size][seen] = stretch.mv[seen]
        quality[row] = stretch.quality_db
    return Recording(signal=signal, quality_db=quality)


def _stretch(page: Page, strip: Strip, samples: int) -> _Stretch | None:
    piece = cut(page, strip)
    if piece is None:
        return None
    path = follow(piece.ink, baseline=piece.baseline, pitch=piece.pitch)
    runs = columns(piece.ink, path)
    rows = rows_at_extremes(runs)
    times = _clock(piece, np.arange(rows.size) + 0.5)
    first = max(round(strip.start_s * SAMPLING_RATE_HZ), 0)
    last = min(round(strip.end_s * SAMPLING_RATE_HZ), samples)
    if last - first < 2:
        return None
    wanted = np.arange(first, last) / SAMPLING_RATE_HZ
    mv = np.interp(wanted, times, _millivolts(piece, rows))
    mv[_missing(times, runs, wanted)] = np.nan
    if np.isfinite(mv).any():
        mv -= np.nanmedian(mv)
    return _Stretch(strip, first, mv.astype(np.float32), 20.0 * float(np.mean(runs.seen)))


def _clock(piece: Cut, columns_in: NDArray[np.floating]) -> NDArray[np.float64]:
    """Seconds on the record's clock of positions along the strip, in columns."""
    strip = piece.strip
    millimetres = piece.x0_mm + columns_in * piece.mm_x - strip.x0_mm
    seconds_per_mm = (strip.end_s - strip.start_s) / max(strip.x1_mm - strip.x0_mm, 1e-6)
    return np.asarray(strip.start_s + millimetres * seconds_per_mm, np.float64)


def _millivolts(piece: Cut, rows: F32) -> NDArray[np.float64]:
    gain = piece.strip.gain.value or USUAL_GAIN_MM_PER_MV
    heights = piece.strip.baseline_mm - (piece.top_mm + (rows + 0.5) * piece.mm_y)
    return np.asarray(heights / gain, np.float64)


def _missing(times: NDArray[np.float64], runs: Columns, wanted: NDArray[np.float64]) -> NDArray[np.bool_]:
    """True where the ink has a gap longer than may be bridged."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (~runs.seen).astype(np.int8), [0]])))
    step = (times[-1] - times[0]) / max(times.size - 1, 1)
    missing = np.zeros(wanted.size, bool)
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        if (end - begin) * step > LONGEST_BRIDGE_S:
            missing |= (wanted >= times[begin] - step / 2) & (wanted <= times[end - 1] + step / 2)
    return missing
