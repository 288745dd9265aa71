"""The case as a small document for other programs: `STEM.json`, schema version 1.

| key | what |
|---|---|
| `status`, `reasons` | read, doubtful or unreadable, and the sentences why |
| `page` | `corners`, `layout`, `speed_mm_per_s`, `gain_mm_per_mv`, `pixels_per_mm`: `{value, how}`; null without one |
| `leads` | each lead that the paper shows: `spans_s`, `quality_db`, `how` it was placed, `redrawn_s` by hand |
| `measurements` | each figure: `{value, unit, how, uncertainty}`; without a value also `reason` |
| `findings` | `code, scp, name, severity, certainty, reader, why, spans` |
| `comparison` | with an earlier ECG: `earlier_at`, `statements`, `changes`, `new`, `gone`; null without one |

A number that is not known is null, never NaN: the text is strict JSON.
"""

import json
import math
from dataclasses import fields
from typing import Any

from ecgdesk.ecg.case import Case
from ecgdesk.ecg.comparison import Change, SerialComparison
from ecgdesk.ecg.corrections import Corrections
from ecgdesk.ecg.figure import Figure, How
from ecgdesk.ecg.lead import STANDARD_ORDER
from ecgdesk.ecg.measurements import Measurements
from ecgdesk.ecg.page import Page
from ecgdesk.ecg.reading import Finding
from ecgdesk.ecg.recording import Recording
from ecgdesk.ecg.statements import catalogue

SCHEMA_VERSION = 1


def to_json(case: Case) -> str:
    """The case's summary, UTF-8 text that ends with a line feed."""
    summary = {
        "schema_version": SCHEMA_VERSION,
        "status": case.status.value,
        "reasons": list(case.reasons),
        "page": None if case.page is None else _page(case.page, case.corrections),
        "leads": {} if case.recording is None else _leads(case.recording, case.page),
        "measurements": {} if case.measurements is None else _measurements(case.measurements),
        "findings": [_finding(finding) for finding in case.findings],
        "comparison": None if case.comparison is None else _comparison(case.comparison),
    }
    return json.dumps(summary, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def _page(page: Page, corrections: Corrections) -> dict[str, Any]:
    corners = corrections.corners
    return {
        "corners": {
            "value": None if corners is None else [list(corner) for corner in corners],
            "how": (How.MEASURED if corners is None else How.ENTERED).value,
        },
        "layout": {"value": page.layout.name, "how": page.layout.how.value},
        "speed_mm_per_s": _sourced(page.speed),
        "gain_mm_per_mv": _sourced(page.gain),
        "pixels_per_mm": _sourced(page.pixels_per_mm_x),
    }


def _sourced(figure: Figure) -> dict[str, Any]:
    return {"value": _number(figure.value), "how": figure.how.value}


def _leads(recording: Recording, page: Page | None) -> dict[str, Any]:
    placed = {strip.lead for strip in page.layout.strips if strip.how is How.ENTERED} if page is not None else set()
    shown = {lead: recording.spans_s(lead) for lead in STANDARD_ORDER}
    return {
        lead.value: {
            "spans_s": [list(span) for span in spans],
            "quality_db": _number(float(recording.quality_db[lead.row]), digits=1),
            "how": (How.ENTERED if lead in placed else How.MEASURED).value,
            "redrawn_s": [[one.start_s, one.end_s] for one in recording.redrawn if one.lead is lead],
        }
        for lead, spans in shown.items()
        if spans
    }


def _measurements(measurements: Measurements) -> dict[str, Any]:
    values = {field.name: getattr(measurements, field.name) for field in fields(measurements)}
    return {name: _figure(value) for name, value in values.items() if isinstance(value, Figure)}


def _figure(figure: Figure) -> dict[str, Any]:
    value = _number(figure.value)
    described = {
        "value": value,
        "unit": figure.unit,
        "how": figure.how.value,
        "uncertainty": _number(figure.uncertainty),
    }
    if value is None:
        described["reason"] = figure.reason
    return described


def _finding(finding: Finding) -> dict[str, Any]:
    statement = catalogue().get(finding.code)
    return {
        "code": finding.code,
        "scp": list(statement.scp) if statement else [],
        "name": finding.text or (statement.name if statement else finding.code),
        "severity": finding.severity.label,
        "certainty": finding.certainty.value,
        "reader": finding.source,
        "why": finding.why,
        "spans": [
            {"lead": span.lead.value, "start_s": _number(span.start_s), "end_s": _number(span.end_s)}
            for span in finding.spans
        ],
    }


def _comparison(comparison: SerialComparison) -> dict[str, Any]:
    return {
        "earlier_at": comparison.earlier_at.isoformat(),
        "statements": [{"text": one.text, "why": one.why} for one in comparison.statements],
        "changes": [_change(change) for change in comparison.changes],
        "new": [_finding(finding) for finding in comparison.new],
        "gone": [_finding(finding) for finding in comparison.gone],
        "not_compared": list(comparison.not_compared),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "name": change.name,
        "lead": None if change.lead is None else change.lead.value,
        "unit": change.unit,
        "earlier": _number(change.earlier),
        "later": _number(change.later),
        "difference": _number(change.difference),
        "uncertainty": _number(change.uncertainty),
        "beyond_uncertainty": change.beyond_uncertainty,
    }


def _number(value: float | None, *, digits: int = 4) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), digits)
