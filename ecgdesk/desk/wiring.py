"""Which deed each of the window's actions does."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from ecgdesk.desk.sheet.scene import Kind
from ecgdesk.desk.sheet.view import ZOOM_STEP, Tool

if TYPE_CHECKING:
    from ecgdesk.desk.window import DeskWindow

Deed = Callable[[], object]


def wire(window: "DeskWindow") -> None:
    """Every deed comes after what is being typed into the patient's fields, which a shortcut does not leave."""
    table = window.actions_table

    def do(deed: Deed) -> None:
        window.review.patient.commit()
        deed()

    for name, deed in (_of_files(window) | _of_cases(window) | _of_findings(window) | _of_views(window)).items():
        table[name].triggered.connect(lambda _=False, deed=deed: do(deed))
    view = window.centre.view
    table["callipers"].toggled.connect(lambda on: view.use(Tool.CALLIPERS if on else Tool.HAND))
    table["llama_panel"].toggled.connect(window.llama.dock.setVisible)


def _of_files(window: "DeskWindow") -> dict[str, Deed]:
    deeds = window.deeds
    return {
        "open": deeds.open_files,
        "folder": deeds.open_folder,
        "paste": window.paste,
        "export_pdf": deeds.export_pdf,
        "export_json": deeds.export_json,
        "export_csv": deeds.export_csv,
        "models": window.llama.show_models,
        "about": deeds.about,
        "quit": window.close,
    }


def _of_cases(window: "DeskWindow") -> dict[str, Deed]:
    deeds = window.deeds
    return {
        "previous": lambda: window.queue.step(-1),
        "next": lambda: window.queue.step(+1),
        "search": lambda: window.queue.search.setFocus(Qt.FocusReason.ShortcutFocusReason),
        "again": window.read_again,
        "stop": window.stop,
        "llama": window.llama.ask,
        "compare": deeds.compare,
        "sign": deeds.sign,
        "amend": deeds.amend,
        "replaced": deeds.export_replaced,
        "delete": deeds.delete,
        "undo": window.workbench.undo,
        "redo": window.workbench.redo,
    }


def _of_findings(window: "DeskWindow") -> dict[str, Deed]:
    findings = window.review.findings
    return {
        "previous_finding": lambda: findings.step(-1),
        "next_finding": lambda: findings.step(+1),
        "accept": findings.accept,
        "edit": findings.edit,
        "reject": findings.reject,
        "add": findings.add,
    }


def _of_views(window: "DeskWindow") -> dict[str, Deed]:
    view = window.centre.view
    return {
        "grid": lambda: window.show_kind(Kind.GRID),
        "page": lambda: window.show_kind(Kind.PAGE),
        "leads": lambda: window.show_kind(Kind.LEADS),
        "beat": lambda: window.show_kind(Kind.BEAT),
        "fit": view.fit,
        "true_size": view.true_size,
        "zoom_in": lambda: view.zoom(ZOOM_STEP),
        "zoom_out": lambda: view.zoom(1 / ZOOM_STEP),
    }
