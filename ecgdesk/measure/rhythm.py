"""Features of the rhythm."""

import numpy as np

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.measurements import NAN, Rhythm
from ecgdesk.measure.atrial import Train, p_train
from ecgdesk.measure.conditioning import Conditioned, Floats
from ecgdesk.measure.delineate import Delineated
from ecgdesk.measure.marks import has_p
from ecgdesk.measure.pacing import pacing
from ecgdesk.measure.remainders import without_p, without_qrst
from ecgdesk.measure.spectra import Flutter, fibrillation

SHORTEST_PR_S, LONGEST_PR_S = 0.06, 0.60  # from P peak to the complex's steepest moment
SAME_P_S = 0.2  # nearer than this it is the same P wave, or none


def rhythm(conditioned: Conditioned, shapes: tuple[Delineated, ...], rr_s: Floats, flutter: Flutter) -> Rhythm:
    """Rhythm features of a recording; `rr_s`: the RR intervals in seconds."""
    rr = tuple(float(value) for value in rr_s)
    if not shapes:
        return Rhythm(rr_s=rr)
    total = sum(len(shape.cluster.at) for shape in shapes)
    rest = without_qrst(conditioned, shapes)
    train = Train() if flutter.sure else p_train(rest, conditioned, shapes)
    before = _conducted(shapes, train)
    p_times = _all_p(list(before.values()), train)
    return Rhythm(
        rr_s=rr,
        p_share=len(before) / total,
        pr_sd_ms=_pr_spread_ms(before),
        rmssd_ratio=float(np.sqrt(np.mean(np.diff(rr_s) ** 2)) / np.mean(rr_s)) if len(rr_s) > 1 else NAN,
        atrial_rate=_atrial_rate(p_times, flutter),
        fibrillation_ratio=fibrillation(without_p(rest, shapes), conditioned),
        flutter_hz=flutter.hz,
        flutter_ratio=flutter.share,
        p_times_s=tuple(p_times),
        spikes_s=tuple(float(spike) / SAMPLING_RATE_HZ for spike in pacing(conditioned.spikes, total)),
    )


def _conducted(shapes: tuple[Delineated, ...], train: Train) -> dict[float, float]:
    """Peak of the P wave before each complex that has one, by the complex's fiducial time; seconds."""
    found: dict[float, float] = {}
    peaks = np.array(train.peaks) / SAMPLING_RATE_HZ
    for shape in shapes:
        centre = shape.cluster.centre
        for number, at in enumerate(shape.cluster.at):
            time = float(at) / SAMPLING_RATE_HZ
            if has_p(shape, number):
                column = float(np.nanmedian(shape.p.peak)) + float(shape.p_lag[number])
                found[time] = time + (column - centre) / SAMPLING_RATE_HZ
            elif train.own:
                before = peaks[(peaks < time - SHORTEST_PR_S) & (peaks > time - LONGEST_PR_S)]
                if len(before):
                    found[time] = float(before[-1])
    return found


def _atrial_rate(p_times: list[float], flutter: Flutter) -> float:
    if flutter.sure:
        return flutter.hz * 60
    return float(60 / np.median(np.diff(p_times))) if len(p_times) > 2 else NAN


def _pr_spread_ms(before: dict[float, float]) -> float:
    distance = np.array([time - peak for time, peak in before.items()])
    return float(np.std(distance) * 1000) if len(distance) > 1 else NAN


def _all_p(conducted: list[float], train: Train) -> list[float]:
    """Every P wave once, seconds: those before complexes, and others that are clear of them."""
    times = [peak / SAMPLING_RATE_HZ for peak in train.peaks]
    others = [time for time in times if all(abs(time - known) > SAME_P_S for known in conducted)]
    return sorted([*conducted, *others])
