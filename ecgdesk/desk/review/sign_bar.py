"""At the foot of the review: signed or not, and the one button that changes it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from ecgdesk.desk import look
from ecgdesk.desk.models import edits
from ecgdesk.desk.review.elided import Elided
from ecgdesk.ecg.case import Case, Status

PRELIMINARY = "Preliminary, not signed"


class SignBar(QFrame):
    sign_wanted = Signal()
    amend_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._case: Case | None = None
        self._state = Elided()
        self._state.setFont(look.font(13, bold=True))
        self.button = QPushButton("Sign …")
        self.button.setObjectName("primary")
        self.button.clicked.connect(self._on_click)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 9, 12, 9)
        row.setSpacing(10)
        row.addWidget(self._state, 1)
        row.addWidget(self.button)
        self.show_case(None)

    @property
    def text(self) -> str:
        return self._state.text()

    def show_case(self, case: Case | None) -> None:
        self._case = case
        text, colour, action = _state(case)
        self._state.setText(text)
        self._state.setToolTip(text)
        self._state.setStyleSheet(f"color: {colour}; font-weight: bold;")
        self.button.setText(action)
        why_not = edits.why_not_signable(case) if case is not None else "There is no case on the desk."
        signed = case is not None and case.signature is not None
        self.button.setEnabled(signed or not why_not)
        self.button.setToolTip(
            "Opens the signed case for changes; it is preliminary until signed anew."
            if signed
            else why_not or "Signs the report with your identity (Ctrl+Return)."
        )

    def _on_click(self) -> None:
        if self._case is not None and self._case.signature is not None:
            self.amend_wanted.emit()
        else:
            self.sign_wanted.emit()


def _state(case: Case | None) -> tuple[str, str, str]:
    if case is None or case.status is Status.WAITING or case.recording is None:
        return "", look.MUTED.name(), "Sign …"
    if case.signature is not None:
        at = case.signature.at.astimezone()
        return f"Signed by {case.signature.signer}, {at:%Y-%m-%d %H:%M}", look.STATUS[Status.READ].name(), "Amend"
    return PRELIMINARY, look.AMBER.name(), "Sign …"
