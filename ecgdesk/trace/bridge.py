"""What the ends of a strip hide: a few hundredths of a second below a separator, or beside a calibration pulse.

The rhythm strips show the same instant unhidden, and the strip itself shows what it does at such moments: wherever in
its visible part its own last steps and the rhythm strips' course were like those beside the hidden samples, it is seen
how it went on. A regression weighted by that likeness (locally weighted regression, Cleveland 1979) says how it goes
on here. Where nothing is alike, the ridge keeps the trace where it was last seen.

What is seen beside a separator may be worth less than that: where a stroke of a QRS complex runs into it, say. There
the course takes the place of what was seen, when its expected error is the smaller one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.trace.ends import LONGEST_BRIDGE_S
from ecgdesk.trace.stretch import Stretch

F64 = NDArray[np.float64]

MOST_HIDDEN = round(LONGEST_BRIDGE_S * SAMPLING_RATE_HZ)
MOST_REPLACED = 2 * MOST_HIDDEN  # samples; of a trace that is seen, as long as a QRS complex
UNSURE = 2.0  # times the stretch's usual error, from which on a sample beside an end is worth a doubt
OWN_STEPS = (1, 2, 4, 7, 12)  # samples back from the last visible one: its slope and what it comes from
GUIDE_STEPS = (-12, -6, -3, 3, 6, 9, 12, 16, 22, 30, 40)  # samples on the rhythm strips, before and after it
LEAST_SEEN = SAMPLING_RATE_HZ // 2  # half a second: less holds too few moments to learn from
ALIKE = 0.025  # share of the moments that count as alike
RIDGE = 0.02  # of the features' own power
STRANGE = 0.2  # of a moment's own power, from which on others are not like it
WITNESSES = 5  # moments, 10 ms: one may be alike by chance


@dataclass(frozen=True, eq=False)
class _Course:
    """`mv`: float64[k], the last k samples of a stretch. `error`: their expected standard deviation, mV. `familiar`:
    whether the stretch shows moments like the one from which they go on."""

    mv: F64
    error: F64
    familiar: bool


def bridged(stretches: Sequence[Stretch]) -> list[Stretch]:
    """The stretches, what is hidden at their ends filled in where it is at most LONGEST_BRIDGE_S."""
    guides = [stretch for stretch in stretches if stretch.strip.rhythm]
    return [_bridged(stretch, [guide for guide in guides if guide is not stretch]) for stretch in stretches]


def _bridged(stretch: Stretch, guides: Sequence[Stretch]) -> Stretch:
    heard = [(guide, one) for guide in guides if (one := _shown(guide, stretch)) is not None]
    mv, error = stretch.mv.copy(), stretch.error_mv.copy()
    for turned in (False, True):  # the beginning is an end seen backwards
        way = slice(None, None, -1 if turned else 1)
        end = stretch.first if turned else stretch.first + mv.size - 1
        course = _best_course(
            mv[way].astype(np.float64),
            error[way].astype(np.float64),
            [one[way] for _, one in heard],
            witnessed=any(_sees(guide, end) for guide, _ in heard),
        )
        if course is not None:
            mv[way][-course.mv.size :] = course.mv
            error[way][-course.mv.size :] = course.error
    return replace(stretch, mv=mv, error_mv=error)


def _sees(guide: Stretch, sample: int) -> bool:
    return 0 <= sample - guide.first < guide.mv.size and bool(np.isfinite(guide.mv[sample - guide.first]))


def _best_course(mv: F64, error: F64, shown: Sequence[F64], *, witnessed: bool) -> _Course | None:
    """Of what is hidden at the end, or of what is unsure beside it too: by the smaller expected error.

    What is seen gives way only where a rhythm strip has `witnessed` the end, and has shown the like before: the first
    ectopic beat is like nothing else, and no course is as good as its own trace.
    """
    hidden = _hidden(mv)
    if hidden is None:
        return None
    least = _course(mv, error, shown, hidden) if hidden else None
    unsure = _unsure(mv, error) if witnessed else 0
    longer = _course(mv, error, shown, unsure) if unsure > hidden else None
    if longer is None or not longer.familiar:
        return least
    kept = error[-unsure : mv.size - hidden]
    power = float((kept**2).sum()) + (float((least.error**2).sum()) if least is not None else 0.0)
    return longer if float((longer.error**2).sum()) < power else least


def _unsure(mv: F64, error: F64) -> int:
    """How many samples at the end lie no farther in than the last one of more than the usual error."""
    usual = float(np.median(error[np.isfinite(mv)]))
    unsure = np.flatnonzero(error[-MOST_REPLACED:] > UNSURE * usual)
    return min(MOST_REPLACED, error.size) - int(unsure[0]) if unsure.size else 0


def _hidden(mv: F64) -> int | None:
    """How many samples are hidden at the end; None when they are too many to be bridged, or too few are seen."""
    seen = np.flatnonzero(np.isfinite(mv))
    if seen.size < LEAST_SEEN:
        return None
    hidden = mv.size - 1 - int(seen[-1])
    return hidden if hidden <= MOST_HIDDEN else None


def _shown(guide: Stretch, stretch: Stretch) -> F64 | None:
    """float64[n + 2 k]: the guide at the stretch's instants and k before and after; None if it does not span them."""
    known = np.flatnonzero(np.isfinite(guide.mv))
    clock = np.arange(-GUIDE_STEPS[-1], stretch.mv.size + GUIDE_STEPS[-1]) + stretch.first - guide.first
    inner = clock[GUIDE_STEPS[-1] : -GUIDE_STEPS[-1]]
    if known.size < LEAST_SEEN or inner[0] < known[0] - MOST_HIDDEN or inner[-1] > known[-1] + MOST_HIDDEN:
        return None
    return np.interp(clock, known, guide.mv[known])


def _course(mv: F64, error: F64, shown: Sequence[F64], hidden: int) -> _Course | None:
    """How the last `hidden` samples go on from the one before them; None where too little is seen."""
    last = mv.size - hidden - 1
    moments = np.arange(OWN_STEPS[-1], last - hidden)
    visible = np.convolve(~np.isfinite(mv), np.ones(OWN_STEPS[-1] + hidden + 1), mode="valid") == 0
    moments = moments[visible[moments - OWN_STEPS[-1]]]
    if moments.size < LEAST_SEEN // 2 or not np.isfinite(mv[last - OWN_STEPS[-1] : last + 1]).all():
        return None
    features = _features(mv, shown, moments)
    scale = np.sqrt((features**2).mean(axis=0)) + 1e-6
    features, here = features / scale, _features(mv, shown, np.array([last]))[0] / scale
    steps = mv[moments[:, None] + np.arange(1, hidden + 1)] - mv[moments][:, None]
    unlike = ((features - here) ** 2).mean(axis=1)
    weights = np.exp(-unlike / (np.quantile(unlike, ALIKE) + 1e-3))
    weighted = features * weights[:, None]
    power = weighted.T @ features + RIDGE * weights.sum() * np.eye(features.shape[1])
    slopes = np.linalg.solve(power, weighted.T @ steps)
    off = (steps - features @ slopes) ** 2
    return _Course(
        mv=mv[last] + here @ slopes,
        error=np.sqrt(weights @ off / weights.sum() + error[last] ** 2),
        familiar=bool(np.partition(unlike, WITNESSES)[WITNESSES] <= STRANGE * (here**2).mean()),
    )


def _features(mv: F64, shown: Sequence[F64], moments: NDArray[np.intp]) -> F64:
    """float64[len(moments), k]: steps of the lead itself before each moment, and of the guides about it."""
    own = [mv[moments] - mv[moments - step] for step in OWN_STEPS]
    at = moments + GUIDE_STEPS[-1]
    return np.stack([*own, *(guide[at + step] - guide[at] for guide in shown for step in GUIDE_STEPS)], axis=1)
