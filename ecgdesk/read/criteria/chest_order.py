"""Whether the chest leads stand in the order of their electrodes.

The chest leads look at one heart from neighbouring places, so each resembles its neighbours most, and R grows against
S from V1 to V5 (principle: Kors 2001, Jekova 2016). For every exchange of two neighbours the chain of six is compared
with the chain as labelled.

Measured on 2,658 records with each pair exchanged by hand, at a gain of 20 % and a progression that mends: V1/V2 to
V4/V5 are found in 40 to 80 %, V5/V6 (too much alike) in 1 %; 0.3 % of the records as labelled are called.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import CHEST_LEADS, SAMPLING_RATE_HZ
from ecgdesk.ecg.reading import Evidence
from ecgdesk.read.criteria.fact import Fact, unknown

AFTER_QRS_S = 0.30  # the T wave is compared too
R_GROWS_UNTIL = 5  # V1 to V5; V6 is lower than V5 in many hearts

Samples = NDArray[np.float64]


def _exchange_gain(evidence: Evidence) -> Fact:
    """How much smoother the chain becomes by its best exchange of two neighbours, %; 0 where none helps.

    The cost of a chain is the sum of its neighbours' squared distances over their squared sizes.
    """
    waves = _waves(evidence)
    if waves is None:
        return unknown("gain of exchanging two chest leads", "%", "not all chest leads can be compared")
    first, usual = _best_exchange(waves), _cost(waves)
    gain = max(0.0, 1 - _cost(_exchanged(waves, first)) / usual) if usual > 0 else 0.0
    return Fact(100 * gain, f"gain of exchanging {CHEST_LEADS[first]} and {CHEST_LEADS[first + 1]}", "%", 5.0)


def _progression_gain(evidence: Evidence) -> Fact:
    """How much the backward steps of R/(R + S) from V1 to V5 shrink by the same exchange, %."""
    waves = _waves(evidence)
    if waves is None:
        return unknown("R progression mended", "%", "not all chest leads can be compared")
    mended = _backward(waves) - _backward(_exchanged(waves, _best_exchange(waves)))
    return Fact(100 * mended, "R progression mended by it", "%", 2.0)


def _waves(evidence: Evidence) -> list[Samples] | None:
    beat = evidence.measurements.median_beat
    if beat is None or not (isfinite(beat.qrs_onset) and isfinite(beat.qrs_offset)):
        return None
    start, end = round(beat.qrs_onset), round(beat.qrs_offset + AFTER_QRS_S * SAMPLING_RATE_HZ)
    rows = [np.asarray(beat.signal[lead.row, start:end], dtype=np.float64) for lead in CHEST_LEADS]
    if not all(row.size > 20 and np.isfinite(row).all() for row in rows):
        return None
    return [row - row[:3].mean() for row in rows]


def _best_exchange(waves: Sequence[Samples]) -> int:
    return min(range(len(waves) - 1), key=lambda first: _cost(_exchanged(waves, first)))


def _exchanged(waves: Sequence[Samples], first: int) -> list[Samples]:
    return [*waves[:first], waves[first + 1], waves[first], *waves[first + 2 :]]


def _cost(waves: Sequence[Samples]) -> float:
    return sum(_distance(a, b) for a, b in pairwise(waves))


def _distance(a: Samples, b: Samples) -> float:
    size = float(a @ a + b @ b)
    return float(np.sum((a - b) ** 2)) / size if size else 0.0


def _backward(waves: Sequence[Samples]) -> float:
    shares = [_r_share(wave) for wave in waves[:R_GROWS_UNTIL]]
    return sum(max(0.0, a - b) for a, b in pairwise(shares))


def _r_share(wave: Samples) -> float:
    r, s = max(float(wave.max()), 0.0), max(-float(wave.min()), 0.0)
    return r / (r + s) if r + s else 0.0


ORDER_FACTS: Mapping[str, Callable[[Evidence], Fact]] = {
    "exchange_gain": _exchange_gain,
    "progression_gain": _progression_gain,
}
