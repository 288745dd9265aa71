"""The model's process as its owner sees it: started, spoken to, heard, ended.

Nothing here imports torch. `subprocess`, not `multiprocessing`: a reading may be asked for from a process that is
itself a worker, and the model must not inherit that one's limits on memory or its threads.
"""

import contextlib
import os
import subprocess
import sys
import threading
from queue import Empty, SimpleQueue
from typing import BinaryIO, cast

from ecgdesk.read.llama import messages
from ecgdesk.read.llama.messages import FromWorker, ToWorker

DIED = (
    "The Llama's process ended (too little memory, a fault of the driver, or it was stopped from outside); "
    "nothing of the case is lost: start it again."
)
_END_S = 5.0


class Ended(Exception):
    """The process is no longer there."""


class LlamaProcess:
    """One worker process. `send` and `hear` may be called from different threads."""

    def __init__(self) -> None:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ecgdesk.read.llama.serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,  # Ctrl-C at the terminal is its owner's, who ends it
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._heard: SimpleQueue[FromWorker | None] = SimpleQueue()
        self._writing = threading.Lock()
        threading.Thread(target=self._listen, daemon=True, name="llama-reports").start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def send(self, order: ToWorker) -> None:
        """Raises Ended when the process is gone."""
        assert self._process.stdin is not None
        try:
            with self._writing:
                messages.write(cast(BinaryIO, self._process.stdin), order)
        except (OSError, ValueError) as error:
            raise Ended from error

    def hear(self, timeout_s: float | None = None) -> FromWorker | None:
        """The next report; None when there was none in time. Raises Ended after the last one of all."""
        try:
            report = self._heard.get(timeout=timeout_s)
        except Empty:
            return None
        if report is None:
            self._heard.put(None)  # whoever asks again hears it again
            raise Ended
        return report

    def kill(self) -> None:
        """Ends the process at once, whatever it is doing; the GPU is free when this returns."""
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_S)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(OSError, ValueError):
            while (report := messages.read_report(cast(BinaryIO, self._process.stdout))) is not None:
                self._heard.put(report)
        self._heard.put(None)
