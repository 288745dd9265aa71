"""Everything that can be done, with its words, icon and keys, in one table."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QMenuBar, QSizePolicy, QToolBar, QToolButton, QWidget

from ecgdesk.desk import look


@dataclass(frozen=True)
class _Deed:
    text: str
    icon: str = ""
    keys: tuple[str, ...] = ()
    checkable: bool = False
    tip: str = ""


_DEEDS = {
    "open": _Deed("Open files …", "open", ("Ctrl+O",), tip="Open scans, photos or PDFs"),
    "folder": _Deed("Open folder …", "folder", ("Ctrl+Shift+O",)),
    "paste": _Deed("Paste image", "paste", ("Ctrl+V",)),
    "export_pdf": _Deed("Export PDF …", "export", ("Ctrl+E",)),
    "export_json": _Deed("Export JSON …"),
    "export_csv": _Deed("Export CSV …"),
    "sign": _Deed("Sign …", "sign", ("Ctrl+Return", "Ctrl+Enter")),
    "amend": _Deed("Amend …", "amend"),
    "replaced": _Deed("Export replaced signed report …", tip="A report that was signed before the case was amended"),
    "again": _Deed("Read again", "", ("F5",), tip="Reads a stopped file"),
    "stop": _Deed("Stop reading", "stop", ("Ctrl+.",)),
    "delete": _Deed("Delete case …", "delete", ("Ctrl+Delete", "Ctrl+Backspace")),
    "quit": _Deed("Quit", "", ("Ctrl+Q",)),
    "compare": _Deed("Compare with an earlier ECG …", "", ("Ctrl+D",)),
    "undo": _Deed("Undo", "undo", ("Ctrl+Z",)),
    "redo": _Deed("Redo", "redo", ("Ctrl+Shift+Z", "Ctrl+Y")),
    "previous": _Deed("Previous case", "previous", ("P", "PgUp", "Ctrl+Up")),
    "next": _Deed("Next case", "next", ("N", "PgDown", "Ctrl+Down")),
    "search": _Deed("Search cases", "", ("Ctrl+F",)),
    "grid": _Deed("Lead grid", "grid", ("G",), True, "The digitised signal on millimetre paper"),
    "page": _Deed("Page", "page", ("S",), True, "The straightened scan"),
    "leads": _Deed("All leads", "leads", ("L",), True, "Each lead in a row of its own"),
    "beat": _Deed("Beat", "beat", ("B",), True, "The representative beat with its marks"),
    "overlay": _Deed("Trace over scan", "overlay", ("T",), True, "Lays the digitised trace over the scan"),
    "fit": _Deed("Fit", "fit", ("F", "Ctrl+0"), tip="Fit the sheet to the window"),
    "true_size": _Deed("True size", "", ("1",)),
    "zoom_in": _Deed("Zoom in", "zoom-in", ("Ctrl++", "Ctrl+=", "+")),
    "zoom_out": _Deed("Zoom out", "zoom-out", ("Ctrl+-", "-")),
    "mend": _Deed("Correct", "mend", ("M",), True, "Set corners, layout, scales, leads or the trace right"),
    "callipers": _Deed(
        "Callipers",
        "callipers",
        ("C",),
        True,
        "Measure ms, bpm and mV with two clicks or a drag; holds fast on marks and peaks, but with Alt",
    ),
    "accept": _Deed("Accept finding", "accept", ("A",)),
    "edit": _Deed("Edit finding …", "edit", ("E",)),
    "reject": _Deed("Reject finding", "reject", ("R",)),
    "add": _Deed("Add finding …", "add", ("Insert", "Ctrl+I")),
    "previous_finding": _Deed("Previous finding", "", ("K",)),
    "next_finding": _Deed("Next finding", "", ("J",)),
    "llama": _Deed("Read with the Llama", "", ("Ctrl+L",), tip="Asks the model on this machine about the page"),
    "llama_panel": _Deed("Llama panel", "", (), True),
    "models": _Deed("Models …"),
    "about": _Deed("About ecgdesk", "about"),
}

_MENUS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "&File",
        ("open", "folder", "paste", "|", "export_pdf", "export_json", "export_csv", "|", "quit"),
    ),
    ("&Edit", ("undo", "redo", "|", "mend")),
    (
        "&Case",
        (
            "previous",
            "next",
            "search",
            "|",
            "again",
            "stop",
            "llama",
            "|",
            "compare",
            "|",
            "sign",
            "amend",
            "replaced",
            "|",
            "delete",
        ),
    ),
    ("F&inding", ("previous_finding", "next_finding", "|", "accept", "edit", "reject", "|", "add")),
    (
        "&View",
        (
            "grid",
            "page",
            "leads",
            "beat",
            "|",
            "overlay",
            "callipers",
            "|",
            "zoom_in",
            "zoom_out",
            "fit",
            "true_size",
            "|",
            "llama_panel",
        ),
    ),
    ("&Help", ("models", "about")),
)
_BAR = (
    *("open", "folder", "paste", "|", "previous", "next", "|", "grid", "page", "leads", "beat", "|"),
    *("overlay", "callipers", "mend", "|", "undo", "|", "fit", "zoom_in", "zoom_out", "<>", "export_pdf", "delete"),
)
_WITH_TEXT = ("open", "grid", "page", "leads", "beat", "callipers", "mend", "export_pdf")


class Actions(QObject):
    """The window's actions by name; menus and the tool bar are made from them."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._by_name = {name: _made(deed, window) for name, deed in _DEEDS.items()}
        sheets = QActionGroup(self)
        for name in ("grid", "page", "leads", "beat"):
            sheets.addAction(self[name])
        self["grid"].setChecked(True)
        for action in self._by_name.values():
            window.addAction(action)

    def __getitem__(self, name: str) -> QAction:
        return self._by_name[name]

    def enable(self, *, on: bool, names: tuple[str, ...]) -> None:
        for name in names:
            self[name].setEnabled(on)

    def fill_menus(self, bar: QMenuBar) -> None:
        for title, names in _MENUS:
            menu = bar.addMenu(title)
            for name in names:
                if name == "|":
                    menu.addSeparator()
                else:
                    menu.addAction(self[name])

    def tool_bar(self) -> QToolBar:
        bar = _Bar([self[name] for name in _WITH_TEXT])
        bar.setMovable(False)
        bar.setContextMenuPolicy(bar.contextMenuPolicy().PreventContextMenu)
        for name in _BAR:
            if name == "|":
                bar.addSeparator()
            elif name == "<>":
                bar.addWidget(_spring())
            else:
                bar.addAction(self[name])
        return bar


class _Bar(QToolBar):
    """The tool bar; its words give way to the icons alone where the window is too narrow for all of them."""

    def __init__(self, with_text: Sequence[QAction]) -> None:
        super().__init__("Tools")
        self._with_text = with_text
        self._needs_px = 0  # with its words

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        if not self._needs_px:
            self._dress(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            self._needs_px = self.sizeHint().width()
        wide = event.size().width() >= self._needs_px
        self._dress(Qt.ToolButtonStyle.ToolButtonTextBesideIcon if wide else Qt.ToolButtonStyle.ToolButtonIconOnly)
        super().resizeEvent(event)

    def _dress(self, style: Qt.ToolButtonStyle) -> None:
        for action in self._with_text:
            button = self.widgetForAction(action)
            if isinstance(button, QToolButton):
                button.ensurePolished()
                button.setToolButtonStyle(style)


def _made(deed: _Deed, parent: QObject) -> QAction:
    action = QAction(deed.text, parent)
    if deed.icon:
        action.setIcon(look.icon(deed.icon))
    action.setIconText(deed.text.removesuffix(" …").removesuffix(" files").removesuffix(" PDF"))
    action.setCheckable(deed.checkable)
    action.setShortcuts([QKeySequence(key) for key in deed.keys])
    keys = f" ({deed.keys[0]})" if deed.keys else ""
    action.setToolTip((deed.tip or deed.text.removesuffix(" …")) + keys)
    return action


def _spring() -> QWidget:
    spring = QWidget()
    spring.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return spring
