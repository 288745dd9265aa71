"""What is taken in, until it is read: intake and walks on the one side, the list of cases on the other."""

from PySide6.QtCore import QObject, Signal

from ecgdesk.desk.intake import Intake
from ecgdesk.desk.models.queue import Entry
from ecgdesk.desk.queue.model import QueueModel
from ecgdesk.desk.queue.panel import QueuePanel
from ecgdesk.desk.walks import Dispatcher, Walks
from ecgdesk.desk.workbench import Workbench
from ecgdesk.ecg.case import Case, Status
from ecgdesk.store.cases import CaseStore


class Arrivals(QObject):
    """Hands what is taken in to the dispatcher, and shows in the list how far it is."""

    lost = Signal(str)  # a sentence about what was not taken in, or could not be kept
    moved = Signal(str)  # id of the waiting case that is further now, or at rest

    def __init__(
        self,
        store: CaseStore,
        walker: Walks,
        bench: Workbench,
        model: QueueModel,
        queue: QueuePanel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bench, self._model, self._queue = bench, model, queue
        self.intake = Intake(store, self)
        self.dispatcher = Dispatcher(store, walker, self)
        self.intake.kept.connect(self._on_kept)
        self.intake.refused.connect(self.lost)
        self.dispatcher.progressed.connect(self._on_progress)
        self.dispatcher.sheet_kept.connect(self._on_sheet)
        self.dispatcher.finished_file.connect(self._model.remove)
        self.dispatcher.refused_file.connect(self._on_refused_file)
        self.dispatcher.stopped_file.connect(self._rest)
        self.dispatcher.failed_to_keep.connect(self._on_failed_to_keep)

    def begin(self) -> None:
        """Also with what was still waiting when the program ended."""
        self.dispatcher.start()
        for entry in self._model.entries:
            self.submit(entry)

    def submit(self, entry: Entry) -> None:
        """Has it read, where it waits and is not being read already."""
        if entry.status is Status.WAITING and not entry.in_work:
            self._model.put(entry.at_rest(stopped=False))
            self.dispatcher.submit(entry.id)
            self.moved.emit(entry.id)

    def stop(self, entry: Entry) -> None:
        if entry.status is Status.WAITING:
            self.dispatcher.cancel(entry.id)
            self._rest(entry.id)

    def _on_kept(self, case: Case, wanted: bool) -> None:
        entry = Entry.of_case(case)
        self._model.put(entry)
        self.submit(entry)
        if wanted or not self._queue.current:
            self._queue.choose(case.id)

    def _on_progress(self, case_id: str, stage: str, fraction: float) -> None:
        entry = self._model.entry(case_id)
        if entry is not None and not entry.stopped:
            self._model.put(entry.working(stage, fraction))
            self.moved.emit(case_id)

    def _on_sheet(self, waiting_id: str, case: Case) -> None:
        was_open = self._queue.current == waiting_id
        self._bench.shelf.lay(case)
        self._model.put(Entry.of_case(case))
        if was_open or not self._queue.current:
            self._queue.choose(case.id)

    def _on_refused_file(self, case: Case) -> None:
        self._model.put(Entry.of_case(case))
        if self._queue.current == case.id:
            self._bench.open("")
            self._bench.shelf.lay(case)
            self._bench.open(case.id)

    def _on_failed_to_keep(self, case_id: str, sentence: str) -> None:
        entry = self._model.entry(case_id)
        self._rest(case_id, why=sentence)
        self.lost.emit(f"{entry.short_title}: {sentence}" if entry is not None else sentence)

    def _rest(self, case_id: str, *, why: str = "") -> None:
        entry = self._model.entry(case_id)
        if entry is not None:
            self._model.put(entry.at_rest(stopped=True, why=why))
            self.moved.emit(case_id)
