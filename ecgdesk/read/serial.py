"""Serial comparison: an ECG beside an earlier one of the same patient.

Two questions are kept apart. Whether a figure changed at all is told by its uncertainty: a difference counts from two
standard deviations of it on. What the change means is told by the comparison statements of AHA/ACC/HRS 2007, Part II
(Mason, table of statements 400 to 406):

| statement | made when |
|---|---|
| significant change in rhythm | a rhythm statement is new or gone, or rate moved by above 20 /min out of 50 to 100 |
| new or worsened ischaemia or infarction | such a statement is new, or ST moved by 0.1 mV in two leads |
| new conduction abnormality | a statement on AV or intraventricular conduction is new |
| significant repolarisation change | a statement on QT, U, ST or T is new or gone, or QTc changed by more than 60 ms |
| change in clinical status | a statement on axis, voltage or chambers, or one that begins "suggests", is new or gone |
| change in interpretation alone | statements differ, yet none of the figures that they rest on changed |
| no significant change | none of these |
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import hypot, isfinite

from ecgdesk.ecg.case import Case
from ecgdesk.ecg.comparison import Change, ComparisonStatement, SerialComparison
from ecgdesk.ecg.figure import Figure
from ecgdesk.ecg.lead import STANDARD_ORDER
from ecgdesk.ecg.measurements import LeadMeasures, Measurements
from ecgdesk.ecg.reading import Finding
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.ecg.statements import Statement, catalogue
from ecgdesk.read.criteria.fact import number
from ecgdesk.read.criteria.lead_facts import AMPLITUDE_SD_MV, TIME_SD_MS
from ecgdesk.read.criteria.record_facts import AXIS_SD_DEG, PR_SD_MS, QRS_SD_MS, QT_SD_MS, RATE_SD_BPM

RATE_CHANGE_BPM = 20.0  # AHA/ACC/HRS 2007, Part II, statement 401
USUAL_RATE_BPM = (50.0, 100.0)
QTC_CHANGE_MS = 60.0  # statement 404; also ICH E14
ST_CHANGE_MV, ST_CHANGE_LEADS = 0.1, 2  # the smallest deviation that the Universal Definition of MI counts
T_TURN_MV = 0.1  # a T that was at least so tall and is now at least so deep, or the reverse, has turned

_FIGURES: tuple[tuple[str, str, str, float], ...] = (
    ("heart_rate", "Heart rate", "/min", RATE_SD_BPM),
    ("p_duration", "P duration", "ms", PR_SD_MS),
    ("pr", "PR interval", "ms", PR_SD_MS),
    ("qrs", "QRS duration", "ms", QRS_SD_MS),
    ("qt", "QT interval", "ms", QT_SD_MS),
    ("qtc_fridericia", "QTc (Fridericia)", "ms", QT_SD_MS),
    ("p_axis", "P axis", "°", AXIS_SD_DEG),
    ("qrs_axis", "QRS axis", "°", AXIS_SD_DEG),
    ("t_axis", "T axis", "°", AXIS_SD_DEG),
)
_LEAD_FIGURES: tuple[tuple[str, str, str, float], ...] = (
    ("q_mv", "Q depth", "mV", AMPLITUDE_SD_MV),
    ("q_ms", "Q duration", "ms", TIME_SD_MS),
    ("r_mv", "R height", "mV", AMPLITUDE_SD_MV),
    ("s_mv", "S depth", "mV", AMPLITUDE_SD_MV),
    ("j_mv", "J level", "mV", AMPLITUDE_SD_MV),
    ("st60_mv", "ST level at J + 60 ms", "mV", AMPLITUDE_SD_MV),
    ("t_mv", "T height", "mV", AMPLITUDE_SD_MV),
)
# A wave that was not found in a lead whose QRS was measured has no height; levels are measured or not.
_ZERO_WHERE_ABSENT = frozenset({"q_mv", "q_ms", "r_mv", "s_mv"})


class NotComparable(Refusal):
    """The two ECGs cannot be set beside each other."""


def compare(earlier: Case, later: Case) -> SerialComparison:
    """What changed from the earlier ECG to the later one; findings as they stand after a person's edits.

    Raises NotComparable when either was not measured, when they bear the identifiers of two patients, or when the
    earlier one was not taken before the later one.
    """
    if earlier.measurements is None or later.measurements is None:
        raise NotComparable("One of the two ECGs was not measured, so there is nothing to compare; choose another.")
    ids = {earlier.patient.patient_id, later.patient.patient_id} - {""}
    if len(ids) > 1:
        raise NotComparable("The two ECGs bear different patient identifiers; check whose they are, then compare.")
    _refuse_wrong_order(earlier, later)
    changes = (*_changes(earlier.measurements, later.measurements), *_lead_changes(earlier, later))
    new, gone = _only(later.findings, earlier.findings), _only(earlier.findings, later.findings)
    return SerialComparison(
        earlier_id=earlier.id,
        earlier_at=earlier.patient.recorded_at or earlier.created_at,
        statements=tuple(_statements(changes, new, gone)),
        changes=changes,
        new=new,
        gone=gone,
        not_compared=tuple(_missing(earlier.measurements, later.measurements)),
    )


def may_be_earlier(taken: datetime | None, later: Case) -> bool:
    """Whether an ECG taken then may be the earlier one of the two.

    As far as it is known when they were taken: an ECG was taken before its sheet was read, nobody knows how long.
    """
    last = later.patient.recorded_at or later.created_at
    return taken is None or on_the_wall(taken) < on_the_wall(last)


def _refuse_wrong_order(earlier: Case, later: Case) -> None:
    taken = earlier.patient.recorded_at
    if taken is not None and not may_be_earlier(taken, later):
        raise NotComparable(
            f"The other ECG was taken at {taken:%Y-%m-%d %H:%M}, which is not before this one; "
            "open the later of the two and compare from there, or correct when they were recorded."
        )


def on_the_wall(moment: datetime) -> datetime:
    """As a cart's clock shows it, which knows no time zone."""
    return moment if moment.tzinfo is None else moment.astimezone().replace(tzinfo=None)


def _changes(earlier: Measurements, later: Measurements) -> Iterator[Change]:
    for field, name, unit, usual_sd in _FIGURES:
        before: Figure = getattr(earlier, field)
        after: Figure = getattr(later, field)
        if before.value is not None and after.value is not None:
            sd = hypot(_sd(before, usual_sd), _sd(after, usual_sd))
            yield _change(name, unit, before.value, after.value, sd)


def _sd(figure: Figure, usual: float) -> float:
    return usual if figure.uncertainty is None or not isfinite(figure.uncertainty) else figure.uncertainty


def _change(name: str, unit: str, before: float, after: float, sd: float) -> Change:
    difference = after - before
    if unit == "°":
        difference = (difference + 180.0) % 360.0 - 180.0
    return Change(name, unit, float(before), float(after), float(difference), float(sd))


def _lead_changes(earlier: Case, later: Case) -> Iterator[Change]:
    assert earlier.measurements is not None
    assert later.measurements is not None
    for lead in STANDARD_ORDER:
        before, after = earlier.measurements.lead(lead), later.measurements.lead(lead)
        if before is None or after is None:
            continue
        for field, name, unit, sd in _LEAD_FIGURES:
            first, second = _of_lead(before, field), _of_lead(after, field)
            if isfinite(first) and isfinite(second) and (first or second):
                spread = hypot(_lead_sd(before, unit, sd), _lead_sd(after, unit, sd))
                yield Change(name, unit, first, second, second - first, spread, lead)


def _of_lead(measures: LeadMeasures, field: str) -> float:
    value = float(getattr(measures, field))
    return 0.0 if field in _ZERO_WHERE_ABSENT and not isfinite(value) and isfinite(measures.j_mv) else value


def _lead_sd(measures: LeadMeasures, unit: str, usual: float) -> float:
    """Uncertainty of a level or width in this lead: that of the digitisation and what the lead's own noise adds."""
    if unit != "mV" or not isfinite(measures.noise_uv):
        return usual
    return hypot(usual, measures.noise_uv / 1000 / max(measures.beats, 1) ** 0.5)


def _only(here: Sequence[Finding], there: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings of the first whose statement the second does not make; the overall line is no change of its own."""
    known = {finding.code for finding in there}
    return tuple(f for f in here if f.code not in known and _category(f) not in ("overall", "technical"))


def _category(finding: Finding) -> str:
    statement = catalogue().get(finding.code)
    return statement.category if statement else ""


def _missing(earlier: Measurements, later: Measurements) -> Iterator[str]:
    for field, name, _, _ in _FIGURES:
        absent = [when for when, m in (("earlier", earlier), ("later", later)) if getattr(m, field).value is None]
        if len(absent) == 1:
            yield f"{name} cannot be compared: it is not measurable in the {absent[0]} ECG."


@dataclass(frozen=True)
class _Kind:
    """One comparison statement.

    `belongs`: the statements that it is about; `gone_counts`: whether one that is no longer made counts too;
    `figures`: names of the figures of which one must have changed for a difference of statements to count (empty:
    the statements rest on no single figure); `reasons`: what figures alone make it.
    """

    text: str
    belongs: Callable[[Statement], bool]
    gone_counts: bool
    figures: frozenset[str]
    reasons: Callable[[Sequence[Change]], list[str]]


def _statements(
    changes: Sequence[Change], new: Sequence[Finding], gone: Sequence[Finding]
) -> Iterator[ComparisonStatement]:
    real = [change for change in changes if change.beyond_uncertainty]
    unsupported: list[str] = []
    made = False
    for kind in _KINDS:
        reasons = [
            *(f"new: {_name(finding)}" for finding in new if _belongs(finding, kind)),
            *(f"gone: {_name(finding)}" for finding in gone if kind.gone_counts and _belongs(finding, kind)),
        ]
        if kind.figures and not any(change.name in kind.figures for change in real):
            unsupported += reasons
            reasons = []
        reasons += kind.reasons(real)
        if reasons:
            made = True
            yield ComparisonStatement(kind.text, "; ".join(reasons))
    if unsupported:
        why = f"{'; '.join(dict.fromkeys(unsupported))}; what it rests on did not change beyond its uncertainty"
        yield ComparisonStatement("Change in interpretation without significant change of the tracing", why)
    elif not made:
        yield ComparisonStatement("No significant change", "statements, ST, QTc and rate stay within the limits")


def _belongs(finding: Finding, kind: _Kind) -> bool:
    statement = catalogue().get(finding.code)
    return statement is not None and kind.belongs(statement)


def _is_rhythm(statement: Statement) -> bool:
    return statement.category == "rhythm" and statement.code != "SARRH"


def _is_ischaemia(statement: Statement) -> bool:
    return statement.category == "ischaemia" and statement.superclass in ("MI", "STTC") and statement.code != "NST_"


def _is_conduction(statement: Statement) -> bool:
    return statement.category == "conduction"


def _is_repolarisation(statement: Statement) -> bool:
    return statement.category == "repolarisation" or statement.code in _REPOLARISATION_CODES


def _is_status(statement: Statement) -> bool:
    return statement.category in ("axis", "voltage") or statement.name.startswith("Suggests")


def _name(finding: Finding) -> str:
    return finding.text or catalogue()[finding.code].name


def _rate_reasons(real: Sequence[Change]) -> list[str]:
    low, high = USUAL_RATE_BPM
    return [
        _told(change)
        for change in real
        if change.name == "Heart rate" and abs(change.difference) > RATE_CHANGE_BPM and not low <= change.later <= high
    ]


def _qtc_reasons(real: Sequence[Change]) -> list[str]:
    return [_told(c) for c in real if c.name.startswith("QTc") and abs(c.difference) > QTC_CHANGE_MS]


def _st_reasons(real: Sequence[Change]) -> list[str]:
    """ST that moved away from the zero line by 0.1 mV or T that turned, in two leads or more."""
    moved = [
        change
        for change in real
        if change.name == "J level"
        and abs(change.difference) >= ST_CHANGE_MV
        and abs(change.later) > abs(change.earlier)
    ]
    turned = [c for c in real if c.name == "T height" and c.earlier >= T_TURN_MV and c.later <= -T_TURN_MV]
    return [_told(c) for group in (moved, turned) if len(group) >= ST_CHANGE_LEADS for c in group]


def _told(change: Change) -> str:
    where = f" {change.lead}" if change.lead else ""
    return f"{change.name}{where} {number(change.earlier, '')} to {number(change.later, change.unit)}"


def _none(_: Sequence[Change]) -> list[str]:
    return []


_REPOLARISATION = frozenset(
    {"J level", "ST level at J + 60 ms", "T height", "T axis", "QT interval", "QTc (Fridericia)"}
)
_DEPOLARISATION = frozenset({"Q depth", "Q duration", "R height", "S depth", "QRS axis", "QRS duration"})
_REPOLARISATION_CODES = ("NST_", "STE_", "STD_", "BRUGADA_1", "BRUGADA_2")  # of other categories
_KINDS = (
    _Kind("Significant change in rhythm", _is_rhythm, True, frozenset(), _rate_reasons),
    _Kind(
        "New or worsened ischaemia or infarction", _is_ischaemia, False, _REPOLARISATION | _DEPOLARISATION, _st_reasons
    ),
    _Kind("New conduction abnormality", _is_conduction, False, _DEPOLARISATION | {"PR interval"}, _none),
    _Kind("Significant change of repolarisation", _is_repolarisation, True, _REPOLARISATION, _qtc_reasons),
    _Kind("Change in clinical status", _is_status, True, _DEPOLARISATION | {"P axis", "P duration"}, _none),
)
