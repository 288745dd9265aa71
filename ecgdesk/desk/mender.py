"""Corrections on their way through the worker: one at a time, of each case the latest one next, the window free."""

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
READ_ANEW = ""  # what a job is that follows from a change which is in the history already


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
    """Mends one job after the other. One that waits gives way to a later one of its case, which holds its corrections.

    What became of a job is told on the window's thread, once, and never of one that was cancelled, even when its
    answer was on its way already.
    """

    progressed = Signal(str, str, float)  # id of the case, stage, fraction
    mended = Signal(object, object)  # Job, Case
    refused = Signal(object, str)  # Job, a sentence for the user
    _answered = Signal(object, object)  # Job, Case or a sentence

    def __init__(self, walker: Mends, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._walker = walker
        self._under_way: dict[str, tuple[Job, ...]] = {}  # of each case; used on the window's thread alone
        self._news = Condition()
        self._waiting: dict[str, Job] = {}  # of each case
        self._in_hand: Job | None = None
        self._given_up: Job | None = None
        self._warm = False
        self._ending = False
        self._answered.connect(self._on_answered)

    def submit(self, job: Job) -> None:
        with self._news:
            gives_way = self._waiting.pop(job.case.id, None)
            self._waiting[job.case.id] = job
            self._news.notify()
        stay = tuple(one for one in self.under_way(job.case.id) if one is not gives_way)
        self._under_way[job.case.id] = (*stay, job)
        self._begin()

    def under_way(self, case_id: str) -> tuple[Job, ...]:
        """The case's jobs that are neither answered nor cancelled, the latest one last."""
        return self._under_way.get(case_id, ())

    def corrections_under_way(self, case_id: str) -> tuple[Corrections, ...]:
        """Those that a person asked for, the latest ones last."""
        return tuple(job.corrections for job in self.under_way(case_id) if job.what != READ_ANEW)

    def warm_up(self) -> None:
        """Starts the worker ahead of its first job."""
        with self._news:
            self._warm = True
            self._news.notify()
        self._begin()

    def cancel(self, case_id: str) -> tuple[Job, ...]:
        """Stops what is being mended of the case, forgets what waits, and says which jobs these were."""
        with self._news:
            self._waiting.pop(case_id, None)
            if self._in_hand is not None and self._in_hand.case.id == case_id:
                self._given_up = self._in_hand
        return self._under_way.pop(case_id, ())

    def end(self) -> None:
        with self._news:
            self._ending = True
            self._news.notify()
        self.wait(WAIT_FOR_END_MS)
        self._walker.close()

    def run(self) -> None:
        while True:
            with self._news:
                while not (self._waiting or self._ending or self._warm):
                    self._news.wait()
                if self._ending:
                    return
                self._warm = False
                job = self._waiting.pop(next(iter(self._waiting))) if self._waiting else None
                self._in_hand = job
            if job is None:
                self._walker.warm_up()
            else:
                self._mend(job)

    def _begin(self) -> None:
        if not self.isRunning():
            self.start()

    def _mend(self, job: Job) -> None:
        answer: Case | str
        try:
            answer = self._walker.mend(
                job.case,
                job.corrections,
                on_progress=lambda progress: self.progressed.emit(job.case.id, progress.stage, progress.fraction),
                cancelled=lambda: self._given_up is job or self._ending,
            )
        except Cancelled:
            return
        except Refusal as refusal:
            answer = str(refusal)
        except Exception as error:  # a bug of ours must not end the mending of others
            faults.note(error, "Mending failed")
            answer = faults.sentence(error)
        self._answered.emit(job, answer)

    def _on_answered(self, job: Job, answer: Case | str) -> None:
        under_way = self.under_way(job.case.id)
        if job not in under_way:
            return
        self._under_way[job.case.id] = tuple(one for one in under_way if one is not job)
        if isinstance(answer, Case):
            self.mended.emit(job, answer)
        else:
            self.refused.emit(job, answer)
