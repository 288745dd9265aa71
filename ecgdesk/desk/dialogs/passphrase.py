"""Asks for the passphrase of the kept cases."""

from PySide6.QtWidgets import QLineEdit, QWidget

from ecgdesk.desk.dialogs.frame import Question

LEAST_LENGTH = 8


class PassphraseDialog(Question):
    """`new`: the passphrase is chosen now, and typed twice."""

    def __init__(self, *, new: bool, wrong: str = "", parent: QWidget | None = None) -> None:
        explanation = (
            "Cases are kept encrypted on this computer. Choose a passphrase that opens them; "
            "without it nobody can, so keep it in a safe place."
            if new
            else "Cases are kept encrypted on this computer. Type the passphrase that opens them."
        )
        super().__init__(
            "Protect the kept cases" if new else "Open the kept cases", explanation, "Choose" if new else "Open", parent
        )
        self.typed = secret_field("Passphrase")
        self.again = secret_field("The same passphrase again")
        self.column.addWidget(self.typed)
        if new:
            self.column.addWidget(self.again)
        self._new = new
        self.typed.setFocus()
        self.say(wrong)

    @property
    def passphrase(self) -> str:
        return self.typed.text()

    def confirm(self) -> None:
        fault = passphrase_fault(self.typed.text(), self.again.text()) if self._new else ""
        if not self.typed.text():
            fault = "Type the passphrase."
        if fault:
            self.say(fault)
        else:
            self.accept()


def passphrase_fault(typed: str, again: str) -> str:
    """One sentence; empty for a passphrase that may be used."""
    if len(typed) < LEAST_LENGTH:
        return f"The passphrase has {len(typed)} characters; choose at least {LEAST_LENGTH}."
    if typed != again:
        return "The two passphrases differ; type them again."
    return ""


def secret_field(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    field.setPlaceholderText(name)
    field.setAccessibleName(name)
    return field
