"""Windows for the desk's tests, without a screen."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from ecgdesk.desk import look
from ecgdesk.desk.mender import Mends
from ecgdesk.desk.window import DeskWindow
from ecgdesk.ecg.case import Case
from ecgdesk.ecg.patient import Patient
from ecgdesk.store.cases import CaseStore
from ecgdesk.store.key import Key
from tests.desk.fakes import FakeMender, FakeWalker

OpenDesk = Callable[..., DeskWindow]


def settle(window: DeskWindow) -> None:
    """Until every change so far is on the disk and shown."""
    window.workbench.keeper.wait()
    QCoreApplication.sendPostedEvents()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CaseStore]:
    with CaseStore.open(tmp_path, key=Key(bytes(range(32)))) as opened:
        yield opened


@pytest.fixture
def open_desk(qtbot: QtBot, qapp: QApplication, store: CaseStore, tmp_path: Path) -> Iterator[OpenDesk]:
    """Opens a window over the same store as often as it is called; `cases` are kept first."""
    look.dress(qapp)
    windows: list[DeskWindow] = []

    def opened(
        *cases: Case,
        walker: FakeWalker | None = None,
        mender: Mends | None = None,
        reread: Callable[[Case], Case] = lambda case: case,
    ) -> DeskWindow:
        for case in cases:
            store.put(case)
        window = DeskWindow(store, walker or FakeWalker(), mender or FakeMender(), reread=reread, home=tmp_path)
        window.resize(1366, 768)  # which the screen that is none has no room for
        with qtbot.waitActive(window):  # only an active window listens to its shortcuts
            window.show()
            window.activateWindow()
        windows.append(window)
        return window

    yield opened
    for window in windows:
        window.review.patient.show_patient(Patient(), case_id="", editable=False)  # else it asks about what is unkept
        window.close()
        window.deleteLater()
