"""The worker process: `python -m ecgdesk.read.llama.serve`, spoken to through its standard input and output.

It is guarded against the network before anything else is imported, ends when the other side goes, and when the GPU
fails in a way that a process does not survive. Standard output is the pipe; what libraries print goes to standard
error.
"""

from ecgdesk import offline

offline.guard()  # before torch and the Hugging Face libraries are imported

import logging  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
import threading  # noqa: E402
from pathlib import Path  # noqa: E402
from queue import SimpleQueue  # noqa: E402
from typing import TYPE_CHECKING, BinaryIO  # noqa: E402

from ecgdesk.ecg.refusal import Refusal  # noqa: E402
from ecgdesk.read.llama import messages  # noqa: E402
from ecgdesk.read.llama.installed import ready  # noqa: E402
from ecgdesk.read.llama.messages import Cancel, Cancelled, Failed, FromWorker, Load, Progress, Read  # noqa: E402
from ecgdesk.read.llama.refusals import Stopped  # noqa: E402

if TYPE_CHECKING:
    from ecgdesk.read.llama.session import Session

log = logging.getLogger(__name__)

_AFTER_CHECK, _AFTER_START = 0.3, 0.4  # shares of the load, for the progress bar

OUT_OF_MEMORY = "The GPU ran out of memory; close other programs that use it, load the model again and try once more."
OUT_OF_MAIN_MEMORY = "This machine ran out of memory; close other programs, load the model again and try once more."
_FAULT = "The Llama failed by a fault of the program ({}); load it again, and report it if that does not help."


class Worker:
    """Answers orders one after the other; cancels are heard in between and while one is answered."""

    def __init__(self, orders: BinaryIO, reports: BinaryIO) -> None:
        self._orders, self._reports = orders, reports
        self._waiting: SimpleQueue[Load | Read] = SimpleQueue()
        self._cancelled: set[int] = set()
        self._session: Session | None = None

    def run(self) -> int:
        threading.Thread(target=self._listen, daemon=True).start()
        while self.carried_out(self._waiting.get()):
            pass
        return 1

    def _listen(self) -> None:
        try:
            while (order := messages.read_order(self._orders)) is not None:
                if isinstance(order, Cancel):
                    self._cancelled.add(order.request)
                else:
                    self._waiting.put(order)
        finally:
            os._exit(0)  # the window is gone, or not to be understood: nobody waits for the token that is computed

    def carried_out(self, order: Load | Read) -> bool:
        """False when the process is no longer fit to go on."""
        request = order.request if isinstance(order, Read) else 0
        try:
            if isinstance(order, Load):
                self._load(order)
            else:
                self._read(order)
        except Refusal as refusal:
            self._say(Failed(request, str(refusal)))
        except Exception as error:
            return self._after_fault(request, error)
        return True

    def _load(self, order: Load) -> None:
        self._say(Progress(0, "checking the bundle", 0.0))
        bundle = ready(Path(order.home), order.name, on_share=self._checked)
        self._say(Progress(0, "starting", _AFTER_CHECK))

        from ecgdesk.read.llama.session import load_session  # torch and the rest, only now that there is what to load

        self._session = load_session(bundle, on_progress=self._loaded)
        self._say(self._session.ready)

    def _checked(self, share: float) -> None:
        self._say(Progress(0, "checking the bundle", _AFTER_CHECK * share))

    def _loaded(self, stage: str, share: float) -> None:
        self._say(Progress(0, stage, _AFTER_START + (1 - _AFTER_START) * share))

    def _read(self, order: Read) -> None:
        if self._session is None:
            raise Refusal("No model is loaded; load one first.")
        try:
            self._say(self._session.read(order, say=self._say, stopped=lambda: order.request in self._cancelled))
        except Stopped:
            self._say(Cancelled(order.request))
        finally:
            self._cancelled.discard(order.request)

    def _after_fault(self, request: int, error: Exception) -> bool:
        torch = sys.modules.get("torch")  # what fails before the load must not wait for its import, or lack it
        if isinstance(error, MemoryError):
            self._say(Failed(request, OUT_OF_MAIN_MEMORY))
            return False
        if torch is not None and isinstance(error, torch.cuda.OutOfMemoryError):
            self._say(Failed(request, OUT_OF_MEMORY))
            return False
        log.error("The Llama failed", exc_info=error)
        self._say(Failed(request, _FAULT.format(type(error).__name__)))
        # After an error of CUDA every further call fails too; only a new process helps.
        return "cuda" not in str(error).lower()

    def _say(self, report: FromWorker) -> None:
        messages.write(self._reports, report)


def main() -> int:
    reports = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return Worker(sys.stdin.buffer, reports).run()


if __name__ == "__main__":
    # Not through the interpreter's end: libraries with threads of their own may hang there.
    sys.stdout.flush()
    os._exit(main())
