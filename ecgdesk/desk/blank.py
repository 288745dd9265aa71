"""What stands in the middle while there is no sheet to show."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from ecgdesk.desk import look
from ecgdesk.desk.models.queue import Entry

_WELCOME = "Drop ECG scans, photos or PDFs here"
_WELCOME_MORE = "one or many files, or a folder\nor open files (Ctrl+O), or paste an image (Ctrl+V)"
_TEXT_WIDTH = 440  # where there is room for it
_MARGIN = 24


class Blank(QWidget):
    """An invitation, the progress of a file that is being read, or the sentence why there is no sheet."""

    stop_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._picture = QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = _centred(look.font(19, bold=True))
        self._text = _centred(look.font(13))
        self._text.setObjectName("muted")
        self._progress = QProgressBar()
        self._progress.setRange(0, 100)
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(_TEXT_WIDTH * 2 // 3)
        self.stop_button = QPushButton(look.icon("stop"), "Stop reading")
        self.stop_button.clicked.connect(self.stop_wanted)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addStretch(2)
        for widget in (self._picture, self._title, self._text, self._progress, self.stop_button):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self.show_entry(None)

    @property
    def text(self) -> str:
        return f"{self._title.text()}\n{self._text.text()}"

    def show_entry(self, entry: Entry | None) -> None:
        working = entry is not None and entry.in_work
        self._progress.setVisible(working)
        self.stop_button.setVisible(working)
        if entry is None:
            self._say("ecgdesk", _WELCOME, _WELCOME_MORE)
        elif working:
            self._progress.setValue(round(entry.fraction * 100))
            self._say("page", "Reading the sheet", f"{entry.stage} …")
        elif entry.stopped:
            self._say("page", "Stopped", f"{entry.reasons} Press F5 to read it.".strip())
        elif entry.reasons:
            self._say("warning", "This file could not be read", entry.reasons)
        else:
            self._say("page", "Waiting", "It is read when the files before it are done.")

    def _say(self, icon: str, title: str, text: str) -> None:
        size = 72 if icon == "ecgdesk" else 40
        self._picture.setPixmap(look.icon(icon).pixmap(size, size))
        self._title.setText(title)
        self._text.setText(text)
        self._fit_texts()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit_texts()

    def _fit_texts(self) -> None:
        width = min(_TEXT_WIDTH, self.width() - 2 * _MARGIN)
        for label in (self._title, self._text):  # a centred label in a layout does not grow with its lines by itself
            label.setFixedSize(width, label.heightForWidth(width))


def _centred(font: QFont) -> QLabel:
    label = QLabel()
    label.setFont(font)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label
