"""What is said to the model and in which form: the same text when it is trained and when it reads.

A conversation is one user turn with the picture, the measured values (a switch) and one question, then the answer, in
the format of Llama 3.2 Vision. It has no system turn: that format knows none beside a picture.
Source: Meta's model card and prompt format for Llama 3.2.

The order picture, measured values, question is on purpose: all questions about one page share all but their last
lines, so what was computed for the first is used again for the others.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.ecg.reading import Certainty, Finding
from ecgdesk.ecg.statements import Statement, catalogue

PROMPT_VERSION = "2"  # raise it with every change of the words below: an adapter knows only its own

BEGIN = "<|begin_of_text|>"
IMAGE = "<|image|>"
END_OF_TURN = "<|eot_id|>"
_HEADER = "<|start_header_id|>{}<|end_header_id|>\n\n"

YES, NO = "Yes", "No"
SUPERCLASSES = ("NORM", "MI", "STTC", "CD", "HYP")
_SUPERCLASS_QUESTIONS = {
    "NORM": "Is this a normal ECG?",
    "MI": "Does this ECG show a myocardial infarction?",
    "STTC": "Does this ECG show a change of the ST segment or the T wave?",
    "CD": "Does this ECG show a conduction disturbance?",
    "HYP": "Does this ECG show hypertrophy?",
}
LIST_FINDINGS = "List the findings of this ECG with the leads that show them, as JSON."
WRITE_REPORT = "Write the report of this ECG: rhythm, waves and intervals, diagnosis."

MOST_FINDINGS = 8
_NOT_ASKED = frozenset({"technical"})  # categories about the paper and the electrodes, which no model is asked


def rendered(question: str, *, context: str = "", answer: str | None = None, image: bool = True) -> str:
    """The conversation as one text with its special tokens; without an answer it ends where the answer begins."""
    asked = (IMAGE if image else "") + with_context(question, context)
    text = BEGIN + _HEADER.format("user") + asked + END_OF_TURN + _HEADER.format("assistant")
    return text if answer is None else text + answer + END_OF_TURN


def with_context(question: str, context: str) -> str:
    """A question behind the measured values; alone where they are not told."""
    return f"{context}\n\n{question}" if context else question


def label_question(label: str) -> str:
    """The question whose yes gives the label its probability. Raises KeyError for a label that nobody knows."""
    question = _SUPERCLASS_QUESTIONS.get(label) or f"Does this ECG show this: {catalogue()[label].name}?"
    return f"{question} Answer {YES} or {NO}."


def label_answer(holds: bool) -> str:
    return YES if holds else NO


def reportable() -> tuple[Statement, ...]:
    """The statements that the model may list."""
    return tuple(one for one in catalogue().values() if one.category not in _NOT_ASKED)


def findings_schema() -> dict[str, Any]:
    """JSON schema of the answer to LIST_FINDINGS."""
    finding = {
        "type": "object",
        "properties": {
            "code": {"enum": [statement.code for statement in reportable()]},
            "certainty": {"enum": [certainty.value for certainty in Certainty]},
            "leads": {
                "type": "array",
                "items": {"enum": [lead.value for lead in STANDARD_ORDER]},
                "maxItems": len(STANDARD_ORDER),
            },
        },
        "required": ["code", "certainty", "leads"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"findings": {"type": "array", "items": finding, "maxItems": MOST_FINDINGS}},
        "required": ["findings"],
        "additionalProperties": False,
    }


def findings_answer(findings: Iterable[Finding]) -> str:
    """Findings as the model is to list them: of the form that `findings_schema` holds it to, worst first."""
    allowed = {statement.code for statement in reportable()}
    listed = [finding for finding in findings if finding.code in allowed][:MOST_FINDINGS]
    rows = [
        {"code": one.code, "certainty": one.certainty.value, "leads": _leads(span.lead for span in one.spans)}
        for one in listed
    ]
    return json.dumps({"findings": rows})


def _leads(leads: Iterable[Lead]) -> Sequence[str]:
    named = set(leads)
    return [lead.value for lead in STANDARD_ORDER if lead in named]
