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
            marks += _marks_of_beat(conditioned, shape, number, int(at))
    return tuple(sorted(marks, key=lambda mark: (mark.lead.row, mark.peak_s)))


def has_p(shape: Delineated, number: int) -> bool:
    return shape.p_found and not shape.p_alike[number] < ALIKE


def _marks_of_beat(conditioned: Conditioned, shape: Delineated, number: int, at: int) -> list[Mark]:
    centre, average = shape.cluster.centre, shape.cluster.average
    marks: list[Mark] = []
    for row in range(12):
        onset, offset = shape.qrs.onset[row], shape.qrs.offset[row]
        if not conditioned.present[row, at] or not (np.isfinite(onset) and np.isfinite(offset)):
            continue
        inside = average[row, int(onset) : int(offset) + 1]
        size = np.nan_to_num(np.abs(inside - inside[0]))
        peak = int(onset) + int(np.argmax(size))
        found = [(Wave.QRS, onset, peak, offset, 0.0)]
        t, p = shape.t, shape.p
        found.append((Wave.T, t.onset[row], t.peak[row], t.offset[row], float(shape.t_lag[number])))
        if has_p(shape, number):
            p_onset = p.onset[row] + shape.p_onset_lag[number, row]
            found.append((Wave.P, p_onset, p.peak[row], p.offset[row], float(shape.p_lag[number])))
        for wave, first, top, last, lag in found:
            zero = at - centre + lag
            if np.isfinite(top) and _shown(conditioned, row, zero + first) and _shown(conditioned, row, zero + last):
                marks.append(Mark(STANDARD_ORDER[row], wave, _s(zero + first), _s(zero + top), _s(zero + last)))
    return marks


def _shown(conditioned: Conditioned, row: int, sample: float) -> bool:
    return bool(0 <= sample < conditioned.length and conditioned.present[row, int(sample)])


def global_beats(shapes: tuple[Delineated, ...], kinds: dict[int, BeatKind]) -> tuple[Beat, ...]:
    """Every beat with its global marks, in order; `kinds` by fiducial sample."""
    beats: list[Beat] = []
    for shape in shapes:
        for number, at in enumerate(shape.cluster.at):
            beats.append(_global_beat(shape, number, int(at), kinds[int(at)]))
    return tuple(sorted(beats, key=lambda beat: beat.r_s))


def _global_beat(shape: Delineated, number: int, at: int, kind: BeatKind) -> Beat:
    centre, with_p = shape.cluster.centre, has_p(shape, number)
    p_lag, t_lag = float(shape.p_lag[number]), float(shape.t_lag[number])

    def time(column: float, shown: bool = True) -> float:
        return _s(at + column - centre) if shown and np.isfinite(column) else NAN

    return Beat(
        r_s=time(shape.r_peak),
        kind=kind,
        qrs_onset_s=time(shape.qrs_onset),
        qrs_offset_s=time(shape.qrs_offset),
        p_onset_s=time(shape.p_onset + p_lag, with_p),
        p_peak_s=time(_median(shape.p.peak) + p_lag, with_p),
        p_offset_s=time(shape.p_offset + p_lag, with_p),
        t_peak_s=time(_median(shape.t.peak) + t_lag),
        t_offset_s=time(shape.t_offset + t_lag),
    )


def _median(values: Floats) -> float:
    return float(np.nanmedian(values)) if np.any(np.isfinite(values)) else NAN


def _s(sample: float) -> float:
    return float(sample) / SAMPLING_RATE_HZ
