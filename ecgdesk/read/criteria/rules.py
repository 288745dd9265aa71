"""The rules as data: `resources/rules.toml`, read, checked and made ready to be evaluated.

| table | keys |
|---|---|
| `version` | of the rules; printed with every reading, with the start of the file's SHA-256 behind it |
| `usable` | `when`: condition of a lead without which the lead is left out of every rule |
| `[[limit]]` | `name`, `unit`, `stricter` (high, low), `rows`: `value` and whose: `leads`, `sex`, `under` (years), |
| | `rate` (up to, 1/min) |
| `[[condition]]` | `name`, `when`, `words`: a part of several rules; `words` are printed instead of its numbers |
| `[[rule]]` | `code`, `when`, `certainty` (at most), `show` (what is highlighted), `grades` (severer forms), `note`; |
| | `severity` and `text` where they differ from the catalogue's |

The first row of a limit that applies counts. Where sex or age is not known, every row that might apply is taken and
the stricter value used, and the text says so.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.ecg.patient import Patient, Sex
from ecgdesk.ecg.reading import Certainty, Severity
from ecgdesk.ecg.resources import resource
from ecgdesk.ecg.statements import catalogue
from ecgdesk.read.criteria.expression import BadExpression, Condition, Vocabulary, condition
from ecgdesk.read.criteria.fact import Fact
from ecgdesk.read.criteria.vocabulary import OF_LEAD, OF_RECORD

PARTS = ("P", "PR", "QRS", "ST", "T", "QT", "RR", "BEAT", "STRIP", "TIMES")


@dataclass(frozen=True)
class LimitRow:
    value: float
    leads: frozenset[Lead]
    sex: Sex | None
    under: float | None
    rate: float | None


@dataclass(frozen=True)
class Limit:
    name: str
    unit: str
    stricter: str
    rows: tuple[LimitRow, ...]

    def of(self, patient: Patient, lead: Lead | None, rate: float | None) -> Fact:
        """The limit for this patient, lead and heart rate (1/min); its note says what was assumed."""
        values, unsure = [], set()
        for row in self.rows:
            if lead is not None and row.leads and lead not in row.leads:
                continue
            doubts = _doubts(row, patient, rate)
            if doubts is None:
                continue
            values.append(row.value)
            unsure |= doubts
            if not doubts:
                break
        value = max(values) if self.stricter == "high" else min(values)
        note = f"{' and '.join(sorted(unsure))} not known: stricter limit" if len(set(values)) > 1 else ""
        return Fact(value, "", self.unit, note=note)


def _doubts(row: LimitRow, patient: Patient, rate: float | None) -> set[str] | None:
    """What would have to be known for the row to apply for certain; None when it does not apply."""
    doubts = set()
    if row.sex is not None:
        if patient.sex is Sex.UNKNOWN:
            doubts.add("sex")
        elif patient.sex is not row.sex:
            return None
    if row.under is not None:
        if patient.age is None:
            doubts.add("age")
        elif patient.age >= row.under:
            return None
    if row.rate is not None:
        if rate is None:
            doubts.add("rate")
        elif rate > row.rate:
            return None
    return doubts


@dataclass(frozen=True)
class Named:
    test: Condition
    words: str


@dataclass(frozen=True)
class Show:
    """What to highlight: a part of the beats, in which leads (`met`, `rhythm` or names), of which beats."""

    part: str
    leads: tuple[Lead, ...] | str
    beats: str


@dataclass(frozen=True)
class Grade:
    test: Condition
    severity: Severity | None
    text: str


@dataclass(frozen=True)
class Rule:
    code: str
    when: str
    test: Condition
    certainty: Certainty
    show: tuple[Show, ...]
    grades: tuple[Grade, ...]
    note: str
    severity: Severity | None
    text: str


@dataclass(frozen=True)
class Rules:
    version: str
    usable: Condition
    limits: Mapping[str, Limit]
    conditions: Mapping[str, Named]
    rules: tuple[Rule, ...]


@cache
def rules() -> Rules:
    """The rules of the program's own resources."""
    return read_rules(resource("rules.toml").read_text(encoding="utf-8"))


def read_rules(text: str) -> Rules:
    """Rules from TOML. Raises BadExpression for a rule that cannot be read or that names no known statement."""
    table = tomllib.loads(text)
    limits = {row["name"]: _limit(row) for row in table.get("limit", ())}
    named = [row["name"] for row in table.get("condition", ())]
    words = Vocabulary(
        facts={*OF_RECORD, *(n for n, limit in limits.items() if not _by_lead(limit))},
        lead_facts={*OF_LEAD, *(n for n, limit in limits.items() if _by_lead(limit))},
        conditions=named,
    )
    conditions = {
        row["name"]: Named(condition(row["when"], words), row.get("words", "")) for row in table.get("condition", ())
    }
    usable = condition(table["usable"]["when"], words)
    return Rules(
        f"{table['version']}+{sha256(text.encode()).hexdigest()[:8]}",
        usable,
        limits,
        conditions,
        tuple(_rule(row, words) for row in table.get("rule", ())),
    )


def _by_lead(limit: Limit) -> bool:
    return any(row.leads for row in limit.rows)


def _limit(row: Mapping[str, Any]) -> Limit:
    rows = tuple(
        LimitRow(
            float(entry["value"]),
            frozenset(Lead(name) for name in entry.get("leads", ())),
            Sex(entry["sex"]) if "sex" in entry else None,
            entry.get("under"),
            entry.get("rate"),
        )
        for entry in row["rows"]
    )
    return Limit(row["name"], row["unit"], row["stricter"], rows)


def _rule(row: Mapping[str, Any], words: Vocabulary) -> Rule:
    if row["code"] not in catalogue():
        raise BadExpression(f"a rule names {row['code']!r}, which is not a statement of the catalogue")
    return Rule(
        code=row["code"],
        when=" ".join(row["when"].split()),
        test=condition(row["when"], words),
        certainty=Certainty(row.get("certainty", "definite")),
        show=tuple(_show(entry) for entry in row.get("show", ())),
        grades=tuple(_grade(entry, words) for entry in row.get("grades", ())),
        note=row.get("note", ""),
        severity=_severity(row),
        text=row.get("text", ""),
    )


def _show(entry: Mapping[str, Any]) -> Show:
    if entry["part"] not in PARTS:
        raise BadExpression(f"cannot highlight {entry['part']!r}; known are {', '.join(PARTS)}")
    leads = entry.get("leads", "met")
    if leads == "all":
        leads = STANDARD_ORDER
    elif leads not in ("met", "rhythm"):
        leads = tuple(Lead(name) for name in leads)
    return Show(entry["part"], leads, entry.get("beats", "all"))


def _grade(entry: Mapping[str, Any], words: Vocabulary) -> Grade:
    return Grade(condition(entry["when"], words), _severity(entry), entry.get("text", ""))


def _severity(entry: Mapping[str, Any]) -> Severity | None:
    return Severity[entry["severity"].upper()] if "severity" in entry else None
