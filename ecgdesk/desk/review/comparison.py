"""The open ECG beside an earlier one of the same patient."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ecgdesk.desk import look
from ecgdesk.desk.models.serial import Line, lines
from ecgdesk.desk.review.elided import Elided
from ecgdesk.ecg.comparison import SerialComparison

_NONE = "Not compared yet. The earlier ECG is found by the patient’s ID."


class ComparisonPanel(QWidget):
    """What changed, and whether that is more than the measurement's own uncertainty."""

    choose_wanted = Signal()
    clear_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[SerialComparison | None, bool] | None = None
        self._with = Elided()
        self._with.setObjectName("muted")
        self.choose_button = QPushButton("Choose …")
        self.choose_button.setObjectName("small")
        self.choose_button.setToolTip("Choose an earlier ECG of this patient to compare with")
        self.clear_button = QPushButton("Take away")
        self.clear_button.setObjectName("small")
        self.choose_button.clicked.connect(self.choose_wanted)
        self.clear_button.clicked.connect(self.clear_wanted)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = QHBoxLayout()
        head.setContentsMargins(12, 0, 12, 0)
        head.setSpacing(6)
        head.addWidget(self._with, 1)
        head.addWidget(self.choose_button)
        head.addWidget(self.clear_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self._scroll, 1)
        self.show_comparison(None, editable=False)

    @property
    def text(self) -> str:
        """All that is said, a line each."""
        content = self._scroll.widget()
        return "\n".join(label.text() for label in content.findChildren(QLabel)) if content is not None else ""

    def show_comparison(self, comparison: SerialComparison | None, *, editable: bool) -> None:
        if self._shown == (comparison, editable):
            return
        self._shown = (comparison, editable)
        self.choose_button.setVisible(editable)
        self.clear_button.setVisible(editable and comparison is not None)
        day = f"With {comparison.earlier_at:%Y-%m-%d}" if comparison is not None else ""
        self._with.show_text(day, tip=f"{comparison.earlier_at:%Y-%m-%d %H:%M}" if comparison is not None else "")
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(12, 0, 12, 8)
        column.setSpacing(3)
        for line in lines(comparison) if comparison is not None else (Line(_NONE),):
            column.addWidget(_label(line))
        column.addStretch(1)
        self._scroll.setWidget(content)


def _label(line: Line) -> QLabel:
    label = QLabel(f"▲ {line.text}" if line.real else line.text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setToolTip(line.detail)
    if line.strong:
        label.setObjectName("strong")
    elif line.real:
        label.setStyleSheet(f"color: {look.AMBER.name()}; font-weight: bold;")
    else:
        label.setObjectName("muted")
    return label
