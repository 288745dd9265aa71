"""Marks of every beat, from its cluster's average beat laid over it."""

import numpy as np

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, STANDARD_ORDER
from ecgdesk.ecg.measurements import NAN, Beat, BeatKind, Mark, Wave
from ecgdesk.measure.conditioning import Conditioned, Floats
from ecgdesk.measure.delineate import Delineated
from ecgdesk.measure.presence import ALIKE


def lead_marks(conditioned: Conditioned, shapes: tuple[Delineated, ...]) -> tuple[Mark, ...]:
    """P, QRS and T of every beat in every lead that shows it."""
    marks: list[Mark] = []
    for shape in shapes:
        for number, at in enumerate(shape.cluster.at):
            marks += _marks_of_beat(conditioned, shape, int(at), has_p=has_p(shape, number))
    return tuple(sorted(marks, key=lambda mark: (mark.lead.row, mark.peak_s)))


def has_p(shape: Delineated, number: int) -> bool:
    return shape.p_found and not shape.p_alike[number] < ALIKE


def _marks_of_beat(conditioned: Conditioned, shape: Delineated, at: int, *, has_p: bool) -> list[Mark]:
    centre, average = shape.cluster.centre, shape.cluster.average
    marks: list[Mark] = []
    for row in range(12):
        onset, offset = shape.qrs.onset[row], shape.qrs.offset[row]
        if not conditioned.present[row, at] or not (np.isfinite(onset) and np.isfinite(offset)):
            continue
        inside = np.abs(average[row, int(onset) : int(offset) + 1])
        peak = onset + int(np.nanargmax(inside)) if np.any(np.isfinite(inside)) else centre
        found = [(Wave.QRS, onset, peak, offset)]
        found.append((Wave.T, shape.t.onset[row], shape.t.peak[row], shape.t.offset[row]))
        if has_p:
            found.append((Wave.P, shape.p.onset[row], shape.p.peak[row], shape.p.offset[row]))
        for wave, first, top, last in found:
            begin, end = at + first - centre, at + last - centre
            if np.isfinite(top) and _shown(conditioned, row, begin) and _shown(conditioned, row, end):
                marks.append(Mark(STANDARD_ORDER[row], wave, _s(begin), _s(at + top - centre), _s(end)))
    return marks


def _shown(conditioned: Conditioned, row: int, sample: float) -> bool:
    return bool(0 <= sample < conditioned.length and conditioned.present[row, int(sample)])


def global_beats(shapes: tuple[Delineated, ...], kinds: dict[int, BeatKind]) -> tuple[Beat, ...]:
    """Every beat with its global marks, in order; `kinds` by fiducial sample."""
    beats: list[Beat] = []
    for shape in shapes:
        for number, at in enumerate(shape.cluster.at):
            beats.append(_global_beat(shape, int(at), kinds[int(at)], has_p=has_p(shape, number)))
    return tuple(sorted(beats, key=lambda beat: beat.r_s))


def _global_beat(shape: Delineated, at: int, kind: BeatKind, *, has_p: bool) -> Beat:
    centre = shape.cluster.centre

    def time(column: float, shown: bool = True) -> float:
        return _s(at + column - centre) if shown and np.isfinite(column) else NAN

    return Beat(
        r_s=_s(at),
        kind=kind,
        qrs_onset_s=time(shape.qrs_onset),
        qrs_offset_s=time(shape.qrs_offset),
        p_onset_s=time(shape.p_onset, has_p),
        p_peak_s=time(_median(shape.p.peak), has_p),
        p_offset_s=time(shape.p_offset, has_p),
        t_peak_s=time(_median(shape.t.peak)),
        t_offset_s=time(shape.t_offset),
    )


def _median(values: Floats) -> float:
    return float(np.nanmedian(values)) if np.any(np.isfinite(values)) else NAN


def _s(sample: float) -> float:
    return float(sample) / SAMPLING_RATE_HZ
