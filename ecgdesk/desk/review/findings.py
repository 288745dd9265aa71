"""The findings of the open case, and what a person says of them."""

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QLabel, QListView, QPushButton, QVBoxLayout, QWidget

from ecgdesk.desk import look
from ecgdesk.desk.models import agreement, wording
from ecgdesk.desk.models.edits import Row
from ecgdesk.desk.review.elided import Elided
from ecgdesk.desk.review.findings_delegate import FindingsDelegate
from ecgdesk.desk.review.findings_model import ROW_ROLE, FindingsModel
from ecgdesk.ecg.reading import Finding


class _List(QListView):
    """Rows as wide as the view; the current one is open and hence higher."""

    def __init__(self) -> None:
        super().__init__()
        self.setItemDelegate(FindingsDelegate(self))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Findings")

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(320, 260)


class FindingsPanel(QWidget):
    """Emits what was decided about a finding as its reader gave it."""

    picked = Signal(object)  # the Finding as it stands, or None
    accepted = Signal(object)  # the original Finding
    rejected = Signal(object)
    edit_wanted = Signal(object)  # Row
    add_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._model = FindingsModel()
        self._editable = False
        self.list = _List()
        self.list.setModel(self._model)
        self.accept_button = _button("Accept", "accept", "Accept the picked finding (A)")
        self.edit_button = _button("Edit", "edit", "Change its text or severity (E)")
        self.reject_button = _button("Reject", "reject", "Reject the picked finding (R)")
        self.add_button = _button("Add", "add", "Add a finding from the catalogue (Insert)")
        self._lay_out()
        self.list.selectionModel().currentChanged.connect(self._on_current)
        self.list.doubleClicked.connect(lambda _: self.edit())
        self.accept_button.clicked.connect(self.accept)
        self.edit_button.clicked.connect(self.edit)
        self.reject_button.clicked.connect(self.reject)
        self.add_button.clicked.connect(self.add)
        self._enable()

    def _lay_out(self) -> None:
        heading = QLabel("FINDINGS")
        heading.setObjectName("heading")
        self.tally = Elided()
        self.tally.setObjectName("muted")
        self.tally.setAlignment(Qt.AlignmentFlag.AlignRight)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(12, 0, 12, 0)
        buttons.setSpacing(6)
        for button in (self.accept_button, self.edit_button, self.reject_button):
            buttons.addWidget(button)
        buttons.addStretch()
        buttons.addWidget(self.add_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 8)
        column.setSpacing(6)
        inset = QHBoxLayout()
        inset.setContentsMargins(12, 0, 12, 0)
        inset.addWidget(heading)
        inset.addWidget(self.tally, 1)
        column.addLayout(inset)
        column.addWidget(self.list, 1)
        column.addLayout(buttons)

    @property
    def current(self) -> Row | None:
        row = self.list.currentIndex().data(ROW_ROLE)
        return row if isinstance(row, Row) else None

    def show_rows(self, rows: tuple[Row, ...], *, editable: bool, picked: Finding | None, unread: bool = False) -> None:
        """`unread`: they are still to come, for another age or sex."""
        self._editable = editable
        blocked = self.list.selectionModel().blockSignals(True)
        self._model.show_rows(rows)
        tally = agreement.tally([row.agrees for row in rows if not row.follows])
        empty = "" if rows else "none"
        self.tally.show_text("not read yet" if unread else tally or empty, tip=_who_said_what(rows))
        self.list.selectionModel().blockSignals(blocked)
        self.pick(picked)
        self._enable()

    def pick(self, finding: Finding | None) -> None:
        selection = self.list.selectionModel()
        row = self._model.row_of(finding)
        if row < 0:
            selection.clear()
        else:
            selection.setCurrentIndex(self._model.index(row), QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._enable()
        self._relay()

    def step(self, by: int) -> None:
        """To the next (+1) or the previous (-1) finding; from none to the first."""
        row = self.list.currentIndex().row()
        wanted = max(row + by, 0) if row >= 0 else 0
        if wanted < self._model.rowCount():
            index = self._model.index(wanted)
            self.list.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def accept(self) -> None:
        if self.accept_button.isEnabled() and (row := self.current):
            self.accepted.emit(row.original)

    def reject(self) -> None:
        if self.reject_button.isEnabled() and (row := self.current):
            self.rejected.emit(row.original)

    def edit(self) -> None:
        if self.edit_button.isEnabled() and (row := self.current):
            self.edit_wanted.emit(row)

    def add(self) -> None:
        if self.add_button.isEnabled():
            self.add_wanted.emit()

    def _on_current(self) -> None:
        self._enable()
        self._relay()
        row = self.current
        self.picked.emit(row.shown if row else None)

    def _relay(self) -> None:
        self.list.scheduleDelayedItemsLayout()
        self.list.doItemsLayout()
        self.list.scrollTo(self.list.currentIndex())

    def _enable(self) -> None:
        decidable = self._editable and self.current is not None
        for button in (self.accept_button, self.edit_button, self.reject_button):
            button.setEnabled(decidable)
        self.add_button.setEnabled(self._editable)


def _who_said_what(rows: Sequence[Row]) -> str:
    """A line for each of those who said so, with their statements."""
    said: dict[str, list[str]] = {}
    for row in rows:
        if row.agrees is not None and not row.follows:
            said.setdefault(row.said, []).append(wording.statement(row.shown))
    return "\n".join(f"{who}: {'; '.join(what)}" for who, what in said.items())


def _button(text: str, icon: str, tip: str) -> QPushButton:
    button = QPushButton(look.icon(icon), text)
    button.setObjectName("small")
    button.setToolTip(tip)
    return button
