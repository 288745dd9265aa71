"""Work of a second or so, off the window's thread: one result or one sentence comes back."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QThreadPool, Signal

from ecgdesk.ecg.refusal import Refusal

log = logging.getLogger(__name__)

T = TypeVar("T")

_FAULT = "That failed by a fault of the program ({}); nothing was changed: try again, and report it if it stays."


@dataclass(frozen=True)
class _Waiting:
    """Who is told of one errand's end."""

    done: Callable[[Any], None]
    failed: Callable[[str], None]


class Errands(QObject):
    """Runs one errand after the other, in the order in which they were given."""

    _done = Signal(int, object)
    _failed = Signal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._numbers = count()
        self._waiting: dict[int, _Waiting] = {}
        self._done.connect(self._on_done)
        self._failed.connect(self._on_failed)

    def run(self, work: Callable[[], T], *, done: Callable[[T], None], failed: Callable[[str], None]) -> None:
        """`work` must not touch the window; `done` and `failed` are called on the window's thread."""
        number = next(self._numbers)
        self._waiting[number] = _Waiting(done, failed)
        self._pool.start(lambda: self._carry_out(number, work))

    def wait(self) -> None:
        self._pool.waitForDone()

    def _carry_out(self, number: int, work: Callable[[], object]) -> None:
        try:
            result = work()
        except Refusal as refusal:
            self._failed.emit(number, str(refusal))
        except Exception as error:
            log.exception("An errand failed")
            self._failed.emit(number, _FAULT.format(type(error).__name__))
        else:
            self._done.emit(number, result)

    def _on_done(self, number: int, result: object) -> None:
        self._waiting.pop(number).done(result)

    def _on_failed(self, number: int, sentence: str) -> None:
        self._waiting.pop(number).failed(sentence)
