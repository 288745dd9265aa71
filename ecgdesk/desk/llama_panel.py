"""The Llama beside the embedded readers: its state, its report as it is written, and where they agree."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QIcon, QPainter, QPixmap, QTextCursor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ecgdesk.desk import look
from ecgdesk.desk.llama_agreement import Line, Mark
from ecgdesk.desk.llama_keeper import Condition, Phase
from ecgdesk.ecg.case import Verdict
from ecgdesk.ecg.reading import Probability, Severity

_COLOURS = {
    Mark.BOTH: look.SEVERITY[Severity.NORMAL],
    Mark.CLAIMED: look.SEVERITY[Severity.INFO],
    Mark.CONTRADICTED: look.SEVERITY[Severity.URGENT],
    Mark.NOT_NAMED: look.FAINT,
}
_VERDICTS = {Verdict.ACCEPTED: "accepted", Verdict.REJECTED: "rejected", Verdict.EDITED: "edited"}
_NOTHING_YET = "Nothing was asked of the Llama about this ECG yet."
_ITS_TURN = "This page waits for its turn …"
_LINE_ROLE = Qt.ItemDataRole.UserRole
_WORK = (Phase.LOADING, Phase.READING)


class LlamaPanel(QWidget):
    """Shows what it is told; decides nothing."""

    ask_wanted = Signal()
    stop_wanted = Signal()
    models_wanted = Signal()
    accept_wanted = Signal(object)  # the Llama's Finding
    reject_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.bar = QProgressBar(maximum=1000, textVisible=False)
        self.shares = QLabel()
        self.shares.setObjectName("muted")
        self.shares.setWordWrap(True)
        self.shares.setToolTip("How likely the model holds each label, from the likelihood of its yes and no")
        self.ask_button = QPushButton("Read with the Llama")
        self.stop_button = _small("Stop")
        self.models_button = _small("Models …")
        self.narrative = QPlainTextEdit(readOnly=True)
        self.narrative.setAccessibleName("The Llama's report")
        self.narrative.setPlaceholderText(_NOTHING_YET)
        self.table = _table()
        self.accept_button = _small("Accept", "accept")
        self.reject_button = _small("Reject", "reject")
        self._editable = False
        self._lay_out()
        self.ask_button.clicked.connect(self.ask_wanted)
        self.stop_button.clicked.connect(self.stop_wanted)
        self.models_button.clicked.connect(self.models_wanted)
        self.accept_button.clicked.connect(lambda: self._decide(self.accept_wanted))
        self.reject_button.clicked.connect(lambda: self._decide(self.reject_wanted))
        self.table.currentItemChanged.connect(self._enable)
        self.show_condition(Condition(Phase.OFF), can_ask=False)
        self._enable()

    def _lay_out(self) -> None:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(_column("LLAMA", self.state, self.bar, self._buttons(), self.shares, None))
        split.addWidget(_column("WHAT THE LLAMA WRITES", self.narrative))
        split.addWidget(_column("BESIDE THE EMBEDDED READERS", self.table, self._decisions()))
        split.setSizes([250, 520, 560])
        split.setStretchFactor(1, 1)
        split.setStretchFactor(2, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(split)
        self.setMinimumHeight(150)

    def _buttons(self) -> QWidget:
        return _row(self.ask_button, self.stop_button, self.models_button)

    def _decisions(self) -> QWidget:
        hint = QLabel("What only the Llama says stands in the report once you accept it.")
        hint.setObjectName("muted")
        return _row(self.accept_button, self.reject_button, hint)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(1000, 190)

    # What is shown

    def show_condition(self, condition: Condition, *, can_ask: bool) -> None:
        at_work = condition.phase in _WORK
        self.state.setText(_words(condition))
        failed = condition.phase is Phase.FAILED
        self.state.setStyleSheet(f"color: {look.SEVERITY[Severity.URGENT].name()};" if failed else "")
        self.bar.setVisible(at_work)
        self.bar.setValue(round(1000 * condition.fraction))
        self.ask_button.setText("Start again" if failed else "Read with the Llama")
        self.ask_button.setEnabled(can_ask)
        self.ask_button.setVisible(not at_work)
        self.stop_button.setVisible(at_work or condition.phase is Phase.READY)
        self.stop_button.setText("Stop" if at_work else "Unload")

    def show_probabilities(self, probabilities: Sequence[Probability]) -> None:
        self.shares.setText(", ".join(f"{one.label} {one.value:.2f}" for one in probabilities))

    def show_narrative(self, text: str, *, waits: bool = False) -> None:
        """`waits`: the page was asked about and its turn has not come."""
        self.narrative.setPlaceholderText(_ITS_TURN if waits else _NOTHING_YET)
        self.narrative.setPlainText(text)

    def add_to_narrative(self, text: str) -> None:
        """The reader's place in the text stays where it is, unless it is at the end."""
        bar = self.narrative.verticalScrollBar()
        at_end = bar.value() >= bar.maximum()
        cursor = QTextCursor(self.narrative.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text)
        if at_end:
            bar.setValue(bar.maximum())

    def show_lines(self, lines: tuple[Line, ...], *, editable: bool) -> None:
        self._editable = editable
        self.table.clear()
        for line in lines:
            self.table.addTopLevelItem(_item(line))
        self.table.resizeColumnToContents(0)
        self._enable()

    @property
    def lines(self) -> tuple[Line, ...]:
        items = (self.table.topLevelItem(row) for row in range(self.table.topLevelItemCount()))
        return tuple(item.data(0, _LINE_ROLE) for item in items if item is not None)

    def _decide(self, signal: object) -> None:
        line = self._current()
        if line is not None:
            signal.emit(line.finding)  # type: ignore[attr-defined]

    def _current(self) -> Line | None:
        item = self.table.currentItem()
        return item.data(0, _LINE_ROLE) if item is not None else None

    def _enable(self) -> None:
        line = self._current()
        own = self._editable and line is not None and line.mark is not Mark.NOT_NAMED
        self.accept_button.setEnabled(own and line is not None and line.verdict is not Verdict.ACCEPTED)
        self.reject_button.setEnabled(own and line is not None and line.verdict is not Verdict.REJECTED)


def _words(condition: Condition) -> str:
    if condition.phase is Phase.OFF:
        return condition.words or "No model is loaded."
    if condition.phase is Phase.READY:
        return f"Ready: {condition.words}."
    return condition.words


def _table() -> QTreeWidget:
    table = QTreeWidget()
    table.setColumnCount(2)
    table.setRootIsDecorated(False)
    table.setUniformRowHeights(True)
    table.setHeaderHidden(True)
    table.setAccessibleName("Where the readers agree")
    table.setIndentation(0)
    return table


def _item(line: Line) -> QTreeWidgetItem:
    verdict = f"  ({_VERDICTS[line.verdict]})" if line.verdict in _VERDICTS else ""
    item = QTreeWidgetItem([line.mark.value, line.text + verdict])
    item.setForeground(0, QBrush(_COLOURS[line.mark]))
    item.setIcon(0, _dot(_COLOURS[line.mark], filled=line.mark is not Mark.NOT_NAMED))
    for column in range(2):
        item.setToolTip(column, line.why)
    item.setData(0, _LINE_ROLE, line)
    return item


def _dot(colour: QColor, *, filled: bool) -> QIcon:
    """Filled where the Llama says it, a ring where it does not: the mark is told without colour too."""
    image = QPixmap(12, 12)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(colour)
    painter.setBrush(colour if filled else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(2, 2, 8, 8)
    painter.end()
    return QIcon(image)


def _column(title: str, *parts: QWidget | None) -> QWidget:
    """Parts under a heading; None is an empty stretch."""
    widget = QWidget()
    column = QVBoxLayout(widget)
    column.setContentsMargins(12, 8, 12, 8)
    column.setSpacing(6)
    heading = QLabel(title)
    heading.setObjectName("heading")
    column.addWidget(heading)
    for part in parts:
        if part is None:
            column.addStretch()
        else:
            column.addWidget(part)
    return widget


def _row(*parts: QWidget) -> QWidget:
    widget = QWidget()
    row = QHBoxLayout(widget)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    for part in parts:
        row.addWidget(part)
    row.addStretch()
    return widget


def _small(text: str, icon: str = "") -> QPushButton:
    button = QPushButton(text)
    if icon:
        button.setIcon(look.icon(icon))
    button.setObjectName("small")
    return button
