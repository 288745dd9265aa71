"""The right side of the window: everything about the open case but its picture."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QSplitter, QVBoxLayout, QWidget

from ecgdesk.desk.models import edits, wording
from ecgdesk.desk.review.comparison import ComparisonPanel
from ecgdesk.desk.review.doubts import DoubtsCard
from ecgdesk.desk.review.figures import FiguresPanel
from ecgdesk.desk.review.findings import FindingsPanel
from ecgdesk.desk.review.measurements import MeasurementsPanel
from ecgdesk.desk.review.patient import PatientCard
from ecgdesk.desk.review.sign_bar import SignBar
from ecgdesk.ecg.case import Case, Status
from ecgdesk.ecg.patient import Patient
from ecgdesk.ecg.reading import Finding


class ReviewPanel(QWidget):
    """Puts the parts under each other and hands the case to each of them."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._case_id = ""
        self.patient = PatientCard()
        self.doubts = DoubtsCard()
        self.findings = FindingsPanel()
        self.measurements, self.comparison = MeasurementsPanel(), ComparisonPanel()
        self.figures = FiguresPanel(self.measurements, self.comparison)
        self.sign_bar = SignBar()
        # Nothing but the panel's ground while there is no reading to review: empty fields would look like a form.
        self._content = QWidget()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._content)
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        inset = QVBoxLayout()
        inset.setContentsMargins(12, 10, 12, 10)
        inset.addWidget(self.patient)
        column.addLayout(inset)
        column.addWidget(self.doubts)
        column.addWidget(_line())
        column.addWidget(self._split(), 1)
        column.addWidget(_line())
        column.addWidget(self.sign_bar)
        self.show_case(None, picked=None)

    def _split(self) -> QSplitter:
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.findings)
        split.addWidget(self.figures)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setSizes([330, 220])
        self.findings.setMinimumHeight(130)
        self.figures.setMinimumHeight(90)
        return split

    def show_case(self, case: Case | None, *, picked: Finding | None) -> None:
        another = (case.id if case is not None else "") != self._case_id
        self._case_id = case.id if case is not None else ""
        read = case is not None and edits.was_read(case)
        editable = read and case is not None and case.signature is None
        self._content.setVisible(read)
        self.patient.show_patient(
            case.patient if case else Patient(), case_id=case.id if case else "", editable=editable
        )
        # What an unreadable sheet lacks is said in the middle of the window already.
        doubtful = case is not None and case.status is Status.DOUBTFUL
        self.doubts.show_sentences(case.reasons if case is not None and doubtful else ())
        unread = editable and case is not None and edits.is_unread(case)
        self.findings.show_rows(edits.rows(case) if case else (), editable=editable, picked=picked, unread=unread)
        if another:
            self.findings.list.scrollToTop()  # where the worst finding is
        self.measurements.show_rows(wording.case_rows(case) if case else ())
        self.comparison.show_comparison(case.comparison if case else None, editable=editable)
        self.sign_bar.show_case(case)


def _line() -> QFrame:
    line = QFrame()
    line.setFixedHeight(1)
    line.setStyleSheet("background: #dedad2;")
    return line
