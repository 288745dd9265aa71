"""The patient's fields; each is kept as soon as it is left."""

from dataclasses import replace
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QWidget

from ecgdesk.desk.models.patient_entry import WrongEntry, age_text, moment_text, parse_age, parse_date, parse_moment
from ecgdesk.ecg.patient import Patient, Sex

_SEXES = {Sex.UNKNOWN: "not known", Sex.FEMALE: "female", Sex.MALE: "male"}


class PatientCard(QWidget):
    """Name, number, birth date, age, sex, time of the recording."""

    entered = Signal(object)  # Patient
    wrong = Signal(str)  # a sentence about what was typed

    def __init__(self) -> None:
        super().__init__()
        self._patient = Patient()
        self._shown_moment = ""
        self.name = _field("Name", "Family name, given name")
        self.patient_id = _field("Patient ID", "")
        self.birth_date = _field("Birth date", "1960-02-29")
        self.age = _field("Age in years", "years")
        self.recorded_at = _field("Recorded at", "2024-03-01 09:30")
        self.sex = QComboBox()
        self.sex.setAccessibleName("Sex")
        for sex, word in _SEXES.items():
            self.sex.addItem(word, sex)
        self._lay_out()
        for field in (self.name, self.patient_id, self.birth_date, self.age, self.recorded_at):
            field.editingFinished.connect(self._on_entered)
        self.sex.activated.connect(self._on_entered)

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

    def show_patient(self, patient: Patient, *, editable: bool) -> None:
        self._patient = patient
        self.name.setText(patient.name)
        self.patient_id.setText(patient.patient_id)
        self.birth_date.setText(patient.birth_date.isoformat() if patient.birth_date else "")
        self.recorded_at.setText(moment_text(patient.recorded_at))
        self._shown_moment = self.recorded_at.text()
        self.sex.setCurrentIndex(self.sex.findData(patient.sex))
        follows = patient.birth_date is not None and patient.recorded_at is not None
        self.age.setText(age_text(patient.age, follows=follows))
        self.age.setToolTip("Follows from the birth date and the time of the recording." if follows else "")
        for field in (self.name, self.patient_id, self.birth_date, self.age, self.recorded_at):
            field.setReadOnly(not editable)
            field.setCursorPosition(0)
            _mark(field, wrong=False)
        self.age.setReadOnly(follows or not editable)
        self.sex.setEnabled(editable)

    def _on_entered(self) -> None:
        if self.name.isReadOnly():
            return
        entered = self._parsed()
        if entered is not None and entered != self._patient:
            self._patient = entered
            self.entered.emit(entered)

    def _parsed(self) -> Patient | None:
        today = date.today()
        try:
            field = self.birth_date
            born = parse_date(field.text(), today=today)
            _mark(field, wrong=False)
            field = self.recorded_at
            recorded = parse_moment(field.text(), today=today)
            if field.text() == self._shown_moment:
                recorded = self._patient.recorded_at  # the field shows no seconds; they must not be lost by it
            _mark(field, wrong=False)
            field = self.age
            age = self._patient.age_years if field.isReadOnly() else parse_age(field.text())
            _mark(field, wrong=False)
        except WrongEntry as wrong:
            _mark(field, wrong=True)
            field.setToolTip(str(wrong))
            self.wrong.emit(str(wrong))
            return None
        return replace(
            self._patient,
            name=" ".join(self.name.text().split()),
            patient_id=self.patient_id.text().strip(),
            birth_date=born,
            recorded_at=recorded,
            age_years=age,
            sex=Sex(self.sex.currentData()),
        )


def _field(name: str, example: str) -> QLineEdit:
    field = QLineEdit()
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
