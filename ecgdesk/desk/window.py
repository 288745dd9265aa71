"""The window: puts the panels together and carries what one says to the others."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSettings, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QLabel, QMainWindow, QSplitter, QVBoxLayout, QWidget

from ecgdesk.desk import look
from ecgdesk.desk.actions import Actions
from ecgdesk.desk.arrivals import Arrivals
from ecgdesk.desk.beat.beat import BeatView
from ecgdesk.desk.centre import Centre
from ecgdesk.desk.deeds import Deeds
from ecgdesk.desk.elsewhere import Elsewhere
from ecgdesk.desk.errands import Errands
from ecgdesk.desk.garbage import Collector
from ecgdesk.desk.intake import takes
from ecgdesk.desk.llama_desk import LlamaDesk
from ecgdesk.desk.mender import Mends
from ecgdesk.desk.mending.mending import Mending
from ecgdesk.desk.models.queue import Entry
from ecgdesk.desk.notice import Notice
from ecgdesk.desk.queue.model import QueueModel
from ecgdesk.desk.queue.panel import QueuePanel
from ecgdesk.desk.readiness import enable
from ecgdesk.desk.review.panel import ReviewPanel
from ecgdesk.desk.sheet.scene import Kind
from ecgdesk.desk.walks import Walks
from ecgdesk.desk.wiring import wire
from ecgdesk.desk.workbench import Reread, Workbench
from ecgdesk.ecg.case import Case
from ecgdesk.ecg.reading import Finding
from ecgdesk.store.cases import CaseStore, Summary

_SENTENCE_MS = 8000
_STATUS_PX = 26
_FRAME_PX = 40  # about what a title bar needs of the screen
_SAVING_SHOWS_MS = 400  # a disk that keeps a change in less is not worth a word


class DeskWindow(QMainWindow):
    """One window over one store. Closing it ends the walks; what was not finished waits in the store."""

    def __init__(self, store: CaseStore, walker: Walks, mends: Mends, *, reread: Reread, home: Path) -> None:
        super().__init__()
        self.setWindowTitle("ecgdesk")
        self.setWindowIcon(look.icon("ecgdesk"))
        self.setAcceptDrops(True)
        self._store = store
        self._collector = Collector(self)
        self._settings = QSettings(str(home / "window.ini"), QSettings.Format.IniFormat)
        self.workbench = Workbench(store, mends, reread=reread, parent=self)
        self.errands = Errands(self)
        self.queue_model = QueueModel(Entry.of_summary(summary) for summary in store.summaries())
        self.queue = QueuePanel(self.queue_model)
        self.arrivals = Arrivals(store, walker, self.workbench, self.queue_model, self.queue, self)
        self.centre = Centre()
        self.review = ReviewPanel()
        self.elsewhere = Elsewhere(
            store,
            self.workbench,
            self.queue_model,
            self.queue,
            typing=lambda: self.review.patient.unkept,
            parent=self,
        )
        self.notice = Notice()
        self.actions_table = Actions(self)
        self.deeds = Deeds(self)
        self.mending = Mending(self.workbench, self.centre, self)
        self.beat = BeatView(self.workbench, self.centre, self)
        self.llama = LlamaDesk(self.workbench, home, self)
        self.calliper_reading = QLabel()
        self._saving = QLabel("Saving …")
        self._saving_late = QTimer(self, singleShot=True, interval=_SAVING_SHOWS_MS)
        self._build()
        self._connect()
        self._enable()
        self.arrivals.begin()
        self._choose_first()
        self.elsewhere.begin()
        self.queue.list.setFocus()

    # Putting together

    def _build(self) -> None:
        self.actions_table.fill_menus(self.menuBar())
        self.addToolBar(self.actions_table.tool_bar())
        split = QSplitter(Qt.Orientation.Horizontal)
        for widget in (self.queue, self.centre, self.review):
            split.addWidget(widget)
        split.setChildrenCollapsible(False)
        split.setStretchFactor(1, 1)
        split.setSizes([236, 790, 340])
        self.queue.setMinimumWidth(150)
        self.review.setMinimumWidth(300)
        self._split = split
        desk = QWidget()
        column = QVBoxLayout(desk)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notice)
        column.addWidget(split, 1)
        self.setCentralWidget(desk)
        self.statusBar().addPermanentWidget(self._saving)
        self.statusBar().addPermanentWidget(self.calliper_reading)
        self._saving.hide()
        self._saving_late.timeout.connect(self._saving.show)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().setFixedHeight(_STATUS_PX)  # it must not grow with its first text and so move the sheet
        room = self.screen().availableSize() - QSize(0, _FRAME_PX)
        self.resize(QSize(1366, 768).boundedTo(room))
        self._restore()

    def _restore(self) -> None:
        for restore, key in ((self.restoreGeometry, "geometry"), (self._split.restoreState, "split")):
            value = self._settings.value(key)
            if value is not None:
                restore(value)

    def _connect(self) -> None:
        self._connect_actions()
        self.arrivals.lost.connect(self.notice.add)
        self.arrivals.moved.connect(self._refresh_blank)
        self.elsewhere.lost.connect(self.notice.add)
        self.elsewhere.renewed.connect(lambda: self.say("Another window changed this case; it is shown as it is now."))
        self.queue.chosen.connect(self._on_chosen)
        self.workbench.opened.connect(self._on_opened)
        self.workbench.kept.connect(lambda case: self.queue_model.put(Entry.of_case(case)))
        self.workbench.changed.connect(self._on_changed)
        self.workbench.picked.connect(self._on_picked)
        self.workbench.refused.connect(self.say)
        self.workbench.not_kept.connect(self._on_not_kept)
        self.workbench.said.connect(self.say)
        self.workbench.keeper.busy.connect(self._on_saving)
        self.centre.acknowledged.connect(self.workbench.acknowledge)
        self.centre.stop_wanted.connect(self.stop)
        self.centre.view.finding_picked.connect(self.workbench.pick)
        self.centre.view.measured.connect(self.calliper_reading.setText)
        findings = self.review.findings
        findings.picked.connect(self.workbench.pick)
        findings.accepted.connect(self.workbench.accept)
        findings.rejected.connect(self.workbench.reject)
        findings.edit_wanted.connect(self.deeds.edit_finding)
        findings.add_wanted.connect(self.deeds.add_finding)
        self.review.patient.entered.connect(self.workbench.set_patient)
        self.review.patient.wrong.connect(self.say)
        self.review.comparison.choose_wanted.connect(self.deeds.compare)
        self.review.comparison.clear_wanted.connect(lambda: self.workbench.compare_with(""))
        self.review.sign_bar.sign_wanted.connect(self.deeds.sign)
        self.review.sign_bar.amend_wanted.connect(self.deeds.amend)

    def _connect_actions(self) -> None:
        wire(self)
        self.llama.dock.visibilityChanged.connect(lambda _: self._show_llama_panel_as_it_is())
        self.llama.said.connect(self.say)
        self.actions_table["overlay"].toggled.connect(self._on_overlay)
        self.actions_table["mend"].toggled.connect(self.mending.set_active)
        self.mending.active_changed.connect(self._on_mending)
        self.mending.said.connect(self.say)
        self.centre.banner.mend_wanted.connect(lambda: self.mending.set_active(True))

    # What goes in

    def take_files(self, files: Sequence[Path], *, open_first: bool = False) -> None:
        """`open_first`: the first of them is laid on the desk, whatever lies there."""
        if files:
            self.arrivals.intake.take_files(files, open_first=open_first)

    def paste(self) -> None:
        mime = QGuiApplication.clipboard().mimeData()
        if mime is None or not self.arrivals.intake.take_mime(mime):
            self.say("The clipboard holds no image and no files; copy a scan first.")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        if takes(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        if self.arrivals.intake.take_mime(event.mimeData()):
            event.acceptProposedAction()

    def read_again(self) -> None:
        entry = self._current_entry()
        if entry is not None:
            self.arrivals.submit(entry)

    def stop(self) -> None:
        entry = self._current_entry()
        if entry is not None:
            self.arrivals.stop(entry)

    def delete(self, case_id: str, *, then: Callable[[], None], failed: Callable[[str], None]) -> None:
        """Deletes a case for good; `failed` gets a sentence, and the case then stays."""

        def gone() -> None:
            self.queue_model.remove(case_id)
            then()

        self.arrivals.dispatcher.cancel(case_id)
        self.workbench.delete(case_id, then=gone, failed=failed)

    def kept_summaries(self) -> tuple[Summary, ...]:
        return self._store.summaries()

    def kept_times(self, case_ids: Iterable[str]) -> dict[str, datetime | None]:
        return self._store.recorded_at(case_ids)

    def say(self, sentence: str) -> None:
        self.statusBar().showMessage(sentence, _SENTENCE_MS)

    def _on_saving(self, busy: bool) -> None:
        if busy:
            self._saving_late.start()
        else:
            self._saving_late.stop()
            self._saving.hide()

    # What is on the desk

    def _choose_first(self) -> None:
        entries = self.queue_model.entries
        first = next((entry for entry in entries if not entry.signed), entries[0] if entries else None)
        if first is not None:
            self.queue.choose(first.id)

    def _on_not_kept(self, sentence: str, changed_elsewhere: bool) -> None:
        self.notice.add(sentence)
        if changed_elsewhere:
            self.review.patient.forget()  # what was typed was meant for the case as it was

    def _on_chosen(self, case_id: str) -> None:
        self._leave_patient()
        self.workbench.open(case_id)
        self.workbench.shelf.fetch(self.queue.neighbours())

    def _leave_patient(self) -> None:
        """Keeps what is being typed before its case is put away, and says what cannot be kept."""
        patient, case = self.review.patient, self.workbench.case
        patient.commit()
        entry = self.queue_model.entry(case.id) if case is not None else None
        if patient.fault and entry is not None:
            self.notice.add(f"{entry.short_title}: a field of the patient was not kept. {patient.fault}")

    def _on_opened(self, case: Case | None) -> None:
        self.mending.set_active(False)
        self.centre.show_case(case, self._current_entry())
        self.review.show_case(case, picked=None)
        self.calliper_reading.clear()
        self._enable()

    def _on_changed(self, case: Case) -> None:
        self.centre.refresh(case, self._current_entry())
        self.mending.show_changed(case)
        self.review.show_case(case, picked=self.workbench.picked_finding)
        self.centre.pick(self.workbench.picked_finding)
        self._enable()

    def _on_picked(self, finding: Finding | None) -> None:
        self.review.findings.pick(finding)
        self.centre.pick(finding)
        self._enable()

    def _refresh_blank(self, case_id: str) -> None:
        if self.queue.current == case_id:
            self.centre.blank.show_entry(self.queue_model.entry(case_id))
            self._enable()

    def _current_entry(self) -> Entry | None:
        return self.queue_model.entry(self.queue.current)

    def show_kind(self, kind: Kind) -> None:
        self.centre.show_kind(kind)
        self.centre.pick(self.workbench.picked_finding)

    def _on_overlay(self, on: bool) -> None:
        self.centre.show_overlay(on)
        if on and self.centre.kind is not Kind.PAGE:
            self.actions_table["page"].trigger()

    def _show_llama_panel_as_it_is(self) -> None:
        self.actions_table["llama_panel"].setChecked(not self.llama.dock.isHidden())

    def _on_mending(self, on: bool) -> None:
        self.actions_table["mend"].setChecked(on)
        if on:
            self.actions_table["callipers"].setChecked(False)  # handles are dragged with the hand
        self._enable()

    def _enable(self) -> None:
        enable(self.actions_table, self.workbench, self._current_entry(), mending=self.mending.active)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        if not self.deeds.may_close():
            event.ignore()
            return
        self._settings.setValue("geometry", self.saveGeometry())
        self._settings.setValue("split", self._split.saveState())
        self.arrivals.intake.wait()
        self.elsewhere.end()
        self.errands.wait()
        self.llama.end()
        self.workbench.end()
        self.arrivals.dispatcher.end()
        QCoreApplication.sendPostedEvents()  # what they said last is heard while the store is still open
        self._collector.end()
        super().closeEvent(event)
