"""The page of models: which bundles there are, and adding, checking and removing them."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ecgdesk.desk import look
from ecgdesk.desk.dialogs.frame import Question
from ecgdesk.desk.errands import Errands
from ecgdesk.ecg.reading import Severity
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.read.llama import installed
from ecgdesk.read.llama.bundle import Bundle, OnShare, read_bundle
from ecgdesk.read.llama.installed import Installed
from ecgdesk.read.llama.machine import need_of
from ecgdesk.read.llama.memory import GIB
from ecgdesk.read.llama.reader import why_unavailable

T = TypeVar("T")
_NAME_ROLE = Qt.ItemDataRole.UserRole


class ModelsDialog(QDialog):
    """Works on the bundles of the desk in `home`; what takes long is an errand."""

    load_wanted = Signal(str)  # name of a bundle
    removed = Signal(str)
    _shared = Signal(float)

    def __init__(self, home: Path, errands: Errands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._home, self._errands = home, errands
        self._stopped = self._at_work = False
        self.setWindowTitle("Models")
        self.resize(640, 420)
        self.list = QListWidget()
        self.list.setAccessibleName("Models")
        self.about = QLabel()
        self.about.setWordWrap(True)
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.bar = QProgressBar(maximum=1000, textVisible=False)
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.add_button = QPushButton(look.icon("folder"), "Add from a folder …")
        self.load_button = QPushButton("Load")
        self.load_button.setObjectName("primary")
        self.check_button = QPushButton("Check its files")
        self.remove_button = QPushButton(look.icon("delete"), "Remove")
        self._lay_out()
        self.list.currentItemChanged.connect(self._on_current)
        self.add_button.clicked.connect(self._on_add)
        self.load_button.clicked.connect(self._on_load)
        self.check_button.clicked.connect(self._on_check)
        self.remove_button.clicked.connect(self._on_remove)
        self._shared.connect(lambda share: self.bar.setValue(round(1000 * share)))
        self.refresh()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        heading = QLabel("Models of the Llama reader")
        heading.setFont(look.font(17, bold=True))
        column.addWidget(heading)
        hint = QLabel(
            "A model comes as a bundle: a folder with bundle.toml, from a disk or a stick. Nothing is fetched."
        )
        hint.setObjectName("muted")
        column.addWidget(hint)
        middle = QHBoxLayout()
        middle.setSpacing(14)
        middle.addWidget(self.list, 2)
        middle.addWidget(self.about, 3)
        column.addLayout(middle, 1)
        column.addWidget(self.bar)
        column.addWidget(self.said)
        row = QHBoxLayout()
        row.addWidget(self.add_button)
        row.addWidget(self.check_button)
        row.addWidget(self.remove_button)
        row.addStretch()
        row.addWidget(self.load_button)
        column.addLayout(row)
        self.bar.hide()

    @property
    def current(self) -> str:
        """Name of the chosen bundle; empty for none."""
        item = self.list.currentItem()
        return str(item.data(_NAME_ROLE)) if item is not None else ""

    def refresh(self, *, choose: str = "") -> None:
        self.list.clear()
        for name in installed.names(self._home):
            item = QListWidgetItem(name)
            item.setData(_NAME_ROLE, name)
            self.list.addItem(item)
            if name == choose:
                self.list.setCurrentItem(item)
        if self.list.currentItem() is None and self.list.count():
            self.list.setCurrentRow(0)
        self._on_current()
        self.say(why_unavailable(self._home))

    def say(self, sentence: str, *, wrong: bool = False) -> None:
        self.said.setText(sentence)
        self.said.setStyleSheet(f"color: {look.SEVERITY[Severity.URGENT].name()};" if wrong else "")

    def _on_current(self) -> None:
        name = self.current
        self._enable()
        try:
            self.about.setText(described(installed.get(self._home, name)) if name else "")
        except Refusal as refusal:
            self.about.setText(str(refusal))
            self.load_button.setEnabled(False)

    def _on_add(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "The folder of a model bundle")
        if folder:
            self.offer(Path(folder))

    def offer(self, folder: Path) -> None:
        """Asks to accept the licence of the bundle in this folder, then adds it."""
        try:
            bundle = read_bundle(folder)
        except Refusal as refusal:
            self.say(str(refusal), wrong=True)
            return
        dialog = LicenceDialog(bundle, self)
        if dialog.exec():
            self._work(
                lambda share: installed.add(
                    folder, home=self._home, link=dialog.link.isChecked(), accept_licence=True, on_share=share
                ),
                lambda one: self._on_added(one),
                "Checking every file of the bundle …",
            )

    def _on_added(self, one: Installed) -> None:
        self.refresh(choose=one.bundle.manifest.name)
        self.say(why_unavailable(self._home) or f"{one.bundle.title} is on this desk.")

    def _on_load(self) -> None:
        self.load_wanted.emit(self.current)
        self.accept()

    def _on_check(self) -> None:
        name = self.current
        self._work(
            lambda share: installed.check(name, home=self._home, on_share=share),
            lambda one: self.say(f"{one.bundle.title} is complete and unchanged."),
            "Checking every file of the bundle …",
        )

    def _on_remove(self) -> None:
        name = self.current
        if installed.is_copied(self._home, name) and not self._is_sure_to_delete(name):
            return
        self.removed.emit(name)
        self._work(lambda _: installed.remove(name, home=self._home), lambda _: self.refresh(), "Removing …")

    def _is_sure_to_delete(self, name: str) -> bool:
        words = "Its files were copied to this desk and are deleted from it. Other copies of the bundle stay."
        return bool(Question(f"Remove {name}?", words, "Remove", self).exec())

    def _work(self, work: Callable[[OnShare], T], done: Callable[[T], None], words: str) -> None:
        self.bar.setValue(0)
        self._busy(True)
        self.say(words)

        def finished(result: T) -> None:
            self._busy(False)
            done(result)

        def failed(sentence: str) -> None:
            self._busy(False)
            self.say(sentence, wrong=True)

        self._stopped = False
        self._errands.run(lambda: work(self._on_share), done=finished, failed=failed)

    def _on_share(self, share: float) -> None:
        """On the errand's thread; the one place where it can be stopped."""
        if self._stopped:
            raise Refusal("Stopped; the models of this desk are as they were.")
        self._shared.emit(share)

    def done(self, result: int) -> None:
        """Closing the page stops what is under way."""
        self._stopped = True
        super().done(result)

    def _busy(self, busy: bool) -> None:
        self._at_work = busy
        self.bar.setVisible(busy)
        self._enable()

    def _enable(self) -> None:
        self.add_button.setEnabled(not self._at_work)
        for button in (self.check_button, self.remove_button, self.load_button):
            button.setEnabled(not self._at_work and bool(self.current))


class LicenceDialog(Question):
    """Shows a bundle's licence; it is accepted by the tick, never by Return alone."""

    def __init__(self, bundle: Bundle, parent: QWidget | None = None) -> None:
        licence = bundle.manifest.licence
        super().__init__(f"Add {bundle.title}", f"It is under {licence.name}.", "Add", parent)
        notice = QLabel(licence.notice)
        notice.setWordWrap(True)
        notice.setTextFormat(Qt.TextFormat.PlainText)
        self.accepted_tick = QCheckBox("I have read the licence and accept it")
        self.link = QCheckBox("Leave the files where they are (else they are copied)")
        self.link.setChecked(True)
        for widget in (notice, self.accepted_tick, self.link):
            self.column.addWidget(widget)
        self.primary.setEnabled(False)
        self.accepted_tick.toggled.connect(self.primary.setEnabled)


def described(one: Installed) -> str:
    """What a person wants to know of a bundle before it is used."""
    manifest = one.bundle.manifest
    need, weights = need_of(one.bundle)
    metrics = [f"{metric.name} {metric.value:g} on {metric.data}" for metric in manifest.metric]
    return "\n".join(
        (
            one.bundle.title,
            f"{weights / 1e6:,.1f} million weights, {'with an adapter' if manifest.adapter else 'no adapter'}",
            f"Needs {need.total / GIB:.1f} GiB of GPU memory (computed)",
            f"{manifest.licence.name}: {'accepted' if one.accepted else 'not accepted, add it again'}",
            f"Lies in {one.bundle.folder}" if one.linked else "Copied to this desk",
            f"Labels: {', '.join(label.name for label in manifest.label) or 'none'}",
            "Measured: "
            + ("; ".join(metrics) if metrics else "no figures came with it, so nobody knows how well it reads"),
        )
    )
