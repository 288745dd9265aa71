"""Nothing leaves the machine: the guard from inside, and the system calls from outside."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ecgdesk.ecg.refusal import Refusal
from ecgdesk.worker import Walker
from tests.read.llama.tiny_bundle import make_tiny_bundle, skip_without_extras

REPOSITORY = Path(__file__).resolve().parent.parent

WITHOUT_NETWORK = ["unshare", "--map-root-user", "--net"]  # a namespace without interfaces
ATTEMPTS = {
    "TCP": "socket.socket()",
    "UDP over IPv6": "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
    "a connection": "socket.create_connection(('127.0.0.1', 9))",
    "a look-up": "socket.getaddrinfo('localhost', 80)",
    "an old look-up": "socket.gethostbyname('localhost')",
    "urllib": "urllib.request.urlopen('http://localhost')",
    "Qt's network": "importlib.import_module('PySide6.QtNetwork')",
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_guarded_process_cannot_reach_the_network(attempt: str) -> None:
    script = f"""
import importlib, socket, urllib.request
from ecgdesk import offline
offline.guard()
try:
    {attempt}
except (OSError, ImportError) as error:
    assert "works offline" in str(error), error
else:
    raise SystemExit("it was let through")
"""
    _python(script)


def test_guarded_process_keeps_what_is_local() -> None:
    _python("""
import asyncio, multiprocessing, os, socket
from ecgdesk import offline
offline.guard()
offline.guard()
one, other = socket.socketpair()
one.sendall(b"x")
assert other.recv(1) == b"x"
asyncio.run(asyncio.sleep(0))
pipe, end = multiprocessing.Pipe()
end.send("here")
assert pipe.recv() == "here"
assert os.environ["HF_HUB_OFFLINE"] == "1"
""")


def test_no_part_of_the_program_imports_the_network_of_qt() -> None:
    _python("""
import importlib, pkgutil, sys
import ecgdesk.desk
for module in pkgutil.walk_packages(ecgdesk.desk.__path__, "ecgdesk.desk."):
    importlib.import_module(module.name)
assert "PySide6.QtWidgets" in sys.modules
assert not [name for name in sys.modules if name.startswith(("PySide6.QtNetwork", "PySide6.QtWeb"))]
""")


class _Probe:
    """When the worker unpacks it, it tries to make a network socket there and writes down what came of it."""

    def __init__(self, note: Path) -> None:
        self._note = note

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return _try_network, (str(self._note),)


def _try_network(note: str) -> str:
    try:
        socket.socket(socket.AF_INET).close()
    except PermissionError:
        Path(note).write_text("denied")
    else:
        Path(note).write_text("open")
    return "page.png"


def test_worker_process_is_guarded_too(tmp_path: Path) -> None:
    walker = Walker()
    try:
        with pytest.raises(Refusal):
            walker.walk(b"", name=_Probe(tmp_path / "note"), on_case=lambda _: None)  # type: ignore[arg-type]
    finally:
        walker.close()
    assert (tmp_path / "note").read_text() == "denied"


def test_page_is_read_on_a_machine_without_a_network_and_nothing_asks_for_one(
    tmp_path: Path, sample_file: Path
) -> None:
    trace = tmp_path / "trace"
    watched = [*WITHOUT_NETWORK, *_traced(trace)]
    _skip_unless_it_works(watched)
    out = tmp_path / "out"
    _run([*watched, sys.executable, "-m", "ecgdesk.cli", "read", str(sample_file), "-o", str(out)])
    assert (out / f"{sample_file.stem}.pdf").read_bytes().startswith(b"%PDF")
    assert _families(trace) <= {"AF_UNIX"}


def test_window_reaches_its_display_and_nothing_else(tmp_path: Path, sample_file: Path) -> None:
    trace = tmp_path / "trace"
    watched = ["xvfb-run", "--auto-servernum", *_traced(trace)]
    _skip_unless_it_works(watched)
    script = f"""
from pathlib import Path
from ecgdesk import offline
offline.guard()
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from ecgdesk.desk.app import run
application = QApplication([])
QTimer.singleShot(3000, application.closeAllWindows)
run([Path({str(sample_file)!r})])
assert application.platformName() == "xcb"
"""
    _run([*watched, sys.executable, "-c", script], QT_QPA_PLATFORM="xcb")
    assert _families(trace) == {"AF_UNIX"}


def test_llama_loads_and_reads_a_page_on_a_machine_without_a_network_and_nothing_asks_for_one(tmp_path: Path) -> None:
    skip_without_extras()
    trace = tmp_path / "trace"
    watched = [*WITHOUT_NETWORK, *_traced(trace)]
    _skip_unless_it_works(watched)
    make_tiny_bundle(tmp_path / "bundle", label=(), context_tokens=250)
    script = f"""
from pathlib import Path
from ecgdesk import offline
offline.guard()
import numpy as np
from ecgdesk.read.llama import installed
from ecgdesk.read.llama.messages import Failed, Load, Read, Ready, Result
from ecgdesk.read.llama.process import LlamaProcess
home = Path({str(tmp_path)!r})
installed.add(home / "bundle", home=home, link=True, accept_licence=True)
process = LlamaProcess()
process.send(Load(str(home)))
process.send(Read(1, np.zeros((60, 60, 3), np.uint8).tobytes(), 60, 60))
heard = []
while not heard or not isinstance(heard[-1], (Result, Failed)):
    heard.append(process.hear())
process.kill()
assert any(isinstance(report, Ready) for report in heard) and isinstance(heard[-1], Result), heard[-1]
"""
    # A cache of its own, empty: what is not in the bundle could only come from the hub.
    _run([*watched, sys.executable, "-c", script], HF_HOME=str(tmp_path / "hub"), OMP_NUM_THREADS="1")
    assert _families(trace) <= {"AF_UNIX"}


def test_trace_would_show_a_network_socket(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    _skip_unless_it_works(_traced(trace))
    _run([*_traced(trace), sys.executable, "-c", "import socket; socket.socket()"])
    assert "AF_INET" in _families(trace)


def _traced(trace: Path) -> list[str]:
    return ["strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=socket,connect,sendto,bind", "-o", str(trace)]


def _skip_unless_it_works(wrapper: list[str]) -> None:
    for tool in {"strace", "unshare", "xvfb-run"} & set(wrapper):
        if shutil.which(tool) is None:
            pytest.skip(f"needs {tool}, which is not installed here")
    if subprocess.run([*wrapper, "true"], capture_output=True, timeout=60, check=False).returncode != 0:
        pytest.skip(f"needs {' '.join(wrapper[:2])}, which is not permitted here")


def _families(trace: Path) -> set[str]:
    return set(re.findall(r"\b(AF_[A-Z0-9]+)\b", trace.read_text()))


def _python(script: str) -> None:
    _run([sys.executable, "-c", script], QT_QPA_PLATFORM="offscreen")


def _run(command: list[str], **variables: str) -> None:
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
