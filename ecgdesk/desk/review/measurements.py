"""The measurements as a table of plain lines."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from ecgdesk.desk.models.wording import FigureRow
from ecgdesk.desk.review.elided import Elided


class MeasurementsPanel(QWidget):
    """Name, value, spread, unit and source; a figure that could not be had says why."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[FigureRow, ...] = ()
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._scroll)

    def show_rows(self, rows: Sequence[FigureRow]) -> None:
        if self._shown == tuple(rows):
            return  # an edit of a finding changes no figure, and laying out the table anew takes longer than all else
        self._shown = tuple(rows)
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(12, 0, 12, 8)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(4, 1)
        for place, row in enumerate(rows):
            _add(grid, place, row)
        grid.setRowStretch(len(rows), 1)
        self._scroll.setWidget(table)


def _add(grid: QGridLayout, place: int, row: FigureRow) -> None:
    name = _cell(row.name, "muted", row.detail)
    value = _cell(row.value, "strong", row.detail)
    value.setAlignment(Qt.AlignmentFlag.AlignRight)
    grid.addWidget(name, place, 0)
    grid.addWidget(value, place, 1)
    if not row.measurable:
        why = Elided()
        why.show_text(row.spread, tip=row.detail)
        why.setObjectName("muted")
        grid.addWidget(why, place, 2, 1, 3)
        return
    grid.addWidget(_cell(row.unit, "", row.detail), place, 2)
    grid.addWidget(_cell(row.spread, "muted", row.detail), place, 3)
    how = Elided()
    how.show_text(row.source, tip=row.detail)
    how.setObjectName("muted")
    how.setAlignment(Qt.AlignmentFlag.AlignRight)
    grid.addWidget(how, place, 4)


def _cell(text: str, role: str, tip: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName(role)
    label.setToolTip(tip)
    return label
