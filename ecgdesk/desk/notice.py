"""What somebody must know who was not looking: it stays over the desk until it is put away."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from ecgdesk.desk import look
from ecgdesk.ecg.reading import Severity

_MOST_SHOWN = 3  # a hundred files dropped on a full disk must not push the sheet out of the window


class Notice(QFrame):
    """Sentences about what was not kept, each once, the latest first."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notice")
        ink = look.SEVERITY[Severity.URGENT].name()
        self.setStyleSheet(f"#notice {{ background: {look.RED_SOFT.name()}; }} #notice QLabel {{ color: {ink}; }}")
        self._sentences: list[str] = []
        icon = QLabel()
        icon.setPixmap(look.icon("warning", colour=ink).pixmap(20, 20))
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self.close_button = QPushButton("Close")
        self.close_button.setObjectName("small")
        self.close_button.clicked.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 7, 12, 7)
        row.setSpacing(10)
        row.addWidget(icon)
        row.addWidget(self._text, 1)
        row.addWidget(self.close_button)
        self.hide()

    @property
    def text(self) -> str:
        return self._text.text()

    def add(self, sentence: str) -> None:
        self._sentences = [sentence, *(one for one in self._sentences if one != sentence)]
        shown = self._sentences[:_MOST_SHOWN]
        if len(self._sentences) > _MOST_SHOWN:
            shown.append(f"… and {len(self._sentences) - _MOST_SHOWN} more")
        self._text.setText("\n".join(shown))
        self._text.setToolTip("\n".join(self._sentences))
        self.show()

    def clear(self) -> None:
        self._sentences = []
        self._text.clear()
        self.hide()
