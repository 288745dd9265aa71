"""The Qt thread that owns the model's process: one page at a time, the others wait, the window stays free."""

import logging
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock

from PySide6.QtCore import QObject, QThread, Signal

from ecgdesk.desk import faults
from ecgdesk.ecg.case import Case
from ecgdesk.ecg.reading import Evidence
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.read.llama.claims import reading
from ecgdesk.read.llama.messages import Cancel, Cancelled, Failed, FromWorker, Load, Progress, Ready, Result, Token
from ecgdesk.read.llama.process import DIED, Ended, LlamaProcess
from ecgdesk.read.llama.reader import order_of, why_unavailable

log = logging.getLogger(__name__)

IDLE_S = 15 * 60.0  # the GPU is given back to other programs after this time without a page
CANCEL_PATIENCE_S = 10.0  # a step of the model takes less; a GPU that hangs is given up
WAIT_FOR_END_MS = 10_000
_POLL_S = 0.05
_GLANCE_S = 1.0


class Phase(StrEnum):
    OFF = "off"
    LOADING = "loading"
    READY = "ready"
    READING = "reading"
    FAILED = "failed"  # the process is gone; one button starts it again


@dataclass(frozen=True)
class Condition:
    """How the model stands: `words` for the user, `fraction` of a load or a page, and the page's case."""

    phase: Phase
    words: str = ""
    fraction: float = 0.0
    case_id: str = ""


@dataclass(frozen=True)
class _Ask:
    number: int  # in the order of asking
    case: Case


@dataclass(frozen=True)
class _Start:
    name: str


class _Stop:
    """Give the GPU back."""


class _Withdrawn(Exception):
    """The user took the page or the load back."""


class LlamaKeeper(QThread):
    """`home` is the desk's folder, in which the bundles are."""

    condition = Signal(object)  # Condition
    token = Signal(str, str)  # case id, a piece of the narrative
    read = Signal(str, object)  # case id, Reading
    failed = Signal(str, str)  # case id, a sentence for the user
    withdrawn = Signal(str)  # case id

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._home, self._idle_s = home, IDLE_S
        self._jobs: SimpleQueue[_Ask | _Start | _Stop | None] = SimpleQueue()
        self._lock = Lock()
        self._asked = 0
        self._withdrawn: dict[str, int] = {}  # by case, up to which number its pages were taken back
        self._stopping = self._ending = False
        self._name = ""
        self._requests = 0
        self._process: LlamaProcess | None = None
        self._ready: Ready | None = None

    # From the window's thread

    def load(self, name: str = "") -> None:
        """Loads the bundle of that name, or the first; another one that is loaded makes room."""
        self._jobs.put(_Start(name))

    def ask(self, case: Case) -> None:
        """Reads a case's page when its turn comes; the model is loaded first where it is not."""
        self._asked += 1
        self._jobs.put(_Ask(self._asked, case))

    def withdraw(self, case_id: str) -> None:
        """Stops the page within a token, or passes over it without a word when its turn comes."""
        with self._lock:
            self._withdrawn[case_id] = self._asked

    def unload(self) -> None:
        """Ends the process; a page that is being read and a load are stopped."""
        with self._lock:
            self._stopping = True
        self._jobs.put(_Stop())

    def end(self) -> None:
        self._ending = True
        self._jobs.put(None)
        if not self.wait(WAIT_FOR_END_MS):
            log.error("The Llama's thread did not end in time")

    @property
    def pid(self) -> int | None:
        """Of the model's process, while there is one."""
        process = self._process
        return process.pid if process is not None else None

    # On this thread

    def run(self) -> None:
        while not self._ending and (job := self._next()) is not None:
            self._carried_out(job)
        self._let_go("")

    def _next(self) -> _Ask | _Start | _Stop | None:
        """Waits for a job; meanwhile a process that nobody needs is ended, and one that died is noticed."""
        since = time.monotonic()
        while True:
            try:
                return self._jobs.get(timeout=min(_GLANCE_S, self._idle_s) if self._process is not None else None)
            except Empty:
                if self._process is not None and self._process.has_ended:
                    self._fail("", DIED)
                elif time.monotonic() - since >= self._idle_s:
                    self._let_go("The model was unloaded: no page was read for some time.")

    def _carried_out(self, job: _Ask | _Start | _Stop) -> None:
        if isinstance(job, _Stop):
            with self._lock:
                self._stopping = False
            self._let_go("")
            return
        case_id = job.case.id if isinstance(job, _Ask) else ""
        try:
            if isinstance(job, _Ask):
                self._read(job)
            else:
                self._start(job.name)
        except _Withdrawn:
            self.withdrawn.emit(case_id)
            if self._ready is None:  # within a load, which knows no half way
                self._drop_process()
            self._rest()
        except Ended:
            self._fail(case_id, DIED)
        except Refusal as refusal:
            self._fail(case_id, str(refusal))
        except Exception as error:  # a bug of ours must not end the queue
            faults.note(error, "The Llama's thread failed")
            self._fail(case_id, faults.sentence(error))

    def _start(self, name: str) -> None:
        if self._process is not None and name in ("", self._name):
            self._rest()
            return
        self._let_go("")
        self.condition.emit(Condition(Phase.LOADING, "Starting …"))
        if sentence := why_unavailable(self._home):
            raise Refusal(sentence)
        self._process, self._name = LlamaProcess(), name
        self._process.send(Load(str(self._home), name))
        answer = self._awaited(self._process, None, 0)
        assert isinstance(answer, Ready)
        self._ready = answer
        self._rest()

    def _read(self, job: _Ask) -> None:
        case = job.case
        if self._is_withdrawn(job):
            return
        if case.recording is None or case.measurements is None:
            raise Refusal("This sheet could not be read, so there is nothing to ask the Llama about.")
        self._start(self._name)
        assert self._process is not None
        assert self._ready is not None
        self._requests += 1
        evidence = Evidence(case.recording, case.measurements, case.patient, case.page)
        self._process.send(order_of(evidence, request=self._requests, measured=self._ready.measured_values))
        answer = self._awaited(self._process, job, self._requests)
        assert isinstance(answer, Result)
        self.read.emit(case.id, reading(answer, evidence))
        self._rest()

    def _awaited(self, process: LlamaProcess, job: _Ask | None, request: int) -> FromWorker:
        """The report that ends the page, or without a job the load."""
        cancelled_at = 0.0
        while True:
            if self._ending or self._stopping:
                raise _Withdrawn  # whoever asked for the end kills the process, whatever it is doing
            if job is not None and not cancelled_at and self._is_withdrawn(job):
                process.send(Cancel(request))
                cancelled_at = time.monotonic()
            if cancelled_at and time.monotonic() - cancelled_at > CANCEL_PATIENCE_S:
                raise Ended
            report = process.hear(_POLL_S)
            if isinstance(report, Failed):
                raise Refusal(report.sentence)
            if isinstance(report, Cancelled):
                raise _Withdrawn
            if isinstance(report, (Ready, Result)):
                return report
            self._tell(report, job.case.id if job is not None else "")

    def _tell(self, report: FromWorker | None, case_id: str) -> None:
        if isinstance(report, Progress):
            phase = Phase.READING if case_id else Phase.LOADING
            words = f"{report.stage[:1].upper()}{report.stage[1:]} …"
            self.condition.emit(Condition(phase, words, report.fraction, case_id))
        elif isinstance(report, Token):
            self.token.emit(case_id, report.text)

    def _rest(self) -> None:
        if self._ready is not None:
            self.condition.emit(Condition(Phase.READY, f"{self._ready.title} on {self._ready.device}", 1.0))
        elif self._process is None:
            self.condition.emit(Condition(Phase.OFF))

    def _fail(self, case_id: str, sentence: str) -> None:
        """The process is ended also when it could go on: what failed once is begun afresh."""
        self._drop_process()
        self.failed.emit(case_id, sentence)
        self.condition.emit(Condition(Phase.FAILED, sentence))

    def _let_go(self, words: str) -> None:
        self._drop_process()
        self.condition.emit(Condition(Phase.OFF, words))

    def _drop_process(self) -> None:
        process, self._process, self._ready = self._process, None, None
        if process is not None:
            process.kill()

    def _is_withdrawn(self, job: _Ask) -> bool:
        with self._lock:
            return job.number <= self._withdrawn.get(job.case.id, 0)
