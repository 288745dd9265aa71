"""The list of cases as Qt's item model."""

from bisect import bisect_left
from collections.abc import Iterable

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from ecgdesk.desk.models.queue import Entry, order

Index = QModelIndex | QPersistentModelIndex

ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1


class QueueModel(QAbstractListModel):
    """Entries in the order of `models.queue.order`."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        super().__init__()
        self._entries = sorted(entries, key=order)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's name and default
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return entry.tip
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.title}, {entry.status_line}"
        return entry if role == ENTRY_ROLE else None

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)

    def entry(self, case_id: str) -> Entry | None:
        return next((entry for entry in self._entries if entry.id == case_id), None)

    def row(self, case_id: str) -> int:
        """-1 when it is not there."""
        return next((row for row, entry in enumerate(self._entries) if entry.id == case_id), -1)

    def put(self, entry: Entry) -> None:
        """Adds the entry, or takes it in the place of the one with the same id."""
        row = self.row(entry.id)
        if row >= 0:
            self._entries[row] = entry
            self.dataChanged.emit(self.index(row), self.index(row))
            return
        row = bisect_left(self._entries, order(entry), key=order)
        self.beginInsertRows(QModelIndex(), row, row)
        self._entries.insert(row, entry)
        self.endInsertRows()

    def remove(self, case_id: str) -> None:
        row = self.row(case_id)
        if row >= 0:
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._entries[row]
            self.endRemoveRows()
