"""Leads of one column in step: on a sheet that does not lie flat one row may stand a little beside the others.

Einthoven's and Goldberger's laws hold for instants, so a row that is off breaks them at every steep slope. Where a
shift of the three leads against each other mends by far the most of that, they were off by just so much.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import Lead
from ecgdesk.trace.agreement import LAWS, LEAST_SHARED
from ecgdesk.trace.clock import moved
from ecgdesk.trace.stretch import Stretch

FARTHEST = 16  # samples, 32 ms, 0.8 mm at 25 mm/s: rows are farther off only where more is wrong
MENDED = 0.35  # of the power by which the law is broken may remain: noise and a wrong gain are not mended so far
FORECAST = (
    0.1  # of the power of the error that was forecast: a law broken by less (flat leads' rounding) tells no shift
)

F64 = NDArray[np.float64]


def in_step(stretches: Sequence[Stretch]) -> list[Stretch]:
    """The stretches, those of a column whose leads add up moved against each other until they do."""
    lags: dict[int, int] = {}
    for law in LAWS:
        leads = [_of(lead, stretches) for lead, _ in law]
        three = [one for one in leads if one is not None]
        if len(three) == len(law) and len({one.strip.top_mm for one in three}) == len(law):
            found = _lags(three, np.array([weight for _, weight in law]))
            lags |= {id(one): lag for one, lag in zip(three, found, strict=True)}
    return [moved(one, lags[id(one)]) if lags.get(id(one)) else one for one in stretches]


def _of(lead: Lead, stretches: Sequence[Stretch]) -> Stretch | None:
    return next((one for one in stretches if one.strip.lead is lead and not one.strip.rhythm), None)


def _lags(three: Sequence[Stretch], weights: F64) -> tuple[int, ...]:
    """Samples to move each by; zeros where the law holds or no shift mends it. The middle one of the three stays."""
    first = max(one.first for one in three) + FARTHEST
    last = min(one.first + one.mv.size for one in three) - FARTHEST
    stays = (0,) * len(three)
    if last - first < LEAST_SHARED:
        return stays
    shifts = range(-FARTHEST, FARTHEST + 1)
    shown = [
        np.stack([weight * one.mv[first - shift - one.first : last - shift - one.first] for shift in shifts])
        for one, weight in zip(three, weights, strict=True)
    ]
    seen = np.isfinite(np.concatenate(shown)).all(axis=0)
    if seen.sum() < LEAST_SHARED:
        return stays
    known = [some[:, seen] - some[:, seen].mean(axis=1, keepdims=True) for some in shown]
    # The power of a sum is that of its parts and of their products: all shifts of two leads at once.
    held = known[0][FARTHEST]
    others = (known[1] ** 2).sum(axis=1)[:, None] + (known[2] ** 2).sum(axis=1)[None]
    power = held @ held + others + 2 * ((known[1] @ held)[:, None] + (known[2] @ held)[None] + known[1] @ known[2].T)
    forecast = seen.sum() * sum(float(np.mean(one.error_mv**2)) for one in three)
    best = np.unravel_index(int(np.argmin(power)), power.shape)
    if power[FARTHEST, FARTHEST] <= FORECAST * forecast or power[best] > MENDED * power[FARTHEST, FARTHEST]:
        return stays
    lags = (0, int(best[0]) - FARTHEST, int(best[1]) - FARTHEST)
    middle = sorted(lags)[1]
    return tuple(lag - middle for lag in lags)
