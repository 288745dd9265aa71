"""The Llama at the desk: carries what panel, models, workbench and the model's thread say to each other."""

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow

from ecgdesk.desk.errands import Errands
from ecgdesk.desk.llama_agreement import lines, llama_reading
from ecgdesk.desk.llama_keeper import Condition, LlamaKeeper, Phase
from ecgdesk.desk.llama_models import ModelsDialog
from ecgdesk.desk.llama_panel import LlamaPanel
from ecgdesk.desk.models import edits
from ecgdesk.desk.workbench import Workbench
from ecgdesk.ecg.case import Case
from ecgdesk.ecg.reading import Reading
from ecgdesk.read.llama.reader import why_unavailable


class LlamaDesk(QObject):
    """Lives with the window. The model's process is started when it is first wanted, never before."""

    said = Signal(str)  # a sentence for the user

    def __init__(self, workbench: Workbench, home: Path, window: QMainWindow) -> None:
        super().__init__(window)
        self._bench, self._home, self._window = workbench, home, window
        self._errands = Errands(self)  # its own: 21 GB that are hashed must not keep a signature waiting
        self._condition = Condition(Phase.OFF)
        self._written: dict[str, str] = {}  # narratives on their way, by case
        self.keeper = LlamaKeeper(home, parent=self)
        self.panel = LlamaPanel()
        self.dock = QDockWidget("Llama", window)
        self.dock.setObjectName("llama")
        self.dock.setWidget(self.panel)
        self.dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
        window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self.dock)
        self.dock.hide()
        self._connect()

    def _connect(self) -> None:
        panel, keeper = self.panel, self.keeper
        panel.ask_wanted.connect(self.ask)
        panel.stop_wanted.connect(self.stop)
        panel.models_wanted.connect(self.show_models)
        panel.accept_wanted.connect(self._bench.accept)
        panel.reject_wanted.connect(self._bench.reject)
        keeper.condition.connect(self._on_condition)
        keeper.token.connect(self._on_token)
        keeper.read.connect(self._on_read)
        keeper.failed.connect(self._on_failed)
        keeper.withdrawn.connect(self._on_withdrawn)
        self._bench.opened.connect(self._show)
        self._bench.changed.connect(self._show)

    @property
    def condition(self) -> Condition:
        return self._condition

    def ask(self) -> None:
        """Reads the open case's page, unless it is being read; without a model the page of models opens instead."""
        case = self._bench.case
        if case is None or not self._can_ask() or case.id in self._written:
            return
        self.dock.show()
        if sentence := why_unavailable(self._home):
            self.said.emit(sentence)
            self.show_models()
            return
        self._written[case.id] = ""
        self._show(case)
        if not self.keeper.isRunning():
            self.keeper.start()
        waits = self._condition.phase in (Phase.READING, Phase.LOADING)
        self.keeper.ask(case)
        if waits:
            self.said.emit("The page waits until the Llama has read the one before it.")

    def stop(self) -> None:
        """The open page when it waits for its turn, else the page that is being read, else the load or the model."""
        case = self._bench.case
        if case is not None and self._waits(case):
            self.keeper.withdraw(case.id)
            self._on_withdrawn(case.id)
        elif self._condition.case_id:
            self.keeper.withdraw(self._condition.case_id)
        else:
            self.keeper.unload()

    def show_models(self) -> None:
        dialog = ModelsDialog(self._home, self._errands, self._window)
        dialog.load_wanted.connect(self._load)
        dialog.removed.connect(lambda _: self.keeper.unload())
        dialog.exec()
        self._show(self._bench.case)

    def _load(self, name: str) -> None:
        self.dock.show()
        if not self.keeper.isRunning():
            self.keeper.start()
        self.keeper.load(name)

    def end(self) -> None:
        self._errands.wait()
        if self.keeper.isRunning():
            self.keeper.end()

    # What the model's thread says

    def _on_condition(self, condition: Condition) -> None:
        another, self._condition = condition.case_id != self._condition.case_id, condition
        if another:
            self._show(self._bench.case)
        self.panel.show_condition(condition, can_ask=self._can_ask())

    def _on_token(self, case_id: str, text: str) -> None:
        self._written[case_id] = self._written.get(case_id, "") + text
        if self._is_open(case_id):
            self.panel.add_to_narrative(text)

    def _on_read(self, case_id: str, reading: Reading) -> None:
        self._written.pop(case_id, None)
        self._bench.propose(case_id, reading)

    def _on_failed(self, case_id: str, sentence: str) -> None:
        self._forget(case_id)
        self.said.emit(sentence)

    def _on_withdrawn(self, case_id: str) -> None:
        self._forget(case_id)
        self.said.emit("The Llama was stopped; nothing was changed.")

    def _forget(self, case_id: str) -> None:
        """What was written of a page that was not read to its end is no report."""
        if self._written.pop(case_id, None) is not None and self._is_open(case_id):
            self._show(self._bench.case)

    # What is shown

    def _show(self, case: Case | None) -> None:
        own = llama_reading(case) if case is not None else None
        on_its_way = self._written.get(case.id) if case is not None else None
        text = on_its_way if on_its_way is not None else own.narrative if own is not None else ""
        self.panel.show_narrative(text, waits=case is not None and self._waits(case))
        self.panel.show_probabilities(own.probabilities if own is not None and on_its_way is None else ())
        editable = case is not None and edits.was_read(case) and case.signature is None
        self.panel.show_lines(lines(case) if case is not None else (), editable=editable)
        self.panel.show_condition(self._condition, can_ask=self._can_ask())

    def _can_ask(self) -> bool:
        case = self._bench.case
        return case is not None and edits.was_read(case) and case.signature is None and case.page is not None

    def _waits(self, case: Case) -> bool:
        """Asked about, and another page is before it."""
        return case.id in self._written and self._condition.case_id not in ("", case.id)

    def _is_open(self, case_id: str) -> bool:
        return self._bench.case is not None and self._bench.case.id == case_id
