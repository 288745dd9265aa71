"""All marks of one average beat, by lead and for all leads together."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.measure.conditioning import Conditioned, Floats, samples
from ecgdesk.measure.consensus import QRS_NEAR_S, WAVE_NEAR_S, earliest, latest
from ecgdesk.measure.lead_sizes import heights_over_chord, wave_sizes, weighted_share
from ecgdesk.measure.p_onsets import p_onset_lags, where_it_rises
from ecgdesk.measure.p_wave import SMOOTH_S, p_waves
from ecgdesk.measure.presence import ALIKE, lags, likeness
from ecgdesk.measure.qrs import Limits, qrs_limits
from ecgdesk.measure.shapes import Cluster
from ecgdesk.measure.t_wave import Waves, no_waves, smoothed, t_waves

P_MARGIN_S = 0.02
P_ONSET_SHARE, P_OFFSET_SHARE = 0.25, 0.03  # of the leads, by P size, begin before the global onset, end after the end
SPIKE_BEFORE_S, SPIKE_LASTS_S = 0.16, 0.010  # of the steepest moment of a paced complex
NOT_BACK_S = 0.006  # before its end no complex is largest: none of 2,664 records is within that
PASSES = 2  # of finding T before P: the second, with P found anew where T has ended
P_LASTS_S = 0.10  # a shorter P wave may have lost its beginning to T
UPON_P_S = 0.010  # after the onset of the next P wave: T's end is not believed there
DWARFS = 3.0  # times the P wave upon it: a T wave whose end is told all the same
TELLING_LEADS = 3  # with such a T wave, or all that are shown
SHORTEST_QT_S = 0.32  # at 60 a minute, scaled with the cube root of RR (short QT: ESC 2022)
NONE_BETWEEN = 1.5  # of the usual RR: less than this has no room for another beat
P_SHARE = 0.5  # of the beats must have a P wave of the common shape,
P_MEAN = 0.4  # and the correlation be this high on the whole: flutter waves fit some beats and oppose others


@dataclass(frozen=True, eq=False)
class Delineated:
    """A cluster with its marks, columns of its average beat, NaN where absent.

    `p_alike`: float64[beats], how much the beat's P wave is like the others' (correlation). `p_lag`, `t_lag`:
    float64[beats], samples by which its P and T wave come later than the average's. `p_onset_lag`: float64[beats, 12],
    samples by which, besides, its P wave begins later in one lead.
    """

    cluster: Cluster
    qrs: Limits
    p: Waves
    t: Waves
    p_alike: Floats
    p_lag: Floats
    p_onset_lag: Floats
    t_lag: Floats
    qrs_onset: float
    qrs_offset: float
    p_onset: float
    p_offset: float
    t_offset: float
    t_meets_p: bool  # T ends no earlier than where the next beat's P wave begins: the two merge
    t_upon_p: bool  # T is not over there, and in too few leads large enough for its end to be told
    spike: float  # the pacing stroke that starts the complex
    r_peak: float  # where the complex is largest over all leads

    @property
    def p_found(self) -> bool:
        return bool(np.isfinite(self.p_onset))


def without_p_wave(beat: Delineated) -> Delineated:
    """The beat without its P wave: what was taken for one is a flutter wave."""
    return replace(beat, p=no_waves(), p_onset=float("nan"), p_offset=float("nan"))


def delineate(
    conditioned: Conditioned, cluster: Cluster, *, rr: float, rr_before: float, t_before: float | None = None
) -> Delineated:
    """Marks of a cluster's average beat; `rr` and `rr_before`: usual samples to the next and the previous beat.

    `t_before`: samples from the previous beat's fiducial to its T end where that beat is of another shape.
    """
    average, centre = cluster.average, cluster.centre
    spike = _spike(conditioned, cluster)
    limits = qrs_limits(average, centre, not_before=spike + samples(SPIKE_LASTS_S) if spike else 0)
    onset = earliest(limits.onset, QRS_NEAR_S)
    offset = latest(limits.offset, QRS_NEAR_S)
    if not offset > onset or _r_peak(average, onset, offset, centre) > offset - samples(NOT_BACK_S):
        # Where the complex is largest at its end it is not over: it runs into the T wave, as in a wide tachycardia.
        onset = offset = float("nan")
        limits = Limits(np.full(12, np.nan), np.full(12, np.nan))
    t, p, alike, t_meets_p, t_upon_p = no_waves(), no_waves(), np.full(len(cluster.at), np.nan), False, False
    if np.isfinite(onset) and np.isfinite(offset):
        p_ends = float(np.nanmedian(limits.onset))
        if spike:  # the stroke's own ringing is no P wave
            p_ends = min(p_ends, spike - samples(SPIKE_LASTS_S))

        def waves(next_p: float) -> tuple[Waves, Waves, Floats]:
            t = t_waves(average, centre=centre, qrs_onset=onset, qrs_offset=offset, rr=rr, next_p=next_p)
            t_end = latest(t.offset, WAVE_NEAR_S)
            own_t = (t_end if np.isfinite(t_end) else offset) - centre
            free_from = centre - rr_before + (own_t if t_before is None else t_before) + samples(0.02)
            p = p_waves(average, centre=centre, qrs_onset=p_ends, first=free_from, t_offset=t_end)
            return t, *_real_p(conditioned, cluster, p, onset)

        t, p, alike, t_meets_p = _apart_from_next_p(waves, cluster, qrs_onset=onset, rr=rr)
        # The average shows T as it is before the later of the next beats: what early ones lay over it is left out.
        if _t_over_next_p(average, t, p, _to_the_next_alike(cluster, rr, share=0.75)) > samples(UPON_P_S):
            (t, t_upon_p), t_meets_p = _told_beside_p(average, t, p), True
    p_onset, p_offset = _p_limits(average, p)
    p = where_it_rises(average, p, first=p_onset, last=p_offset, qrs_onset=onset)
    p_lag = lags(conditioned, cluster, start=p_onset, stop=p_offset)
    t_first, t_last = earliest(t.onset, WAVE_NEAR_S), latest(t.offset, WAVE_NEAR_S)
    return Delineated(
        cluster=cluster,
        qrs=limits,
        p=p,
        t=t,
        p_alike=alike,
        p_lag=p_lag,
        p_onset_lag=p_onset_lags(conditioned, cluster, p, p_lag),
        t_lag=lags(conditioned, cluster, start=t_first, stop=t_last),
        qrs_onset=onset,
        qrs_offset=offset,
        p_onset=p_onset,
        p_offset=p_offset,
        t_offset=t_last,
        t_meets_p=t_meets_p,
        t_upon_p=t_upon_p,
        spike=float(spike) if spike else float("nan"),
        r_peak=_r_peak(average, onset, offset, centre),
    )


def _apart_from_next_p(
    waves: Callable[[float], tuple[Waves, Waves, Floats]], cluster: Cluster, *, qrs_onset: float, rr: float
) -> tuple[Waves, Waves, Floats, bool]:
    """T, P and the P waves' likeness, with T ending before the next beat's P wave, and whether it had to be made to.

    `waves` gives the first three for a T wave that ends before a column. A flat T wave is smaller than the P wave after
    it, which is taken for T at first, and then not looked for where it is. The P wave may also be T itself: it is
    where T cannot be over before it.
    """
    t, p, alike = waves(float("inf"))
    to_next, merged = _to_the_next_alike(cluster, rr), False
    for _ in range(PASSES):
        if not _t_over_next_p(cluster.average, t, p, to_next) > samples(UPON_P_S):
            break
        p_onset, p_offset = _p_limits(cluster.average, p)
        next_p = min(p_onset, p_offset - samples(P_LASTS_S)) + to_next
        shortest = samples(SHORTEST_QT_S) * (to_next / SAMPLING_RATE_HZ) ** (1 / 3)
        earlier = waves(next_p) if next_p - qrs_onset >= shortest else (no_waves(), no_waves(), alike)
        if not (np.any(np.isfinite(earlier[0].peak)) and np.any(np.isfinite(earlier[1].peak))):
            break
        (t, p, alike), merged = earlier, True
    return t, p, alike, merged


def _t_over_next_p(average: Floats, t: Waves, p: Waves, to_next: float) -> float:
    """Samples from the onset of the next beat's P wave to the end of T; NaN where either is unknown."""
    return latest(t.offset, WAVE_NEAR_S) - _p_limits(average, p)[0] - to_next


def _told_beside_p(average: Floats, t: Waves, p: Waves) -> tuple[Waves, bool]:
    """T with the end that leads of a large T and a small P wave show, where the two merge; and whether too few do."""
    level = smoothed(average, SMOOTH_S)
    known = np.isfinite(t.offset)
    clear = known & (wave_sizes(level, t.onset, t.offset) >= DWARFS * heights_over_chord(level, p.onset, p.offset))
    if clear.sum() < min(TELLING_LEADS, known.sum()):
        return t, True
    return replace(t, offset=np.where(known & ~clear, np.median(t.offset[clear]), t.offset)), False


def _to_the_next_alike(cluster: Cluster, rr: float, share: float = 0.5) -> float:
    """Samples from so many of these beats to the next, where no other lies between; NaN where one always does."""
    gaps = np.diff(np.sort(cluster.at)).astype(np.float64)
    direct = gaps[gaps < NONE_BETWEEN * rr]
    return float(np.quantile(direct, share)) if len(direct) else float("nan")


def _p_limits(average: Floats, p: Waves) -> tuple[float, float]:
    """Global onset and offset: leads in which the P wave is small say little about where it begins and ends."""
    size = wave_sizes(smoothed(average, SMOOTH_S), p.onset, p.offset)
    return weighted_share(p.onset, size, P_ONSET_SHARE), weighted_share(p.offset, size, 1 - P_OFFSET_SHARE)


def _r_peak(average: Floats, onset: float, offset: float, centre: int) -> float:
    """Column of the largest deflection over all leads; the fiducial point where the complex has no limits."""
    if not offset > onset:
        return float(centre)
    part = np.nan_to_num(average[:, int(onset) : int(offset) + 1])
    return int(onset) + float(np.argmax(np.sum((part - part[:, :1]) ** 2, axis=0)))


def _spike(conditioned: Conditioned, cluster: Cluster) -> int:
    """Column of the pacing stroke that starts these complexes; 0 when they are not paced."""
    spikes = conditioned.spikes
    last = [spikes[(spikes > at - samples(SPIKE_BEFORE_S)) & (spikes < at + samples(0.06))] for at in cluster.at]
    lags = [int(found[-1] - at) for found, at in zip(last, cluster.at, strict=True) if len(found)]
    if len(lags) < 0.5 * len(cluster.at):
        return 0
    return cluster.centre + int(np.median(lags))


def _real_p(conditioned: Conditioned, cluster: Cluster, p: Waves, qrs_onset: float) -> tuple[Waves, Floats]:
    """The P waves if the beats agree on them, else none."""
    absent = np.full(len(cluster.at), np.nan)
    if not np.any(np.isfinite(p.onset)):
        return p, absent
    start = int(np.nanmedian(p.onset)) - samples(P_MARGIN_S) - cluster.centre
    stop = int(min(np.nanmedian(p.offset) + samples(P_MARGIN_S), qrs_onset)) - cluster.centre
    alike = likeness(conditioned, cluster.at, start=start, stop=stop)
    known = alike[np.isfinite(alike)]
    if len(known) < 2 or np.mean(known > ALIKE) < P_SHARE or np.mean(known) < P_MEAN:
        return no_waves(), alike
    return p, alike
