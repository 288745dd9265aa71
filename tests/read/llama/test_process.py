"""The worker process: streamed, cancelled, killed, started again; offline as every process. Needs the extra [llama]."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from ecgdesk.read.llama import installed
from ecgdesk.read.llama.bundle import Bundle
from ecgdesk.read.llama.conversation import findings_schema
from ecgdesk.read.llama.messages import (
    Cancel,
    Cancelled,
    Failed,
    FromWorker,
    Load,
    Progress,
    Read,
    Ready,
    Result,
    Token,
    read_report,
)
from ecgdesk.read.llama.process import Ended, LlamaProcess
from ecgdesk.read.llama.serve import Worker

PATIENCE_S = 120.0
PAGE = np.random.default_rng(0).integers(0, 255, (200, 300, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def desk(tiny_bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the tiny bundle in it."""
    home: Path = tmp_path_factory.mktemp("desk")
    installed.add(tiny_bundle.folder, home=home, link=True, accept_licence=True)
    return home


@pytest.fixture(scope="module")
def process(desk: Path) -> Iterator[LlamaProcess]:
    """A process with the model loaded, for all tests that leave it alive."""
    started = LlamaProcess()
    started.send(Load(str(desk)))
    heard = hear_until(started, lambda report: isinstance(report, (Ready, Failed)))
    assert isinstance(heard[-1], Ready), heard[-1]
    yield started
    started.kill()


def page(request: int, **changes: object) -> Read:
    told: dict[str, object] = {"context": "Measured: heart rate 75 bpm."}
    return Read(request, PAGE.tobytes(), *PAGE.shape[:2], **(told | changes))  # type: ignore[arg-type]


def hear_until(process: LlamaProcess, last: Callable[[FromWorker], bool]) -> list[FromWorker]:
    heard: list[FromWorker] = []
    until = time.monotonic() + PATIENCE_S
    while not heard or not last(heard[-1]):
        assert time.monotonic() < until, heard[-3:]
        report = process.hear(1.0)
        if report is not None:
            heard.append(report)
    return heard


def ends(request: int) -> Callable[[FromWorker], bool]:
    return lambda report: isinstance(report, (Result, Cancelled, Failed)) and report.request == request


def test_a_page_is_read_with_probabilities_a_list_and_a_streamed_report(process: LlamaProcess) -> None:
    process.send(page(1))
    heard = hear_until(process, ends(1))
    result = heard[-1]
    assert isinstance(result, Result)
    assert result.aided  # its questions carried the measured values
    assert [said.label for said in result.labels] == ["NORM", "AFIB"]
    assert all(0 < said.probability < 1 for said in result.labels)
    assert set(json.loads(result.listed)) == set(findings_schema()["properties"])
    tokens = [report.text for report in heard if isinstance(report, Token)]
    assert len(tokens) > 10
    assert "".join(tokens).strip() == result.narrative
    fractions = [report.fraction for report in heard if isinstance(report, Progress)]
    assert fractions == sorted(fractions)


def test_the_same_page_gives_the_same_answer(process: LlamaProcess) -> None:
    results = []
    for request in (11, 12):
        process.send(page(request))
        results.append(hear_until(process, ends(request))[-1])
    one, other = results
    assert isinstance(one, Result)
    assert isinstance(other, Result)
    assert [s.margin for s in one.labels] == pytest.approx([s.margin for s in other.labels], abs=1e-5)
    assert one.narrative == other.narrative


def test_a_cancel_is_heard_between_two_tokens_and_the_next_page_goes_on(process: LlamaProcess) -> None:
    process.send(page(21))
    process.send(page(22))  # waits in the queue
    hear_until(process, lambda report: isinstance(report, Token))
    process.send(Cancel(21))
    heard = hear_until(process, ends(21))
    assert isinstance(heard[-1], Cancelled)
    assert len([report for report in heard if isinstance(report, Token)]) < 200  # of 400
    assert isinstance(hear_until(process, ends(22))[-1], Result)


def test_a_page_that_waits_is_cancelled_before_it_begins(process: LlamaProcess) -> None:
    process.send(page(31))
    process.send(page(32))
    process.send(Cancel(32))
    hear_until(process, lambda report: isinstance(report, Token))
    process.send(Cancel(31))
    heard = hear_until(process, ends(32))
    assert not [report for report in heard if isinstance(report, Progress) and report.request == 32]
    assert isinstance(heard[-1], Cancelled)


def test_a_page_that_is_no_picture_fails_with_a_sentence_and_the_next_is_read(process: LlamaProcess) -> None:
    process.send(Read(41, b"\x00" * 5, 300, 300))
    failed = hear_until(process, ends(41))[-1]
    assert isinstance(failed, Failed)
    process.send(page(42, context=""))
    result = hear_until(process, ends(42))[-1]
    assert isinstance(result, Result)
    assert not result.aided


def test_ctrl_c_at_the_terminal_is_for_the_owner_of_the_process(process: LlamaProcess) -> None:
    if not hasattr(os, "getpgid"):
        pytest.skip("needs process groups, which Windows does not have")
    assert os.getpgid(process.pid) != os.getpgrp()


def test_the_process_has_no_network(process: LlamaProcess) -> None:
    script = """
import sys
import ecgdesk.read.llama.serve
import socket
assert "torch" not in sys.modules  # nothing of it is imported before the guard, nor before there is something to load
try:
    socket.socket()
except OSError as error:
    assert "works offline" in str(error)
else:
    raise SystemExit("it was let through")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    sockets = Path(f"/proc/{process.pid}/net/tcp")
    if sockets.exists():
        held = {os.readlink(f"/proc/{process.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{process.pid}/fd")}
        assert not any(name.startswith("socket:") for name in held)


def test_a_process_that_is_killed_is_noticed_and_another_reads_on(desk: Path) -> None:
    process = LlamaProcess()
    process.send(Load(str(desk)))
    hear_until(process, lambda report: isinstance(report, Ready))
    process.send(page(1))
    hear_until(process, lambda report: isinstance(report, Token))
    os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    with pytest.raises(Ended):
        hear_until(process, ends(1))
    with pytest.raises(Ended):
        process.hear(1.0)
    process.kill()
    with pytest.raises(Ended):
        process.send(page(2))


def test_a_process_whose_window_has_gone_ends_by_itself() -> None:
    serve = [sys.executable, "-m", "ecgdesk.read.llama.serve"]
    assert subprocess.run(serve, stdin=subprocess.DEVNULL, timeout=PATIENCE_S, check=False).returncode == 0


def test_a_process_that_is_told_what_it_cannot_understand_ends_and_holds_no_gpu() -> None:
    serve = [sys.executable, "-m", "ecgdesk.read.llama.serve"]
    with subprocess.Popen(serve, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write((4).to_bytes(4, "little") + b"junk")
        process.stdin.flush()  # and stays open
        try:
            assert process.wait(PATIENCE_S) == 0
        finally:
            process.kill()


def test_out_of_memory_is_one_sentence_and_the_end_of_the_process(
    extras: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    orders, reports = io.BytesIO(), io.BytesIO()
    worker = Worker(orders, reports)

    def no_room(_: Read) -> None:
        raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr(worker, "_read", no_room)
    assert not worker.carried_out(page(1))
    reports.seek(0)
    failed = read_report(reports)
    assert isinstance(failed, Failed)
    assert "ran out of memory" in failed.sentence


@pytest.mark.parametrize(
    ("fault", "words", "goes_on"),
    [(MemoryError(), "This machine ran out of memory", False), (IndexError(), "IndexError", True)],
)
def test_a_fault_before_the_load_needs_no_torch_to_be_told(
    fault: Exception, words: str, goes_on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)  # importing it fails from now on
    reports = io.BytesIO()
    worker = Worker(io.BytesIO(), reports)

    def fail(_: Load) -> None:
        raise fault

    monkeypatch.setattr(worker, "_load", fail)
    assert worker.carried_out(Load("/nowhere")) is goes_on
    reports.seek(0)
    assert words in sentence(read_report(reports))


def test_no_model_and_a_broken_one_are_one_sentence(tmp_path: Path, extras: None) -> None:
    process = LlamaProcess()
    process.send(page(1))
    assert "No model is loaded" in sentence(hear_until(process, ends(1))[-1])
    process.send(Load(str(tmp_path)))
    assert "no Llama model on this desk yet" in sentence(hear_until(process, ends(0))[-1])
    process.kill()


def sentence(report: FromWorker | None) -> str:
    assert isinstance(report, Failed)
    return report.sentence
