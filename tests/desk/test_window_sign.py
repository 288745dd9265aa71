"""Signing, amending, exporting and deleting in the window."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMenu, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from ecgdesk.desk.dialogs.passphrase import PassphraseDialog
from ecgdesk.desk.dialogs.sign import NewIdentityDialog, SignDialog
from ecgdesk.desk.review.sign_bar import PRELIMINARY
from ecgdesk.desk.window import DeskWindow
from ecgdesk.ecg.case import Signature
from ecgdesk.report.identity import new_identity
from ecgdesk.report.verification import verify
from ecgdesk.store.cases import CaseStore
from tests.desk import sample
from tests.desk.conftest import OpenDesk, settle

PASSPHRASE = "a sample passphrase"
PATIENCE_MS = 60_000


@pytest.fixture
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECGDESK_HOME", str(tmp_path))


def make_identity_and_sign(window: DeskWindow, qtbot: QtBot) -> None:
    def make() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, NewIdentityDialog)
        dialog.name.setText("Sample Signer")
        dialog.typed.setText(PASSPHRASE)
        dialog.again.setText(PASSPHRASE)
        dialog.primary.click()

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, SignDialog)
        assert not dialog.primary.isEnabled()
        assert any("SAMPLE, ONE, ID 0000, born 1960-02-29." in label.text() for label in dialog.findChildren(QLabel))
        QTimer.singleShot(0, make)
        dialog.new_button.click()

    QTimer.singleShot(0, answer)
    window.review.sign_bar.sign_button.click()
    qtbot.waitUntil(
        lambda: window.workbench.case is not None and window.workbench.case.signature is not None,
        timeout=PATIENCE_MS,  # a key is made, and a passphrase costs time by design
    )


def press(text: str) -> None:
    box = QApplication.activeModalWidget()
    assert isinstance(box, QMessageBox)
    next(button for button in box.findChildren(QPushButton) if button.text() == text).click()


@pytest.mark.usefixtures("_home")
def test_a_case_is_signed_with_a_new_identity_then_read_only_then_amended(
    open_desk: OpenDesk, store: CaseStore, qtbot: QtBot
) -> None:
    case = sample.case()
    window = open_desk(case)
    assert window.review.sign_bar.text == PRELIMINARY
    make_identity_and_sign(window, qtbot)
    settle(window)
    kept = store.get(case.id).signature
    assert kept is not None
    assert verify(kept.pdf, trusted=()).intact
    assert window.review.sign_bar.text == "Signed by Sample Signer"
    window.workbench.pick(sample.SINUS)
    assert not window.review.findings.accept_button.isEnabled()
    assert not window.actions_table["add"].isEnabled()
    assert window.review.patient.name.isReadOnly()
    window.workbench.reject(sample.SINUS)
    settle(window)
    assert "is signed" in window.statusBar().currentMessage()
    QTimer.singleShot(0, lambda: press("Amend"))
    window.review.sign_bar.amend_button.click()
    settle(window)
    assert window.review.sign_bar.text == PRELIMINARY
    settle(window)
    assert store.get(case.id).superseded == (kept,)
    assert not window.review.patient.name.isReadOnly()


@pytest.mark.usefixtures("_home")
def test_a_wrong_passphrase_is_said_in_the_dialog_and_can_be_typed_again(
    open_desk: OpenDesk, tmp_path: Path, qtbot: QtBot
) -> None:
    new_identity("Sample Signer", passphrase=PASSPHRASE, folder=tmp_path / "identities")
    window = open_desk(sample.case())
    said: list[str] = []

    def second_try(dialog: SignDialog) -> None:
        if not dialog.wrong:
            QTimer.singleShot(20, lambda: second_try(dialog))
            return
        said.append(dialog.wrong)
        dialog.passphrase.setText(PASSPHRASE)
        dialog.primary.click()

    def first_try() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, SignDialog)
        dialog.passphrase.setText("wrong")
        dialog.primary.click()
        second_try(dialog)

    QTimer.singleShot(0, first_try)
    qtbot.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.workbench.case is not None and window.workbench.case.signature is not None)
    assert "passphrase" in said[0]


def test_a_signature_is_kept_when_another_case_lies_on_the_desk_by_then(open_desk: OpenDesk, store: CaseStore) -> None:
    first, second = sample.case(number=1), sample.case(number=2)
    window = open_desk(first, second)
    window.queue.choose(first.id)
    reported = window.workbench.case
    assert reported is not None
    window.queue.choose(second.id)
    window.workbench.keep_signed(reported, Signature("Sample Signer", reported.created_at, b"%PDF"))
    settle(window)
    assert store.get(first.id).signature is not None
    settle(window)
    assert store.get(second.id).signature is None
    assert [entry.signed for entry in window.queue_model.entries] == [False, True]


@pytest.mark.parametrize(("action", "suffix", "head"), [("export_pdf", ".pdf", b"%PDF"), ("export_csv", ".csv", b"I,")])
def test_a_case_is_exported(
    open_desk: OpenDesk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
    action: str,
    suffix: str,
    head: bytes,
) -> None:
    window = open_desk(sample.case())
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "out"), ""))
    window.actions_table[action].trigger()
    file = tmp_path / f"out{suffix}"
    qtbot.waitUntil(lambda: file.exists() and file.read_bytes().startswith(head))


@pytest.mark.parametrize("times", [1, 2])
def test_a_report_that_was_replaced_can_be_had_again_to_the_byte_and_is_not_deleted_unsaid(
    open_desk: OpenDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, times: int
) -> None:
    signed = [
        Signature("Sample Signer", datetime(2024, 3, day, 9, 30, tzinfo=UTC), b"%%PDF-%d" % day) for day in (1, 2)
    ]
    window = open_desk(replace(sample.case(), superseded=tuple(signed[:times])))
    suggested: list[str] = []

    def save(_window: object, _title: str, name: str, _filter: str) -> tuple[str, str]:
        suggested.append(name)
        return str(tmp_path / "replaced.pdf"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", save)

    def choose_the_oldest() -> None:
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        menu.setActiveAction(menu.actions()[-1])
        qtbot.keyClick(menu, Qt.Key.Key_Return)

    if times > 1:
        QTimer.singleShot(50, choose_the_oldest)
    window.actions_table["replaced"].trigger()
    window.errands.wait()
    assert (tmp_path / "replaced.pdf").read_bytes() == b"%PDF-1"
    assert "sample-1-signed-2024-03-01" in suggested[0]

    def look() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        assert "What was signed of it is deleted" in box.informativeText()
        press("Cancel")

    QTimer.singleShot(0, look)
    window.actions_table["delete"].trigger()
    assert len(window.queue_model.entries) == 1


@pytest.mark.parametrize(("answer", "there"), [("Cancel", b"theirs"), ("Replace", b"{")])
def test_a_file_is_not_replaced_unasked_by_the_suffix_that_its_name_gets(
    open_desk: OpenDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, answer: str, there: bytes
) -> None:
    window = open_desk(sample.case())
    (tmp_path / "Dr. Sample.json").write_bytes(b"theirs")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "Dr. Sample"), ""))
    QTimer.singleShot(0, lambda: press(answer))
    window.actions_table["export_json"].trigger()
    window.errands.wait()
    assert (tmp_path / "Dr. Sample.json").read_bytes().startswith(there)
    assert not (tmp_path / "Dr. Sample").exists()


def test_a_folder_that_cannot_be_written_is_one_sentence(
    open_desk: OpenDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    window = open_desk(sample.case())
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "none" / "out.json"), ""))
    said: list[str] = []

    def read() -> None:
        box = QApplication.activeModalWidget()
        if not isinstance(box, QMessageBox):
            QTimer.singleShot(20, read)
            return
        said.append(box.text())
        box.close()

    QTimer.singleShot(0, read)
    window.actions_table["export_json"].trigger()
    qtbot.waitUntil(lambda: bool(said))
    assert "was not written" in said[0]


def test_a_case_is_deleted_only_after_a_question(open_desk: OpenDesk, store: CaseStore, qtbot: QtBot) -> None:
    window = open_desk(sample.case(number=1), sample.case(number=2))
    QTimer.singleShot(0, lambda: press("Cancel"))
    window.actions_table["delete"].trigger()
    assert len(store.summaries()) == 2
    QTimer.singleShot(0, lambda: press("Delete"))
    window.actions_table["delete"].trigger()
    settle(window)
    assert [summary.id for summary in store.summaries()] == [sample.case(number=1).id]
    assert window.queue.current == sample.case(number=1).id


def test_a_new_passphrase_is_typed_twice_and_is_long_enough(qtbot: QtBot) -> None:
    dialog = PassphraseDialog(new=True)
    qtbot.addWidget(dialog)
    dialog.typed.setText("short")
    dialog.confirm()
    assert "at least" in dialog.wrong
    dialog.typed.setText(PASSPHRASE)
    dialog.confirm()
    assert "differ" in dialog.wrong
    dialog.again.setText(PASSPHRASE)
    dialog.confirm()
    assert dialog.result() == PassphraseDialog.DialogCode.Accepted
    assert dialog.passphrase == PASSPHRASE
