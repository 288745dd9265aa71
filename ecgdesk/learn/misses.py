"""Why misses are misses: for every statement in which the criteria reader and the labels differ, what decided.

| file | what |
|---|---|
| `OUT/misses.csv` | a row a difference: ecg_id, statement (SCP code), kind (missed, called), reason, near, instead |
| `OUT/misses.md` | the same counted by cause: statement by statement, how often, the figures that decided, records |

`near`: 1 where the figure that decided lay within one standard uncertainty of its limit. A missed statement's reason
is the criterion that was not met; a called one's is the criterion that was met most narrowly. `instead`: the statement
that the other side makes in its place, where one of the two hides the other within a group of the catalogue: complete
and incomplete right bundle branch block, say, where both agree on the pattern and differ on its grade.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ecgdesk.ecg.reading import Evidence, Reading
from ecgdesk.ecg.statements import Statement, catalogue
from ecgdesk.read.criteria.explain import narrowly, why_not

MISSED, CALLED = "missed", "called"
MOST_CAUSES = 8  # of one statement and kind in the summary; the table has them all
MOST_RECORDS = 6
_CRITERION = re.compile(r"^(?P<name>.*?) (?P<value>-?\d+(?:\.\d+)?) ?(?P<unit>[^\s\d]*) (?P<rest>[<>≤≥=≠(].*)$")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?")
_BEATS = re.compile(r" in \d+ of \d+ beats$")


@dataclass(frozen=True)
class Difference:
    """One statement of one record in which reader and labels differ."""

    statement: str
    kind: str
    reason: str
    near: bool
    instead: str = ""  # SCP code


def differences(said: frozenset[str], evidence: Evidence, reading: Reading) -> tuple[Difference, ...]:
    """Every SCP statement that the labels (`said`) and the criteria reader's reading do not share."""
    table = catalogue()
    made = {scp: finding for finding in reading.findings for scp in table[finding.code].scp}
    unsaid, unlabelled = sorted(said - set(made)), sorted(set(made) - said)
    missed = []
    for scp in unsaid:
        reason = why_not(evidence, reading, _codes(scp))
        missed.append(Difference(scp, MISSED, reason.text, reason.near, _in_place_of(scp, unlabelled)))
    called = []
    for scp in unlabelled:
        finding = made[scp]
        reason_met, near = _nearest(finding.why.split("; ")), narrowly(evidence, finding.code)
        called.append(Difference(scp, CALLED, reason_met, near, _in_place_of(scp, unsaid)))
    return (*missed, *called)


def _codes(scp: str) -> list[str]:
    return [row.code for row in catalogue().values() if scp in row.scp]


def _in_place_of(scp: str, others: Iterable[str]) -> str:
    """The first of the other side's statements that rivals this one; empty without one."""
    table = catalogue()

    def rivals(one: Statement, other: Statement) -> bool:
        hides = one.code in other.hides or other.code in one.hides
        return hides and bool(set(one.groups) & set(other.groups))

    own = [table[code] for code in _codes(scp)]
    return next((it for it in others if any(rivals(one, table[code]) for one in own for code in _codes(it))), "")


def _nearest(criteria: Sequence[str]) -> str:
    """The criterion whose figure lies nearest to its limit, as a share of it; the first where none has both."""
    return min(criteria, key=_margin, default="")


def _margin(criterion: str) -> float:
    found = _CRITERION.match(_BEATS.sub("", criterion))
    limits = _NUMBER.findall(found["rest"]) if found and not _words(criterion) else []
    if not found or not limits:
        return float("inf")
    return min(abs(float(found["value"]) - float(limit)) / max(abs(float(limit)), 1e-9) for limit in limits)


def write_differences(path: Path, ecg_id: int, found: Sequence[Difference]) -> None:
    """Appends the differences of one record; begins the table with its header when the file is not there."""
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        if new:
            rows.writerow(["ecg_id", "statement", "kind", "reason", "near", "instead"])
        rows.writerows([ecg_id, one.statement, one.kind, one.reason, int(one.near), one.instead] for one in found)


def summarise(table: Path, out: Path, counts: dict[str, int]) -> None:
    """Writes the table's differences counted by cause; `counts`: how many records have each statement by the labels."""
    groups: dict[tuple[str, str], dict[str, list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    with table.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            groups[row["statement"], row["kind"]][_cause(row["reason"])].append(row)
    lines = ["# Why misses are misses", ""]
    for statement in sorted({statement for statement, _ in groups}, key=lambda s: (-counts.get(s, 0), s)):
        lines += [f"## {statement} ({counts.get(statement, 0)} by the labels)", ""]
        for kind, heading, other in (
            (MISSED, "labelled and not stated", "stated"),
            (CALLED, "stated and not labelled", "labelled"),
        ):
            causes = groups.get((statement, kind))
            if causes:
                lines += [*_counted(heading, other, causes), ""]
    out.write_text("\n".join(lines), encoding="utf-8")


def _counted(heading: str, other: str, causes: dict[str, list[dict[str, str]]]) -> Iterable[str]:
    ranked = sorted(causes.items(), key=lambda item: -len(item[1]))
    yield f"{heading}: {sum(len(rows) for rows in causes.values())}"
    yield ""
    instead = Counter(row["instead"] for rows in causes.values() for row in rows if row["instead"])
    if instead:
        yield f"{other} in its place: " + ", ".join(f"{scp} {count}" for scp, count in instead.most_common())
        yield ""
    yield "| count | within its uncertainty | deciding criterion | figure: least, median, most | records |"
    yield "|---|---|---|---|---|"
    for cause, rows in ranked[:MOST_CAUSES]:
        near = sum(row["near"] == "1" for row in rows)
        records = ", ".join(row["ecg_id"] for row in rows[:MOST_RECORDS])
        yield f"| {len(rows)} | {near} | {cause} | {_figures([row['reason'] for row in rows])} | {records} |"
    rest = sum(len(rows) for _, rows in ranked[MOST_CAUSES:])
    if rest:
        yield f"| {rest} | | other causes | | |"


def _cause(reason: str) -> str:
    """The criterion without this patient's number."""
    words = _words(reason)
    if words:
        return words
    found = _CRITERION.match(_BEATS.sub("", reason))
    return f"{found['name']} {found['rest']}" if found else reason


def _words(reason: str) -> str:
    """The words of a condition that is told by them, `words (its criteria)`; empty for a plain criterion."""
    words, _, inside = reason.partition(" (")
    if not inside.endswith(")") or not any(sign in inside for sign in "<>≤≥=≠"):
        return ""
    depth = 1
    for place, letter in enumerate(inside):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and place < len(inside) - 1:
            return ""
    return words


def _figures(reasons: Sequence[str]) -> str:
    found = [match for reason in reasons if not _words(reason) and (match := _CRITERION.match(_BEATS.sub("", reason)))]
    if not found:
        return ""
    values = [float(match["value"]) for match in found]
    return f"{min(values):g}, {median(values):g}, {max(values):g} {found[0]['unit']}".strip()
