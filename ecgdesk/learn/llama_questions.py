"""What is asked about one labelled record, and the answers that its labels, measurements and report give.

| kind | question | answer |
|---|---|---|
| feature | the measured intervals and the axis | `measured_values` of the record; never beside the measured values |
| rhythm | what rhythm is it | the catalogue's names of the labelled statements on rhythm |
| morphology | which waves are changed | those on conduction, axis, voltage, ischaemia, repolarisation |
| diagnosis | the reader's LIST_FINDINGS | the labelled statements in the form that the reader's schema holds it to |
| label | the reader's question for each label | Yes or No |
| report | the reader's WRITE_REPORT | the report's text, where there is one |

Three of them are the reader's own questions, word by word: what it is asked in use is what it was taught. Labels name
no leads: a statement takes those of the criteria reader where that made the same statement, else none.
The kinds are those of ECGInstruct (feature, rhythm, morphology, report); the superclass questions give probabilities.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

from ecgdesk.ecg.measurements import Measurements
from ecgdesk.ecg.reading import Certainty, Finding, Reading
from ecgdesk.ecg.statements import Statement, catalogue
from ecgdesk.learn.llama_samples import Turn
from ecgdesk.read.llama.context import measured_values
from ecgdesk.read.llama.conversation import (
    LIST_FINDINGS,
    SUPERCLASSES,
    WRITE_REPORT,
    findings_answer,
    label_answer,
    label_question,
    reportable,
    with_context,
)

FEATURES = "What are the heart rate, the intervals and the axes of this ECG?"
RHYTHM = "What is the rhythm of this ECG?"
MORPHOLOGY = "Which changes of conduction, voltage, axis, ST segment or T wave does this ECG show?"
_MORPHOLOGY = frozenset({"conduction", "axis", "voltage", "ischaemia", "repolarisation"})
_NONE_NAMED = "None of note."
_SOURCE = "label"


@dataclass(frozen=True, eq=False)
class Known:
    """All that is known of one record. `said`: SCP codes; `pointed`: a reading that points to leads."""

    said: frozenset[str]
    superclasses: frozenset[str]
    measurements: Measurements
    pointed: Reading
    report: str = ""


def questions(known: Known, *, measured: bool) -> dict[str, Turn]:
    """Every question about the record by its kind ("rhythm", "label MI", …); `measured`: with the measured values."""
    context = measured_values(known.measurements)
    statements = labelled(known.said)
    found = {
        "rhythm": Turn(RHYTHM, _named(statements, {"rhythm"})),
        "morphology": Turn(MORPHOLOGY, _named(statements, _MORPHOLOGY)),
        "diagnosis": Turn(LIST_FINDINGS, findings_answer(_findings(statements, known.pointed))),
    }
    for label in SUPERCLASSES:
        answer = label_answer(holds(label, known.said, known.superclasses))
        found[f"label {label}"] = Turn(label_question(label), answer)
    if known.report:
        found["report"] = Turn(WRITE_REPORT, known.report)
    if measured:
        return {kind: Turn(with_context(turn.asked, context), turn.answer) for kind, turn in found.items()}
    return {"feature": Turn(FEATURES, context)} | found


def holds(label: str, said: frozenset[str], superclasses: frozenset[str]) -> bool:
    """Does a superclass, or a statement by its code, stand among a record's labels? `said`: SCP codes."""
    return label in superclasses or any(row.code == label for row in labelled(said))


def labelled(said: frozenset[str]) -> tuple[Statement, ...]:
    """The reportable statements behind SCP codes, most severe first; codes without a statement are left out."""
    rows = {_by_scp()[code].code: _by_scp()[code] for code in sorted(said) if code in _by_scp()}
    return tuple(sorted(rows.values(), key=lambda row: (-row.severity, row.code)))


@cache
def _by_scp() -> Mapping[str, Statement]:
    """The statement of each SCP code: that of the same name, else the first of the catalogue."""
    rows: dict[str, Statement] = {}
    for row in reportable():
        for scp in row.scp:
            if scp not in rows or row.code == scp:
                rows[scp] = row
    return rows


def _named(statements: tuple[Statement, ...], categories: Collection[str]) -> str:
    names = [row.name for row in statements if row.category in categories]
    return "; ".join(names) + "." if names else _NONE_NAMED


def _findings(statements: tuple[Statement, ...], pointed: Reading) -> list[Finding]:
    spans = {finding.code: finding.spans for finding in pointed.findings}
    return [
        Finding(row.code, catalogue()[row.code].severity, Certainty.DEFINITE, spans.get(row.code, ()), _SOURCE, "")
        for row in statements
    ]
