"""Work off the window's thread."""

import gc
import logging
import threading
import weakref

import pytest
from pytestqt.qtbot import QtBot

from ecgdesk.desk.errands import Errands
from ecgdesk.desk.garbage import Collector
from ecgdesk.ecg.refusal import Refusal


class Held:
    """Stands for a dialog that the work refers to."""

    def refuse(self) -> None:
        raise Refusal("The passphrase is wrong; type it again.")

    def work(self) -> str:
        return threading.current_thread().name


def let_go_on(work_of: str, qtbot: QtBot) -> str:
    """The thread on which the last reference to the held object went."""
    errands, held, answers, threads = Errands(), Held(), [], []
    weakref.finalize(held, lambda: threads.append(threading.current_thread().name))
    errands.run(getattr(held, work_of), done=answers.append, failed=answers.append)
    del held
    qtbot.waitUntil(lambda: bool(answers) and bool(threads))
    return str(threads[0])


@pytest.mark.parametrize("work_of", ["work", "refuse"])
def test_what_an_errand_holds_is_let_go_on_the_windows_thread(work_of: str, qtbot: QtBot) -> None:
    for _ in range(20):
        assert let_go_on(work_of, qtbot) == threading.main_thread().name


def test_the_work_itself_runs_on_another_thread(qtbot: QtBot) -> None:
    errands, answers = Errands(), []
    errands.run(Held().work, done=answers.append, failed=answers.append)
    qtbot.waitUntil(lambda: bool(answers))
    assert answers[0] != threading.main_thread().name


def test_a_fault_becomes_a_sentence_and_its_message_stays_out_of_the_log(
    qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    name = "SAMPLE, ONE"

    def faulty() -> None:
        raise ValueError(name)

    errands, answers = Errands(), []
    with caplog.at_level(logging.ERROR):
        errands.run(faulty, done=answers.append, failed=answers.append)
        qtbot.waitUntil(lambda: bool(answers))
    assert answers[0].endswith(".")
    assert name not in answers[0] + caplog.text
    assert "ValueError" in caplog.text


def test_cycles_are_collected_by_the_windows_loop_alone(qtbot: QtBot) -> None:
    errands = Errands()
    collector = Collector(errands)
    try:
        assert not gc.isenabled()
    finally:
        collector.end()
    assert gc.isenabled()
