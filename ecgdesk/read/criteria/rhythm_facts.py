"""Facts of the rhythm: the order of beats, their kinds and their spacing."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import isfinite

import numpy as np

from ecgdesk.ecg.lead import STANDARD_ORDER
from ecgdesk.ecg.measurements import Beat, BeatKind
from ecgdesk.ecg.reading import Evidence
from ecgdesk.read.criteria.fact import Fact, Stretch, unknown
from ecgdesk.read.criteria.record_facts import RATE_SD_BPM, beat_stretch, from_figure

EDGE_S = 0.25  # of the record's ends: a beat nearer to one is cut
ESCAPE_SHARE = 1.1  # of the usual RR: later than this is an escape beat
PAC_SHARE = 0.80  # 0.85 by the usual definition; sinus arrhythmia reaches that far
FEWEST_USUAL = 3  # intervals between usual beats that give a rate of their own
ECTOPIC = (BeatKind.VENTRICULAR, BeatKind.SUPRAVENTRICULAR)


def _rr(evidence: Evidence) -> list[tuple[float, Stretch]]:
    """Every RR interval in ms with its place."""
    return [((b.r_s - a.r_s) * 1000, (a.r_s, b.r_s)) for a, b in pairwise(ordered(evidence))]


def _normal_rr(evidence: Evidence) -> list[tuple[float, Stretch]]:
    """RR intervals between two dominant beats, neither after nor before an ectopic one."""
    beats = ordered(evidence)
    usual = (BeatKind.DOMINANT, BeatKind.PACED)
    return [((b.r_s - a.r_s) * 1000, (a.r_s, b.r_s)) for a, b in pairwise(beats) if a.kind in usual and b.kind in usual]


def _whole(evidence: Evidence, beat: Beat) -> bool:
    """Whether enough of the beat lies on the record for its shape to be judged."""
    return EDGE_S <= beat.r_s <= evidence.recording.duration_s - EDGE_S


def counted(beats: Sequence[Beat], label: str) -> Fact:
    return Fact(float(len(beats)), label, times=tuple(beat_stretch(beat) for beat in beats))


def ordered(evidence: Evidence) -> list[Beat]:
    """The beats whose R peak is known, in time."""
    return sorted((b for b in evidence.measurements.beats if isfinite(b.r_s)), key=lambda beat: beat.r_s)


def _pvcs(evidence: Evidence) -> Fact:
    """Wide beats of another shape, but those that come late as an escape beat does.

    To come early is not asked for: an interpolated or late-coupled beat, or one in atrial fibrillation, need not; of
    the record's first beat it is not known.
    """
    rr = [value for value, _ in _rr(evidence)]
    usual = float(np.median(rr)) if rr else float("nan")
    early: list[Beat] = []
    beats = ordered(evidence)
    for before, beat in zip([None, *beats], beats, strict=False):
        late = before is not None and (beat.r_s - before.r_s) * 1000 > ESCAPE_SHARE * usual
        in_time = not late or (bool(early) and early[-1] is before)
        if beat.kind is BeatKind.VENTRICULAR and in_time and _whole(evidence, beat):
            early.append(beat)
    return counted(early, "wide beats of another shape")


def _pacs(evidence: Evidence) -> Fact:
    """Early beats of the usual shape before a pause or before another such beat; sinus arrhythmia has no pause."""
    beats = ordered(evidence)
    gaps = [b.r_s - a.r_s for a, b in pairwise(beats)]
    early = [
        place
        for place in range(1, len(beats))
        if beats[place].kind is BeatKind.SUPRAVENTRICULAR
        and _whole(evidence, beats[place])
        and gaps[place - 1] <= PAC_SHARE * _usual_gap(gaps, place)
    ]
    paused = [p for p in early if p + 1 in early or p == len(gaps) or gaps[p] >= _usual_gap(gaps, p)]
    return counted([beats[place] for place in paused], "early beats of the usual shape")


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


def _usual_rate(evidence: Evidence) -> Fact:
    """Rate of the usual beats alone, 60000 over their mean RR: an ectopic beat and its pause do not change it.

    The heart rate where most intervals have an ectopic beat at an end.
    """
    label, rr = "rate of the usual beats", [value for value, _ in _normal_rr(evidence)]
    if len(rr) < max(FEWEST_USUAL, len(_rr(evidence)) / 2):
        return from_figure(evidence.measurements.heart_rate, "heart rate", "/min", RATE_SD_BPM)
    return Fact(60000 / float(np.mean(rr)), label, "/min", RATE_SD_BPM)


def _rr_variation(evidence: Evidence) -> Fact:
    """RMSSD over the mean of the RR intervals between usual beats, %: irregularity without that of ectopic beats."""
    rr = [value for value, _ in _normal_rr(evidence)]
    steps = [b - a for (a, (_, end)), (b, (start, _)) in pairwise(_normal_rr(evidence)) if start == end]
    if len(steps) < 2:
        return unknown("RR irregularity", "%", "too few RR intervals")
    value = 100 * float(np.sqrt(np.mean(np.square(steps))) / np.mean(rr))
    return Fact(value, "RR irregularity (RMSSD over mean)", "%", 1.0)


def _runs(evidence: Evidence, kind: BeatKind) -> list[list[int]]:
    beats = ordered(evidence)
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
        beats = ordered(evidence)
        longest = max(runs, key=len, default=[])
        return Fact(float(len(longest)), label, times=tuple(beat_stretch(beats[i]) for i in longest))

    return fact


def _run_rate(evidence: Evidence) -> Fact:
    """Rate within the longest run of ventricular beats."""
    longest = max(_runs(evidence, BeatKind.VENTRICULAR), key=len, default=[])
    if len(longest) < 2:
        return unknown("rate of the run", "/min", "there is no run of ventricular beats")
    beats = ordered(evidence)
    span = beats[longest[-1]].r_s - beats[longest[0]].r_s
    return Fact(60 * (len(longest) - 1) / span if span else float("inf"), "rate of the run", "/min", 2.0)


def _cycles(evidence: Evidence, usual: int) -> Fact:
    """Longest series of cycles of one ectopic beat after `usual` dominant ones."""
    beats = ordered(evidence)
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


def _shortest_rr(evidence: Evidence) -> Fact:
    rr = _rr(evidence)
    if not rr:
        return unknown("shortest RR", "ms", "fewer than two beats were found")
    value, place = min(rr)
    return Fact(value, "shortest RR", "ms", 5.0, times=(place,))


RHYTHM_FACTS: Mapping[str, Callable[[Evidence], Fact]] = {
    "P_share": _share("p_share", "QRS preceded by P", "%", 0.0, 100.0),
    "PR_sd": _share("pr_sd_ms", "spread of PR", "ms", 4.0),
    "RR_irregularity": _share("rmssd_ratio", "RR irregularity (RMSSD over mean)", "%", 1.0, 100.0),
    "RR_irregularity_usual": _rr_variation,
    "usual_HR": _usual_rate,
    "f_share": _share("fibrillation_ratio", "share of 4 to 9 Hz between the beats", "%", 5.0, 100.0),
    "flutter_Hz": _share("flutter_hz", "atrial line", "Hz", 0.1),
    "flutter_share": _share("flutter_ratio", "share of the atrial line", "%", 5.0, 100.0),
    "longest_RR": _longest_pause,
    "shortest_RR": _shortest_rr,
    "RR_range": _rr_range,
    "PVC_run": _longest_run(BeatKind.VENTRICULAR, "ventricular beats in a row"),
    "PVC_run_rate": _run_rate,
    "PAC_run": _longest_run(BeatKind.SUPRAVENTRICULAR, "early supraventricular beats in a row"),
    "bigeminy_cycles": lambda evidence: _cycles(evidence, 1),
    "trigeminy_cycles": lambda evidence: _cycles(evidence, 2),
    "PVCs": _pvcs,
    "PACs": _pacs,
}
