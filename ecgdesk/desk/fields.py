"""Fields that get along with the window's shortcuts."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QLineEdit

_TAKEN_ON_X11 = (Qt.Key.Key_D, Qt.Key.Key_E)  # there Qt deletes a character and goes to the end of the line with them


class Line(QLineEdit):
    """A line that leaves Ctrl+D and Ctrl+E to the window's actions on every system."""

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.modifiers() == Qt.KeyboardModifier.ControlModifier
            and event.key() in _TAKEN_ON_X11
        ):
            event.ignore()
            return False
        return super().event(event)


class ChoiceBox(QComboBox):
    """A choice by its first letter, although letters alone are shortcuts of the window."""

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
            and event.text().isprintable()
            and event.text()
        ):
            event.accept()
            return True
        return super().event(event)
