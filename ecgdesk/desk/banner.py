"""The strip over the sheet that must not be overlooked."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from ecgdesk.desk import look
from ecgdesk.ecg.reading import Severity


class Banner(QFrame):
    """Critical findings with the button that acknowledges them, or a notice with the one that mends the sheet."""

    acknowledged = Signal()
    mend_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self.button = QPushButton("Acknowledge")
        self.button.setToolTip("I have seen this finding and have acted on it; it is accepted into the report.")
        self.button.clicked.connect(self.acknowledged)
        self.mend_button = QPushButton("Correct the sheet")
        self.mend_button.setToolTip("Set its corners and its layout by hand, and read it again (M)")
        self.mend_button.clicked.connect(self.mend_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 12, 8)
        row.setSpacing(10)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addWidget(self.button)
        row.addWidget(self.mend_button)
        self.hide()

    @property
    def text(self) -> str:
        return self._text.text()

    def show_critical(self, alarm: str) -> None:
        red = look.SEVERITY[Severity.CRITICAL].name()
        self._dress(ground=red, ink="#ffffff")
        self._text.setText(alarm)
        self.button.show()
        self.mend_button.hide()
        self.show()

    def show_notice(self, sentence: str) -> None:
        """Why the sheet cannot be read, and the way to set it right."""
        self._dress(ground=look.RED_SOFT.name(), ink=look.SEVERITY[Severity.URGENT].name())
        self._text.setText(sentence)
        self.button.hide()
        self.mend_button.show()
        self.show()

    def _dress(self, *, ground: str, ink: str) -> None:
        self._icon.setPixmap(look.icon("warning", colour=ink).pixmap(20, 20))
        self.setStyleSheet(
            f"#banner {{ background: {ground}; }} #banner QLabel {{ color: {ink}; font-weight: bold; }}"
            f"QPushButton {{ background: white; color: {look.SEVERITY[Severity.CRITICAL].name()};"
            " border: none; font-weight: bold; padding: 5px 14px; }"
            "QPushButton:hover { background: #fbe9ee; }"
            f"QPushButton:focus {{ border: 2px solid {look.INK.name()}; padding: 3px 12px; }}"
        )
