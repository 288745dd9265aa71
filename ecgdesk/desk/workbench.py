"""The case on the desk: what is shown, and each change of it, kept before anybody is told."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from ecgdesk.desk.models import edits
from ecgdesk.desk.models.edits import Author
from ecgdesk.desk.models.patient_entry import age_matters
from ecgdesk.desk.shelf import Shelf
from ecgdesk.ecg.case import Case, Signature
from ecgdesk.ecg.patient import Patient
from ecgdesk.ecg.reading import Finding
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.store.audit import system_user
from ecgdesk.store.cases import CaseStore

Reread = Callable[[Case], Case]


class Workbench(QObject):
    """Holds at most one open case and the finding picked in it."""

    opened = Signal(object)  # Case or None: another case lies on the desk
    changed = Signal(object)  # Case: the open case, changed and kept
    kept = Signal(object)  # Case: any case, changed and kept
    picked = Signal(object)  # Finding or None
    refused = Signal(str)  # a sentence for the user; nothing was changed

    def __init__(self, store: CaseStore, *, reread: Reread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._reread = store, reread
        self.shelf = Shelf(store, self)
        self._case: Case | None = None
        self._picked: Finding | None = None

    @property
    def case(self) -> Case | None:
        return self._case

    @property
    def picked_finding(self) -> Finding | None:
        """As it stands in the report."""
        return self._picked

    def open(self, case_id: str) -> None:
        """Lays a case on the desk; an empty id clears it."""
        if self._case is not None and self._case.id == case_id:
            return
        try:
            self._case = self.shelf.get(case_id) if case_id else None
        except Refusal as refusal:
            self._case = None
            self.refused.emit(str(refusal))
        self._picked = None
        self.opened.emit(self._case)

    def pick(self, finding: Finding | None) -> None:
        if finding != self._picked:
            self._picked = finding
            self.picked.emit(finding)

    # Changes

    def accept(self, finding: Finding) -> None:
        self._change(lambda case, author: edits.accepted(case, finding, author))

    def reject(self, finding: Finding) -> None:
        self._change(lambda case, author: edits.rejected(case, finding, author))

    def reword(self, finding: Finding, replacement: Finding) -> None:
        if replacement != finding:
            self._change(lambda case, author: edits.reworded(case, finding, replacement, author))

    def add(self, finding: Finding) -> None:
        self._change(lambda case, author: edits.added(case, finding, author))

    def acknowledge(self) -> None:
        self._change(edits.acknowledged)

    def amend(self) -> None:
        self._change(lambda case, _: edits.amended(case))

    def set_patient(self, patient: Patient) -> None:
        """Also reads anew when age or sex change: many criteria depend on them."""

        def changed(case: Case, _: Author) -> Case:
            entered = edits.with_patient(case, patient)
            return self._reread(entered) if age_matters(case.patient, patient) else entered

        if self._case is not None and patient != self._case.patient:
            self._change(changed)

    def keep_signed(self, reported: Case, signature: Signature) -> None:
        """Keeps a signature, also when another case lies on the desk by now.

        `reported` is the case as it was when its report was made; it is refused when it has changed since.
        """
        is_open = self._case is not None and self._case.id == reported.id
        try:
            now = self._case if is_open and self._case is not None else self.shelf.get(reported.id)
            case = edits.signed(now, signature, reported=reported)
            self._store.put(case)
        except Refusal as refusal:
            self.refused.emit(str(refusal))
            return
        self.shelf.lay(case)
        self.kept.emit(case)
        if is_open:
            self._case = case
            self.changed.emit(case)

    def _change(self, change: Callable[[Case, Author], Case]) -> None:
        if self._case is None:
            return
        author = Author(by=system_user(), at=datetime.now().astimezone())
        try:
            case = change(self._case, author)
            self._store.put(case)
        except Refusal as refusal:
            self.refused.emit(str(refusal))
            return
        self._case = case
        self.shelf.lay(case)
        if self._picked is not None and self._picked not in {row.shown for row in edits.rows(case)}:
            self.pick(None)
        self.kept.emit(case)
        self.changed.emit(case)
