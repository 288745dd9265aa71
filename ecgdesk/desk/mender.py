"""Corrections on their way through the worker: one at a time, the latest one next, the window free."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition
from typing import Protocol

from PySide6.QtCore import QObject, QThread, Signal

from ecgdesk.desk import faults
from ecgdesk.ecg.case import Case
from ecgdesk.ecg.corrections import Corrections
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.worker import Cancelled, Progress

WAIT_FOR_END_MS = 10_000


class Mends(Protocol):
    """What mends a case; `ecgdesk.worker.Walker` in the program."""

    def mend(
        self,
        case: Case,
        corrections: Corrections,
        *,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> Case: ...

    def warm_up(self) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, eq=False)
class Job:
    """A case with the corrections that a person wants; `what` they are, in words that go on from “Undo ”."""

    case: Case
    corrections: Corrections
    what: str


class Mender(QThread):
    """Mends the job that was submitted last; one that waits gives way to a later one, which holds its corrections."""

    progressed = Signal(str, float)  # stage, fraction
    mended = Signal(object, object)  # Job, Case
    refused = Signal(object, str)  # Job, a sentence for the user
    stopped = Signal(object)  # Job
    idle = Signal()

    def __init__(self, walker: Mends, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._walker = walker
        self._news = Condition()
        self._next: Job | None = None
        self._warm = False
        self._cancelled = False
        self._ending = False

    def submit(self, job: Job) -> None:
        with self._news:
            self._next, self._cancelled = job, False
            self._news.notify()
        self._begin()

    def warm_up(self) -> None:
        """Starts the worker ahead of its first job."""
        with self._news:
            self._warm = True
            self._news.notify()
        self._begin()

    def cancel(self) -> None:
        """Stops what is being mended, and forgets what waits."""
        with self._news:
            self._next, self._cancelled = None, True

    def end(self) -> None:
        with self._news:
            self._ending = True
            self._news.notify()
        self.wait(WAIT_FOR_END_MS)
        self._walker.close()

    def run(self) -> None:
        while True:
            with self._news:
                while self._next is None and not self._ending and not self._warm:
                    self._news.wait()
                job, self._next, self._warm = self._next, None, False
                if self._ending:
                    return
            if job is None:
                self._walker.warm_up()
                continue
            self._mend(job)
            with self._news:
                if self._next is None:
                    self.idle.emit()

    def _begin(self) -> None:
        if not self.isRunning():
            self.start()

    def _mend(self, job: Job) -> None:
        try:
            case = self._walker.mend(
                job.case,
                job.corrections,
                on_progress=lambda progress: self.progressed.emit(progress.stage, progress.fraction),
                cancelled=lambda: self._cancelled or self._ending,
            )
        except Cancelled:
            self.stopped.emit(job)
        except Refusal as refusal:
            self.refused.emit(job, str(refusal))
        except Exception as error:  # a bug of ours must not end the mending of others
            faults.note(error, "Mending failed")
            self.refused.emit(job, faults.sentence(error))
        else:
            self.mended.emit(job, case)
