"""Global marks of the dominant beat that a person moved: all that is measured follows them.

A moved mark moves the same mark of every lead by as much. Where no such wave had been found, the two marks of a
person make one, the same in every lead that shows the beat.
"""

import math
from dataclasses import fields, replace

import numpy as np

from ecgdesk.ecg.corrections import AS_MEASURED, BeatMarks
from ecgdesk.ecg.figure import Figure, How
from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.measurements import Measurements
from ecgdesk.measure.conditioning import Floats
from ecgdesk.measure.delineate import Delineated

# Which figures rest on which mark; an axis is an area between two marks (see measure.py)
_RESTS_ON = {
    "p_onset_s": ("p_duration", "pr", "p_axis"),
    "p_offset_s": ("p_duration", "p_axis"),
    "qrs_onset_s": (
        *("pr", "qrs", "qrs_typical", "qt", "qrs_axis", "t_axis"),
        *("qtc_bazett", "qtc_fridericia", "qtc_framingham", "qtc_hodges"),
    ),
    "qrs_offset_s": ("qrs", "qrs_typical", "jt", "qrs_axis", "t_axis"),
    "t_offset_s": (
        *("qt", "jt", "t_axis"),
        *("qtc_bazett", "qtc_fridericia", "qtc_framingham", "qtc_hodges"),
    ),
}


def with_marks(beat: Delineated, marks: BeatMarks) -> Delineated:
    """The beat with a person's marks in the place of its own."""
    if marks == AS_MEASURED:
        return beat
    zero = int(beat.r_peak)

    def column(seconds: float | None, own: float) -> float:
        return own if seconds is None else zero + seconds * SAMPLING_RATE_HZ

    onset, offset = column(marks.qrs_onset_s, beat.qrs_onset), column(marks.qrs_offset_s, beat.qrs_offset)
    p_onset, p_offset = column(marks.p_onset_s, beat.p_onset), column(marks.p_offset_s, beat.p_offset)
    t_offset = column(marks.t_offset_s, beat.t_offset)
    there = np.isfinite(beat.cluster.average[:, zero])
    return replace(
        beat,
        qrs=replace(
            beat.qrs,
            onset=_moved(beat.qrs.onset, onset, beat.qrs_onset, there),
            offset=_moved(beat.qrs.offset, offset, beat.qrs_offset, there),
        ),
        p=replace(
            beat.p,
            onset=_moved(beat.p.onset, p_onset, beat.p_onset, there),
            peak=_peaks(beat, beat.p.peak, p_onset, p_offset, there),
            offset=_moved(beat.p.offset, p_offset, beat.p_offset, there),
        ),
        t=replace(
            beat.t,
            peak=_peaks(beat, beat.t.peak, offset, t_offset, there),
            offset=_moved(beat.t.offset, t_offset, beat.t_offset, there),
        ),
        p_lag=np.nan_to_num(beat.p_lag),
        t_lag=np.nan_to_num(beat.t_lag),
        qrs_onset=onset,
        qrs_offset=offset,
        p_onset=p_onset,
        p_offset=p_offset,
        t_offset=t_offset,
        t_upon_p=beat.t_upon_p and marks.t_offset_s is None,
    )


def said_by_hand(measurements: Measurements, marks: BeatMarks) -> Measurements:
    """Every figure that rests on a moved mark, marked as entered by a person."""
    named = {
        name for mark in fields(BeatMarks) if getattr(marks, mark.name) is not None for name in _RESTS_ON[mark.name]
    }
    figures: dict[str, Figure] = {name: getattr(measurements, name) for name in named}
    entered = {name: replace(figure, how=How.ENTERED) for name, figure in figures.items() if figure.value is not None}
    return replace(measurements, **entered)  # type: ignore[arg-type]  # mypy sees every field's type at once


def _moved(own: Floats, now: float, before: float, there: np.ndarray) -> Floats:
    if not math.isfinite(now) or now == before:
        return own
    if math.isfinite(before) and np.isfinite(own).any():
        return np.asarray(own + (now - before))
    return np.where(there, now, np.nan)


def _peaks(beat: Delineated, own: Floats, start: float, stop: float, there: np.ndarray) -> Floats:
    """The leads' own peaks, or, where a person's marks alone make the wave, its largest deflection in each lead."""
    if np.isfinite(own).any() or not (math.isfinite(start) and math.isfinite(stop) and stop - start >= 2):
        return own
    part = beat.cluster.average[:, int(start) : int(stop) + 1]
    size = np.nan_to_num(np.abs(part - part[:, :1]))
    return np.where(there, int(start) + np.argmax(size, axis=1), np.nan)
