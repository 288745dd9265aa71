"""The case on the desk: what is shown, and each change of it, kept before anybody is told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QObject, Signal

from ecgdesk.desk.ledger import Ledger
from ecgdesk.desk.mender import READ_ANEW, Job, Mender, Mends
from ecgdesk.desk.models import edits
from ecgdesk.desk.models.edits import Author
from ecgdesk.desk.models.history import History
from ecgdesk.desk.models.patient_entry import age_matters
from ecgdesk.ecg.case import Case, Signature
from ecgdesk.ecg.corrections import Corrections
from ecgdesk.ecg.patient import Patient
from ecgdesk.ecg.reading import Finding, Reading
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.read.serial import compare
from ecgdesk.store.audit import Act, system_user
from ecgdesk.store.cases import CaseStore

Reread = Callable[[Case], Case]


class Workbench(QObject):
    """Holds at most one open case and the finding picked in it.

    A change is computed at once, on top of those that are still being saved; it is shown when it is on the disk.
    """

    opened = Signal(object)  # Case or None: another case lies on the desk
    changed = Signal(object)  # Case: the open case, changed and kept
    kept = Signal(object)  # Case: any case, changed and kept
    picked = Signal(object)  # Finding or None
    refused = Signal(str)  # a sentence for the user; nothing was changed
    not_kept = Signal(str, bool)  # the same of what was done already; whether another window changed the case
    said = Signal(str)  # a sentence for the user on what was done
    mending = Signal(bool)  # whether corrections of the open case are on their way

    def __init__(self, store: CaseStore, mends: Mends, *, reread: Reread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reread = reread
        self._ledger = Ledger(store, self)
        self.shelf, self.keeper = self._ledger.shelf, self._ledger.keeper
        self.mender = Mender(mends, self)
        self.history = History()
        self._case: Case | None = None
        self._picked: Finding | None = None
        self._ledger.kept.connect(self._on_kept)
        self._ledger.not_kept.connect(self._on_not_kept)
        self.mender.mended.connect(self._on_mended)
        self.mender.refused.connect(self._on_not_mended)

    @property
    def case(self) -> Case | None:
        return self._case

    @property
    def corrections(self) -> Corrections | None:
        """Of the open case, those that are still on their way included."""
        if self._case is None:
            return None
        wanted = self.mender.corrections_under_way(self._case.id)
        return wanted[-1] if wanted else self._ledger.latest(self._case).corrections

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
        self.history.clear()
        if self._case is not None and self._case.comparison is not None:
            self.shelf.fetch([self._case.comparison.earlier_id])  # every edit compares anew
        self.opened.emit(self._case)
        self._read_if_unread()
        self.mending.emit(self.busy)

    def renew(self) -> bool:
        """Shows the open case as another program has left it; False while a change of it is on its way to the disk."""
        if self._case is None or self._ledger.latest(self._case) is not self._case:
            return False
        self.shelf.drop(self._case.id)
        try:
            case = self.shelf.get(self._case.id)
        except Refusal as refusal:
            self.refused.emit(str(refusal))
            return False
        self.history.clear()  # it would go back to a state before theirs
        self._show(case)
        return True

    def pick(self, finding: Finding | None) -> None:
        if finding != self._picked:
            self._picked = finding
            self.picked.emit(finding)

    # Changes

    def accept(self, finding: Finding) -> None:
        """Also what other readers say to the same effect."""
        self._change("accepting a finding", lambda case, author: edits.all_accepted(case, finding, author))

    def reject(self, finding: Finding) -> None:
        self._change("rejecting a finding", lambda case, author: edits.all_rejected(case, finding, author))

    def reword(self, finding: Finding, replacement: Finding) -> None:
        if replacement != finding:
            self._change("editing a finding", lambda case, author: edits.reworded(case, finding, replacement, author))

    def add(self, finding: Finding) -> None:
        self._change("adding a finding", lambda case, author: edits.added(case, finding, author))

    def acknowledge(self) -> None:
        self._change("acknowledging", edits.acknowledged)

    def amend(self) -> None:
        self._change("amending", lambda case, _: edits.amended(case), final=True)

    def set_patient(self, patient: Patient) -> None:
        """Also reads anew, in the worker, when age or sex change: many criteria depend on them."""
        if self._case is None or patient == self._ledger.latest(self._case).patient:
            return
        self._change("the patient’s data", lambda case, _: edits.with_patient(case, patient))
        self._read_if_unread()

    def _read_if_unread(self) -> None:
        """Unless a correction is on its way: it reads anew when it arrives."""
        if self._case is None or self.mender.corrections_under_way(self._case.id):
            return
        now = self._ledger.latest(self._case)
        if edits.is_unread(now) and now.signature is None:
            self._begin(Job(now, now.corrections, READ_ANEW))

    def propose(self, case_id: str, reading: Reading) -> None:
        """Lays a reading that a person asked for beside the others, also when another case lies on the desk by now."""
        self._change_wherever(case_id, "the model’s reading", lambda case: edits.with_proposal(case, reading))

    def keep_signed(self, reported: Case, signature: Signature) -> None:
        """Keeps a signature, also when another case lies on the desk by now.

        `reported` is the case as it was when its report was made; it is refused when it has changed since.
        """
        try:
            is_open = self._case is not None and self._case.id == reported.id
            now = self._ledger.latest(self._case if is_open and self._case is not None else self.shelf.get(reported.id))
            case = edits.signed(now, signature, reported=reported)
        except Refusal as refusal:
            self.not_kept.emit(str(refusal), False)
            return
        if is_open:
            self.history.clear()
        self._ledger.keep(case, Act.CHANGED, then=lambda: self.said.emit(f"Signed by {signature.signer}."))

    # An earlier ECG of the same patient

    def compare_with(self, earlier_id: str) -> None:
        """Sets the open case beside an earlier one; an empty id takes the comparison away."""
        if not earlier_id:
            self._change("taking the comparison away", lambda case, _: edits.compared(case, None))
            return
        self._change("comparing", lambda case, _: edits.compared(case, compare(self.shelf.get(earlier_id), case)))

    def _compared_anew(self, before: Case, case: Case) -> Case:
        """The case with its comparison made again, where what it rests on has changed."""
        if case.comparison is None or case.comparison is not before.comparison:
            return case
        try:
            return replace(case, comparison=compare(self.shelf.get(case.comparison.earlier_id), case))
        except Refusal as refusal:  # the earlier one was deleted, say, or its patient is another one now
            self.said.emit(f"The comparison was taken away. {refusal}")
            return replace(case, comparison=None)

    # Corrections of the sheet

    def correct(self, corrections: Corrections, what: str) -> None:
        """Digitises the open case anew from these corrections on, in the worker; `what` goes on from “Undo ”."""
        if self._case is None or corrections == self.corrections:
            return
        if self._case.signature is not None:
            self.refused.emit(edits.SIGNED_SENTENCE)
            return
        self._begin(Job(self._ledger.latest(self._case), corrections, what))

    def _begin(self, job: Job) -> None:
        self.mender.submit(job)
        self.mending.emit(True)

    def stop_correcting(self) -> None:
        if self._case is not None:
            for job in self.mender.cancel(self._case.id)[-1:]:
                self._on_not_mended(job, "Stopped; nothing was corrected.")

    @property
    def busy(self) -> bool:
        """Whether the open case is still to be digitised or read anew."""
        return self._case is not None and bool(self.mender.under_way(self._case.id))

    def _on_mended(self, job: Job, mended: Case) -> None:
        """What somebody corrected is kept also when its case was put away meanwhile."""
        self._change_wherever(job.case.id, job.what, lambda case: self._rejoined(job, case, mended), act=Act.CORRECTED)
        self.mending.emit(self.busy)

    def _rejoined(self, job: Job, case: Case, mended: Case) -> Case:
        """The mended case with what was decided meanwhile; read anew where the patient's age or sex is another now."""
        joined = edits.mended(case, mended)
        return self._reread(joined) if age_matters(job.case.patient, case.patient) else joined

    def _on_not_mended(self, job: Job, sentence: str) -> None:
        self.refused.emit(sentence)
        if self._case is not None and self._case.id == job.case.id:
            self.changed.emit(self._case)  # whatever shows the corrections goes back to what is so
            if job.what != READ_ANEW:
                self._read_if_unread()
        self.mending.emit(self.busy)

    # Undo

    def undo(self) -> None:
        self._step(self.history.undoes, self.history.undo, Act.UNDONE, "Undone")

    def redo(self) -> None:
        self._step(self.history.redoes, self.history.redo, Act.REDONE, "Redone")

    def _step(self, what: str, step: Callable[[Case], Case], act: Act, word: str) -> None:
        if self._case is None or not what:
            return
        now = self._ledger.latest(self._case)
        if now.signature is not None:
            self.refused.emit(edits.SIGNED_SENTENCE)
            return
        self.mender.cancel(now.id)
        self._ledger.keep(step(now), act, then=lambda: self.said.emit(f"{word}: {what}."))
        self._read_if_unread()
        self.mending.emit(self.busy)

    # Keeping

    def delete(self, case_id: str, *, then: Callable[[], None], failed: Callable[[str], None]) -> None:
        """Deletes a case for good; `failed` gets a sentence, and the case then stays."""
        self.mender.cancel(case_id)
        self._ledger.delete(case_id, then=then, failed=failed)

    def settle(self) -> None:
        """Waits until every change so far is kept or refused, and shown."""
        self.keeper.settle()

    def _change(
        self, what: str, change: Callable[[Case, Author], Case], *, act: Act = Act.CHANGED, final: bool = False
    ) -> None:
        """`final`: it cannot be undone, nor what was before it."""
        if self._case is None:
            return
        author = Author(by=system_user(), at=datetime.now().astimezone())
        before = self._ledger.latest(self._case)
        try:
            case = change(before, author)
        except Refusal as refusal:
            self.refused.emit(str(refusal))
            return
        if case is before:
            return
        case = self._compared_anew(before, case)
        if final:
            self.history.clear()
        elif what != READ_ANEW:
            self.history.note(what, before)
        self._ledger.keep(case, act)

    def _change_wherever(
        self, case_id: str, what: str, change: Callable[[Case], Case], *, act: Act = Act.CHANGED
    ) -> None:
        """As `_change`; of a case that does not lie on the desk it cannot be undone."""
        if self._case is not None and self._case.id == case_id:
            self._change(what, lambda case, _: change(case), act=act)
            return
        try:
            case = change(self._ledger.latest_of(case_id))
        except Refusal as refusal:
            self.refused.emit(str(refusal))
        else:
            self._ledger.keep(case, act)

    def _on_kept(self, case: Case) -> None:
        self.kept.emit(case)  # first: the case is shown under the title that its line of the list has
        if self._case is not None and self._case.id == case.id:
            self._show(case)

    def _on_not_kept(self, case_id: str, sentence: str, changed_elsewhere: bool, there: Case | None) -> None:
        self.not_kept.emit(sentence, changed_elsewhere)
        if there is not None:
            self.kept.emit(there)
        if self._case is None or self._case.id != case_id:
            return
        self.history.clear()
        if there is not None or not changed_elsewhere:
            self._show(there or self._case)

    def _show(self, case: Case) -> None:
        self._case = case
        if self._picked is not None and self._picked not in {row.shown for row in edits.rows(case)}:
            self.pick(None)
        self.changed.emit(case)

    def end(self) -> None:
        """Waits for what is being saved, and gives up what is being mended."""
        self.mender.end()
        QCoreApplication.sendPostedEvents()  # what was mended in its last moment is kept too
        self._ledger.end()
