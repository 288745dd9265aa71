"""Adds a finding from the catalogue, or changes one."""

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPixmap
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QListWidget, QListWidgetItem, QPlainTextEdit, QWidget

from ecgdesk.desk import look
from ecgdesk.desk.dialogs.frame import Question
from ecgdesk.desk.models import wording
from ecgdesk.desk.models.edits import by_hand
from ecgdesk.ecg.reading import Finding, Severity
from ecgdesk.ecg.statements import Statement, catalogue

_STATEMENT_ROLE = Qt.ItemDataRole.UserRole


class AddFindingDialog(Question):
    """The catalogue as a list; typing narrows it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Add a finding", "", "Add", parent)
        self.resize(520, 560)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search statements, e.g. “bundle”")
        self.search.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setSpacing(1)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.criterion = QLabel()
        self.criterion.setObjectName("muted")
        self.criterion.setWordWrap(True)
        self.criterion.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.criterion.setMinimumHeight(52)
        self.note = QLineEdit()
        self.note.setPlaceholderText("Why, in your words (may stay empty)")
        for widget in (self.search, self.list, self.criterion, self.note):
            self.column.addWidget(widget)
        self.search.textChanged.connect(self._fill)
        self.list.currentItemChanged.connect(lambda *_: self._describe())
        self.list.itemDoubleClicked.connect(lambda _: self.confirm())
        self._fill("")
        self.search.setFocus()

    @property
    def unsaved(self) -> bool:
        return bool(self.note.text().strip())

    @property
    def finding(self) -> Finding | None:
        statement = self._current()
        return by_hand(statement, note=self.note.text().strip()) if statement else None

    def confirm(self) -> None:
        if self._current() is None:
            self.say("Choose a statement of the list.")
        else:
            self.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        # Arrows move through the list while the search line keeps the focus.
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            self.list.setCurrentRow(min(max(self.list.currentRow() + step, 0), self.list.count() - 1))
            return
        super().keyPressEvent(event)

    def _fill(self, words: str) -> None:
        self.list.clear()
        for statement in sought(words, catalogue().values()):
            item = QListWidgetItem(_dot(statement.severity), statement.name)
            item.setData(_STATEMENT_ROLE, statement)
            item.setToolTip(f"{statement.name}\n{statement.category}, {statement.severity.label}")
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self._describe()

    def _describe(self) -> None:
        statement = self._current()
        self.criterion.setText(statement.criterion if statement else "No statement holds these words.")
        self.primary.setEnabled(statement is not None)

    def _current(self) -> Statement | None:
        item = self.list.currentItem()
        statement = item.data(_STATEMENT_ROLE) if item is not None else None
        return statement if isinstance(statement, Statement) else None


def sought(words: str, statements: Iterable[Statement]) -> list[Statement]:
    """Statements that hold every word in their name, code or category."""
    wanted = words.casefold().split()
    return [s for s in statements if all(word in f"{s.name} {s.code} {s.category}".casefold() for word in wanted)]


class EditFindingDialog(Question):
    """Text and severity of one finding; its evidence and reason stay."""

    def __init__(self, finding: Finding, parent: QWidget | None = None) -> None:
        super().__init__("Edit the finding", "", "Save", parent)
        self._finding = finding
        self.text = QPlainTextEdit(wording.statement(finding))
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(72)
        self.severity = QComboBox()
        for severity in reversed(Severity):
            self.severity.addItem(_dot(severity), severity.label, severity)
        self.severity.setCurrentIndex(self.severity.findData(finding.severity))
        reason = QLabel(finding.why)
        reason.setObjectName("muted")
        reason.setWordWrap(True)
        for widget in (self.text, self.severity, reason):
            self.column.addWidget(widget)
        self.text.selectAll()
        self.text.setFocus()

    @property
    def unsaved(self) -> bool:
        return self.text.document().isModified() or self.severity.currentData() != self._finding.severity

    @property
    def replacement(self) -> Finding:
        text = " ".join(self.text.toPlainText().split())
        return replace(self._finding, text=text, severity=Severity(self.severity.currentData()))

    def confirm(self) -> None:
        if self.text.toPlainText().strip():
            self.accept()
        else:
            self.say("A finding needs a text; reject the finding if it does not hold.")


def _dot(severity: Severity) -> QPixmap:
    dot = QPixmap(10, 10)
    dot.fill(look.SEVERITY[severity])
    return dot
