"""`ecgdesk learn llama-evaluate RECORDS -o OUT`: the Llama on made pages of labelled records, beside another reader.

| file | what, a row a page |
|---|---|
| `OUT/pages.csv` | see below |
| `OUT/reports.csv` | ecg_id, the narrative |
| `OUT/summary.csv` | figure, value, pages: medians of the times, means of the scores, agreement and Cohen's kappa |

`pages.csv`: `model`; `seconds` of the whole page and `vision_seconds` of that; `margin_L` and `holds_L` for each label
L; `mine_C` and `beside_C` (0 or 1) for each superclass C that both readers judge; where there is a reference report,
the rubric's scores of the narrative, and `beside_total` of the other reader's findings in words.

A run that was stopped goes on. `benchmark reading --reader llama --via page` scores probabilities and codes of the
same pages; margins of a dev set are what `llama-calibrate` fits to.
"""

import csv
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.reading import Evidence, Reader, Reading
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.learn.benchmark_reading import Via, evidence_of, spread
from ecgdesk.learn.labelled_records import LabelledRecord, labelled_records
from ecgdesk.learn.llama_questions import holds
from ecgdesk.learn.llama_rubric import score
from ecgdesk.learn.report_scores import in_words
from ecgdesk.learn.tables import ECG_ID, keep_only, rows_of
from ecgdesk.read.llama.claims import reading
from ecgdesk.read.llama.conversation import SUPERCLASSES
from ecgdesk.read.llama.messages import Result
from ecgdesk.read.llama.reader import LlamaReader

PAGES, REPORTS, SUMMARY = "pages.csv", "reports.csv", "summary.csv"
SCORES = ("diagnosis", "waveform", "rhythm", "total", "beside_total")
_MEDIANS = ("seconds", "vision_seconds")
Row = dict[str, str | float | int]


class OtherModel(Refusal):
    """The folder holds the rows of another model."""


def evaluate(
    records: Path,
    out: Path,
    *,
    llama: LlamaReader,
    beside: Reader,
    references: Mapping[int, str],
    limit: int = 0,
) -> int:
    """Reads every page that has no row yet and writes the tables; returns the number of rows.

    `references`: report in English by record. Raises NoRecords, OtherModel, and what `LlamaReader.ask` raises.
    """
    out.mkdir(parents=True, exist_ok=True)
    rows = rows_of(out / PAGES)
    done = {int(row[ECG_ID]) for row in rows}
    for table in (PAGES, REPORTS):
        keep_only(out / table, done)
    chosen = {one.ecg_id: one for one in islice(labelled_records(records), limit or None)}
    waiting = iter([one for one in chosen.values() if one.ecg_id not in done])
    for prepared in spread(waiting, partial(evidence_of, via=Via.PAGE)):
        if prepared is None:
            continue
        ecg_id, evidence = prepared
        result = llama.ask(evidence)
        reference = references.get(ecg_id, "")
        row = page_row(chosen[ecg_id], evidence, result, beside=beside.read(evidence), reference=reference)
        if rows and rows[0]["model"] != row["model"]:
            raise OtherModel(f"{out} holds pages read by {rows[0]['model']}; name a new folder with -o.")
        rows.append({name: str(value) for name, value in row.items()})
        _append(out / REPORTS, {"ecg_id": ecg_id, "report": result.narrative})
        _append(out / PAGES, row)  # last: a page that stands there has its report
        print(f"\r{len(rows)} pages", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    _write_summary(out / SUMMARY, summary(rows))
    return len(rows)


def page_row(
    record: LabelledRecord, evidence: Evidence, result: Result, *, beside: Reading, reference: str = ""
) -> Row:
    """One page's row; scores and agreements that there are not stay empty."""
    own = reading(result, evidence)
    row: Row = {
        "ecg_id": record.ecg_id,
        "model": own.version,
        "seconds": round(result.seconds, 3),
        "vision_seconds": round(result.vision_seconds, 3),
    }
    for label in result.labels:
        row[f"margin_{label.label}"] = round(label.margin, 6)
        row[f"holds_{label.label}"] = int(holds(label.label, record.said, record.superclasses))
    mine, theirs = _said(own), _said(beside)
    for name in SUPERCLASSES:
        both = name in mine and name in theirs
        row[f"mine_{name}"] = int(mine[name]) if both else ""
        row[f"beside_{name}"] = int(theirs[name]) if both else ""
    marks = score(result.narrative, reference) if reference else None
    for name in SCORES[:-1]:
        row[name] = round(getattr(marks, name), 3) if marks else ""
    row[SCORES[-1]] = round(score(in_words(beside), reference).total, 3) if reference else ""
    return row


def summary(rows: Sequence[Mapping[str, str]]) -> list[tuple[str, float, int]]:
    """(figure, value, number of pages it stands for)."""
    found = []
    for names, put_together in ((_MEDIANS, np.median), (SCORES, np.mean)):
        for name in names:
            if values := [float(row[name]) for row in rows if row.get(name)]:
                found.append((f"{name} ({put_together.__name__})", float(put_together(values)), len(values)))
    for name in SUPERCLASSES:
        pairs = [(row[f"mine_{name}"], row[f"beside_{name}"]) for row in rows if row.get(f"mine_{name}")]
        if pairs:
            mine, theirs = (np.array(side) == "1" for side in zip(*pairs, strict=True))
            agreed, kappa = agreement(mine, theirs)
            found.append((f"agreement {name}", agreed, len(pairs)))
            if np.isfinite(kappa):
                found.append((f"kappa {name}", kappa, len(pairs)))
    return found


def agreement(mine: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> tuple[float, float]:
    """The share of pages on which both say the same, and Cohen's kappa (1960): that beyond chance.

    Kappa is NaN where both always say one and the same thing: there is nothing to agree on.
    """
    agreed = float((mine == theirs).mean())
    a, b = float(mine.mean()), float(theirs.mean())
    chance = a * b + (1 - a) * (1 - b)
    return agreed, (agreed - chance) / (1 - chance) if chance < 1 else float("nan")


def _said(read: Reading) -> dict[str, bool]:
    return {
        one.label: one.value >= (0.5 if one.threshold is None else one.threshold)
        for one in read.probabilities
        if one.label in SUPERCLASSES
    }


def _append(path: Path, row: Row) -> None:
    begun = path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(row))
        if not begun:
            writer.writeheader()
        writer.writerow(row)


def _write_summary(path: Path, figures: Sequence[tuple[str, float, int]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["figure", "value", "pages"])
        writer.writerows((name, round(value, 4), pages) for name, value, pages in figures)
