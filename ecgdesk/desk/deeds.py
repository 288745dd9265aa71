"""Deeds of the window that ask something first: open, export, sign, amend, delete, edit, add."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox

from ecgdesk.desk.delivery import Form, export, replaced_name, signed_report, suggested_name, written
from ecgdesk.desk.dialogs.about import show_about
from ecgdesk.desk.dialogs.finding import AddFindingDialog, EditFindingDialog
from ecgdesk.desk.dialogs.sign import SignDialog
from ecgdesk.desk.models import edits, wording
from ecgdesk.desk.models.edits import Row
from ecgdesk.desk.models.serial import earlier_of, other_name, others_of
from ecgdesk.ecg.case import Case, Signature
from ecgdesk.ecg.home import home
from ecgdesk.page.decode import SUFFIXES
from ecgdesk.store.cases import Summary

if TYPE_CHECKING:
    from ecgdesk.desk.window import DeskWindow

_UNKEPT = "The patient’s data as they are shown could not be saved; save them again before you sign."
_BUSY = "This case is being read anew; sign it when that is done."
_FILTER = "ECG scans, photos and PDFs (" + " ".join(f"*{suffix} *{suffix.upper()}" for suffix in SUFFIXES) + ")"


class Deeds(QObject):
    """Each opens its dialog and carries out what was answered."""

    def __init__(self, window: "DeskWindow") -> None:
        super().__init__(window)
        self._window = window
        self._export_folder = Path()  # where the last file went

    def open_files(self) -> None:
        files, _ = QFileDialog.getOpenFileNames(self._window, "Open ECGs", "", f"{_FILTER};;All files (*)")
        self._window.take_files([Path(file) for file in files])

    def open_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self._window, "Open all ECGs of a folder")
        if folder:
            self._window.take_files([Path(folder)])

    def export_pdf(self) -> None:
        self._export(Form.PDF)

    def export_json(self) -> None:
        self._export(Form.JSON)

    def export_csv(self) -> None:
        self._export(Form.CSV)

    def export_replaced(self) -> None:
        """A signed report from before the case was amended, to the byte."""
        case = self._settled()
        if case is None or not case.superseded:
            return
        earlier = case.superseded[-1] if len(case.superseded) == 1 else self._chosen(case.superseded)
        if earlier is not None:
            name = replaced_name(case, earlier)
            self._save(name, Form.PDF, lambda file: written(earlier.pdf, file))

    def _chosen(self, signatures: Sequence[Signature]) -> Signature | None:
        menu = QMenu(self._window)
        lines = {menu.addAction(f"{one.signer}, {one.at.astimezone():%Y-%m-%d %H:%M}"): one for one in signatures[::-1]}
        place = self._window.review.sign_bar
        return lines.get(menu.exec(place.mapToGlobal(place.rect().topLeft())))

    def _export(self, form: Form) -> None:
        case = self._settled()
        if case is not None:
            self._save(suggested_name(case, form), form, lambda file: export(case, form, file))

    def _save(self, suggested: str, form: Form, save: Callable[[Path], Path]) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Export", str(self._export_folder / suggested), form.value.filter
        )
        if not name:
            return
        file = Path(name)
        if file.suffix.lower() != form.value.suffix:
            # The dialog has asked about the name that was typed, not about the one that it becomes.
            file = file.with_name(file.name + form.value.suffix)
            if file.exists() and not self._sure(f"Replace {file.name}?", f"{file} is there already.", "Replace"):
                return
        self._export_folder = file.parent
        self._window.errands.run(
            lambda: save(file),
            done=lambda place: self._window.say(f"Exported to {place}."),
            failed=self._warn,
        )

    def sign(self) -> None:
        window = self._window
        case = self._settled()
        if case is None:
            return
        patient = window.review.patient
        unkept = patient.fault or (_UNKEPT if patient.unkept else "")
        if why_not := edits.why_not_signable(case) or unkept or (_BUSY if window.workbench.busy else ""):
            window.say(why_not)
            return
        dialog = SignDialog(wording.whose(case), folder=home() / "identities", errands=window.errands, parent=window)
        signing = dialog.exec()
        window.activateWindow()  # two dialogs that close at once leave the keyboard with neither window
        if not signing or dialog.identity is None:
            return
        identity, at = dialog.identity, datetime.now().astimezone()
        window.say("Signing the report …")
        window.errands.run(
            lambda: signed_report(case, identity, at=at),
            done=lambda signature: window.workbench.keep_signed(case, signature),  # says so when it cannot
            failed=self._warn,
        )

    def amend(self) -> None:
        case = self._settled()
        if case is None or case.signature is None:
            return
        if self._sure(
            "Amend this signed case?",
            f"It was signed by {case.signature.signer}. It becomes preliminary until it is signed again; "
            "the signed report is kept, and can be exported from the Case menu.",
            "Amend",
        ):
            self._window.workbench.amend()

    def may_close(self) -> bool:
        """Asks where a field of the patient shows what is not kept: a full disk or a stray key must not lose it."""
        self._settled()
        patient = self._window.review.patient
        if not patient.unkept:
            return True
        why = patient.fault or "The disk is full, say; the notice over the sheet tells."
        return self._sure(
            "Close all the same?", f"What is typed into the patient’s fields could not be saved. {why}", "Close"
        )

    def delete(self) -> None:
        window = self._window
        entry = window.queue_model.entry(window.queue.current)
        if entry is None:
            return
        case = window.workbench.case
        signed = entry.signed or (case is not None and case.id == entry.id and bool(case.superseded))
        more = " What was signed of it is deleted with it." if signed else ""
        text = f"{entry.short_title}: the scan, the signal and all edits are deleted for good.{more}"
        if not self._sure("Delete this case?", text, "Delete"):
            return
        window.delete(entry.id, then=lambda: window.say(f"{entry.short_title} was deleted."), failed=self._warn)

    def edit_finding(self, row: Row) -> None:
        dialog = EditFindingDialog(row.shown, self._window)
        if dialog.exec() and dialog.replacement != row.shown:
            self._window.workbench.reword(row.original, dialog.replacement)
            self._window.workbench.pick(dialog.replacement)

    def add_finding(self) -> None:
        dialog = AddFindingDialog(self._window)
        if dialog.exec() and dialog.finding is not None:
            self._window.workbench.add(dialog.finding)
            self._window.workbench.pick(dialog.finding)

    def compare(self) -> None:
        """Asks which earlier ECG of the patient to compare with; says so where there is none."""
        window = self._window
        case = self._settled()
        if case is None:
            return
        others = others_of(case, window.kept_summaries())
        if not others:
            if case.patient.patient_id.strip():
                window.say("No other ECG with this patient’s ID is kept.")
            else:
                window.say("Enter the patient’s ID first: earlier ECGs are found by it.")
            return
        earlier = earlier_of(case, others, window.kept_times(other.id for other in others))
        if not earlier:
            window.say("All other ECGs of this patient were taken later; open the latest and compare from there.")
            return
        menu = QMenu(window)
        chosen = {menu.addAction(candidate.title): candidate.summary for candidate in earlier}
        window.review.figures.show_page(window.review.comparison)
        menu.setActiveAction(menu.actions()[0])  # so that Return alone takes the latest
        place = window.review.comparison.choose_button
        action = menu.exec(place.mapToGlobal(place.rect().bottomLeft()))
        if action in chosen and self._is_of_the_same(case, chosen[action]):
            window.workbench.compare_with(chosen[action].id)

    def _is_of_the_same(self, case: Case, earlier: Summary) -> bool:
        name = other_name(case, earlier)
        return not name or self._sure(
            "Is this the same patient?",
            f"Both ECGs have the ID {case.patient.patient_id}, but the earlier one is of “{name}” "
            f"and the open one of “{case.patient.name}”.",
            "Compare",
        )

    def about(self) -> None:
        show_about(self._window)

    def _settled(self) -> Case | None:
        """The open case with all that was entered before."""
        self._window.review.patient.commit()
        self._window.workbench.settle()
        return self._window.workbench.case

    def _warn(self, sentence: str) -> None:
        box = QMessageBox(QMessageBox.Icon.Warning, "ecgdesk", sentence, parent=self._window)
        box.exec()

    def _sure(self, question: str, text: str, yes: str) -> bool:
        box = QMessageBox(QMessageBox.Icon.Question, "ecgdesk", question, parent=self._window)
        box.setInformativeText(text)
        go = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.exec()
        return box.clickedButton() is go
