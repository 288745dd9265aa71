"""Every reader's report against a reference report, by one fixed rubric (llama_rubric.py).

`OUT/reports.csv` of `benchmark reading`: ecg_id, report, diagnosis, waveform, rhythm (0 to 10), total (0 to 100); a
row for each record of which the folder's REFERENCES holds a report.
"""

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ecgdesk.ecg.reading import Reading
from ecgdesk.ecg.statements import catalogue
from ecgdesk.learn.llama_data import read_reports
from ecgdesk.learn.llama_rubric import score
from ecgdesk.learn.tables import rows_of

REFERENCES = "reports_en.csv"  # of a folder of records: ecg_id, report_en
REPORTS = "reports.csv"
COLUMNS = ("ecg_id", "report", "diagnosis", "waveform", "rhythm", "total")


def references(records: Path) -> dict[int, str]:
    """The reference reports that lie beside the records; none where there is no table. Raises BadSamples."""
    table = records / REFERENCES
    return read_reports(table if table.exists() else None)


def in_words(read: Reading) -> str:
    """The reader's own report; of one that writes none, its findings."""
    return read.narrative or ". ".join(catalogue()[finding.code].name for finding in read.findings)


def write_score(out: Path, ecg_id: int, report: str, known: Mapping[int, str]) -> None:
    """Appends the record's row where a reference is `known`."""
    if ecg_id not in known:
        return
    table = out / REPORTS
    fresh = not table.exists()
    marks = score(report, known[ecg_id])
    with table.open("a", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        if fresh:
            rows.writerow(COLUMNS)
        rows.writerow([ecg_id, report, *(round(getattr(marks, name), 3) for name in COLUMNS[2:])])


def summary(out: Path) -> str:
    """One line with the mean scores; empty where no report was scored."""
    rows = rows_of(out / REPORTS)
    if not rows:
        return ""
    means = {name: float(np.mean([float(row[name]) for row in rows])) for name in COLUMNS[2:]}
    parts = ", ".join(f"{name} {means[name]:.1f}" for name in COLUMNS[2:-1])
    return f"report score {means['total']:.1f} of 100 over {len(rows)} reports ({parts} of 10)"
