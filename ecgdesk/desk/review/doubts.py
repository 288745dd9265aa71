"""What to check on this case before it is relied on."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout

from ecgdesk.desk import look
from ecgdesk.ecg.reading import Severity

_HIGHEST_PX = 104


class DoubtsCard(QFrame):
    """A quiet amber card with a sentence each; gone when there is nothing to say."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("doubts")
        self.setStyleSheet(
            f"#doubts {{ background: {look.AMBER_SOFT.name()}; border: none; border-left: 3px solid"
            f" {look.SEVERITY[Severity.BORDERLINE].name()}; }} #doubts QWidget {{ background: transparent; }}"
        )
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._text)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 7, 6, 7)
        column.addWidget(self._scroll)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.show_sentences(())

    @property
    def text(self) -> str:
        return self._text.text()

    def show_sentences(self, sentences: Sequence[str]) -> None:
        self._text.setText("\n".join(sentences))
        self.setVisible(bool(sentences))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width = max(self.width() - 34, 120)
        needed = self._text.heightForWidth(width) + 16
        self.setFixedHeight(min(max(needed, 32), _HIGHEST_PX))
