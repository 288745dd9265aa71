"""A stretch of trace that a person drew over the page, in the place of what was followed there.

A recording's zero is each strip's own, not the paper's; and a strip may have been moved: a rhythm strip onto the
grid's clock, a strip of the grid into step with its column. Height and shift are found by laying the recording back
over the ink: those at which it covers most ink.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.corrections import Redraw
from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.page import Page, Strip
from ecgdesk.ecg.recording import Recording, Redrawn
from ecgdesk.trace import clock, step
from ecgdesk.trace.scales import gain_mm_per_mv, places_mm, seconds, upwards_mm_per_mv

HAND_MM = 0.3  # standard deviation of a line drawn with a mouse at the usual zoom
REACH_MM = 8.0  # a strip's median lies this close to its usual zero line
STEP_MM = 0.1
PEN_MM = 0.5  # heights this close to the best one lie on the same stroke of ink
UNMOVED = 1.01  # a shift must cover so much more ink than none does: along a flat lead all cover it alike, to 0.2 %
EVERY = 4  # of the samples are enough to lay a trace over its ink

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class _Lie:
    """How a strip's signal lies on the paper: `zero_mm` is the height of 0 mV, `lag` the samples it comes late."""

    zero_mm: float
    lag: int


def redrawn(page: Page, recording: Recording, redraws: Sequence[Redraw]) -> Recording:
    """The recording with each stretch that was drawn by hand put in its place, in order.

    A stroke that lies in no box of its lead changes nothing.
    """
    signal, quality = recording.signal.copy(), recording.quality_db.copy()
    stretches = list(recording.redrawn)
    for redraw in redraws:
        strip = strip_under(page, redraw)
        if strip is None:
            continue
        first, mv = _samples(redraw, strip, _lie(page, recording, strip))
        inside = slice(max(-first, 0), max(signal.shape[1] - first, 0))
        first, mv = max(first, 0), mv[inside]
        if mv.size == 0:
            continue
        row, there = strip.lead.row, slice(first, first + mv.size)
        quality[row] = _quality(signal[row], float(quality[row]), mv.size, HAND_MM / gain_mm_per_mv(strip))
        signal[row, there] = mv
        stretches.append(Redrawn(strip.lead, first / SAMPLING_RATE_HZ, (first + mv.size) / SAMPLING_RATE_HZ))
    return replace(recording, signal=signal, quality_db=quality, redrawn=tuple(stretches))


def strip_under(page: Page, redraw: Redraw) -> Strip | None:
    """The box of the stroke's lead that most of it lies along; of two, the one at its height."""
    left, right = redraw.points[0][0], redraw.points[-1][0]
    height = float(np.median([y for _, y in redraw.points]))

    def rank(strip: Strip) -> tuple[bool, float]:
        shared = min(right, strip.x1_mm) - max(left, strip.x0_mm)
        return strip.top_mm <= height <= strip.bottom_mm, shared - abs(height - strip.baseline_mm)

    there = [s for s in page.layout.strips if s.lead is redraw.lead and min(right, s.x1_mm) > max(left, s.x0_mm)]
    return max(there, key=rank, default=None)


def _samples(redraw: Redraw, strip: Strip, lie: _Lie) -> tuple[int, NDArray[np.float32]]:
    """Number of the first sample that the stroke covers, and its millivolts from there on."""
    points = np.array(redraw.points, dtype=np.float64)
    numbers = seconds(strip, points[:, 0]) * SAMPLING_RATE_HZ
    first = int(np.ceil(max(numbers[0], strip.start_s * SAMPLING_RATE_HZ)))
    last = int(np.floor(min(numbers[-1], strip.end_s * SAMPLING_RATE_HZ)))
    heights = np.interp(np.arange(first, last + 1), numbers, points[:, 1])
    return first + lie.lag, ((lie.zero_mm - heights) / upwards_mm_per_mv(strip)).astype(np.float32)


def _lie(page: Page, recording: Recording, strip: Strip) -> _Lie:
    """Where the strip's signal covers most ink; its usual zero line where it covers none."""
    lags = range(-clock.FARTHEST, clock.FARTHEST + 1, 2) if strip.rhythm else range(-step.FARTHEST, step.FARTHEST + 1)
    heights = np.arange(-REACH_MM, REACH_MM + STEP_MM / 2, STEP_MM) + strip.baseline_mm
    best, lie = 0.0, _Lie(strip.baseline_mm, 0)
    for lag in lags:
        covered = _covered(page, recording, strip, heights, lag)
        top = int(covered.argmax())
        worth = float(covered[top]) * (UNMOVED if lag == 0 else 1.0)
        if worth > best:
            near = np.abs(heights - heights[top]) <= PEN_MM
            centre = float(np.average(heights[near], weights=covered[near] ** 2))
            best, lie = worth, _Lie(centre, lag)
    return lie


def _covered(page: Page, recording: Recording, strip: Strip, heights: F64, lag: int) -> F64:
    """Mean ink under the strip's signal for each height of its zero."""
    first, last = (round(t * SAMPLING_RATE_HZ) for t in (strip.start_s, strip.end_s))
    numbers = np.arange(max(first, -lag, 0), min(last, recording.signal.shape[1] - max(lag, 0)), EVERY)
    mv = recording.signal[strip.lead.row, numbers + lag]
    numbers, mv = numbers[np.isfinite(mv)], mv[np.isfinite(mv)]
    if mv.size == 0:
        return np.zeros(heights.size)
    x = places_mm(strip, numbers / SAMPLING_RATE_HZ)
    y = heights[:, None] - mv[None, :] * upwards_mm_per_mv(strip)
    ppm_x, ppm_y = page.pixels_per_mm_x.value or 1.0, page.pixels_per_mm_y.value or 1.0
    columns = np.clip((x * ppm_x).astype(np.intp), 0, page.ink.shape[1] - 1)
    rows = np.clip((y * ppm_y).astype(np.intp), 0, page.ink.shape[0] - 1)
    return np.asarray(page.ink[rows, columns[None, :]].mean(axis=1), np.float64)


def _quality(before: NDArray[np.float32], quality_db: float, replaced: int, hand_mv: float) -> float:
    """Expected SNR (dB) when so many samples of a lead have the error of a hand instead of their own."""
    seen = before[np.isfinite(before)]
    if seen.size < 2 or not np.isfinite(quality_db):
        return quality_db
    power = max(float(np.var(seen)), 1e-9)
    share = min(replaced / seen.size, 1.0)
    error = (1 - share) * power / 10 ** (quality_db / 10) + share * hand_mv**2
    return float(10 * np.log10(power / error))
