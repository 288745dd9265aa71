"""The dispatcher of walks: files in, cases kept, one at a time, while the window stays free."""

import logging
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Lock
from typing import Protocol

from PySide6.QtCore import QObject, QThread, Signal

from ecgdesk.desk import faults
from ecgdesk.desk.models.intake import of_sheet, refused
from ecgdesk.ecg.case import Case
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.store.cases import CaseStore
from ecgdesk.store.refusals import NoSuchCase, StoreRefusal
from ecgdesk.worker import Cancelled, Progress

log = logging.getLogger(__name__)

WAIT_FOR_END_MS = 10_000


class Walks(Protocol):
    """What walks a file; `ecgdesk.worker.Walker` in the program."""

    def walk(
        self,
        data: bytes,
        *,
        name: str,
        on_case: Callable[[Case], None],
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None: ...

    def close(self) -> None: ...


class Dispatcher(QThread):
    """Walks the waiting cases of the store in the order in which they were handed over.

    Each sheet is in the store before `sheet_kept` says so; the waiting case goes only after its last sheet is kept.
    """

    progressed = Signal(str, str, float)  # id of the waiting case, stage, fraction
    sheet_kept = Signal(str, object)  # id of the waiting case, the sheet's Case
    finished_file = Signal(str)  # its sheets are kept and it is gone from the store
    refused_file = Signal(object)  # the Case that keeps the sentence
    stopped_file = Signal(str)  # it waits on
    failed_to_keep = Signal(str, str)  # id, the store's sentence; the file waits on

    def __init__(self, store: CaseStore, walker: Walks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._walker = store, walker
        self._jobs: SimpleQueue[str | None] = SimpleQueue()
        self._lock = Lock()
        self._cancelled: set[str] = set()
        self._ending = False

    def submit(self, case_id: str) -> None:
        with self._lock:
            self._cancelled.discard(case_id)
        self._jobs.put(case_id)

    def cancel(self, case_id: str) -> None:
        """Stops the file when it is being walked, or passes over it when its turn comes."""
        with self._lock:
            self._cancelled.add(case_id)

    def end(self) -> None:
        """Stops at once; what was not finished waits in the store."""
        self._ending = True
        self._jobs.put(None)
        if not self.wait(WAIT_FOR_END_MS):
            log.error("The dispatcher did not end in time")
        self._walker.close()

    def run(self) -> None:
        while (case_id := self._jobs.get()) is not None and not self._ending:
            try:
                self._walk(case_id)
            except NoSuchCase:
                continue  # deleted while it waited
            except StoreRefusal as refusal:
                self.failed_to_keep.emit(case_id, str(refusal))

    def _walk(self, case_id: str) -> None:
        waiting = self._store.get(case_id)
        try:
            if self._is_cancelled(case_id):
                raise Cancelled
            self.progressed.emit(case_id, "starting", 0.0)  # the worker's process takes seconds to be there
            self._walker.walk(
                waiting.scan,
                name=waiting.source_name,
                on_case=lambda case: self._keep(waiting, case),
                on_progress=lambda progress: self.progressed.emit(case_id, progress.stage, progress.fraction),
                cancelled=lambda: self._is_cancelled(case_id),
            )
        except Cancelled:
            self.stopped_file.emit(case_id)
        except StoreRefusal:
            raise
        except Refusal as refusal:
            self._refuse(waiting, str(refusal))
        except Exception as error:  # a bug of ours must not end the queue
            faults.note(error, "A walk failed")
            self._refuse(waiting, faults.sentence(error))
        else:
            self._store.delete(case_id)
            self.finished_file.emit(case_id)

    def _keep(self, waiting: Case, walked: Case) -> None:
        if not self._store.holds(waiting.id):
            raise NoSuchCase("Another window has read or deleted this file meanwhile; look at the list.")
        with suppress(NoSuchCase):  # deleted, the file being read again
            self.sheet_kept.emit(waiting.id, self._kept(of_sheet(waiting, walked)))

    def _kept(self, sheet: Case) -> Case:
        try:
            return self._store.get(sheet.id)  # kept before a crash, and perhaps edited since
        except NoSuchCase:
            self._store.put(sheet)
        return sheet

    def _refuse(self, waiting: Case, sentence: str) -> None:
        kept = refused(waiting, sentence)
        self._store.put(kept)
        self.refused_file.emit(kept)

    def _is_cancelled(self, case_id: str) -> bool:
        with self._lock:
            return self._ending or case_id in self._cancelled
