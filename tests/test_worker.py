import multiprocessing as mp
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ecgdesk.ecg.case import Case, Status
from ecgdesk.ecg.corrections import Corrections
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.worker import Cancelled, Walker, WalkFailed


@pytest.fixture
def walker():
    with_limits = Walker()
    yield with_limits
    with_limits.close()


def kill_the_worker(_progress):
    for child in mp.active_children():
        os.kill(child.pid, signal.SIGKILL)


def test_a_sheet_becomes_a_case_in_the_other_process(walker, sample_file):
    cases: list[Case] = []
    stages: list[str] = []
    walker.walk(
        sample_file.read_bytes(), name="sample.png", on_case=cases.append, on_progress=lambda p: stages.append(p.stage)
    )
    assert [case.status for case in cases] == [Status.READ]
    assert stages == ["decoding", "straightening", "tracing", "measuring", "reading"]


def test_a_refused_file_leaves_the_worker_ready_for_the_next(walker, sample_file):
    with pytest.raises(Refusal, match="no image or PDF"):
        walker.walk(b"these are my notes", name="notes.png", on_case=lambda _: None)
    cases: list[Case] = []
    walker.walk(sample_file.read_bytes(), name="sample.png", on_case=cases.append)
    assert len(cases) == 1


def test_a_case_that_could_not_be_kept_is_not_taken_for_an_answer_to_the_next_file(walker, sample_file):
    def full(_case):
        raise Refusal("The disk is full; free some space and try again.")

    with pytest.raises(Refusal, match="disk is full"):
        walker.walk(sample_file.read_bytes(), name="first.png", on_case=full)
    cases: list[Case] = []
    walker.walk(sample_file.read_bytes(), name="second.png", on_case=cases.append)
    assert [case.source_name for case in cases] == ["second.png"]


def test_a_killed_worker_is_one_sentence_and_the_next_file_is_read(walker, sample_file):
    with pytest.raises(WalkFailed, match="ended the worker"):
        walker.walk(sample_file.read_bytes(), name="sample.png", on_case=lambda _: None, on_progress=kill_the_worker)
    cases: list[Case] = []
    walker.walk(sample_file.read_bytes(), name="sample.png", on_case=cases.append)
    assert len(cases) == 1


def test_a_worker_finishes_its_file_when_ctrl_c_is_pressed_at_the_terminal(walker, sample_file):
    walker.warm_up()
    (child,) = mp.active_children()
    status = Path(f"/proc/{child.pid}/status")
    if not status.exists():
        pytest.skip("needs /proc, to see which signals the process hears")
    blocked = next(line for line in status.read_text().splitlines() if line.startswith("SigBlk"))
    assert int(blocked.split()[1], 16) & 1 << (signal.SIGINT - 1)
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())  # it is only the worker that is deaf


def test_cancel_ends_the_walk_at_once(walker, sample_file):
    with pytest.raises(Cancelled):
        walker.walk(sample_file.read_bytes(), name="sample.png", on_case=lambda _: None, cancelled=lambda: True)


def test_a_worker_that_says_nothing_is_given_up(sample_file):
    impatient = Walker(silence_limit_s=0.0)
    with pytest.raises(WalkFailed, match="without progress"):
        impatient.walk(sample_file.read_bytes(), name="sample.png", on_case=lambda _: None)
    impatient.close()


KILLED_PARENT = """
import os, signal, sys, time
from pathlib import Path
from ecgdesk.worker import Walker

def killed(_progress):
    time.sleep(float(sys.argv[2]))
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    data = Path(sys.argv[1]).read_bytes()
    Walker().walk(data, name="sheet.png", on_case=lambda _: None, on_progress=killed)
"""


@pytest.mark.parametrize("unread", [False, True], ids=["while it works", "with its answer unread"])
def test_a_worker_whose_parent_is_killed_ends_without_a_word(unread, sample_file, tmp_path):
    script, notes = tmp_path / "parent.py", tmp_path / "notes.png"
    script.write_text(KILLED_PARENT)
    notes.write_text("these are my notes")
    arguments = [str(notes), "1"] if unread else [str(sample_file), "0"]
    # ends only when the worker has ended too, which holds the same stderr
    ended = subprocess.run(
        [sys.executable, script, *arguments],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == -signal.SIGKILL
    assert ended.stderr == ""


def test_a_corrected_case_comes_back_from_the_other_process(walker, sample_file):
    cases: list[Case] = []
    walker.walk(sample_file.read_bytes(), name="sample.png", on_case=cases.append)
    stages: list[str] = []
    mended = walker.mend(cases[0], Corrections(gain=20.0), on_progress=lambda p: stages.append(p.stage))
    assert mended.page.gain.value == 20.0
    assert mended.id == cases[0].id
    assert mended.page.image is cases[0].page.image
    assert stages == ["finding the leads", "tracing", "measuring", "reading"]
    with pytest.raises(Refusal, match="four corners"):
        walker.mend(mended, Corrections(corners=((0.0, 0.0),) * 4))
    with pytest.raises(Cancelled):
        walker.mend(mended, Corrections(speed=50.0), cancelled=lambda: True)
