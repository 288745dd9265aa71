"""`ecgdesk learn llama-data RECORDS… -o OUT`: made pages and instruction samples from labelled records.

| file | what |
|---|---|
| `OUT/samples.jsonl` | the samples (see `llama_samples`), record by record in the order of their files |
| `OUT/pages/ID.jpg` | the page as the reader shows it to the model: straightened and cut to its traces |
| `OUT/made.json` | with what it was made; a folder that was begun otherwise is refused |

Each record is drawn on a sheet of its own kind (layout, paper, pen, resolution, handling: `mixed_pages`), and measured
as far as that sheet shows it. The same records, options and seed give the same files; a run that was stopped goes on
behind its last whole record.
"""

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

from ecgdesk.ecg.reading import Evidence
from ecgdesk.ecg.recording import Recording
from ecgdesk.learn.crew import CORES, crew
from ecgdesk.learn.labelled_records import LabelledRecord, labelled_records
from ecgdesk.learn.llama_questions import Known, questions
from ecgdesk.learn.llama_samples import BadSamples, Sample, lines, read_samples
from ecgdesk.learn.mixed_pages import mixed_spec
from ecgdesk.learn.pages import MadePage, make_page
from ecgdesk.learn.specification import PageSpec
from ecgdesk.learn.true_page import true_page
from ecgdesk.measure.measure import measure
from ecgdesk.read.criteria.reader import NAME as CRITERIA
from ecgdesk.read.llama.picture import picture
from ecgdesk.read.registry import reader

SAMPLES, PAGES, MADE = "samples.jsonl", "pages", "made.json"
WHOLE_GRIDS = ("3x4", "6x2", "12x1", "4x3")  # sheets that show all twelve leads, for which the labels hold
WIDEST_PX = 2240  # twice what the largest square of tiles can show
JPEG_QUALITY = 90
QUALITY_DB = 60.0  # of what is measured: the drawn signal itself
_AT_ONCE = 8  # records in the pool for each core


@dataclass(frozen=True)
class DataOptions:
    """`measured`: questions carry the measured values. `kinds`: which are kept ("label" for every label); all if ()."""

    seed: int = 0
    measured: bool = True
    kinds: tuple[str, ...] = ()
    limit: int = 0  # records; 0 for all


def make_data(
    folders: Sequence[Path], out: Path, *, options: DataOptions = DataOptions(), reports: Path | None = None
) -> int:
    """Writes samples and pages; returns how many records the file holds now.

    `reports`: a table with ecg_id and report_en. Raises NoRecords, and BadSamples for a folder made otherwise and for
    kinds of which there can be none.
    """
    _refuse_impossible(options, reports)
    (out / PAGES).mkdir(parents=True, exist_ok=True)
    _claim(out, options)
    done = _done(out)
    said = read_reports(reports)
    every = islice((one for folder in folders for one in labelled_records(folder)), options.limit or None)
    waiting = ((one, said.get(one.ecg_id, "")) for one in every if _name(one.ecg_id) not in done)
    count = len(done)
    with (out / SAMPLES).open("a", encoding="utf-8") as file:
        for made in _spread(waiting, partial(_made, out=out, options=options)):
            file.write(lines(made))
            file.flush()
            count += bool(made)
            print(f"\r{count} records", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return count


def page_spec(rng: np.random.Generator) -> PageSpec:
    """A sheet drawn at random, of those that show all twelve leads."""
    while (spec := mixed_spec(rng)).grid not in WHOLE_GRIDS:
        pass
    return spec


def _made(record: tuple[LabelledRecord, str], *, out: Path, options: DataOptions) -> tuple[Sample, ...]:
    one, report = record
    rng = np.random.default_rng([options.seed, one.ecg_id])
    made = make_page(one.signal, spec=page_spec(rng), seed=int(rng.integers(2**31)))
    recording = Recording(made.signal, np.full(12, QUALITY_DB, dtype=np.float32))
    evidence = Evidence(recording, measure(recording), one.patient)
    pointed = reader(CRITERIA).read(evidence)
    known = Known(one.said, one.superclasses, evidence.measurements, pointed, report)
    asked = questions(known, measured=options.measured)
    kept = {kind: turn for kind, turn in asked.items() if not options.kinds or kind.split()[0] in options.kinds}
    image = f"{PAGES}/{_name(one.ecg_id)}.jpg"
    if kept:
        _write_picture(made, out / image)
    return tuple(Sample(f"{_name(one.ecg_id)}-{kind.replace(' ', '-')}", image, (turn,)) for kind, turn in kept.items())


def _write_picture(made: MadePage, path: Path) -> None:
    image = Image.fromarray(picture(true_page(made)))
    image.thumbnail((WIDEST_PX, WIDEST_PX), Image.Resampling.LANCZOS)
    image.save(path, quality=JPEG_QUALITY)


def _spread(
    records: Iterator[tuple[LabelledRecord, str]], work: "partial[tuple[Sample, ...]]"
) -> Iterator[tuple[Sample, ...]]:
    """The work on all cores, in the records' own order; few of them wait in memory."""
    with crew() as pool:
        while batch := list(islice(records, _AT_ONCE * CORES)):
            yield from pool.map(work, batch)


def _refuse_impossible(options: DataOptions, reports: Path | None) -> None:
    if "feature" in options.kinds and options.measured:
        raise BadSamples(
            "Samples of the kind feature ask for the measured values, which the questions tell; add --unaided."
        )
    if "report" in options.kinds and reports is None:
        raise BadSamples("Samples of the kind report need reports; name their table with --reports.")


def _claim(out: Path, options: DataOptions) -> None:
    wanted = json.dumps(asdict(replace(options, limit=0)))  # more records of the same kind may follow
    mark = out / MADE
    if mark.exists() and mark.read_text(encoding="utf-8") != wanted:
        raise BadSamples(f"{out} was begun with other options; name a new folder with -o.")
    mark.write_text(wanted, encoding="utf-8")


def _done(out: Path) -> frozenset[str]:
    """Pages whose samples are all written; the last record of a stopped run may not be whole and is taken out."""
    path = out / SAMPLES
    if not path.exists():
        return frozenset()
    whole, new = path.read_text(encoding="utf-8").rpartition("\n")[0], path.with_name(f"new-{SAMPLES}")
    new.write_text(whole + "\n" if whole else "", encoding="utf-8")
    samples = read_samples(new)
    last = samples[-1].image if samples else ""
    kept = [sample for sample in samples if sample.image != last]
    new.write_text(lines(kept), encoding="utf-8")
    new.replace(path)  # in one step: hours of work are not at the mercy of a full disk
    return frozenset(Path(sample.image).stem for sample in kept)


def _name(ecg_id: int) -> str:
    return f"{ecg_id:05d}"


def read_reports(table: Path | None) -> dict[int, str]:
    """The reports of a table with ecg_id and report_en; none without a table. Raises BadSamples."""
    if table is None:
        return {}
    if not table.is_file():
        raise BadSamples(f"There is no table of reports at {table}; name one with ecg_id and report_en.")
    with table.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        if not {"ecg_id", "report_en"} <= set(rows.fieldnames or ()):
            raise BadSamples(f"{table} holds no reports; it needs the columns ecg_id and report_en.")
        try:
            return {int(float(row["ecg_id"])): row["report_en"] or "" for row in rows}
        except ValueError as error:
            raise BadSamples(f"{table} is damaged at line {rows.line_num} ({error}); copy it anew.") from error
