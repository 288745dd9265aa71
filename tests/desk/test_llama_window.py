"""The Llama in the window, through the real worker process with a tiny model. Needs the extra [llama]."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ecgdesk.desk.llama_agreement import Mark
from ecgdesk.desk.llama_desk import LlamaDesk
from ecgdesk.desk.llama_keeper import Phase
from ecgdesk.desk.llama_models import ModelsDialog
from ecgdesk.ecg.case import Signature
from ecgdesk.read.llama import installed
from ecgdesk.read.llama.bundle import Bundle, Label
from ecgdesk.store.cases import CaseStore
from tests.desk import sample
from tests.desk.conftest import OpenDesk, settle
from tests.read.llama.tiny_bundle import make_tiny_bundle, skip_without_extras

PATIENCE_MS = 120_000


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    skip_without_extras()
    labels = (Label("MI"), Label("AFIB", threshold=0.0), Label("SBRAD", threshold=0.0))
    return make_tiny_bundle(tmp_path_factory.mktemp("tiny"), label=labels, context_tokens=400)


@pytest.fixture
def desk_with_model(bundle: Bundle, tmp_path: Path) -> None:
    installed.add(bundle.folder, home=tmp_path, link=True, accept_licence=True)


def until(qtbot: QtBot, true: Callable[[], bool]) -> None:
    qtbot.waitUntil(true, timeout=PATIENCE_MS)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def test_without_a_model_the_page_of_models_opens(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(sample.case())
    seen: list[str] = []

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ModelsDialog)
        seen.append(dialog.said.text())
        dialog.close()

    QTimer.singleShot(0, answer)
    window.actions_table["llama"].trigger()
    assert "Llama" in seen[0]
    assert window.llama.keeper.pid is None


@pytest.mark.usefixtures("desk_with_model")
def test_a_page_is_read_beside_the_criteria_streamed_stopped_and_accepted(
    open_desk: OpenDesk, store: CaseStore, qtbot: QtBot
) -> None:
    first, second = sample.case(number=1), sample.case(number=2)
    window = open_desk(first, second)
    llama, panel = window.llama, window.llama.panel
    phases: list[Phase] = []
    llama.keeper.condition.connect(lambda condition: phases.append(condition.phase))
    window.queue.choose(first.id)
    window.actions_table["llama"].trigger()
    assert panel.isVisible()
    until(qtbot, lambda: bool(panel.narrative.toPlainText()))
    window.queue.choose(second.id)
    assert panel.narrative.toPlainText() == ""  # the other page's report is not shown with this one
    window.actions_table["llama"].trigger()  # waits for the first
    window.queue.choose(first.id)
    until(qtbot, lambda: any(reading.proposed for reading in store.get(first.id).readings))
    settle(window)
    assert phases.index(Phase.LOADING) < phases.index(Phase.READING)
    assert [(line.mark, line.finding.code) for line in panel.lines if line.finding.source == "llama"] == [
        (Mark.CONTRADICTED, "SBRAD"),
        (Mark.CLAIMED, "AFIB"),
    ]
    assert panel.shares.text().startswith("MI ")
    kept = store.get(first.id)
    assert kept.readings[-1].narrative == panel.narrative.toPlainText().strip()
    assert {finding.source for finding in kept.findings} == {"criteria"}

    # The second is stopped: nothing of it is kept.
    until(qtbot, lambda: llama.condition.case_id == second.id)
    llama.stop()
    until(qtbot, lambda: llama.condition.phase is Phase.READY)
    assert store.get(second.id).readings == second.readings

    panel.table.setCurrentItem(panel.table.topLevelItem(1))
    panel.accept_button.click()
    settle(window)
    assert "AFIB" in {finding.code for finding in store.get(first.id).findings}

    pid = llama.keeper.pid
    window.close()
    assert pid is not None
    assert not alive(pid)
    assert "AFIB" in {finding.code for finding in store.get(first.id).findings}


@pytest.mark.usefixtures("desk_with_model")
def test_a_killed_model_leaves_window_and_case_and_one_button_starts_it_again(
    open_desk: OpenDesk, store: CaseStore, qtbot: QtBot
) -> None:
    case = sample.case()
    window = open_desk(case)
    llama, panel = window.llama, window.llama.panel
    panel.ask_wanted.emit()
    until(qtbot, lambda: bool(panel.narrative.toPlainText()))
    assert llama.keeper.pid is not None
    os.kill(llama.keeper.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    until(qtbot, lambda: llama.condition.phase is Phase.FAILED)
    assert "nothing of the case is lost" in panel.state.text()
    assert panel.narrative.toPlainText() == ""
    assert store.get(case.id).readings == case.readings
    assert window.isVisible()
    assert panel.ask_button.text() == "Start again"
    panel.ask_button.click()
    until(qtbot, lambda: any(reading.proposed for reading in store.get(case.id).readings))


@pytest.mark.usefixtures("desk_with_model")
def test_a_model_that_nobody_needs_gives_the_gpu_back(
    open_desk: OpenDesk, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_desk(sample.case())
    llama: LlamaDesk = window.llama
    llama.keeper._idle_s = 0.5
    llama._load("tiny")
    until(qtbot, lambda: llama.condition.phase is Phase.READY)
    pid = llama.keeper.pid
    assert pid is not None
    until(qtbot, lambda: llama.condition.phase is Phase.OFF)
    assert "unloaded" in llama.panel.state.text()
    assert not alive(pid)


@pytest.mark.usefixtures("desk_with_model")
def test_a_broken_bundle_is_one_sentence_in_the_panel(open_desk: OpenDesk, bundle: Bundle, qtbot: QtBot) -> None:
    window = open_desk(sample.case())
    extra = bundle.base / "stray.json"
    extra.write_text("{}")
    try:
        window.llama.panel.ask_wanted.emit()
        until(qtbot, lambda: window.llama.condition.phase is Phase.FAILED)
    finally:
        extra.unlink()
    assert "stray.json is not listed in bundle.toml" in window.llama.panel.state.text()


@pytest.mark.usefixtures("desk_with_model")
def test_a_load_is_stopped_at_once(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(sample.case())
    window.llama.panel.ask_wanted.emit()
    until(qtbot, lambda: window.llama.condition.phase is Phase.LOADING and window.llama.condition.fraction > 0)
    began = time.monotonic()
    window.llama.stop()
    until(qtbot, lambda: window.llama.condition.phase is Phase.OFF)
    assert time.monotonic() - began < 10
    assert window.llama.keeper.pid is None


@pytest.mark.usefixtures("desk_with_model")
def test_a_signed_case_is_not_read_again(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(
        replace(sample.case(), signature=Signature("SIGNER, ONE", datetime(2024, 3, 1, tzinfo=UTC), b"%"))
    )
    assert not window.actions_table["llama"].isEnabled()
    window.llama.ask()
    assert window.llama.condition.phase is Phase.OFF
    assert not window.llama.panel.ask_button.isEnabled()
