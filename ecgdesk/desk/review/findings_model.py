"""The findings of the open case as Qt's item model."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, Qt

from ecgdesk.desk.models import wording
from ecgdesk.desk.models.edits import Row
from ecgdesk.desk.queue.model import Index
from ecgdesk.ecg.reading import Finding

ROW_ROLE = Qt.ItemDataRole.UserRole + 1


class FindingsModel(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[Row, ...] = ()

    def show_rows(self, rows: Sequence[Row]) -> None:
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def row_of(self, shown: Finding | None) -> int:
        """-1 when it is not listed."""
        return next((place for place, row in enumerate(self._rows) if row.shown == shown), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's name and default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{wording.hedged(row.shown)}, {row.shown.severity.label}" + (f", {row.said}" if row.said else "")
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{wording.hedged(row.shown)}\n{row.shown.why}"
        return row if role == ROW_ROLE else None
