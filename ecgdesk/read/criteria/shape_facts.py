"""Facts of one lead's shape, read from its representative beat: what heights and widths of single waves do not tell.

Levels are against the mean of the 10 ms before QRS onset, as for the amplitudes; times in ms.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, Lead
from ecgdesk.ecg.measurements import MedianBeat
from ecgdesk.ecg.reading import Evidence
from ecgdesk.read.criteria.fact import Fact, unknown
from ecgdesk.read.criteria.lead_facts import AMPLITUDE_SD_MV, TIME_SD_MS

LEVEL_SD_MV = 0.02  # of a level that is a mean over 20 ms and more
T_TIME_SD_MS = 15.0
COUNTS_MV = 0.05  # a deflection below is no phase of its own
ST_BEFORE_T_S = 0.06  # T is looked for from here on after J
LEAST_U_GAP_S = 0.03  # between the end of T and a U wave
LONGEST_U_S = 0.32  # after the end of T
NOTCH_AFTER_J_S = 0.04  # a notch or slur may outlast the QRS by this (Macfarlane 2015: it lies at its end)
NOTCH_MV = 0.02  # a rise of this over the dip before it makes a notch
BRUGADA_BASE_MV = 0.5  # the triangle under r' is measured 5 mm below its top (Chevallier 2011)
VERECKEI_S = 0.04  # first and last part of QRS whose excursions are compared (Vereckei 2008)

Samples = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Beat:
    """One lead of the representative beat, mV over its isoelectric level; marks in samples."""

    trace: Samples
    beat: MedianBeat

    def part(self, start: float, end: float) -> Samples:
        """The trace from `start` to `end`, both within the beat; empty where a mark is missing."""
        if not (isfinite(start) and isfinite(end)):
            return self.trace[:0]
        return self.trace[max(0, round(start)) : max(0, min(len(self.trace), round(end) + 1))]

    @property
    def qrs(self) -> Samples:
        return self.part(self.beat.qrs_onset, self.beat.qrs_offset)

    @property
    def t(self) -> Samples:
        return self.part(self.beat.qrs_offset + _samples(ST_BEFORE_T_S), self.beat.t_offset)


def _samples(seconds: float) -> float:
    return seconds * SAMPLING_RATE_HZ


def _ms(samples: float) -> float:
    return samples * 1000 / SAMPLING_RATE_HZ


def _beat(evidence: Evidence, lead: Lead) -> _Beat | None:
    beat = evidence.measurements.median_beat
    if beat is None or not (isfinite(beat.qrs_onset) and isfinite(beat.qrs_offset)):
        return None
    row = np.asarray(beat.signal[lead.row], dtype=np.float64)
    before = row[max(0, round(beat.qrs_onset - _samples(0.01))) : round(beat.qrs_onset) + 1]
    if before.size == 0 or not np.isfinite(before).all():
        return None
    return _Beat(row - float(before.mean()), beat)


ShapeFact = Callable[[Evidence, Lead], Fact]


def _fact(label: str, unit: str, sd: float, measure: Callable[[_Beat], float]) -> ShapeFact:
    """A fact of the lead's representative beat; `measure` gives NaN for what the beat does not show."""

    def fact(evidence: Evidence, lead: Lead) -> Fact:
        beat = _beat(evidence, lead)
        value = float("nan") if beat is None else measure(beat)
        if not isfinite(value):
            return unknown(f"{label} {lead}", unit, f"{label} in {lead} is not measurable")
        return Fact(value, f"{label} {lead}", unit, sd)

    return fact


def _t_base(beat: _Beat) -> float:
    """Width of T at its base: twice its width at half height, which a small baseline drift does not move."""
    left, _, right = _half_height(beat.t)
    return _ms(2 * (right - left))


def _t_symmetry(beat: _Beat) -> float:
    """Rise over fall of T between its half heights: 1 for a symmetric T, above 1 for the usual one."""
    left, peak, right = _half_height(beat.t)
    return (peak - left) / (right - peak) if right > peak else float("nan")


def _half_height(wave: Samples) -> tuple[float, float, float]:
    """Where the wave's larger phase is at half its height on the way up, at its peak, and on the way down."""
    if wave.size < 5 or not np.isfinite(wave).all():
        return float("nan"), float("nan"), float("nan")
    peak = int(np.argmax(np.abs(wave)))
    high = wave * np.sign(wave[peak]) >= 0.5 * abs(wave[peak])
    left, right = peak, peak
    while left > 0 and high[left - 1]:
        left -= 1
    while right < wave.size - 1 and high[right + 1]:
        right += 1
    return float(left), float(peak), float(right)


def _t_first_up(beat: _Beat) -> float:
    """Height of the positive phase before the lowest point of T; 0 without one."""
    wave = beat.t
    return max(0.0, float(wave[: int(np.argmin(wave)) + 1].max())) if _seen(wave) else float("nan")


def _t_last_down(beat: _Beat) -> float:
    """Depth (negative) of the phase after the highest point of T; 0 without one."""
    wave = beat.t
    return min(0.0, float(wave[int(np.argmax(wave)) :].min())) if _seen(wave) else float("nan")


def _t_last_up(beat: _Beat) -> float:
    """Height of the positive phase after the lowest point of T; 0 without one."""
    wave = beat.t
    return max(0.0, float(wave[int(np.argmin(wave)) :].max())) if _seen(wave) else float("nan")


def _seen(wave: Samples) -> bool:
    return wave.size >= 5 and bool(np.isfinite(wave).all())


def _u_height(evidence: Evidence, lead: Lead) -> Fact:
    """Height of a hump between the end of T and the next P over the line between them; 0 without one.

    Not measurable above 90 a minute, where P comes upon U (AHA/ACC/HRS 2009, Part IV).
    """
    label = f"U {lead}"
    beat, rr = _beat(evidence, lead), evidence.measurements.rr_mean.value
    if beat is None or rr is None or rr < 60000 / 90:
        return unknown(label, "mV", f"U in {lead} is not measurable")
    first = beat.beat.p_onset if isfinite(beat.beat.p_onset) else beat.beat.qrs_onset - _samples(0.2)
    end = min(first + _samples(rr / 1000) - _samples(0.02), beat.beat.t_offset + _samples(LONGEST_U_S))
    wave = beat.part(beat.beat.t_offset, end)
    if wave.size < _samples(0.12) or not np.isfinite(wave).all():
        return unknown(label, "mV", f"U in {lead} is not measurable")
    line = np.linspace(wave[0], wave[-5:].mean(), wave.size)
    inside = (wave - line)[round(_samples(LEAST_U_GAP_S)) : -round(_samples(LEAST_U_GAP_S))]
    return Fact(max(0.0, float(inside.max())), label, "mV", LEVEL_SD_MV)


def _pr_level(beat: _Beat) -> float:
    """Level of the PR segment over that before P; NaN where P runs into QRS."""
    marks = beat.beat
    segment = beat.part(marks.p_offset + _samples(0.004), marks.qrs_onset - _samples(0.006))
    before = beat.part(marks.p_onset - _samples(0.03), marks.p_onset - _samples(0.006))
    if segment.size < _samples(0.012) or before.size < _samples(0.012):
        return float("nan")
    return float(segment.mean() - before.mean())


def _end_notch(beat: _Beat) -> float:
    """Height of a notch on the way down from R, or where a slur of it begins; 0 for a clean descent.

    Macfarlane 2015: the notch or slur lies entirely on the lower half of the final downslope of a prominent R.
    """
    qrs = beat.qrs
    if not _seen(qrs) or qrs.max() < 0.3:
        return 0.0 if _seen(qrs) else float("nan")
    top = int(np.argmax(qrs))
    down = beat.part(beat.beat.qrs_onset + top, beat.beat.qrs_offset + _samples(NOTCH_AFTER_J_S))
    if down.size < 8 or not np.isfinite(down).all():
        return float("nan")
    lower = np.flatnonzero(down < 0.5 * down[0])
    if lower.size == 0 or down[lower[0] :].min() < -COUNTS_MV:  # an S follows: there is no final downslope of R
        return 0.0
    return max(_notch(down[lower[0] :]), _slur(down, int(lower[0])))


def _notch(tail: Samples) -> float:
    rises = np.diff(tail)
    for dip in np.flatnonzero((rises[1:] > 0) & (rises[:-1] <= 0)) + 1:
        peak = dip + int(np.argmax(tail[dip : dip + round(_samples(0.03))]))
        falls = tail[peak : peak + round(_samples(0.03))].min()
        if tail[peak] - tail[dip] >= NOTCH_MV and tail[peak] - falls >= NOTCH_MV:
            return float(tail[peak])
    return 0.0


def _slur(down: Samples, half: int) -> float:
    """Height where the descent slackens to a third of its steepest slope and goes on falling for 10 ms and more."""
    slope = -np.convolve(np.diff(down), np.ones(3) / 3, mode="same")
    slack = np.flatnonzero(slope[half:] < slope.max() / 3)
    if slack.size == 0:
        return 0.0
    start = half + int(slack[0])
    end = start + round(_samples(0.01))
    return float(down[start]) if end < down.size and down[start] - down[end] >= NOTCH_MV else 0.0


def _rs_time(beat: _Beat) -> float:
    """QRS onset to the nadir of S, where an S follows an R (Brugada 1991)."""
    qrs = beat.qrs
    if not _seen(qrs):
        return float("nan")
    nadir = int(np.argmin(qrs))
    rises = qrs[: nadir + 1].max() >= COUNTS_MV and qrs[nadir] <= -COUNTS_MV
    return _ms(nadir) if rises else float("nan")


def _excursion_ratio(beat: _Beat) -> float:
    """vi/vt: excursion in the first over that in the last 40 ms of QRS."""
    qrs, part = beat.qrs, round(_samples(VERECKEI_S))
    if not _seen(qrs) or qrs.size <= 2 * part:
        return float("nan")
    last = abs(qrs[-1] - qrs[-1 - part])
    return float(abs(qrs[part] - qrs[0]) / last) if last > 0 else float("nan")


def _first_way(beat: _Beat) -> float:
    """How long QRS stays on the side to which it sets out, ms: the width of an initial r or q."""
    qrs = beat.qrs
    if not _seen(qrs) or np.abs(qrs).max() < COUNTS_MV:
        return float("nan")
    first = int(np.argmax(np.abs(qrs) >= COUNTS_MV))
    back = np.flatnonzero(np.sign(qrs[first:]) != np.sign(qrs[first]))
    return _ms(first + int(back[0])) if back.size else _ms(qrs.size - 1)


def _terminal_activation(beat: _Beat) -> float:
    """Nadir of S to the end of QRS (Marcus 2010: 55 ms and more in V1 to V3)."""
    qrs = beat.qrs
    return _ms(qrs.size - 1 - int(np.argmin(qrs))) if _seen(qrs) and qrs.min() <= -COUNTS_MV else float("nan")


def _r2_base(beat: _Beat) -> float:
    """Base of the triangle under r', 5 mm below its top, its sides drawn on (Chevallier 2011)."""
    wave = beat.part(beat.beat.qrs_onset, beat.beat.qrs_offset + _samples(0.08))
    if not _seen(wave):
        return float("nan")
    nadir = int(np.argmin(beat.qrs))
    top = nadir + int(np.argmax(wave[nadir : nadir + round(_samples(0.1))]))
    reach = round(_samples(0.02))
    if wave[top] < COUNTS_MV or top - reach < 0 or top + reach >= wave.size:
        return float("nan")
    up = (wave[top] - wave[top - reach]) / reach
    down = (wave[top] - wave[top + reach]) / reach
    if up <= 0 or down <= 0:
        return float("nan")
    return min(_ms(BRUGADA_BASE_MV / up + BRUGADA_BASE_MV / down), 1000.0)


SHAPE_FACTS: Mapping[str, ShapeFact] = {
    "T_base_ms": _fact("base of T", "ms", T_TIME_SD_MS, _t_base),
    "T_symmetry": _fact("rise over fall of T", "", 0.1, _t_symmetry),
    "T_first_up": _fact("first, positive phase of T", "mV", AMPLITUDE_SD_MV, _t_first_up),
    "T_last_down": _fact("last, negative phase of T", "mV", AMPLITUDE_SD_MV, _t_last_down),
    "T_last_up": _fact("last, positive phase of T", "mV", AMPLITUDE_SD_MV, _t_last_up),
    "U": _u_height,
    "PR_level": _fact("PR segment", "mV", LEVEL_SD_MV, _pr_level),
    "end_notch": _fact("notch or slur at the end of QRS", "mV", AMPLITUDE_SD_MV, _end_notch),
    "RS_ms": _fact("onset of R to nadir of S", "ms", TIME_SD_MS, _rs_time),
    "vi_vt": _fact("vi/vt", "", 0.2, _excursion_ratio),
    "first_way_ms": _fact("initial r or q", "ms", TIME_SD_MS, _first_way),
    "terminal_ms": _fact("nadir of S to the end of QRS", "ms", TIME_SD_MS, _terminal_activation),
    "r2_base_ms": _fact("base of r' 5 mm below its top", "ms", T_TIME_SD_MS, _r2_base),
}
