"""Asks who signs; an identity can be made or imported here."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from ecgdesk.desk.dialogs.frame import Question
from ecgdesk.desk.dialogs.passphrase import passphrase_fault, secret_field
from ecgdesk.desk.errands import Errands
from ecgdesk.report.identity import Identity, import_identity, list_identities, load_identity, new_identity


class SignDialog(Question):
    """Chooses an identity and opens it; `identity` is there once the dialog was accepted."""

    def __init__(self, title: str, *, folder: Path, errands: Errands, parent: QWidget | None = None) -> None:
        super().__init__(
            "Sign the report", f"{title}. A signed report can be checked by anybody who trusts you.", "Sign", parent
        )
        self._folder, self._errands = folder, errands
        self.identity: Identity | None = None
        self.names = QComboBox()
        self.names.setAccessibleName("Identity")
        self.passphrase = secret_field("Passphrase of this identity")
        self.new_button = QPushButton("New identity …")
        self.import_button = QPushButton("Import a .p12 file …")
        self.column.addWidget(self.names)
        self.column.addWidget(self.passphrase)
        row = QHBoxLayout()
        for button in (self.new_button, self.import_button):
            button.setObjectName("flat")
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch()
        self.column.addLayout(row)
        self.new_button.clicked.connect(self._on_new)
        self.import_button.clicked.connect(self._on_import)
        self._list()
        (self.passphrase if self.primary.isEnabled() else self.new_button).setFocus()

    def _list(self, *, choose: str = "") -> None:
        self.names.clear()
        for card in list_identities(self._folder):
            self.names.addItem(card.name)
        self.names.setCurrentText(choose)
        some = self.names.count() > 0
        self.names.setEnabled(some)
        self.names.setPlaceholderText("" if some else "No identity yet: make one below")
        if some and self.names.currentIndex() < 0:
            self.names.setCurrentIndex(0)
        self.primary.setEnabled(some)
        self.passphrase.setEnabled(some)

    def confirm(self) -> None:
        name, passphrase, folder = self.names.currentText(), self.passphrase.text(), self._folder
        self._open(lambda: load_identity(name, passphrase=passphrase, folder=folder))

    def _open(self, load: Callable[[], Identity]) -> None:
        self.primary.setEnabled(False)
        self.say("")
        self._errands.run(load, done=self._on_opened, failed=self._on_refused)

    def _on_opened(self, identity: Identity) -> None:
        self.identity = identity
        self.accept()

    def _on_refused(self, sentence: str) -> None:
        self.primary.setEnabled(True)
        self.passphrase.selectAll()
        self.passphrase.setFocus()
        self.say(sentence)

    def _on_new(self) -> None:
        dialog = NewIdentityDialog(folder=self._folder, errands=self._errands, parent=self)
        if dialog.exec() and dialog.identity is not None:
            self._take_over(dialog.identity)

    def _on_import(self) -> None:
        file, _ = QFileDialog.getOpenFileName(self, "Import an identity", "", "Identities (*.p12 *.pfx)")
        if not file:
            return
        dialog = ImportDialog(Path(file), folder=self._folder, errands=self._errands, parent=self)
        if dialog.exec() and dialog.identity is not None:
            self._take_over(dialog.identity)

    def _take_over(self, identity: Identity) -> None:
        """It was opened a moment ago, so its passphrase is not asked for again."""
        self._list(choose=identity.name)
        self._on_opened(identity)


class _MakingDialog(Question):
    """A dialog whose primary button makes an identity, in the background since keys under passphrases take a second."""

    def __init__(self, title: str, explanation: str, primary: str, *, errands: Errands, parent: QWidget | None) -> None:
        super().__init__(title, explanation, primary, parent)
        self._errands = errands
        self.identity: Identity | None = None

    def _make(self, work: Callable[[], Identity]) -> None:
        self.primary.setEnabled(False)
        self.say("")
        self._errands.run(work, done=self._on_made, failed=self._on_refused)

    def _on_made(self, identity: Identity) -> None:
        self.identity = identity
        self.accept()

    def _on_refused(self, sentence: str) -> None:
        self.primary.setEnabled(True)
        self.say(sentence)


class NewIdentityDialog(_MakingDialog):
    """Makes a key and a certificate for a name."""

    def __init__(self, *, folder: Path, errands: Errands, parent: QWidget | None = None) -> None:
        super().__init__(
            "New identity",
            "A key and a certificate of your own are made on this computer and kept under a passphrase.",
            "Make and sign",
            errands=errands,
            parent=parent,
        )
        self._folder = folder
        self.name = QLineEdit()
        self.name.setPlaceholderText("Your name as it is to stand in the report")
        self.name.setAccessibleName("Name")
        self.typed = secret_field("Passphrase")
        self.again = secret_field("The same passphrase again")
        for field in (self.name, self.typed, self.again):
            self.column.addWidget(field)
        self.name.setFocus()

    def confirm(self) -> None:
        name, passphrase = self.name.text(), self.typed.text()
        fault = passphrase_fault(passphrase, self.again.text())
        if fault and name.strip():
            self.say(fault)
            return
        folder = self._folder
        self._make(lambda: new_identity(name, passphrase=passphrase, folder=folder))


class ImportDialog(_MakingDialog):
    """Takes over a PKCS#12 file."""

    def __init__(self, file: Path, *, folder: Path, errands: Errands, parent: QWidget | None = None) -> None:
        super().__init__(
            "Import an identity",
            f"Type the passphrase of {file.name}.",
            "Import and sign",
            errands=errands,
            parent=parent,
        )
        self._file, self._folder = file, folder
        self.typed = secret_field("Passphrase of the file")
        self.column.addWidget(self.typed)
        self.typed.setFocus()

    def confirm(self) -> None:
        passphrase, file, folder = self.typed.text(), self._file, self._folder
        self._make(lambda: import_identity(file, passphrase=passphrase, folder=folder))
