"""The patient's fields; each is kept as soon as it is left."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from ecgdesk.desk.fields import ChoiceBox, Line
from ecgdesk.desk.models.patient_entry import (
    TAKEN_BEFORE_BIRTH,
    WrongEntry,
    age_text,
    moment_text,
    parse_age,
    parse_date,
    parse_moment,
    taken_before_birth,
)
from ecgdesk.ecg.patient import Patient, Sex

_SEXES = {Sex.UNKNOWN: "not known", Sex.FEMALE: "female", Sex.MALE: "male"}


def _meaning(name: str, text: str) -> object:
    """What is typed into the field of that attribute of `Patient`. Raises WrongEntry."""
    parsers: dict[str, Callable[[str], object]] = {
        "name": lambda typed: " ".join(typed.split()),
        "patient_id": str.strip,
        "birth_date": lambda typed: parse_date(typed, today=date.today()),
        "age_years": parse_age,
        "recorded_at": lambda typed: parse_moment(typed, today=date.today()),
    }
    return parsers[name](text)


class PatientCard(QWidget):
    """Name, number, birth date, age, sex, time of the recording.

    What is typed stays until it is kept: a case that is shown again meanwhile (it was read anew, say, or could not be
    saved) does not overwrite it.
    """

    entered = Signal(object)  # Patient
    wrong = Signal(str)  # a sentence about what was typed

    def __init__(self) -> None:
        super().__init__()
        self._patient, self._case_id, self._editable = Patient(), "", False
        self._faults: dict[str, str] = {}  # by attribute of Patient
        self.name = _field("Name", "Family name, given name")
        self.patient_id = _field("Patient ID", "")
        self.birth_date = _field("Birth date", "1960-02-29")
        self.age = _field("Age in years", "years")
        self.recorded_at = _field("Recorded at", "2024-03-01 09:30")
        self._fields = {
            "name": self.name,
            "patient_id": self.patient_id,
            "birth_date": self.birth_date,
            "age_years": self.age,
            "recorded_at": self.recorded_at,
        }
        self._shown = dict.fromkeys(self._fields, "")  # the texts as they were last kept
        self._on_the_way: set[str] = set()  # handed on, and not yet kept
        self.sex = ChoiceBox()
        self.sex.setAccessibleName("Sex")
        for sex, word in _SEXES.items():
            self.sex.addItem(word, sex)
        self._lay_out()
        for field in self._fields.values():
            field.editingFinished.connect(self.commit)
        self.sex.activated.connect(self.commit)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(1, 3)
        grid.setColumnStretch(3, 2)
        for row, (left, right) in enumerate(
            (
                (("Name", self.name), None),
                (("ID", self.patient_id), ("Sex", self.sex)),
                (("Born", self.birth_date), ("Age", self.age)),
                (("Taken", self.recorded_at), None),
            )
        ):
            grid.addWidget(_label(left[0], left[1]), row, 0)
            grid.addWidget(left[1], row, 1, 1, 3 if right is None else 1)
            if right is not None:
                grid.addWidget(_label(right[0], right[1]), row, 2)
                grid.addWidget(right[1], row, 3)

    @property
    def fault(self) -> str:
        """What is wrong with what is typed, empty when nothing is."""
        return next(iter(self._faults.values()), "")

    @property
    def unkept(self) -> bool:
        """Whether a field shows what is not kept."""
        return bool(self._faults) or any(self._is_typed(name) for name in self._fields)

    def forget(self) -> None:
        """What is typed gives way to the patient that is shown next."""
        self._case_id = ""

    def show_patient(self, patient: Patient, *, case_id: str, editable: bool) -> None:
        again = editable and case_id == self._case_id
        self._patient, self._case_id, self._editable = patient, case_id, editable
        follows = patient.birth_date is not None and patient.recorded_at is not None
        texts = {
            "name": patient.name,
            "patient_id": patient.patient_id,
            "birth_date": patient.birth_date.isoformat() if patient.birth_date else "",
            "age_years": age_text(patient.age, follows=follows),
            "recorded_at": moment_text(patient.recorded_at),
        }
        for name, field in self._fields.items():
            read_only = not editable or (follows and field is self.age)
            if not (again and not read_only and self._waits(name)):
                self._shown[name] = texts[name]
                self._show(name, texts[name])
            field.setReadOnly(read_only)
        self.age.setToolTip("Follows from the birth date and the time of the recording." if follows else "")
        self.sex.setCurrentIndex(self.sex.findData(patient.sex))
        self.sex.setEnabled(editable)

    def commit(self) -> None:
        """Hands on what is typed, as it is when its field is left; what is wrong stays in its field and is said."""
        if not self._editable:
            return
        typed = self._typed()
        self._on_the_way |= set(typed)
        entered = replace(self._patient, sex=Sex(self.sex.currentData()), **typed)
        if self._faults:
            self.wrong.emit(self.fault)
        if entered != self._patient:
            self._patient = entered
            self.entered.emit(entered)

    def _typed(self) -> dict[str, Any]:
        """What the fields that were typed into mean, by attribute; marks those that mean nothing."""
        values: dict[str, Any] = {}
        self._faults = {}
        for name, field in self._fields.items():
            if self._is_typed(name):
                try:
                    values[name] = _meaning(name, field.text())
                except WrongEntry as wrong:
                    self._faults[name] = str(wrong)
        if taken_before_birth(replace(self._patient, **values)):
            for name in ("birth_date", "recorded_at"):
                if values.pop(name, None) is not None:
                    self._faults[name] = TAKEN_BEFORE_BIRTH
        for name, field in self._fields.items():
            _mark(field, wrong=name in self._faults)
            if name in self._faults:
                field.setToolTip(self._faults[name])
        return values

    def _is_typed(self, name: str) -> bool:
        # The text is compared too: a time that is shown without its seconds must not lose them by being looked at.
        field = self._fields[name]
        other = field.text() != self._shown[name] or name in self._on_the_way
        return field.isModified() and not field.isReadOnly() and other

    def _waits(self, name: str) -> bool:
        """Whether the field holds what is not among the patient's data as they are kept now."""
        if not self._is_typed(name):
            return False
        try:
            return bool(_meaning(name, self._fields[name].text()) != getattr(self._patient, name))
        except WrongEntry:
            return True

    def _show(self, name: str, text: str) -> None:
        field = self._fields[name]
        self._faults.pop(name, None)
        self._on_the_way.discard(name)
        place = field.cursorPosition() if field.hasFocus() and field.text() == text else 0
        field.setText(text)
        field.setCursorPosition(place)
        field.setToolTip("")
        _mark(field, wrong=False)


def _field(name: str, example: str) -> QLineEdit:
    field = Line()
    field.setAccessibleName(name)
    field.setPlaceholderText(example)
    return field


def _label(text: str, buddy: QWidget) -> QLabel:
    label = QLabel(text)
    label.setObjectName("muted")
    label.setBuddy(buddy)
    label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return label


def _mark(field: QLineEdit, *, wrong: bool) -> None:
    if field.property("wrong") != wrong:
        field.setProperty("wrong", wrong)
        field.style().unpolish(field)
        field.style().polish(field)
