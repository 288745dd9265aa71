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
| `hides` | codes that are not printed beside this one (the more specific statement hides the general one) |
| `criterion` | the published criterion in words |
| `sources` | where it is published |
"""

import tomllib
from dataclasses import dataclass
from functools import cache

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


@cache
def catalogue() -> dict[str, Statement]:
    """Every statement by its code, in the catalogue's order."""
    rows = tomllib.loads(resource("statements.toml").read_text(encoding="utf-8"))["statement"]
    statements = [
        Statement(
            code=row["code"],
            name=row["name"],
            category=row["category"],
            severity=Severity[row["severity"].upper()],
            scp=tuple(row.get("scp", ())),
            superclass=row.get("superclass", ""),
            hides=tuple(row.get("hides", ())),
            criterion=row.get("criterion", ""),
            sources=tuple(row.get("sources", ())),
        )
        for row in rows
    ]
    return {statement.code: statement for statement in statements}
