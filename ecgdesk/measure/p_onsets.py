"""The onset of the P wave in one lead alone, and in one beat of it, as a reader marks it there.

Intervals do not rest on it: they are taken from all leads together. A lead in which the P wave dips before it rises,
mostly aVL, begins with the rise for the cardiologists who marked LUDB (Kalyakulina and others, 2020): in 20 of the 25
leads of its even records where that differs by 4 ms, in the others the P wave is smaller than 35 uV. One beat, with its
own noise and its own atrial activation, only says by how much its foot comes earlier or later than is usual in this
lead.
"""

import numpy as np

from ecgdesk.measure.conditioning import Bools, Conditioned, Floats, samples
from ecgdesk.measure.lead_sizes import trust, wave_sizes
from ecgdesk.measure.p_summit import apart
from ecgdesk.measure.p_wave import PR_REST_S, SMOOTH_S
from ecgdesk.measure.shapes import Cluster, cut, seen
from ecgdesk.measure.t_wave import Waves, smoothed

LINE_S = 0.020  # before the P wave: the level from which it dips
AFTER_S = 0.010  # the end of the P wave: the level to which it returns
SHORTEST_S = 0.040  # a P wave in which a dip can be told from a rise
DIP_SHARE = 0.25  # of the rise: less is a ripple of the line before
FOOT_BEFORE_S = (0.03, 0.06)  # the onset: a foot is looked for from there to the peak; one start may lie on a ripple
LEAST_RISE_S = 0.016  # from onset to peak
MOST_S = 0.016  # of one beat's onset from the usual one: farther off, noise was taken for the foot
SINGLE_BEAT = 0.7  # of a beat's own deviation is believed where the P wave is large: the rest is noise


def where_it_rises(average: Floats, p: Waves, *, first: float, last: float, qrs_onset: float) -> Waves:
    """The P waves of an average beat, their onsets moved to the rise in leads that dip less than they rise.

    `first`, `last`: the onset and offset over all leads, NaN where there is no P wave.
    """
    start, stop = np.nan_to_num([first, min(last + samples(AFTER_S), qrs_onset - samples(PR_REST_S))]).astype(int)
    if stop - start < samples(SHORTEST_S):
        return p
    smooth = smoothed(average, SMOOTH_S)
    before = smooth[:, max(0, start - samples(LINE_S)) : start + 1].mean(axis=1, keepdims=True)
    after = smooth[:, stop - samples(0.008) : stop].mean(axis=1, keepdims=True)
    level = smooth[:, start:stop] - before - (after - before) * np.linspace(0.0, 1.0, stop - start)
    onset = p.onset.copy()
    for row in np.flatnonzero(np.isfinite(onset)):
        top = int(np.argmax(level[row]))
        turn = int(np.argmin(level[row, : top + 1]))
        rise, dip = level[row, top], -level[row, turn]
        if DIP_SHARE * rise <= dip and -level[row].min() <= rise:
            onset[row] += trust(rise) * max(0.0, start + turn - onset[row])
    return Waves(onset, p.peak, p.offset)


def p_onset_lags(conditioned: Conditioned, cluster: Cluster, p: Waves, p_lag: Floats) -> Floats:
    """float64[beats, 12]: samples by which each beat's P onset comes later than its lead's; 0 where it cannot be told.

    Never so much that it would come after the P wave's peak.
    `p`: the average beat's marks. `p_lag`: float64[beats], samples by which a beat's whole P wave comes later.
    """
    found = np.zeros((len(cluster.at), 12))
    rows = np.flatnonzero(np.isfinite(p.onset) & np.isfinite(p.peak))
    if not len(rows) or len(cluster.at) < 2:
        return found
    onset = p.onset[rows].astype(int)
    stops = np.maximum(p.peak[rows].astype(int), onset + samples(LEAST_RISE_S)) + 1
    start = int(onset.min()) - samples(max(FOOT_BEFORE_S))
    at = cluster.at + p_lag.astype(int) - cluster.centre
    pieces = cut(seen(conditioned)[rows], at, -start, int(stops.max()))
    shows = np.all(np.isfinite(pieces), axis=2)
    line = smoothed(pieces.reshape(-1, pieces.shape[2]), SMOOTH_S).reshape(pieces.shape)
    for place, row in enumerate(rows):
        begins = onset[place] - start - np.array([samples(before) for before in FOOT_BEFORE_S])
        feet = [begin + apart(line[:, place, begin : stops[place] - start]) for begin in begins]
        found[:, row] = _from_usual(np.mean(feet, axis=0), shows[:, place])
    found = np.minimum(found, np.nan_to_num(np.maximum(0.0, p.peak - p.onset)))
    size = wave_sizes(smoothed(cluster.average, SMOOTH_S), p.onset, p.offset)
    return np.asarray(SINGLE_BEAT * trust(size) * found)


def _from_usual(feet: Floats, shows: Bools) -> Floats:
    if not shows.any():
        return np.zeros(len(feet))
    away = np.clip(feet - feet[shows].mean(), -samples(MOST_S), samples(MOST_S))
    return np.where(shows, away, 0.0)
