"""What to check on this case before it is relied on."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from ecgdesk.desk import look
from ecgdesk.ecg.reading import Severity

_MOST_SHOWN = 2  # more would push the findings out of a small window; the tool tip holds them all


class DoubtsCard(QFrame):
    """A quiet amber card with a sentence each; gone when there is nothing to say."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("doubts")
        edge = look.SEVERITY[Severity.BORDERLINE].name()
        self.setStyleSheet(
            f"#doubts {{ background: {look.AMBER_SOFT.name()}; border: none; border-left: 3px solid {edge}; }}"
        )
        self._text = QLabel()
        self._text.setFont(look.font(12))
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 7, 10, 7)
        column.addWidget(self._text)
        self.show_sentences(())

    @property
    def text(self) -> str:
        return self._text.text()

    def show_sentences(self, sentences: Sequence[str]) -> None:
        shown = list(sentences[:_MOST_SHOWN])
        if len(sentences) > _MOST_SHOWN:
            shown.append(f"… and {len(sentences) - _MOST_SHOWN} more")
        self._text.setText("\n".join(shown))
        self.setToolTip("\n".join(sentences))
        self.setVisible(bool(sentences))
