"""The left panel: the cases, a line to search them, how many are left."""

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from ecgdesk.desk.models.queue import Entry
from ecgdesk.desk.queue.delegate import QueueDelegate
from ecgdesk.desk.queue.model import ENTRY_ROLE, Index, QueueModel
from ecgdesk.ecg.case import Status


class _Sought(QSortFilterProxyModel):
    """Entries whose title or file holds the words, and the one on the desk however it is renamed."""

    def __init__(self, model: QueueModel) -> None:
        super().__init__()
        self._words = ""
        self.on_the_desk = ""  # its id: another case must not take its place under somebody who types into it
        self.setSourceModel(model)

    def seek(self, words: str) -> None:
        self._words, self.on_the_desk = words.casefold(), ""
        self.invalidate()

    def let_in(self, case_id: str) -> None:
        """The case that comes on the desk now, whatever is sought."""
        self.on_the_desk = case_id
        self.invalidateFilter()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:  # noqa: N802 - Qt's name
        entry = self.sourceModel().index(row, 0, parent).data(ENTRY_ROLE)
        if not isinstance(entry, Entry):
            return False
        return entry.id == self.on_the_desk or self._words in f"{entry.title} {entry.source_name}".casefold()


class QueuePanel(QWidget):
    """Chooses the case on the desk. A search that does not find it leaves it there; it is then no line of the list."""

    chosen = Signal(str)  # the case's id; empty when none is left

    def __init__(self, model: QueueModel) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._model = model
        self._current = ""
        self._seeking = False
        self._sought = _Sought(model)
        self._count = QLabel()
        self._count.setObjectName("muted")
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search cases")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search cases")
        self.search.textChanged.connect(self._seek)
        self.search.returnPressed.connect(self._take_found)
        self.list = QListView()
        self.list.setModel(self._sought)
        self.list.setItemDelegate(QueueDelegate(self.list))
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName("Cases")
        self.list.selectionModel().currentChanged.connect(self._on_current)
        self._lay_out()
        model.rowsRemoved.connect(self._on_removed)
        for changed in (model.rowsInserted, model.rowsRemoved, model.dataChanged):
            changed.connect(self._count_up)
        self._count_up()

    def _lay_out(self) -> None:
        heading = QLabel("CASES")
        heading.setObjectName("heading")
        top = QHBoxLayout()
        top.addWidget(heading)
        top.addStretch()
        top.addWidget(self._count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 0)
        column.setSpacing(8)
        inset = QVBoxLayout()
        inset.setContentsMargins(12, 0, 12, 0)
        inset.addLayout(top)
        inset.addWidget(self.search)
        column.addLayout(inset)
        column.addWidget(self.list)

    @property
    def current(self) -> str:
        """Id of the case on the desk."""
        return self._current

    def choose(self, case_id: str) -> None:
        if self._model.row(case_id) >= 0 and not self._index(case_id).isValid():
            self._sought.let_in(case_id)
        self._select(self._index(case_id))

    def _index(self, case_id: str) -> QModelIndex:
        """Invalid while the search does not find it."""
        return self._sought.mapFromSource(self._model.index(self._model.row(case_id)))

    def _select(self, index: QModelIndex) -> None:
        if index.isValid():
            self.list.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def step(self, by: int) -> None:
        """To the next (+1) or the previous (-1) case in sight."""
        row = self.list.currentIndex().row() + by
        if 0 <= row < self._sought.rowCount():
            self._select(self._sought.index(row, 0))

    def neighbours(self) -> list[str]:
        """The ids of the next and the previous case in sight, as far as they are read."""
        row = self.list.currentIndex().row()
        entries = [self._sought.index(row + by, 0).data(ENTRY_ROLE) for by in (1, -1)] if row >= 0 else []
        return [e.id for e in entries if isinstance(e, Entry) and e.status is not Status.WAITING]

    def _seek(self, words: str) -> None:
        self._seeking = True
        self._sought.seek(words)
        index = self._index(self._current)
        if index.isValid():
            self._sought.on_the_desk = self._current
            self._select(index)
        else:
            self.list.selectionModel().clear()
        self._seeking = False

    def _take_found(self) -> None:
        """Return lays the first case that was found on the desk, unless the one there was found too."""
        if not self.list.currentIndex().isValid():
            self._select(self._sought.index(0, 0))
        self.list.setFocus()

    def _on_current(self, now: QModelIndex, before: QModelIndex) -> None:
        del before
        entry = now.data(ENTRY_ROLE)
        if isinstance(entry, Entry) and not self._seeking:
            self._put_on_desk(entry.id)

    def _on_removed(self) -> None:
        if self._current and self._model.row(self._current) < 0:
            first = self._sought.index(0, 0)
            self._select(first) if first.isValid() else self._put_on_desk("")

    def _put_on_desk(self, case_id: str) -> None:
        self._current = self._sought.on_the_desk = case_id
        self.chosen.emit(case_id)

    def _count_up(self) -> None:
        read = [entry for entry in self._model.entries if entry.status in (Status.READ, Status.DOUBTFUL)]
        left = sum(not entry.signed for entry in read)
        self._count.setText(f"{left} of {len(read)} to sign" if read else "")
