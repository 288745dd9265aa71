"""Which of the window's actions can be done now."""

from ecgdesk.desk.actions import Actions
from ecgdesk.desk.models import edits
from ecgdesk.desk.models.beat import has_beat
from ecgdesk.desk.models.queue import Entry
from ecgdesk.desk.workbench import Workbench
from ecgdesk.ecg.case import Case, Status

_SHEETS = ("grid", "page", "leads", "beat", "overlay", "callipers")


def enable(table: Actions, bench: Workbench, entry: Entry | None, *, mending: bool) -> None:
    """`entry`: the case's line in the queue. `mending`: its sheet is being set right, on sheets of its own."""
    case = bench.case
    waiting = entry is not None and entry.status is Status.WAITING
    table.enable(on=entry is not None, names=("delete", "previous", "next"))
    table.enable(on=waiting and entry is not None and not entry.in_work, names=("again",))
    table.enable(on=waiting, names=("stop",))
    _enable_views(table, case, waiting=waiting)
    if mending:
        table.enable(on=False, names=_SHEETS)
    _enable_changes(table, bench, case, waiting=waiting)


def _enable_views(table: Actions, case: Case | None, *, waiting: bool) -> None:
    read = case is not None and edits.was_read(case)
    there = case is not None and not waiting and bool(case.scan)  # a file that was refused left none
    table.enable(on=read and has_beat(case), names=("beat",))
    table.enable(on=read, names=("grid", "leads", "overlay", "callipers", "true_size", "export_csv"))
    table.enable(on=there, names=("page", "fit", "zoom_in", "zoom_out", "export_pdf", "export_json"))


def _enable_changes(table: Actions, bench: Workbench, case: Case | None, *, waiting: bool) -> None:
    signed = case is not None and case.signature is not None
    table.enable(on=case is not None and not edits.why_not_signable(case), names=("sign",))
    table.enable(on=signed, names=("amend",))
    table.enable(on=case is not None and bool(case.superseded), names=("replaced",))
    for name, what in (("undo", bench.history.undoes), ("redo", bench.history.redoes)):
        table.enable(on=bool(what) and not signed, names=(name,))
        table[name].setText(f"{name.capitalize()} {what}".strip())
    table.enable(on=case is not None and not waiting and not signed and bool(case.scan), names=("mend",))
    editable = case is not None and edits.was_read(case) and not signed
    table.enable(on=editable, names=("add", "llama", "compare"))
    table.enable(on=editable and bench.picked_finding is not None, names=("accept", "edit", "reject"))
