"""`ecgdesk benchmark digitise PAGES -o OUT`: pages with true signals through the digitiser.

Reads `PAGES/CONDITION/NAME.(png, jpg, jpeg, tif, bmp, pdf)`; writes `OUT/CONDITION/NAME.npz` (`signal` float32[12, n]
mV in standard lead order, `fs` Hz, `quality` expected SNR in dB a lead) and `OUT/pages.csv` (condition, name, status,
layout, seconds, peak_mb). Prints a line a condition.
"""

import csv
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import as_completed
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.learn.crew import crew
from ecgdesk.page.decode import SUFFIXES, decode
from ecgdesk.pipeline import digitise, judge


@dataclass(frozen=True)
class PageResult:
    """One row of pages.csv; `status` is read, doubtful, unreadable or refused."""

    condition: str
    name: str
    status: str
    layout: str
    seconds: float
    peak_mb: float


def benchmark_digitise(pages: Path, out: Path) -> list[PageResult]:
    """Digitises every page on all cores. Raises Refusal when the folder holds no page."""
    jobs = [(file, out / file.parent.name) for file in sorted(pages.glob("*/*")) if file.suffix.lower() in SUFFIXES]
    if not jobs:
        raise Refusal(f"{pages}: no page found; it must hold CONDITION/NAME.png (or .jpg).")
    results = sorted(_run(jobs), key=lambda result: (result.condition, result.name))
    _write(results, out / "pages.csv")
    _print(results)
    return results


def _run(jobs: list[tuple[Path, Path]]) -> Iterable[PageResult]:
    with crew() as pool:
        pending = [pool.submit(_digitise_one, file, folder) for file, folder in jobs]
        for done, future in enumerate(as_completed(pending), 1):
            print(f"\r{done}/{len(pending)} pages", end="", file=sys.stderr, flush=True)
            yield future.result()
    print(file=sys.stderr)


def _digitise_one(file: Path, folder: Path) -> PageResult:
    _reset_peak()
    started = time.perf_counter()
    layout, status = "", "refused"
    signals = folder / f"{file.stem}.npz"
    signals.unlink(missing_ok=True)  # of an earlier run, which would be scored as this one's
    try:
        sheet = decode(file.read_bytes(), name=file.name)[0]
        page, recording = digitise(sheet)
        seconds = time.perf_counter() - started
        layout, status = page.layout.name, judge(page, recording)[0].value
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(signals, signal=recording.signal, fs=SAMPLING_RATE_HZ, quality=recording.quality_db)
    except Refusal as refusal:
        seconds = time.perf_counter() - started
        print(f"\n{file.parent.name}/{file.name}: {refusal}", file=sys.stderr)
    return PageResult(folder.name, file.stem, status, layout, round(seconds, 3), _peak_mb())


def _reset_peak() -> None:
    """Linux counts a process's peak from here on; elsewhere the peak is that of all pages so far."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5")


def _peak_mb() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return round(int(line.split()[1]) / 1024, 1)


def _write(results: list[PageResult], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([field.name for field in fields(PageResult)])
        writer.writerows(astuple(result) for result in results)


def _print(results: list[PageResult]) -> None:
    by_condition: dict[str, list[PageResult]] = defaultdict(list)
    for result in results:
        by_condition[result.condition].append(result)
    print(f"{'condition':<12}{'pages':>6}{'failed':>7}{'s a page':>10}{'peak MB':>9}")
    for condition, rows in [*by_condition.items(), ("all", results)]:
        failed = sum(row.status in ("refused", "unreadable") for row in rows)
        seconds = statistics.median(row.seconds for row in rows)
        print(f"{condition:<12}{len(rows):>6}{failed:>7}{seconds:>10.2f}{max(row.peak_mb for row in rows):>9.0f}")
