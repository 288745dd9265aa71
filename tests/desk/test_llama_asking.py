"""Each page is asked about once at a time, whatever is pressed. Needs no model: its process is of paper."""

import pytest
from pytestqt.qtbot import QtBot

from ecgdesk.desk.llama_keeper import LlamaKeeper
from ecgdesk.ecg.case import Case
from ecgdesk.ecg.reading import Reading
from tests.desk import sample
from tests.desk.conftest import OpenDesk, settle
from tests.read.llama.paper_process import PaperProcess


def test_a_page_that_is_being_read_is_not_asked_about_again(
    open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = sample.case()
    window = open_desk(case)
    llama, action = window.llama, window.actions_table["llama"]
    asked: list[Case] = []
    monkeypatch.setattr("ecgdesk.desk.llama_desk.why_unavailable", lambda _: "")
    monkeypatch.setattr(llama.keeper, "start", lambda: None)
    monkeypatch.setattr(llama.keeper, "ask", asked.append)
    action.trigger()
    llama.keeper.token.emit(case.id, "Sinus ")
    action.trigger()
    llama.keeper.token.emit(case.id, "rhythm.")
    assert len(asked) == 1
    assert llama.panel.narrative.toPlainText() == "Sinus rhythm."
    llama.keeper.read.emit(case.id, Reading("llama", "paper 1", (), narrative="Sinus rhythm."))
    settle(window)
    action.trigger()  # read to its end it may be read anew
    assert len(asked) == 2
    assert llama.panel.narrative.toPlainText() == ""


def test_a_page_taken_back_and_asked_about_again_is_read_once(
    qtbot: QtBot, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecgdesk.desk.llama_keeper.why_unavailable", lambda _: "")
    monkeypatch.setattr("ecgdesk.desk.llama_keeper.LlamaProcess", PaperProcess)
    first, second, last = (sample.case(number=number) for number in (1, 2, 3))
    keeper = LlamaKeeper(tmp_path)
    read: list[str] = []
    keeper.read.connect(lambda case_id, _: read.append(case_id))
    keeper.ask(first)
    keeper.ask(second)
    keeper.withdraw(second.id)
    keeper.ask(second)
    keeper.ask(last)
    keeper.start()
    qtbot.waitUntil(lambda: last.id in read)
    keeper.end()
    assert read == [first.id, second.id, last.id]
