"""Where the evidence of a finding is: stretches of the leads in which it shows, never where a lead is not shown."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import isfinite

from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.measurements import Beat, BeatKind
from ecgdesk.ecg.reading import Evidence, Span
from ecgdesk.read.criteria.fact import Stretch
from ecgdesk.read.criteria.outcome import Outcome
from ecgdesk.read.criteria.record_facts import beat_stretch
from ecgdesk.read.criteria.rules import Show

ST_LENGTH_S = 0.08  # J to J + 80 ms
T_LEAD_IN_S = 0.10  # before the peak, where T has no marked onset
USUAL_PR_S = 0.16  # used to point at the place of a P wave that was not marked
USUAL_QT_S = 0.40
LEAST_VISIBLE_SHARE = 0.5  # of a stretch, for it to be worth pointing at
USUAL_BEATS = (BeatKind.DOMINANT, BeatKind.PACED)


def spans(shows: Iterable[Show], outcome: Outcome, evidence: Evidence) -> tuple[Span, ...]:
    """Every span of every show, in the order of leads and time, cut to where the leads are shown."""
    found = {span for show in shows for span in _of_show(show, outcome, evidence)}
    return tuple(sorted(found, key=lambda span: (span.lead.row, span.start_s, span.end_s)))


def rhythm_lead(evidence: Evidence) -> Lead | None:
    """The lead in which the rhythm is best followed: as measured, else the one that is shown longest."""
    if evidence.measurements.rhythm_lead is not None:
        return evidence.measurements.rhythm_lead
    shown = {lead: sum(b - a for a, b in evidence.recording.spans_s(lead)) for lead in (Lead.II, *Lead)}
    best = max(shown, key=lambda lead: shown[lead])
    return best if shown[best] > 0 else None


def _of_show(show: Show, outcome: Outcome, evidence: Evidence) -> Iterator[Span]:
    stretches = _stretches(show, outcome, evidence)
    for lead in _leads(show, outcome, evidence):
        shown = evidence.recording.spans_s(lead)
        if show.part == "STRIP":
            yield from (Span(lead, start, end) for start, end in shown)
        for stretch in stretches:
            yield from _visible(lead, stretch, shown)


def _leads(show: Show, outcome: Outcome, evidence: Evidence) -> tuple[Lead, ...]:
    if isinstance(show.leads, tuple):
        return show.leads
    if show.leads == "met" and outcome.leads:
        return outcome.leads
    lead = rhythm_lead(evidence)
    return () if lead is None else (lead,)


def _stretches(show: Show, outcome: Outcome, evidence: Evidence) -> list[Stretch]:
    if show.part == "STRIP":
        return []
    if show.part == "TIMES":
        return list(outcome.times)
    beats = sorted(evidence.measurements.beats, key=lambda beat: beat.r_s)
    if show.part == "RR":
        return [(a.r_s, b.r_s) for a, b in pairwise(beats)]
    chosen = [beat for beat in beats if _wanted(beat, show.beats)]
    marked = [stretch for beat in chosen for stretch in _part(show.part, beat)]
    return marked if marked or show.part != "P" else [_place_of_p(beat) for beat in chosen]


def _wanted(beat: Beat, which: str) -> bool:
    if which == "all":
        return True
    return beat.kind in USUAL_BEATS if which == "usual" else beat.kind.value == which


def _part(part: str, beat: Beat) -> list[Stretch]:
    onset, offset = beat_stretch(beat)
    t_start = beat.t_peak_s - T_LEAD_IN_S if isfinite(beat.t_peak_s) else offset + ST_LENGTH_S
    t_end = beat.t_offset_s if isfinite(beat.t_offset_s) else onset + USUAL_QT_S
    start = beat.p_onset_s if isfinite(beat.p_onset_s) else onset
    stretch = {
        "P": (beat.p_onset_s, beat.p_offset_s),
        "PR": (beat.p_onset_s, beat.qrs_onset_s),
        "QRS": (onset, offset),
        "ST": (offset, offset + ST_LENGTH_S),
        "T": (max(t_start, offset), t_end),
        "QT": (onset, t_end),
        "BEAT": (start, t_end),
    }[part]
    return [stretch] if isfinite(stretch[0]) and isfinite(stretch[1]) and stretch[1] > stretch[0] else []


def _place_of_p(beat: Beat) -> Stretch:
    onset, _ = beat_stretch(beat)
    return onset - USUAL_PR_S, onset


def _visible(lead: Lead, stretch: Stretch, shown: Iterable[Stretch]) -> Iterator[Span]:
    length = stretch[1] - stretch[0]
    for start, end in shown:
        a, b = max(stretch[0], start), min(stretch[1], end)
        if length > 0 and b - a >= LEAST_VISIBLE_SHARE * length:
            yield Span(lead, a, b)
