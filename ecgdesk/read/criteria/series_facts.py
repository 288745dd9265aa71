"""Facts of the series of beats: patterns of RR, pauses, shapes that change from beat to beat."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, STANDARD_ORDER, Lead
from ecgdesk.ecg.measurements import Beat, BeatKind
from ecgdesk.ecg.reading import Evidence
from ecgdesk.read.criteria.fact import Fact, unknown
from ecgdesk.read.criteria.record_facts import beat_stretch
from ecgdesk.read.criteria.rhythm_facts import ordered, seen_through

USUAL = (BeatKind.DOMINANT, BeatKind.PACED)
ROUND_R_S = 0.06  # of the R peak, within which a beat's height is taken
FEWEST_ALTERNATING = 6  # beats in a row
WITHIN_T_S = (0.12, 0.46)  # after R: where a hidden P deforms T
SHAPE_S = (-0.06, 0.12)  # around R: the stretch by which ectopic shapes are compared
ALIKE = 0.8  # correlation over all leads above which two ectopic beats are of one shape
LONGEST_PATTERN = 4  # beats that a repeating pattern of RR may have

Samples = NDArray[np.float64]
_NOT_SHOWN: Samples = np.zeros(round((SHAPE_S[1] - SHAPE_S[0]) * SAMPLING_RATE_HZ))


def _rr_ms(evidence: Evidence) -> Samples:
    return np.diff([beat.r_s * 1000 for beat in ordered(evidence)])


def _rr_step(evidence: Evidence) -> Fact:
    """Usual step from one RR to the next over the usual RR, %: one or two ectopic beats do not raise it."""
    rr, label = _rr_ms(evidence), "usual step between RR intervals"
    if rr.size < 4:
        return unknown(label, "%", "too few RR intervals")
    return Fact(100 * float(np.median(np.abs(np.diff(rr))) / np.median(rr)), label, "%", 0.7)


def _rr_pattern(evidence: Evidence) -> Fact:
    """Share of the spread of RR that no repeating pattern of two to four beats explains, %: 100 for a random order."""
    rr, label = _rr_ms(evidence), "RR spread beside any repeating pattern"
    if rr.size < 6 or not np.ptp(rr):
        return unknown(label, "%", "too few RR intervals")
    return Fact(100 * min(1.0, *(_unexplained(rr, n) for n in range(2, LONGEST_PATTERN + 1))), label, "%", 3.0)


def _unexplained(rr: Samples, period: int) -> float:
    if rr.size < 3 * period:
        return 1.0
    rest = sum(float(np.sum((part - part.mean()) ** 2)) for part in (rr[k::period] for k in range(period)))
    return rest / (rr.size - period) / float(rr.var(ddof=1))


def _pause_ratio(evidence: Evidence) -> Fact:
    """The longest RR over the usual one, where a usual beat ends it and no P stands alone within it."""
    label = "longest over usual RR"
    beats = ordered(evidence)
    usual = [b.r_s - a.r_s for a, b in pairwise(beats) if a.kind in USUAL and b.kind in USUAL]
    gaps = [
        (b.r_s - a.r_s, a.r_s, b.r_s)
        for a, b in pairwise(beats)
        if b.kind in USUAL and seen_through(evidence, a.r_s, b.r_s)
    ]
    if len(usual) < 4 or not gaps:
        return unknown(label, "", "too few RR intervals")
    gap, start, end = max(gaps)
    return Fact(gap / float(np.median(usual)), label, "", 0.03, times=((start, end),))


def _lone_p_in_pause(evidence: Evidence) -> Fact:
    """P waves within the longest RR before the one that leads to the beat after it."""
    pause = _pause_ratio(evidence)
    if not pause.known:
        return unknown("P waves within the pause", "", pause.missing)
    start, end = pause.times[0]
    alone = [t for t in evidence.measurements.rhythm.p_times_s if start + 0.05 < t < end - 0.45]
    return Fact(float(len(alone)), "P waves within the pause", times=tuple((t - 0.05, t + 0.05) for t in alone))


def _hidden_p(evidence: Evidence) -> Fact:
    """How far T before the longest RR departs from the other beats' T, over their own spread: a P hidden in it.

    The largest departure that two leads show at once, in mV.
    """
    label, pause = "departure of T before the pause", _pause_ratio(evidence)
    if not pause.known:
        return unknown(label, "mV", pause.missing)
    at = pause.times[0][0]
    usual = [beat for beat in ordered(evidence) if beat.kind in USUAL]
    departures = sorted((_departure(evidence, lead, at, usual) for lead in STANDARD_ORDER), reverse=True)
    return Fact(departures[1], label, "mV", 0.03, times=((at + WITHIN_T_S[0], at + WITHIN_T_S[1]),))


def _departure(evidence: Evidence, lead: Lead, at: float, usual: Sequence[Beat]) -> float:
    """Largest deviation of T at `at` from the median T of the others, less twice their usual one; 0 within that."""
    own = _stretch(evidence, lead, at, WITHIN_T_S)
    others = [_stretch(evidence, lead, b.r_s, WITHIN_T_S) for b in usual if abs(b.r_s - at) > 0.01]
    whole = [other for other in others if other is not None]
    if own is None or len(whole) < 3:
        return 0.0
    rest = np.stack(whole)
    middle = np.median(rest, axis=0)
    spread = float(np.median([_deviation(other - middle) for other in rest]))
    return max(0.0, _deviation(own - middle) - 2 * spread)


def _deviation(difference: Samples) -> float:
    return float(np.abs(difference - np.median(difference)).max())


def _stretch(evidence: Evidence, lead: Lead, r_s: float, around: tuple[float, float]) -> Samples | None:
    """The lead's trace around an R peak without its mean; None where it is not shown in full."""
    start = round((r_s + around[0]) * SAMPLING_RATE_HZ)
    end = start + round((around[1] - around[0]) * SAMPLING_RATE_HZ)
    row = evidence.recording.signal[lead.row]
    if start < 0 or end > row.size:
        return None
    part = np.asarray(row[start:end], dtype=np.float64)
    return part - part.mean() if np.isfinite(part).all() else None


def _ectopic_shapes(evidence: Evidence) -> Fact:
    """Number of shapes among the ventricular beats, told apart over all leads that show them."""
    beats = [beat for beat in ordered(evidence) if beat.kind is BeatKind.VENTRICULAR]
    shapes: list[tuple[Beat, Samples]] = []
    for beat in beats:
        shown = {lead: _stretch(evidence, lead, beat.r_s, SHAPE_S) for lead in STANDARD_ORDER}
        whole = [part for part in shown.values() if part is not None]
        if len(whole) >= 3:
            own = np.concatenate([shown[lead] if shown[lead] is not None else _NOT_SHOWN for lead in STANDARD_ORDER])
            if not any(_alike(own, other) for _, other in shapes):
                shapes.append((beat, own))
    return Fact(float(len(shapes)), "shapes of wide beats", times=tuple(beat_stretch(beat) for beat, _ in shapes))


def _alike(a: Samples, b: Samples) -> bool:
    """Correlation where both are shown, at the best of a few shifts: R peaks of wide beats are set roughly."""
    reach = 15
    shifts = (np.roll(b.reshape(12, -1), shift, axis=1).ravel() for shift in range(-reach, reach + 1, 3))
    both = (a != 0) & (b != 0)
    return bool(max(_correlation(a[both], shifted[both]) for shifted in shifts) > ALIKE)


def _correlation(a: Samples, b: Samples) -> float:
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size else 0.0


def _alternation(evidence: Evidence) -> Fact:
    """Beat-to-beat alternation of QRS height, % of its mean, in the second of the leads that show it most."""
    label = "alternation of QRS height"
    series = [_heights(evidence, lead) for lead in STANDARD_ORDER]
    known = sorted((_alternating(heights) for heights in series if heights.size >= FEWEST_ALTERNATING), reverse=True)
    if len(known) < 2:
        return unknown(label, "%", "too few beats in a row")
    return Fact(known[1], label, "%", 3.0)


def _heights(evidence: Evidence, lead: Lead) -> Samples:
    """QRS heights of the longest row of usual beats that the lead shows in full."""
    best: list[float] = []
    run: list[float] = []
    for beat in ordered(evidence):
        part = _stretch(evidence, lead, beat.r_s, (-ROUND_R_S, ROUND_R_S)) if beat.kind in USUAL else None
        run = [] if part is None else [*run, float(np.ptp(part))]
        best = max(best, run, key=len)
    return np.array(best)


def _alternating(heights: Samples) -> float:
    """Difference of the even and odd beats' means over the mean, where each step goes against the one before it."""
    steps = np.diff(heights)
    against = np.mean(steps[1:] * steps[:-1] < 0)
    if against < 0.9 or not heights.mean():
        return 0.0
    return 100 * abs(float(heights[::2].mean() - heights[1::2].mean())) / float(heights.mean())


def _shape_change(evidence: Evidence) -> Fact:
    """Usual correlation between neighbouring beats over all leads, as 100 - %: how much QRS changes its shape."""
    label = "change of QRS shape from beat to beat"
    whole = []
    for beat in ordered(evidence):
        parts = [_stretch(evidence, lead, beat.r_s, SHAPE_S) for lead in STANDARD_ORDER]
        if sum(part is not None for part in parts) >= 3:
            whole.append(np.concatenate([part if part is not None else _NOT_SHOWN for part in parts]))
    if len(whole) < 5:
        return unknown(label, "%", "too few beats")
    closeness = [_correlation(a, b) for a, b in pairwise(whole)]
    return Fact(100 * (1 - float(np.median(closeness))), label, "%", 5.0)


SERIES_FACTS: Mapping[str, Callable[[Evidence], Fact]] = {
    "RR_step": _rr_step,
    "RR_pattern": _rr_pattern,
    "pause_ratio": _pause_ratio,
    "P_in_pause": _lone_p_in_pause,
    "hidden_P": _hidden_p,
    "PVC_shapes": _ectopic_shapes,
    "alternation": _alternation,
    "shape_change": _shape_change,
}
