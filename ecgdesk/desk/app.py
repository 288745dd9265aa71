"""Starts the desk: one application, one store, one window."""

import gc
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication, QMessageBox

from ecgdesk.desk import faults, look
from ecgdesk.desk.dialogs.passphrase import PassphraseDialog
from ecgdesk.desk.window import DeskWindow
from ecgdesk.ecg.home import home
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.pipeline import reread
from ecgdesk.store.cases import CaseStore
from ecgdesk.store.key import Key, store_key
from ecgdesk.store.refusals import NoPassphrase, WrongPassphrase
from ecgdesk.worker import Walker


class _NotOpened(Exception):
    """Nobody wants to type a passphrase."""


def run(files: Sequence[Path] = ()) -> int:
    """Opens the window with these files or folders taken in, and returns its exit status when it is closed."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("ecgdesk")
    app.setDesktopFileName("ecgdesk")
    look.dress(app)
    try:
        with CaseStore.open(home(), key=_key(home())) as store:
            return _run(app, DeskWindow(store, Walker(), Walker(), reread=reread, home=home()), files)
    except _NotOpened:
        return 0
    except Refusal as refusal:
        QMessageBox.critical(None, "ecgdesk", str(refusal))
        return 1


def _run(app: QApplication, window: DeskWindow, files: Sequence[Path]) -> int:
    faults.watch(window.say)
    gc.freeze()  # what is loaded by now stays: the collector need not look through it again while somebody works
    window.show()
    window.activateWindow()  # after the passphrase's dialog not every window manager does it by itself
    window.take_files(files, open_first=True)
    return app.exec()


def _key(folder: Path) -> Key:
    """Asks as often as the person likes to try."""
    wrong = ""

    def ask() -> str:
        return _typed(folder, wrong)

    while True:
        try:
            return store_key(folder, passphrase=ask)
        except WrongPassphrase as refusal:
            wrong = str(refusal)
        except NoPassphrase as refusal:
            raise _NotOpened from refusal


def _typed(folder: Path, wrong: str) -> str:
    dialog = PassphraseDialog(new=not (folder / "cases.key").exists(), wrong=wrong)
    return dialog.passphrase if dialog.exec() else ""
