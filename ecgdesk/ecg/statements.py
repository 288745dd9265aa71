"""The statement catalogue: one table for rules, network, model output, pick-list and report.

Data: `resources/statements.toml`, one table a statement:

| key | what |
|---|---|
| `code` | the catalogue's own code, unique |
| `name` | the statement as printed |
| `category` | technical, rhythm, conduction, axis, voltage, ischaemia, repolarisation, overall |
| `severity` | critical, urgent, abnormal, borderline, normal, info |
| `scp` | SCP-ECG codes as PTB-XL uses them; empty where none is verified |
| `superclass` | PTB-XL superclass: NORM, MI, STTC, CD, HYP, or empty |
| `groups` | names of groups that this statement belongs to; `@group` stands for all its codes below |
| `hides` | codes that are not printed beside this one (the more specific statement hides the general one) |
| `precludes` | codes whose criteria cannot be judged beside this one (voltage in LBBB); left out with a remark |
| `aha`, `snomed` | AHA/ACC/HRS 2007 numbers and SNOMED CT ids; empty where none is verified |
| `criterion` | the published criterion in words |
| `sources` | where it is published |
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ecgdesk.ecg.reading import Severity
from ecgdesk.ecg.resources import resource


@dataclass(frozen=True)
class Statement:
    code: str
    name: str
    category: str
    severity: Severity
    scp: tuple[str, ...] = ()
    superclass: str = ""
    hides: tuple[str, ...] = ()
    criterion: str = ""
    sources: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    precludes: tuple[str, ...] = ()
    aha: tuple[str, ...] = ()
    snomed: tuple[str, ...] = ()


@cache
def catalogue() -> dict[str, Statement]:
    """Every statement by its code, in the catalogue's order."""
    rows = tomllib.loads(resource("statements.toml").read_text(encoding="utf-8"))["statement"]
    members: dict[str, list[str]] = {}
    for row in rows:
        for group in row.get("groups", ()):
            members.setdefault(group, []).append(row["code"])
    return {row["code"]: _statement(row, members) for row in rows}


def _statement(row: Mapping[str, Any], members: Mapping[str, Sequence[str]]) -> Statement:
    return Statement(
        code=row["code"],
        name=row["name"],
        category=row["category"],
        severity=Severity[row["severity"].upper()],
        scp=tuple(row.get("scp", ())),
        superclass=row.get("superclass", ""),
        hides=_codes(row, "hides", members),
        criterion=row.get("criterion", ""),
        sources=tuple(row.get("sources", ())),
        groups=tuple(row.get("groups", ())),
        precludes=_codes(row, "precludes", members),
        aha=tuple(row.get("aha", ())),
        snomed=tuple(row.get("snomed", ())),
    )


def _codes(row: Mapping[str, Any], key: str, members: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The codes of a key with its groups spelled out, in order, never the row's own."""
    named = [code for name in row.get(key, ()) for code in (members[name[1:]] if name.startswith("@") else (name,))]
    return tuple(dict.fromkeys(code for code in named if code != row["code"]))
