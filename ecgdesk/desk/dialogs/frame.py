"""What all dialogs share: a heading, a place for a sentence that went wrong, and the buttons."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPushButton, QVBoxLayout, QWidget

from ecgdesk.desk import look
from ecgdesk.ecg.reading import Severity

WIDTH = 420


class Question(QDialog):
    """A dialog with `column` to fill; the primary button stands at the right and takes Return."""

    def __init__(self, title: str, explanation: str, primary: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(WIDTH)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(20, 18, 20, 16)
        outer.setSpacing(12)
        heading = QLabel(title)
        heading.setFont(look.font(17, bold=True))
        outer.addWidget(heading)
        text = QLabel(explanation)
        text.setObjectName("muted")
        text.setWordWrap(True)
        text.setVisible(bool(explanation))
        outer.addWidget(text)
        self.column = QVBoxLayout()
        self.column.setSpacing(8)
        outer.addLayout(self.column)
        self._may_go = False
        self._wrong = QLabel()
        self._wrong.setWordWrap(True)
        self._wrong.setTextFormat(Qt.TextFormat.PlainText)
        self._wrong.setStyleSheet(f"color: {look.SEVERITY[Severity.URGENT].name()};")
        self._wrong.setVisible(False)
        outer.addWidget(self._wrong)
        self.primary = QPushButton(primary)
        self.primary.setObjectName("primary")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.buttons.addButton(self.primary, QDialogButtonBox.ButtonRole.ActionRole)
        self.buttons.rejected.connect(self.reject)
        self.primary.clicked.connect(self.confirm)
        outer.addWidget(self.buttons)
        # Only now, inside the dialog: before, Qt would forget it and make Cancel what Return presses.
        cancel = self.buttons.button(QDialogButtonBox.StandardButton.Cancel)
        cancel.setAutoDefault(False)
        cancel.setIcon(QIcon())
        self.primary.setDefault(True)

    @property
    def wrong(self) -> str:
        return self._wrong.text()

    def say(self, sentence: str) -> None:
        """Shows what is wrong; an empty sentence takes it away."""
        self._wrong.setText(sentence)
        self._wrong.setVisible(bool(sentence))
        layout = self.layout()
        if layout is not None and self.isVisible():
            # A dialog does not grow by itself, and would cut off its other texts instead.
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    @property
    def unsaved(self) -> bool:
        """Whether something would be lost now by closing the dialog; one where that can be overrides it."""
        return False

    def reject(self) -> None:
        """What Esc and Cancel do; what was typed is not lost by one stray key."""
        if self.unsaved and not self._may_go:
            self._may_go = True
            self.say(f"This is not saved. {self.primary.text()} keeps it; Esc or Cancel once more gives it up.")
            return
        super().reject()

    def confirm(self) -> None:
        """What the primary button does; a dialog that checks its fields overrides it."""
        self.accept()
