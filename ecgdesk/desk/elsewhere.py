"""What other programs do to the cases of the same desk: the list and the open case follow."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from ecgdesk.desk.errands import Errands
from ecgdesk.desk.models.intake import sheet_id
from ecgdesk.desk.models.queue import Entry
from ecgdesk.desk.queue.model import QueueModel
from ecgdesk.desk.queue.panel import QueuePanel
from ecgdesk.desk.workbench import Workbench
from ecgdesk.ecg.case import Status
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.store.cases import CaseStore, Summary

EVERY_MS = 1000


class Elsewhere(QObject):
    """Looks once a second, off the window's thread, whether there is anything to follow."""

    renewed = Signal()  # the open case was changed by another program, and is shown as it is now
    lost = Signal(str)  # a sentence: the open case was deleted by another program; its line stays until it is left

    def __init__(
        self,
        store: CaseStore,
        bench: Workbench,
        model: QueueModel,
        queue: QueuePanel,
        *,
        typing: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        """`typing`: whether somebody is at a field of the open case, which must not be taken from under the hands."""
        super().__init__(parent)
        self._store, self._bench, self._model, self._queue, self._typing = store, bench, model, queue, typing
        self._errands = Errands(self)
        self._timer = QTimer(self, singleShot=True, interval=EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._owes_open = False  # the open case was changed, and could not be shown as it is now yet
        self._lost = ""  # id of the open case that is gone
        queue.chosen.connect(self._on_chosen)

    def begin(self) -> None:
        self._timer.start()

    def look(self) -> None:
        self._timer.stop()
        self._errands.run(self._store.changed_elsewhere, done=self._on_looked, failed=lambda _: self._timer.start())

    def end(self) -> None:
        self._timer.stop()
        self._errands.wait()

    def _on_looked(self, changed: bool) -> None:
        if changed or self._owes_open:
            try:
                outdated = self._store.outdated()
                if changed:
                    self._follow({summary.id: summary for summary in self._store.summaries()}, outdated)
                self._follow_open(outdated)
            except Refusal as refusal:
                self.lost.emit(f"What other windows changed is not shown. {refusal}")
        self._timer.start()

    def _follow(self, kept: dict[str, Summary], outdated: frozenset[str]) -> None:
        for summary in kept.values():
            self._follow_entry(summary)
        for case_id in outdated:
            self._bench.shelf.drop(case_id)
        for entry in self._model.entries:
            if entry.id not in kept:
                self._follow_deleted(entry, kept)
        if not self._queue.current and self._model.entries:
            self._queue.choose(self._model.entries[0].id)

    def _follow_entry(self, summary: Summary) -> None:
        entry = self._model.entry(summary.id)
        # How far a waiting file is stands in the list alone.
        if entry is None or not entry.status is summary.status is Status.WAITING:
            now = Entry.of_summary(summary)
            if entry != now:
                self._model.put(now)

    def _follow_deleted(self, entry: Entry, kept: dict[str, Summary]) -> None:
        if self._queue.current != entry.id:
            self._model.remove(entry.id)
        elif entry.status is Status.WAITING:
            first_sheet = sheet_id(entry.id, 1)
            if first_sheet in kept:  # it was read there
                self._queue.choose(first_sheet)
            self._model.remove(entry.id)
        elif self._lost != entry.id:
            # Another case must not slip under the hands of somebody who is at work on this one.
            self._lost = entry.id
            self.lost.emit(f"{entry.short_title} was deleted in another window; it can no longer be changed or signed.")

    def _follow_open(self, outdated: frozenset[str]) -> None:
        case = self._bench.case
        self._owes_open = case is not None and case.id in outdated and case.id != self._lost
        if self._owes_open and not self._typing() and self._bench.renew():
            self._owes_open = False
            self.renewed.emit()

    def _on_chosen(self, case_id: str) -> None:
        if self._lost and self._lost != case_id:
            gone, self._lost = self._lost, ""
            self._model.remove(gone)
