"""What the window must be able to rely on in its Qt binding."""

import sys

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

CALLS = 1000


def test_calls_into_qt_leave_the_references_to_none_as_they_were(qtbot: QtBot) -> None:
    """PySide6 6.12.0 on Python 3.11 takes one away with each call, until Python ends the program."""
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        thing.setObjectName("thing")
    assert sys.getrefcount(None) > before - CALLS / 2
