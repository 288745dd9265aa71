"""The page of models: nothing is used before its licence is accepted and its files are checked."""

from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ecgdesk.desk.dialogs.frame import Question
from ecgdesk.desk.errands import Errands
from ecgdesk.desk.llama_models import LicenceDialog, ModelsDialog
from ecgdesk.read.llama import installed
from ecgdesk.read.llama.bundle import Bundle
from ecgdesk.read.llama.installed import NO_BUNDLE
from tests.read.llama.paper_model import write_paper_bundle


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return write_paper_bundle(tmp_path / "bundle")


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelsDialog:
    monkeypatch.setattr("ecgdesk.read.llama.reader.LIBRARIES", ())
    dialog = ModelsDialog(tmp_path, Errands(qapp))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def answer_the_licence(*, tick: bool) -> None:
    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, LicenceDialog)
        assert not dialog.primary.isEnabled()
        if tick:
            dialog.accepted_tick.click()
            dialog.primary.click()
        else:
            dialog.reject()

    QTimer.singleShot(0, answer)


def test_an_empty_page_says_what_to_do(page: ModelsDialog) -> None:
    assert page.said.text() == NO_BUNDLE
    assert not page.load_button.isEnabled()


def test_a_bundle_is_added_after_its_licence_is_ticked(page: ModelsDialog, bundle: Bundle, qtbot: QtBot) -> None:
    answer_the_licence(tick=True)
    page.offer(bundle.folder)
    qtbot.waitUntil(lambda: page.current == "paper")
    assert "GiB of GPU memory (computed)" in page.about.text()
    assert "a licence of the tests: accepted" in page.about.text()
    assert page.load_button.isEnabled()
    with qtbot.waitSignal(page.load_wanted) as wanted:
        qtbot.mouseClick(page.load_button, Qt.MouseButton.LeftButton)
    assert wanted.args == ["paper"]


def test_a_licence_that_is_not_accepted_adds_nothing(page: ModelsDialog, bundle: Bundle, tmp_path: Path) -> None:
    answer_the_licence(tick=False)
    page.offer(bundle.folder)
    assert installed.names(tmp_path) == ()


def test_a_damaged_bundle_says_what_is_wrong_with_it(
    page: ModelsDialog, bundle: Bundle, tmp_path: Path, qtbot: QtBot
) -> None:
    (bundle.base / "model-00001-of-00002.safetensors").unlink()
    answer_the_licence(tick=True)
    page.offer(bundle.folder)
    qtbot.waitUntil(lambda: "model-00001-of-00002.safetensors" in page.said.text())
    assert installed.names(tmp_path) == ()
    page.offer(tmp_path / "nowhere")
    assert "is no model bundle" in page.said.text()


def test_a_bundle_is_checked_and_removed(page: ModelsDialog, bundle: Bundle, tmp_path: Path, qtbot: QtBot) -> None:
    installed.add(bundle.folder, home=tmp_path, link=True, accept_licence=True)
    page.refresh()
    page.check_button.click()
    qtbot.waitUntil(lambda: "complete and unchanged" in page.said.text())
    page.remove_button.click()
    qtbot.waitUntil(lambda: page.list.count() == 0)
    assert installed.names(tmp_path) == ()
    assert bundle.folder.exists()


def answer_the_question(*, remove: bool) -> None:
    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, Question)
        if remove:
            dialog.primary.click()
        else:
            dialog.reject()

    QTimer.singleShot(0, answer)


def test_a_copied_bundle_is_deleted_only_after_a_question(
    page: ModelsDialog, bundle: Bundle, tmp_path: Path, qtbot: QtBot
) -> None:
    installed.add(bundle.folder, home=tmp_path, link=False, accept_licence=True)
    page.refresh()
    answer_the_question(remove=False)
    page.remove_button.click()
    assert page.remove_button.isEnabled()
    assert installed.names(tmp_path) == ("paper",)
    answer_the_question(remove=True)
    page.remove_button.click()
    qtbot.waitUntil(lambda: page.list.count() == 0)
    assert installed.names(tmp_path) == ()


def test_no_other_work_is_begun_while_one_is_under_way(
    page: ModelsDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    for name in ("one", "two"):
        other = write_paper_bundle(tmp_path / name, name=name)
        installed.add(other.folder, home=tmp_path, link=True, accept_licence=True)
    page.refresh()
    may_end = Event()
    monkeypatch.setattr(installed, "check", lambda name, **_: may_end.wait(10) and installed.get(tmp_path, name))
    page.check_button.click()
    page.list.setCurrentRow(1)
    buttons = (page.add_button, page.check_button, page.remove_button, page.load_button)
    assert not any(button.isEnabled() for button in buttons)
    may_end.set()
    qtbot.waitUntil(lambda: all(button.isEnabled() for button in buttons))
