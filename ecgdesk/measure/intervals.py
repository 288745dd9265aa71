"""Intervals as figures: with unit, uncertainty, or the reason why there is none.

QTc: Bazett QT / RR^(1/2), Fridericia QT / RR^(1/3), Framingham QT + 154 (1 - RR), Hodges QT + 1.75 (HR - 60);
QT in ms, RR in seconds (AHA/ACC/HRS 2009, Part IV). Bazett corrects too little below 60 and too much above 90 a minute;
there Fridericia applies.
"""

import math
from dataclasses import dataclass

import numpy as np

from ecgdesk.ecg.figure import Figure, not_measurable
from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.measure.conditioning import Floats
from ecgdesk.measure.consensus import quarters
from ecgdesk.measure.delineate import Delineated

MS = 1000 / SAMPLING_RATE_HZ
# One standard deviation against cardiologists' marks, ms, on twelve clean leads
P_SD_MS, PR_SD_MS, QRS_SD_MS, QT_SD_MS = 10.0, 8.0, 8.0, 12.0
MERGED_QT_SD_MS = 25.0  # where T merges with the next P wave: simulated flat T waves at 95 to 115 a minute

BAZETT_HOLDS_MS = (60000 / 90, 60000 / 60)  # of RR

NO_BEAT = "No heart beat was found in the signal."
ONE_BEAT = "Only one beat was found, so there is no RR interval."
NO_P = "No P wave of a constant shape was found before the QRS complexes."
NO_QRS_LIMITS = "The QRS complex could not be told from the noise, or from the T wave that it runs into."
NO_T = "The end of the T wave could not be found."
T_UPON_P = "The T wave is not over where the next P wave begins, so its end cannot be told."


@dataclass(frozen=True)
class Intervals:
    p_duration: Figure
    pr: Figure
    qrs: Figure
    qt: Figure
    jt: Figure
    qtc_bazett: Figure
    qtc_fridericia: Figure
    qtc_framingham: Figure
    qtc_hodges: Figure
    qrs_typical: Figure


@dataclass(frozen=True)
class Rate:
    heart_rate: Figure
    rr_mean: Figure
    rr_sd: Figure


def rate(rr_s: Floats) -> Rate:
    """Heart rate from all RR intervals, in seconds."""
    if not len(rr_s):
        return Rate(*(not_measurable(unit, ONE_BEAT) for unit in ("bpm", "ms", "ms")))
    mean = float(np.mean(rr_s)) * 1000
    own = MS / math.sqrt(len(rr_s))  # a beat is placed to about a sample
    spread = not_measurable("ms", "At least three beats are needed for the spread of RR.")
    if len(rr_s) > 1:
        spread = Figure(float(np.std(rr_s, ddof=1)) * 1000, "ms", uncertainty=MS)
    return Rate(
        Figure(60000 / mean, "bpm", uncertainty=60000 / mean**2 * own), Figure(mean, "ms", uncertainty=own), spread
    )


def intervals(beat: Delineated | None, rr_mean: Figure) -> Intervals:
    """Global intervals of the dominant beat."""
    if beat is None:
        return Intervals(*(not_measurable("ms", NO_BEAT) for _ in range(10)))
    p_reason = NO_P if np.isfinite(beat.qrs_onset) else NO_QRS_LIMITS
    qt_sd = math.hypot(_sd(QT_SD_MS, beat.t.offset), MERGED_QT_SD_MS if beat.t_meets_p else 0.0)
    t_end, no_t = (float("nan"), T_UPON_P) if beat.t_upon_p else (beat.t_offset, NO_T)
    qt = _between(beat.qrs_onset, t_end, qt_sd, no_t)
    qrs = _between(beat.qrs_onset, beat.qrs_offset, _sd(QRS_SD_MS, beat.qrs.offset), NO_QRS_LIMITS)
    jt_sd = math.hypot(qt.uncertainty or 0.0, qrs.uncertainty or 0.0)
    corrected = _corrected(qt, rr_mean)
    return Intervals(
        p_duration=_between(beat.p_onset, beat.p_offset, _sd(P_SD_MS, beat.p.offset), p_reason),
        pr=_between(beat.p_onset, _activation(beat), _sd(PR_SD_MS, beat.p.onset), p_reason),
        qrs=qrs,
        qt=qt,
        jt=_between(beat.qrs_offset, t_end, jt_sd, no_t),
        qtc_bazett=corrected[0],
        qtc_fridericia=corrected[1],
        qtc_framingham=corrected[2],
        qtc_hodges=corrected[3],
        qrs_typical=_between(
            *quarters(beat.qrs.onset, beat.qrs.offset), _sd(QRS_SD_MS, beat.qrs.offset), NO_QRS_LIMITS
        ),
    )


def qtc_formula(rr_mean: Figure) -> str:
    """Name of the formula that applies at this rate; empty where there is no rate."""
    if rr_mean.value is None:
        return ""
    return "Bazett" if BAZETT_HOLDS_MS[0] <= rr_mean.value <= BAZETT_HOLDS_MS[1] else "Fridericia"


def _activation(beat: Delineated) -> float:
    """Where PR ends: at QRS onset, in a paced beat at the stroke."""
    return float(np.fmin(beat.qrs_onset, beat.spike))


def _sd(bench_ms: float, marks: Floats) -> float:
    """The bench's uncertainty, widened where this patient's leads disagree."""
    known = marks[np.isfinite(marks)]
    if len(known) < 2:
        return 2 * bench_ms
    spread = float(np.median(np.abs(known - np.median(known)))) * 1.48 * MS
    return math.hypot(bench_ms, spread / math.sqrt(len(known)))


def _between(start: float, stop: float, sd: float, reason: str) -> Figure:
    if not (np.isfinite(start) and np.isfinite(stop)) or stop <= start:
        return not_measurable("ms", reason)
    return Figure(float((stop - start) * MS), "ms", uncertainty=sd)


def _corrected(qt: Figure, rr_mean: Figure) -> tuple[Figure, Figure, Figure, Figure]:
    if qt.value is None or rr_mean.value is None:
        missing = not_measurable("ms", qt.reason or rr_mean.reason)
        return missing, missing, missing, missing
    rr = rr_mean.value / 1000
    sd = qt.uncertainty
    scaled = [None if sd is None else sd * factor for factor in (rr**-0.5, rr ** (-1 / 3), 1.0, 1.0)]
    values = (
        qt.value / rr**0.5,
        qt.value / rr ** (1 / 3),
        qt.value + 154 * (1 - rr),
        qt.value + 1.75 * (60 / rr - 60),
    )
    a, b, c, d = (Figure(value, "ms", uncertainty=s) for value, s in zip(values, scaled, strict=True))
    return a, b, c, d
