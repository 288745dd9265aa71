"""Work of a second or so, off the window's thread: one result or one sentence comes back."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from ecgdesk.ecg.refusal import Refusal

log = logging.getLogger(__name__)

T = TypeVar("T")

FAULT = "That failed by a fault of the program ({}); nothing was changed: try again, and report it if it stays."


class _Reply(QObject):
    done = Signal(object)
    failed = Signal(str)


class _Errand(QRunnable):
    def __init__(self, work: Callable[[], Any], reply: _Reply) -> None:
        super().__init__()
        self._work, self._reply = work, reply

    def run(self) -> None:
        try:
            result = self._work()
        except Refusal as refusal:
            self._reply.failed.emit(str(refusal))
        except Exception as error:
            log.exception("An errand failed")
            self._reply.failed.emit(FAULT.format(type(error).__name__))
        else:
            self._reply.done.emit(result)


class Errands(QObject):
    """Runs one errand after the other, in the order in which they were given."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._replies: set[_Reply] = set()

    def run(self, work: Callable[[], T], *, done: Callable[[T], None], failed: Callable[[str], None]) -> None:
        """`work` must not touch the window; `done` and `failed` are called on the window's thread."""
        reply = _Reply(self)
        self._replies.add(reply)
        reply.done.connect(done)
        reply.failed.connect(failed)
        for finished in (reply.done, reply.failed):
            finished.connect(lambda _: self._replies.discard(reply))
        self._pool.start(_Errand(work, reply))

    def wait(self) -> None:
        self._pool.waitForDone()
