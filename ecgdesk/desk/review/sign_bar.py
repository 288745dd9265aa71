"""At the foot of the review: signed or not, and the one button that changes it."""

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from ecgdesk.desk import look
from ecgdesk.desk.models import edits
from ecgdesk.desk.review.elided import Elided
from ecgdesk.ecg.case import Case, Status

PRELIMINARY = "Preliminary, not signed"


@dataclass(frozen=True)
class _State:
    """`more` is a second, smaller line."""

    text: str
    more: str
    colour: str


class SignBar(QFrame):
    sign_wanted = Signal()
    amend_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._state, self._more = Elided(), Elided()
        self._more.setObjectName("muted")
        self._more.setFont(look.font(12))
        self.sign_button = QPushButton("Sign …")
        self.sign_button.setObjectName("primary")
        self.amend_button = QPushButton("Amend …")
        self.amend_button.setToolTip("Opens the signed case for changes; it is preliminary until it is signed anew.")
        self.sign_button.clicked.connect(self.sign_wanted)
        self.amend_button.clicked.connect(self.amend_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(10)
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addWidget(self._state)
        lines.addWidget(self._more)
        row.addLayout(lines, 1)
        row.addWidget(self.sign_button)
        row.addWidget(self.amend_button)
        self.show_case(None)

    @property
    def text(self) -> str:
        return self._state.text()

    @property
    def more(self) -> str:
        return self._more.text()

    def show_case(self, case: Case | None) -> None:
        state = _state(case)
        self._state.show_text(state.text)
        self._state.setStyleSheet(f"color: {state.colour}; font-weight: bold;")
        self._more.show_text(state.more)
        self._more.setVisible(bool(state.more))
        signed = case is not None and case.signature is not None
        self.amend_button.setVisible(signed)
        self.sign_button.setVisible(not signed)
        why_not = edits.why_not_signable(case) if case is not None else "There is no case on the desk."
        self.sign_button.setEnabled(not why_not)
        self.sign_button.setToolTip(why_not or "Signs the report with your identity (Ctrl+Return).")


def _state(case: Case | None) -> _State:
    if case is None or not edits.was_read(case):
        return _State("", "", look.MUTED.name())
    if case.signature is not None:
        at = case.signature.at.astimezone()
        return _State(f"Signed by {case.signature.signer}", f"{at:%Y-%m-%d %H:%M}", look.STATUS[Status.READ].name())
    return _State(PRELIMINARY, _more(case), look.AMBER.name())


def _more(case: Case) -> str:
    if edits.is_unread(case):
        return "Not read yet for this age and sex"
    if edits.unacknowledged(case):
        return "Acknowledge the critical finding first"
    if case.superseded:
        return f"Amended; was signed by {case.superseded[-1].signer}"
    return ""
