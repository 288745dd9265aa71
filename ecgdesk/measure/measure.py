"""The room's one door: a recording goes in, everything measured on it comes out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.corrections import AS_MEASURED, BeatMarks
from ecgdesk.ecg.figure import Figure, not_measurable
from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, STANDARD_ORDER, Lead
from ecgdesk.ecg.measurements import NAN, Measurements, MedianBeat
from ecgdesk.ecg.recording import Recording
from ecgdesk.measure.amplitudes import base_level, lead_measures
from ecgdesk.measure.axes import axis, limb_leads, p_axis
from ecgdesk.measure.beats import find_beats, stands_out
from ecgdesk.measure.columns import join_columns
from ecgdesk.measure.conditioning import Conditioned, Floats, condition, samples
from ecgdesk.measure.delineate import Delineated, delineate, without_p_wave
from ecgdesk.measure.doubles import without_doubles
from ecgdesk.measure.intervals import NO_BEAT, intervals, qtc_formula, rate
from ecgdesk.measure.kinds import beat_kinds, dominant_first
from ecgdesk.measure.marks import global_beats, lead_marks
from ecgdesk.measure.moved import said_by_hand, with_marks
from ecgdesk.measure.pacing import pacing
from ecgdesk.measure.remainders import without_qrs
from ecgdesk.measure.rhythm import rhythm
from ecgdesk.measure.shapes import Cluster, clusters
from ecgdesk.measure.spectra import Flutter, flutter

FEW_BEATS, ALIKE_SHARE = 4, 0.5  # of many beats, half must be alike, or stand out of what lies between them

HIDDEN_BEAT = 1.6  # times the usual RR: nearly room for two beats
SHORTEST_RR_S = 0.18  # 333 a minute: the ventricles are refractory for longer, so one of two such beats is none


def measure(recording: Recording, marks: BeatMarks = AS_MEASURED) -> Measurements:
    """Beats, intervals, axes, amplitudes and rhythm of a recording (float32[12, n], mV at 500 Hz, NaN where absent).

    `marks`: of the dominant beat, as a person set them; what rests on them is re-measured.
    Never raises on any content of the signal: what cannot be measured says so in its Figure.
    """
    conditioned = condition(recording)
    shapes = without_doubles(_delineated(conditioned, _shapes(conditioned)))
    waves = flutter(without_qrs(conditioned, shapes), conditioned) if shapes else Flutter()
    if waves.sure:
        shapes = tuple(without_p_wave(shape) for shape in shapes)
    if shapes:
        shapes = (with_marks(shapes[0], marks), *shapes[1:])
    dominant = shapes[0] if shapes else None
    fiducials = np.sort(np.concatenate([s.cluster.at for s in shapes])) if shapes else np.empty(0, dtype=np.intp)
    rr_s = _rr_s(conditioned, fiducials)
    pace = rate(rr_s)
    timing = intervals(dominant, pace.rr_mean)
    kinds = beat_kinds(shapes, fiducials, pacing(conditioned.spikes, len(fiducials)))
    axes = _axes(dominant)
    measured = Measurements(
        heart_rate=pace.heart_rate,
        rr_mean=pace.rr_mean,
        rr_sd=pace.rr_sd,
        p_duration=timing.p_duration,
        pr=timing.pr,
        qrs=timing.qrs,
        qt=timing.qt,
        jt=timing.jt,
        qtc_bazett=timing.qtc_bazett,
        qtc_fridericia=timing.qtc_fridericia,
        qtc_framingham=timing.qtc_framingham,
        qtc_hodges=timing.qtc_hodges,
        p_axis=axes[0],
        qrs_axis=axes[1],
        t_axis=axes[2],
        einthoven=einthoven(conditioned),
        beats=global_beats(shapes, kinds),
        leads=lead_measures(conditioned, dominant) if dominant else (),
        marks=lead_marks(conditioned, shapes),
        rhythm=rhythm(conditioned, shapes, rr_s, waves),
        median_beat=_median_beat(dominant),
        rhythm_lead=_rhythm_lead(conditioned),
        qrs_typical=timing.qrs_typical,
        qtc_formula=qtc_formula(pace.rr_mean),
    )
    return said_by_hand(measured, marks)


def _shapes(conditioned: Conditioned) -> tuple[Cluster, ...]:
    """The beats by shape; none where what was found is as shapeless as noise."""
    found = join_columns(conditioned, clusters(conditioned, find_beats(conditioned)))
    total = sum(len(cluster.at) for cluster in found)
    alike = max((len(cluster.at) for cluster in found), default=0)
    if total >= FEW_BEATS and alike < ALIKE_SHARE * total and not stands_out(conditioned):
        return ()
    return found


def _delineated(conditioned: Conditioned, found: tuple[Cluster, ...]) -> tuple[Delineated, ...]:
    if not found:
        return ()
    fiducials = np.sort(np.concatenate([cluster.at for cluster in found]))
    shapes: list[Delineated] = []
    for cluster in found:
        after, before = _neighbours(cluster.at, fiducials)
        t_before = _t_of_others(cluster, shapes[0], fiducials) if shapes else None
        shapes.append(delineate(conditioned, cluster, rr=after, rr_before=before, t_before=t_before))
    return dominant_first(tuple(shapes), fiducials)


def _neighbours(at: NDArray[np.intp], fiducials: NDArray[np.intp]) -> tuple[float, float]:
    """Usual samples from these beats to the next and from the previous beat; a second where there is none."""
    place = np.searchsorted(fiducials, at)
    gaps = np.diff(fiducials)
    after = gaps[place[place < len(gaps)]]
    before = gaps[place[place > 0] - 1]
    return (
        float(np.median(after)) if len(after) else float(SAMPLING_RATE_HZ),
        float(np.median(before)) if len(before) else float(SAMPLING_RATE_HZ),
    )


def _t_of_others(cluster: Cluster, usual: Delineated, fiducials: NDArray[np.intp]) -> float | None:
    """Samples from fiducial to T end of the usual beats where most beats of this cluster follow one; else None."""
    place = np.searchsorted(fiducials, cluster.at)
    previous = fiducials[place[place > 0] - 1]
    if not np.isfinite(usual.t_offset) or np.isin(previous, usual.cluster.at).sum() <= len(previous) / 2:
        return None
    return usual.t_offset - usual.cluster.centre


def _rr_s(conditioned: Conditioned, fiducials: NDArray[np.intp]) -> Floats:
    """RR intervals in seconds between beats with signal all the way from one to the next.

    Where one column of a sheet gives way to the next, a separator or a cut may hide a beat: an interval across such a
    seam that is long enough for two does not count; nor does one that is too short for a heart.
    """
    intervals_s = np.diff(fiducials) / SAMPLING_RATE_HZ
    absent = np.pad(np.cumsum(~conditioned.present, axis=1), ((0, 0), (1, 0)))
    in_one_lead = (absent[:, fiducials[1:]] == absent[:, fiducials[:-1]]).any(axis=0)
    in_any = np.pad(np.cumsum(~conditioned.present.any(axis=0)), (1, 0))
    seen = in_any[fiducials[1:]] == in_any[fiducials[:-1]]
    if in_one_lead.any():
        seen &= in_one_lead | (intervals_s < HIDDEN_BEAT * np.median(intervals_s[in_one_lead]))
    return np.asarray(intervals_s[seen & (intervals_s >= SHORTEST_RR_S)])


def _axes(beat: Delineated | None) -> tuple[Figure, Figure, Figure]:
    if beat is None:
        none = not_measurable("°", NO_BEAT)
        return none, none, none
    average = limb_leads(beat.cluster.average)
    base = base_level(average, beat.qrs_onset) if np.isfinite(beat.qrs_onset) else np.full(12, NAN)
    return (
        p_axis(average, beat.p_onset, beat.p_offset),
        axis(average, beat.qrs_onset, beat.qrs_offset, base, "QRS complex"),
        axis(average, beat.qrs_offset + samples(0.06), beat.t_offset, base, "T wave"),
    )


def einthoven(conditioned: Conditioned) -> Figure:
    """Rms of I + III - II over rms of II, in %, where the three are seen together."""
    rows = np.array([Lead.I.row, Lead.II.row, Lead.III.row])
    together = conditioned.present[rows].all(axis=0)
    if together.sum() < samples(0.5):
        return not_measurable("%", "Leads I, II and III are not seen at the same time.")
    one, two, three = conditioned.mv[np.ix_(rows, np.flatnonzero(together))]
    size = float(np.sqrt(np.mean(two**2)))
    if size < 1e-3:
        return not_measurable("%", "Lead II is flat.")
    return Figure(float(np.sqrt(np.mean((one + three - two) ** 2))) / size * 100, "%")


def _median_beat(beat: Delineated | None) -> MedianBeat | None:
    if beat is None:
        return None
    peaks = [p for p in beat.t.peak if np.isfinite(p)]
    return MedianBeat(
        signal=beat.cluster.average.astype(np.float32),
        r_index=int(beat.r_peak),
        p_onset=beat.p_onset,
        p_offset=beat.p_offset,
        qrs_onset=beat.qrs_onset,
        qrs_offset=beat.qrs_offset,
        t_peak=float(np.median(peaks)) if peaks else NAN,
        t_offset=beat.t_offset,
    )


def _rhythm_lead(conditioned: Conditioned) -> Lead | None:
    """The lead that is seen longest; II, then V1, before others of the same length."""
    lengths = conditioned.present.sum(axis=1)
    longest = lengths.max(initial=0)
    if longest == 0:
        return None
    order = [Lead.II, Lead.V1, *(lead for lead in STANDARD_ORDER if lead not in (Lead.II, Lead.V1))]
    return next(lead for lead in order if lengths[lead.row] >= 0.95 * longest)
