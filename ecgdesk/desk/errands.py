"""Work of a second or so, off the window's thread: one result or one sentence comes back."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QObject, QThreadPool, Signal

from ecgdesk.desk import faults
from ecgdesk.ecg.refusal import Refusal

T = TypeVar("T")


@dataclass(frozen=True)
class _Errand:
    """The work, and who is told of its end."""

    work: Callable[[], Any]
    done: Callable[[Any], None]
    failed: Callable[[str], None]


class Errands(QObject):
    """Runs one errand after the other, in the order in which they were given.

    An errand's functions may hold a dialog. The last reference to them must go on the window's thread, where alone a
    widget may be destroyed: hence the table, from which the other thread borrows.
    """

    _done = Signal(int, object)
    _failed = Signal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._numbers = count()
        self._errands: dict[int, _Errand] = {}
        self._done.connect(self._on_done)
        self._failed.connect(self._on_failed)

    def run(self, work: Callable[[], T], *, done: Callable[[T], None], failed: Callable[[str], None]) -> None:
        """`work` must not touch the window; `done` and `failed` are called on the window's thread."""
        number = next(self._numbers)
        self._errands[number] = _Errand(work, done, failed)
        self._pool.start(lambda: self._carry_out(number))

    def wait(self) -> None:
        self._pool.waitForDone()

    def settle(self) -> None:
        """Waits for the errands so far, and tells of their ends."""
        self.wait()
        QCoreApplication.sendPostedEvents(self)

    def _carry_out(self, number: int) -> None:
        result, sentence = None, ""
        try:
            result = self._errands[number].work()
        except Refusal as refusal:
            sentence = str(refusal)
        except Exception as error:
            faults.note(error, "An errand failed")
            sentence = faults.sentence(error)
        # Out of the except clause, whose exception holds the frames of the work.
        if sentence:
            self._failed.emit(number, sentence)
        else:
            self._done.emit(number, result)

    def _on_done(self, number: int, result: object) -> None:
        self._errands.pop(number).done(result)

    def _on_failed(self, number: int, sentence: str) -> None:
        self._errands.pop(number).failed(sentence)
