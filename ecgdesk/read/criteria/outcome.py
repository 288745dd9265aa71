"""What came of testing a condition: three-valued, with the reasons for the answer.

A condition whose numbers are missing is neither met nor refuted (truth None, Kleene's logic): "and" is refuted as soon
as one part is, "or" is met as soon as one part is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import TypeVar

from ecgdesk.ecg.lead import Lead
from ecgdesk.read.criteria.fact import Fact, Stretch, number

_T = TypeVar("_T")
_OPPOSITE = {">": "≤", "≥": "<", "<": "≥", "≤": ">", "=": "≠", "≠": "="}


@dataclass(frozen=True)
class Outcome:
    """`confidence` (0.5 to 1) is that of the truth as it stands; `criteria`, `leads` and `times` are its reasons."""

    truth: bool | None
    confidence: float = 1.0
    criteria: tuple[str, ...] = ()
    leads: tuple[Lead, ...] = ()
    times: tuple[Stretch, ...] = ()
    missing: tuple[str, ...] = ()


def compare(left: Fact, sign: str, right: Fact) -> Outcome:
    """`left sign right` with this patient's numbers; confidence grows with the margin over the uncertainty."""
    if not (left.known and right.known):
        return Outcome(None, missing=tuple(reason for reason in (left.missing, right.missing) if reason))
    met = _holds(left.value, sign, right.value)
    sd = (left.sd**2 + right.sd**2) ** 0.5
    confidence = 1.0 if sd == 0 else 1 / (1 + exp(-min(abs(left.value - right.value) / sd, 50.0)))
    limit = right.words if right.label else number(right.value, left.unit)
    note = f" ({right.note})" if right.note else ""
    text = f"{left.words} {sign if met else _OPPOSITE[sign]} {limit}{note}{_in_beats(left, sign, right, met)}"
    times = left.times or right.times
    return Outcome(met, confidence, (text,), (), times if met else ())


def within(low: Fact, first: str, value: Fact, second: str, high: Fact) -> Outcome:
    """`low first value second high`, told in one go when it holds."""
    mirrored = {"<": ">", "≤": "≥"}[first]
    outcome = both([compare(value, mirrored, low), compare(value, second, high)])
    if not outcome.truth:
        return outcome
    limits = f"{number(low.value, '')} to {number(high.value, value.unit)}"
    return replace(outcome, criteria=(f"{value.words} (within {limits})",))


def both(outcomes: Sequence[Outcome]) -> Outcome:
    """Every one of them."""
    refuted = [outcome for outcome in outcomes if outcome.truth is False]
    if refuted:
        return replace(_gathered(refuted[:1]), truth=False, confidence=max(o.confidence for o in refuted))
    if any(outcome.truth is None for outcome in outcomes):
        return Outcome(None, missing=_unique(reason for o in outcomes for reason in o.missing))
    return replace(_gathered(outcomes), truth=True, confidence=min(o.confidence for o in outcomes))


def either(outcomes: Sequence[Outcome]) -> Outcome:
    """At least one of them."""
    met = [outcome for outcome in outcomes if outcome.truth]
    if met:
        return replace(_gathered(met), truth=True, confidence=max(o.confidence for o in met))
    if not outcomes or any(outcome.truth is None for outcome in outcomes):
        return Outcome(None, missing=_unique(reason for o in outcomes for reason in o.missing))
    return replace(_gathered(outcomes), truth=False, confidence=min(o.confidence for o in outcomes))


def opposite(outcome: Outcome) -> Outcome:
    return replace(outcome, truth=None if outcome.truth is None else not outcome.truth)


def at_least(wanted: int, outcomes: Sequence[Outcome]) -> Outcome:
    """At least `wanted` of them; the confidence is that of the weakest that is needed."""
    met = [outcome for outcome in outcomes if outcome.truth]
    open_ = [outcome for outcome in outcomes if outcome.truth is None]
    if len(met) >= wanted:
        ranked = sorted((o.confidence for o in met), reverse=True)
        return replace(_gathered(met), truth=True, confidence=ranked[wanted - 1] if wanted else 1.0)
    if len(met) + len(open_) >= wanted:
        return Outcome(None, missing=_unique(reason for o in open_ for reason in o.missing))
    refuted = [outcome for outcome in outcomes if outcome.truth is False]
    return replace(_gathered(refuted), truth=False, leads=(), times=())


def _gathered(outcomes: Sequence[Outcome]) -> Outcome:
    return Outcome(
        None,
        criteria=_unique(text for o in outcomes for text in o.criteria),
        leads=_unique(lead for o in outcomes for lead in o.leads),
        times=_unique(stretch for o in outcomes for stretch in o.times),
    )


def _holds(left: float, sign: str, right: float) -> bool:
    return {
        ">": left > right,
        "≥": left >= right,
        "<": left < right,
        "≤": left <= right,
        "=": left == right,
        "≠": left != right,
    }[sign]


def _in_beats(left: Fact, sign: str, right: Fact, met: bool) -> str:
    if not met or len(left.per_beat) < 2:
        return ""
    share = sum(_holds(value, sign, right.value) for value in left.per_beat)
    return f" in {share} of {len(left.per_beat)} beats" if share else ""


def _unique(items: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(items))
