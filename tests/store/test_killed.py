"""A program that is killed in the middle of its work finds every case that it had reported as kept."""

import subprocess
import sys
from pathlib import Path

import pytest

from ecgdesk.store.cases import CaseStore
from ecgdesk.store.key import Key
from tests.store import builders
from tests.store.alike import alike

REPOSITORY = Path(__file__).resolve().parents[2]

WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from ecgdesk.store.cases import CaseStore
from ecgdesk.store.key import Key
from tests.store import builders

store = CaseStore.open(Path(sys.argv[1]), key=Key(bytes(32)))
case = builders.case(of_page=builders.page(width=300, height=200))
for number in range(10_000):
    store.put(replace(case, id=f"case{number}"))
    print(f"case{number}", flush=True)
"""


@pytest.mark.parametrize("kept_before", [1, 7])
def test_killed_program_finds_all_kept_cases_again(tmp_path: Path, kept_before: int) -> None:
    reported = _killed_after(tmp_path, kept_before)
    with CaseStore.open(tmp_path, key=Key(bytes(32))) as store:
        found = {summary.id for summary in store.summaries()}
        assert found >= set(reported)
        assert len(found) <= len(reported) + 1  # at most one was on the disk before the program could say so
        for case_id in found:
            assert alike(store.get(case_id).recording, builders.recording())
        assert store.check_audit().intact
        store.put(builders.case("after"))


def _killed_after(folder: Path, cases: int) -> list[str]:
    """Runs the writer, kills it as soon as it has reported so many cases, and returns all that it reported."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        reported = [writer.stdout.readline().strip() for _ in range(cases)]
        writer.kill()
        reported += writer.stdout.read().split()
    return reported
