"""Facts of the rhythm: the order of beats, their spacing, and the atria's activity."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import isfinite

import numpy as np

from ecgdesk.ecg.lead import STANDARD_ORDER
from ecgdesk.ecg.measurements import Beat, BeatKind
from ecgdesk.ecg.reading import Evidence
from ecgdesk.read.criteria.fact import Fact, Stretch, unknown
from ecgdesk.read.criteria.record_facts import beat_stretch

EDGE_S = 0.25  # of the record's ends: a beat nearer to one is cut
ESCAPE_SHARE = 1.1  # of the usual RR: later than this is an escape beat
PAC_SHARE = 0.80  # 0.85 by the usual definition; sinus arrhythmia reaches that far
AFTER_T_S = 0.25  # the least from an R peak to a P wave that its T does not hide
LEAST_P_TO_R_S, MOST_P_TO_R_S = 0.06, 0.6
CONDUCTED_S = 0.45  # the longest from a P peak to the R peak that it led to
MOST_P_RATE = 200.0  # 1/min of P waves that can be told apart
SPIKE_TO_R_S = 0.15  # the longest from a ventricular spike to the R peak of its QRS
SPIKE_TO_P_S = 0.12
REFRACTORY_S = 0.30  # after a beat a spike cannot be answered
ECTOPIC = (BeatKind.VENTRICULAR, BeatKind.SUPRAVENTRICULAR)


def _rr(evidence: Evidence) -> list[tuple[float, Stretch]]:
    """Every RR interval in ms with its place."""
    peaks = sorted(beat.r_s for beat in evidence.measurements.beats if isfinite(beat.r_s))
    return [((b - a) * 1000, (a, b)) for a, b in pairwise(peaks)]


def _normal_rr(evidence: Evidence) -> list[tuple[float, Stretch]]:
    """RR intervals between two dominant beats, neither after nor before an ectopic one."""
    beats = _ordered(evidence)
    usual = (BeatKind.DOMINANT, BeatKind.PACED)
    return [((b.r_s - a.r_s) * 1000, (a.r_s, b.r_s)) for a, b in pairwise(beats) if a.kind in usual and b.kind in usual]


def _whole(evidence: Evidence, beat: Beat) -> bool:
    """Whether enough of the beat lies on the record for its shape to be judged."""
    return EDGE_S <= beat.r_s <= evidence.recording.duration_s - EDGE_S


def _count(beats: Sequence[Beat], label: str) -> Fact:
    return Fact(float(len(beats)), label, times=tuple(beat_stretch(beat) for beat in beats))


def _ordered(evidence: Evidence) -> list[Beat]:
    return sorted(evidence.measurements.beats, key=lambda beat: beat.r_s)


def _pvcs(evidence: Evidence) -> Fact:
    """Wide beats of another shape, but those that come late as an escape beat does.

    To come early is not asked for: an interpolated or late-coupled beat, or one in atrial fibrillation, need not.
    """
    rr = [value for value, _ in _rr(evidence)]
    usual = float(np.median(rr)) if rr else float("nan")
    early: list[Beat] = []
    for before, beat in pairwise(_ordered(evidence)):
        in_time = (beat.r_s - before.r_s) * 1000 <= ESCAPE_SHARE * usual or (bool(early) and early[-1] is before)
        if beat.kind is BeatKind.VENTRICULAR and in_time and _whole(evidence, beat):
            early.append(beat)
    return _count(early, "wide beats of another shape")


def _pacs(evidence: Evidence) -> Fact:
    """Early beats of the usual shape before a pause or before another such beat; sinus arrhythmia has no pause."""
    beats = _ordered(evidence)
    gaps = [b.r_s - a.r_s for a, b in pairwise(beats)]
    early = [
        place
        for place in range(1, len(beats))
        if beats[place].kind is BeatKind.SUPRAVENTRICULAR
        and _whole(evidence, beats[place])
        and gaps[place - 1] <= PAC_SHARE * _usual_gap(gaps, place)
    ]
    paused = [p for p in early if p + 1 in early or p == len(gaps) or gaps[p] >= _usual_gap(gaps, p)]
    return _count([beats[place] for place in paused], "early beats of the usual shape")


def _usual_gap(gaps: Sequence[float], place: int) -> float:
    """Median of the ten intervals around a beat."""
    return float(np.median(gaps[max(0, place - 5) : place + 5]))


def _share(name: str, label: str, unit: str, sd: float, scale: float = 1.0) -> Callable[[Evidence], Fact]:
    def fact(evidence: Evidence) -> Fact:
        value = getattr(evidence.measurements.rhythm, name) * scale
        return Fact(value, label, unit, sd) if isfinite(value) else unknown(label, unit, f"{label} is not measurable")

    return fact


def seen_through(evidence: Evidence, start: float, end: float) -> bool:
    """Whether one lead shows the whole stretch: where columns of a sheet meet, a beat may hide between them."""
    return any(a <= start and end <= b for lead in STANDARD_ORDER for a, b in evidence.recording.spans_s(lead))


def _longest_pause(evidence: Evidence) -> Fact:
    rr = [(value, place) for value, place in _rr(evidence) if seen_through(evidence, *place)]
    if not rr:
        return unknown("longest RR", "ms", "no two beats are shown in one stretch")
    value, place = max(rr)
    return Fact(value, "longest RR", "ms", 5.0, times=(place,))


def _rr_range(evidence: Evidence) -> Fact:
    """Longest less shortest RR between usual beats."""
    rr = _normal_rr(evidence)
    if len(rr) < 2:
        return unknown("RR range", "ms", "too few RR intervals")
    longest, shortest = max(rr), min(rr)
    return Fact(longest[0] - shortest[0], "longest less shortest RR", "ms", 5.0, times=(shortest[1], longest[1]))


def _rr_variation(evidence: Evidence) -> Fact:
    """RMSSD over the mean of the RR intervals between usual beats, %: irregularity without that of ectopic beats."""
    rr = [value for value, _ in _normal_rr(evidence)]
    steps = [b - a for (a, (_, end)), (b, (start, _)) in pairwise(_normal_rr(evidence)) if start == end]
    if len(steps) < 2:
        return unknown("RR irregularity", "%", "too few RR intervals")
    value = 100 * float(np.sqrt(np.mean(np.square(steps))) / np.mean(rr))
    return Fact(value, "RR irregularity (RMSSD over mean)", "%", 1.0)


def _runs(evidence: Evidence, kind: BeatKind) -> list[list[int]]:
    beats = _ordered(evidence)
    runs: list[list[int]] = []
    for index, beat in enumerate(beats):
        if beat.kind is not kind:
            continue
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs


def _longest_run(kind: BeatKind, label: str) -> Callable[[Evidence], Fact]:
    def fact(evidence: Evidence) -> Fact:
        runs = _runs(evidence, kind)
        beats = _ordered(evidence)
        longest = max(runs, key=len, default=[])
        return Fact(float(len(longest)), label, times=tuple(beat_stretch(beats[i]) for i in longest))

    return fact


def _run_rate(evidence: Evidence) -> Fact:
    """Rate within the longest run of ventricular beats."""
    longest = max(_runs(evidence, BeatKind.VENTRICULAR), key=len, default=[])
    if len(longest) < 2:
        return unknown("rate of the run", "/min", "there is no run of ventricular beats")
    beats = _ordered(evidence)
    span = beats[longest[-1]].r_s - beats[longest[0]].r_s
    return Fact(60 * (len(longest) - 1) / span if span else float("inf"), "rate of the run", "/min", 2.0)


def _cycles(evidence: Evidence, usual: int) -> Fact:
    """Longest series of cycles of one ectopic beat after `usual` dominant ones."""
    beats = _ordered(evidence)
    ectopic = [beat.kind in ECTOPIC for beat in beats]
    pattern = [False] * usual + [True]
    best: range = range(0)
    for start in range(len(beats)):
        end = start
        while end + usual < len(beats) and ectopic[end : end + usual + 1] == pattern:
            end += usual + 1
        if end - start > len(best):
            best = range(start, end)
    label = {1: "cycles of one usual and one ectopic beat", 2: "cycles of two usual beats and an ectopic one"}[usual]
    times = ((beats[best[0]].r_s, beats[best[-1]].r_s),) if best else ()
    return Fact(len(best) / (usual + 1), label, times=times)


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


def _pp_sd(evidence: Evidence) -> Fact:
    """Spread of PP; an interval of two or three usual ones is one with a hidden P wave, and is counted by its part."""
    p = sorted(evidence.measurements.rhythm.p_times_s)
    if len(p) < 4:
        return unknown("spread of PP", "ms", "too few P waves were found")
    gaps = np.diff(p)
    usual = float(np.median(gaps))
    folded = gaps / np.maximum(1.0, np.round(gaps / usual)) if usual > 0 else gaps
    return Fact(float(np.std(folded) * 1000), "spread of PP", "ms", 5.0)


def _p_count(evidence: Evidence) -> Fact:
    return Fact(float(len(evidence.measurements.rhythm.p_times_s)), "P waves")


def _spikes(evidence: Evidence) -> Fact:
    times = tuple((time - 0.01, time + 0.01) for time in evidence.measurements.rhythm.spikes_s)
    return Fact(float(len(times)), "pacing spikes", times=times)


def _spiked_qrs(evidence: Evidence) -> Fact:
    """Beats whose QRS follows a spike at once."""
    spikes = evidence.measurements.rhythm.spikes_s
    beats = [b for b in _ordered(evidence) if any(-0.02 <= b.r_s - spike <= SPIKE_TO_R_S for spike in spikes)]
    return _count(beats, "QRS right after a spike")


def _spiked_p(evidence: Evidence) -> Fact:
    """P waves that follow a spike at once."""
    spikes = evidence.measurements.rhythm.spikes_s
    p = [time for time in evidence.measurements.rhythm.p_times_s if any(0.0 <= time - s <= 0.12 for s in spikes)]
    return Fact(float(len(p)), "P right after a spike", times=tuple((time - 0.05, time + 0.05) for time in p))


def _lone_spikes(evidence: Evidence) -> Fact:
    """Spikes that neither a P nor a QRS follows in time, well after the beat before, away from the record's end."""
    beats, p = _ordered(evidence), evidence.measurements.rhythm.p_times_s
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


def _shortest_rr(evidence: Evidence) -> Fact:
    rr = _rr(evidence)
    if not rr:
        return unknown("shortest RR", "ms", "fewer than two beats were found")
    value, place = min(rr)
    return Fact(value, "shortest RR", "ms", 5.0, times=(place,))


def _rp(evidence: Evidence) -> Fact:
    """Usual time from an R peak to the peak of the P after it, where each beat has one; ms."""
    p = [time for time in evidence.measurements.rhythm.p_times_s if isfinite(time)]
    after = [
        min((time - a.r_s for time in p if a.r_s < time < b.r_s), default=float("nan"))
        for a, b in pairwise(_ordered(evidence))
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


def _spread(values: Sequence[float]) -> float:
    return max(values) - min(values)


def _pr_range(evidence: Evidence) -> Fact:
    """Longest less shortest time from a P wave's peak to the R peak after it."""
    p = [time for time in evidence.measurements.rhythm.p_times_s if isfinite(time)]
    last = [
        min(beat.r_s - time for time in p if time < beat.r_s)
        for beat in _ordered(evidence)
        if any(LEAST_P_TO_R_S < beat.r_s - time < MOST_P_TO_R_S for time in p)
    ]
    if len(last) < 3:
        return unknown("PR range", "ms", "P was seen before fewer than three beats")
    return Fact(_spread(last) * 1000, "longest less shortest PR", "ms", 10.0)


RHYTHM_FACTS: Mapping[str, Callable[[Evidence], Fact]] = {
    "P_share": _share("p_share", "QRS preceded by P", "%", 0.0, 100.0),
    "PR_sd": _share("pr_sd_ms", "spread of PR", "ms", 4.0),
    "RR_irregularity": _share("rmssd_ratio", "RR irregularity (RMSSD over mean)", "%", 1.0, 100.0),
    "RR_irregularity_usual": _rr_variation,
    "atrial_rate": _share("atrial_rate", "atrial rate", "/min", 5.0),
    "f_share": _share("fibrillation_ratio", "share of 4 to 9 Hz between the beats", "%", 5.0, 100.0),
    "flutter_Hz": _share("flutter_hz", "atrial line", "Hz", 0.1),
    "flutter_share": _share("flutter_ratio", "share of the atrial line", "%", 5.0, 100.0),
    "longest_RR": _longest_pause,
    "shortest_RR": _shortest_rr,
    "RP": _rp,
    "RP_share": _rp_share,
    "lone_spikes": _lone_spikes,
    "RR_range": _rr_range,
    "PVC_run": _longest_run(BeatKind.VENTRICULAR, "ventricular beats in a row"),
    "PVC_run_rate": _run_rate,
    "PAC_run": _longest_run(BeatKind.SUPRAVENTRICULAR, "early supraventricular beats in a row"),
    "bigeminy_cycles": lambda evidence: _cycles(evidence, 1),
    "trigeminy_cycles": lambda evidence: _cycles(evidence, 2),
    "dropped_P": _dropped,
    "dropped_P_run": _dropped_in_a_row,
    "P_waves": _p_count,
    "PP_sd": _pp_sd,
    "PR_range": _pr_range,
    "spikes": _spikes,
    "spiked_QRS": _spiked_qrs,
    "spiked_P": _spiked_p,
    "PVCs": _pvcs,
    "PACs": _pacs,
}
