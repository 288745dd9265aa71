"""Facts of the atria and of pacing: P waves against QRS complexes, conducted or not, and what spikes bring about."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import isfinite

import numpy as np

from ecgdesk.ecg.measurements import BeatKind
from ecgdesk.ecg.reading import Evidence
from ecgdesk.read.criteria.fact import Fact, unknown
from ecgdesk.read.criteria.rhythm_facts import EDGE_S, counted, ordered, seen_through

AFTER_T_S = 0.25  # the least from an R peak to a P wave that its T does not hide
LEAST_P_TO_R_S, MOST_P_TO_R_S = 0.06, 0.6
CONDUCTED_S = 0.45  # the longest from a P peak to the R peak that it led to
MOST_P_RATE = 200.0  # 1/min of P waves that can be told apart
SPIKE_TO_R_S = 0.15  # the longest from a ventricular spike to the R peak of its QRS
SPIKE_TO_P_S = 0.12  # the longest from an atrial spike to the peak of its P
REFRACTORY_S = 0.30  # after a beat a spike cannot be answered


def _dropped(evidence: Evidence) -> Fact:
    dropped, _ = _conducted_gap(evidence)
    return Fact(float(len(dropped)), "P waves without QRS", times=tuple((t - 0.05, t + 0.05) for t in dropped))


def _dropped_in_a_row(evidence: Evidence) -> Fact:
    dropped, p = _conducted_gap(evidence)
    best: list[float] = []
    run: list[float] = []
    for time in p:
        run = [*run, time] if time in dropped else []
        best = max(best, run, key=len)
    return Fact(float(len(best)), "P waves without QRS in a row", times=tuple((t - 0.05, t + 0.05) for t in best))


def _conducted_gap(evidence: Evidence) -> tuple[list[float], list[float]]:
    """P waves that no QRS follows, and all P waves, in seconds.

    Such a P has no R peak within CONDUCTED_S after its own and lies well away from the T wave of the beat before. Two
    P waves nearer to each other than MOST_P_RATE allows are one wave found twice: that place is left out.
    """
    p = sorted(time for time in evidence.measurements.rhythm.p_times_s if isfinite(time))
    peaks = sorted(beat.r_s for beat in evidence.measurements.beats)
    dropped = []
    for before, after in pairwise(peaks):
        inside = [time for time in p if before < time < after]
        waiting = [time for time in inside if after - time > CONDUCTED_S]
        apart = all(b - a >= 60 / MOST_P_RATE for a, b in pairwise(inside))
        if waiting and apart and waiting[0] - before >= AFTER_T_S and seen_through(evidence, before, after):
            dropped += waiting
    return dropped, p


def _p_count(evidence: Evidence) -> Fact:
    return Fact(float(len(evidence.measurements.rhythm.p_times_s)), "P waves")


def _pp_sd(evidence: Evidence) -> Fact:
    """Spread of PP; an interval of two or three usual ones is one with a hidden P wave, and is counted by its part."""
    p = sorted(evidence.measurements.rhythm.p_times_s)
    if len(p) < 4:
        return unknown("spread of PP", "ms", "too few P waves were found")
    gaps = np.diff(p)
    usual = float(np.median(gaps))
    folded = gaps / np.maximum(1.0, np.round(gaps / usual)) if usual > 0 else gaps
    return Fact(float(np.std(folded) * 1000), "spread of PP", "ms", 5.0)


def _pr_range(evidence: Evidence) -> Fact:
    """Longest less shortest time from a P wave's peak to the R peak after it."""
    p = [time for time in evidence.measurements.rhythm.p_times_s if isfinite(time)]
    last = [
        min(beat.r_s - time for time in p if time < beat.r_s)
        for beat in ordered(evidence)
        if any(LEAST_P_TO_R_S < beat.r_s - time < MOST_P_TO_R_S for time in p)
    ]
    if len(last) < 3:
        return unknown("PR range", "ms", "P was seen before fewer than three beats")
    return Fact(_spread(last) * 1000, "longest less shortest PR", "ms", 10.0)


def _rp(evidence: Evidence) -> Fact:
    """Usual time from an R peak to the peak of the P after it, where each beat has one; ms."""
    p = [time for time in evidence.measurements.rhythm.p_times_s if isfinite(time)]
    after = [
        min((time - a.r_s for time in p if a.r_s < time < b.r_s), default=float("nan"))
        for a, b in pairwise(ordered(evidence))
    ]
    seen = [value * 1000 for value in after if isfinite(value)]
    if len(seen) < 3 or len(seen) < 0.7 * len(after):
        return unknown("RP", "ms", "P is not seen after most beats")
    return Fact(float(np.median(seen)), "RP", "ms", 10.0)


def _rp_share(evidence: Evidence) -> Fact:
    """RP over RR, %: below 50 the P stands nearer to the QRS before it."""
    rp, rr = _rp(evidence), evidence.measurements.rr_mean.value
    if not rp.known or not rr:
        return unknown("RP over RR", "%", rp.missing)
    return Fact(100 * rp.value / rr, "RP over RR", "%", 3.0)


def _t_over_p(evidence: Evidence) -> Fact:
    """Usual time by which T ends after the next usual beat's P begins, ms; known where QT is not measurable too."""
    pairs = [(a, b) for a, b in pairwise(ordered(evidence)) if a.kind is b.kind is BeatKind.DOMINANT]
    over = [(a.t_offset_s - b.p_onset_s) * 1000 for a, b in pairs if isfinite(a.t_offset_s - b.p_onset_s)]
    if len(over) < 3:
        return unknown("T beyond the next P", "ms", "T and P are not seen between most beats")
    return Fact(float(np.median(over)), "T beyond the onset of the next P", "ms", 15.0)


def _spikes(evidence: Evidence) -> Fact:
    times = tuple((time - 0.01, time + 0.01) for time in evidence.measurements.rhythm.spikes_s)
    return Fact(float(len(times)), "pacing spikes", times=times)


def _spiked_qrs(evidence: Evidence) -> Fact:
    """Beats whose QRS follows a spike at once."""
    spikes = evidence.measurements.rhythm.spikes_s
    beats = [b for b in ordered(evidence) if any(-0.02 <= b.r_s - spike <= SPIKE_TO_R_S for spike in spikes)]
    return counted(beats, "QRS right after a spike")


def _spiked_p(evidence: Evidence) -> Fact:
    """P waves that follow a spike at once."""
    spikes = evidence.measurements.rhythm.spikes_s
    p = [
        time for time in evidence.measurements.rhythm.p_times_s if any(0.0 <= time - s <= SPIKE_TO_P_S for s in spikes)
    ]
    return Fact(float(len(p)), "P right after a spike", times=tuple((time - 0.05, time + 0.05) for time in p))


def _lone_spikes(evidence: Evidence) -> Fact:
    """Spikes that neither a P nor a QRS follows in time, well after the beat before, away from the record's end."""
    beats, p = ordered(evidence), evidence.measurements.rhythm.p_times_s
    last = evidence.recording.duration_s - SPIKE_TO_R_S - EDGE_S
    alone = [
        spike
        for spike in evidence.measurements.rhythm.spikes_s
        if spike < last
        and not any(-0.02 <= beat.r_s - spike <= SPIKE_TO_R_S + EDGE_S for beat in beats)
        and not any(0.0 <= time - spike <= SPIKE_TO_P_S for time in p)
        and not any(0.0 <= spike - beat.r_s <= REFRACTORY_S for beat in beats)
    ]
    return Fact(float(len(alone)), "spikes without answer", times=tuple((s - 0.02, s + 0.15) for s in alone))


def _spread(values: Sequence[float]) -> float:
    return max(values) - min(values)


ATRIAL_FACTS: Mapping[str, Callable[[Evidence], Fact]] = {
    "dropped_P": _dropped,
    "dropped_P_run": _dropped_in_a_row,
    "P_waves": _p_count,
    "PP_sd": _pp_sd,
    "PR_range": _pr_range,
    "spikes": _spikes,
    "spiked_QRS": _spiked_qrs,
    "spiked_P": _spiked_p,
    "RP": _rp,
    "RP_share": _rp_share,
    "T_over_P": _t_over_p,
    "lone_spikes": _lone_spikes,
}
