"""The lower part of the review: the measurements, or the comparison with an earlier ECG."""

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from ecgdesk.desk.review.comparison import ComparisonPanel
from ecgdesk.desk.review.measurements import MeasurementsPanel


class FiguresPanel(QWidget):
    def __init__(self, measurements: MeasurementsPanel, comparison: ComparisonPanel) -> None:
        super().__init__()
        self._stack = QStackedWidget()
        self._group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(14)
        self.tabs: dict[QWidget, QPushButton] = {}
        for title, page in (("MEASUREMENTS", measurements), ("COMPARISON", comparison)):
            tab = QPushButton(title)
            tab.setObjectName("tab")
            tab.setCheckable(True)
            tab.clicked.connect(lambda _=False, page=page: self.show_page(page))
            self._group.addButton(tab)
            self._stack.addWidget(page)
            self.tabs[page] = tab
            row.addWidget(tab)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._stack, 1)
        self.show_page(measurements)

    def show_page(self, page: QWidget) -> None:
        self._stack.setCurrentWidget(page)
        self.tabs[page].setChecked(True)
