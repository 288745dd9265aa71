"""Facts of one lead: waves, levels and noise of its dominant beat, and what its trace looks like.

Q, S and S' are depths (positive), so that a rule reads like the published criterion: `V1.S + V5.R >= 3.5`.
"""

from collections.abc import Callable, Mapping
from math import isfinite
from statistics import median

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, Lead
from ecgdesk.ecg.measurements import LeadMeasures, MedianBeat, Wave
from ecgdesk.ecg.reading import Evidence
from ecgdesk.read.criteria.fact import Fact, unknown

AMPLITUDE_SD_MV = 0.03  # after digitisation (statements reference, section 12)
TIME_SD_MS = 6.0
P_TIME_SD_MS = 10.0
AREA_SD = 2.0  # mV ms
SLUR_LEAST_MV = 0.5  # a lower QRS is too flat for its slopes to be told from noise
SLUR_START, SLUR_END = 0.05, 0.5  # of the steepest slope: between these the onset of QRS is slow

LeadFact = Callable[[Evidence, Lead], Fact]


def _absent(lead: Lead, label: str, unit: str) -> Fact:
    return unknown(f"{label} {lead}", unit, f"{label} in {lead} is not measurable")


def _deflection(name: str, label: str, unit: str, sd: float, sign: float = 1.0) -> LeadFact:
    """A part of the QRS. In a lead whose QRS was measured, a deflection that was not found is zero, not unknown."""

    def fact(evidence: Evidence, lead: Lead) -> Fact:
        measures = evidence.measurements.lead(lead)
        if measures is None or not _qrs_measured(measures):
            return _absent(lead, label, unit)
        value = getattr(measures, name)
        return Fact(sign * value if isfinite(value) else 0.0, f"{label} {lead}", unit, sd)

    return fact


def _s_depth(evidence: Evidence, lead: Lead) -> Fact:
    """Depth of the deeper of S and S'; of QS, or of a Q deeper than R is tall, as voltage criteria count it."""
    measures = evidence.measurements.lead(lead)
    if measures is None or not _qrs_measured(measures):
        return _absent(lead, "S", "mV")
    r = measures.r_mv if isfinite(measures.r_mv) else 0.0
    parts = [measures.s_mv, measures.s2_mv, *([measures.q_mv] if -measures.q_mv > r else [])]
    depth = -min([0.0, *(part for part in parts if isfinite(part))])
    return Fact(depth, f"S {lead}", "mV", AMPLITUDE_SD_MV)


def _qrs_measured(measures: LeadMeasures) -> bool:
    return any(isfinite(value) for value in (measures.r_mv, measures.q_mv, measures.s_mv, measures.j_mv))


def _plain(name: str, label: str, unit: str, sd: float) -> LeadFact:
    def fact(evidence: Evidence, lead: Lead) -> Fact:
        measures = evidence.measurements.lead(lead)
        value = float("nan") if measures is None else float(getattr(measures, name))
        return Fact(value, f"{label} {lead}", unit, sd) if isfinite(value) else _absent(lead, label, unit)

    return fact


def _qrs_height(evidence: Evidence, lead: Lead) -> Fact:
    """QRS from its lowest to its highest point."""
    measures = evidence.measurements.lead(lead)
    if measures is None or not _qrs_measured(measures):
        return _absent(lead, "QRS height", "mV")
    parts = [measures.q_mv, measures.r_mv, measures.s_mv, measures.r2_mv, measures.s2_mv]
    seen = [part for part in parts if isfinite(part)]
    return Fact(max([0.0, *seen]) - min([0.0, *seen]), f"QRS height {lead}", "mV", AMPLITUDE_SD_MV)


def _trace(evidence: Evidence, lead: Lead) -> NDArray[np.float32]:
    row: NDArray[np.float32] = evidence.recording.signal[lead.row]
    return row[np.isfinite(row)]


def _trace_height(evidence: Evidence, lead: Lead) -> Fact:
    """Height of 98 % of the lead's trace: what a flat lead lacks."""
    trace = _trace(evidence, lead)
    if trace.size < SAMPLING_RATE_HZ // 2:
        return _absent(lead, "trace", "mV")
    low, high = np.percentile(trace, [1, 99])
    return Fact(float(high - low), f"trace height {lead}", "mV", AMPLITUDE_SD_MV)


def _clipped(evidence: Evidence, lead: Lead) -> Fact:
    """Share of the trace that stands exactly at its highest or lowest value, %."""
    trace = _trace(evidence, lead)
    if trace.size < SAMPLING_RATE_HZ // 2 or trace.min() == trace.max():
        return _absent(lead, "clipping", "%")
    share = 100 * float(np.mean((trace == trace.max()) | (trace == trace.min())))
    return Fact(share, f"clipped share {lead}", "%")


def _digitised_quality(evidence: Evidence, lead: Lead) -> Fact:
    value = float(evidence.recording.quality_db[lead.row])
    label = f"expected signal-to-noise ratio {lead}"
    return Fact(value, label, "dB", 1.0) if isfinite(value) else unknown(label, "dB", "")


def _delta_ms(evidence: Evidence, lead: Lead) -> Fact:
    """How long the main deflection of QRS creeps before it is at half of its steepest slope, ms; that of a delta wave.

    Followed back from the steepest part to where the trace lies level or turns, so that neither a q wave nor a mark of
    QRS onset upon the end of P counts. Not known of a QRS below SLUR_LEAST_MV. A normal onset creeps for 6 to 20 ms.
    """
    beat = evidence.measurements.median_beat
    window = None if beat is None else _qrs_window(beat, lead)
    if window is None or float(np.ptp(window)) < SLUR_LEAST_MV:
        return _absent(lead, "slow onset of QRS", "ms")
    trace = window - float(window[:3].mean())
    peak = int(np.argmax(np.abs(trace)))
    smooth = np.convolve(np.pad(trace, 1, mode="edge"), np.ones(3) / 3, mode="valid")
    steps = np.diff(smooth)[:peak] * np.sign(trace[peak])
    if steps.size == 0 or steps.max() <= 0:
        return Fact(0.0, f"slow onset of QRS {lead}", "ms", TIME_SD_MS)
    steepest = int(np.argmax(steps))
    fast = _back_while(steps >= SLUR_END * steps[steepest], steepest)
    start = _back_while(steps >= SLUR_START * steps[steepest], fast)
    return Fact((fast - start) * 1000 / SAMPLING_RATE_HZ, f"slow onset of QRS {lead}", "ms", TIME_SD_MS)


def _back_while(holds: NDArray[np.bool_], start: int) -> int:
    """The first sample of the unbroken stretch of `holds` that ends at `start`."""
    while start > 0 and holds[start - 1]:
        start -= 1
    return start


def _qrs_window(beat: MedianBeat, lead: Lead) -> NDArray[np.float32] | None:
    if not (isfinite(beat.qrs_onset) and isfinite(beat.qrs_offset)):
        return None
    window: NDArray[np.float32] = beat.signal[lead.row, max(0, round(beat.qrs_onset)) : round(beat.qrs_offset) + 1]
    return window if window.size > 4 and bool(np.all(np.isfinite(window))) else None


def _p_duration(evidence: Evidence, lead: Lead) -> Fact:
    """Usual duration of P in this lead alone, for limits that were set in single leads."""
    marks = [mark for mark in evidence.measurements.marks if mark.lead is lead and mark.wave is Wave.P]
    lengths = [(mark.offset_s - mark.onset_s) * 1000 for mark in marks if isfinite(mark.offset_s - mark.onset_s)]
    return Fact(median(lengths), f"P duration {lead}", "ms", P_TIME_SD_MS) if lengths else _absent(lead, "P", "ms")


def _st_length(evidence: Evidence, lead: Lead) -> Fact:
    """Usual time from the end of QRS to the onset of T in this lead: length of the ST segment, ms."""
    marks = [mark for mark in evidence.measurements.marks if mark.lead is lead]
    ends = [mark.offset_s for mark in marks if mark.wave is Wave.QRS and isfinite(mark.offset_s)]
    lengths = [
        (mark.onset_s - max(before)) * 1000
        for mark in marks
        if mark.wave is Wave.T and isfinite(mark.onset_s) and (before := [end for end in ends if end < mark.peak_s])
    ]
    return Fact(median(lengths), f"ST segment {lead}", "ms", P_TIME_SD_MS) if lengths else _absent(lead, "T", "ms")


LEAD_FACTS: Mapping[str, LeadFact] = {
    "P": _plain("p_mv", "P", "mV", AMPLITUDE_SD_MV),
    "P_term": _plain("p_terminal_mv", "terminal P", "mV", AMPLITUDE_SD_MV),
    "P_term_ms": _plain("p_terminal_ms", "terminal P", "ms", TIME_SD_MS),
    "P_ms": _p_duration,
    "Q": _deflection("q_mv", "Q", "mV", AMPLITUDE_SD_MV, -1.0),
    "Q_ms": _deflection("q_ms", "Q", "ms", TIME_SD_MS),
    "R": _deflection("r_mv", "R", "mV", AMPLITUDE_SD_MV),
    "R_ms": _deflection("r_ms", "R", "ms", TIME_SD_MS),
    "S": _s_depth,
    "S_ms": _deflection("s_ms", "S", "ms", TIME_SD_MS),
    "R2": _deflection("r2_mv", "R'", "mV", AMPLITUDE_SD_MV),
    "R2_ms": _deflection("r2_ms", "R'", "ms", TIME_SD_MS),
    "J": _plain("j_mv", "J", "mV", AMPLITUDE_SD_MV),
    "ST20": _plain("st20_mv", "ST20", "mV", AMPLITUDE_SD_MV),
    "ST40": _plain("st40_mv", "ST40", "mV", AMPLITUDE_SD_MV),
    "ST60": _plain("st60_mv", "ST60", "mV", AMPLITUDE_SD_MV),
    "ST80": _plain("st80_mv", "ST80", "mV", AMPLITUDE_SD_MV),
    "ST_ms": _st_length,
    "T": _plain("t_mv", "T", "mV", AMPLITUDE_SD_MV),
    "QRS_area": _plain("qrs_area_mv_ms", "net QRS", "mV·ms", AREA_SD),
    "R_time": _plain("r_peak_time_ms", "R-peak time", "ms", TIME_SD_MS),
    "QRS_height": _qrs_height,
    "notches": _deflection("qrs_notches", "notches of QRS", "", 0.0),
    "noise": _plain("noise_uv", "noise", "µV", 5.0),
    "trace_height": _trace_height,
    "clipped": _clipped,
    "quality_db": _digitised_quality,
    "delta_ms": _delta_ms,
}
