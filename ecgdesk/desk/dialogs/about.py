"""What this program is."""

from importlib.metadata import PackageNotFoundError, version

from PySide6.QtWidgets import QMessageBox, QWidget

from ecgdesk.desk import look


def show_about(parent: QWidget) -> None:
    box = QMessageBox(parent)
    box.setWindowTitle("About ecgdesk")
    box.setIconPixmap(look.icon("ecgdesk").pixmap(64, 64))
    box.setText(f"ecgdesk {_version()}")
    box.setInformativeText(
        "An offline reading desk for paper 12-lead ECGs: scan to signed report.\n\n"
        "It helps a trained person to read; it does not replace one, and it is no certified medical device. "
        "Nothing leaves this computer.\n\n"
        "Typeface: Noto Sans (SIL Open Font License). Toolkit: Qt (LGPL v3)."
    )
    box.exec()


def _version() -> str:
    try:
        return version("ecgdesk")
    except PackageNotFoundError:
        return "(not installed)"
