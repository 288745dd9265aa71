"""Faults of the program itself: where they happened goes to the log, one sentence to the user, nothing of a patient."""

import logging
import sys
import traceback
from collections.abc import Callable
from types import TracebackType

log = logging.getLogger(__name__)

_SENTENCE = "That failed by a fault of the program ({}); nothing that was kept is lost: try again, and report it."


def note(error: BaseException, what: str) -> None:
    """Logs the place of a fault without its message, which may hold a file's or a patient's name."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s: %s\n%s", what, type(error).__name__, frames)


def sentence(error: BaseException) -> str:
    return _SENTENCE.format(type(error).__name__)


def watch(say: Callable[[str], None]) -> None:
    """From now on a fault in any handler of the window is noted and said; the window goes on."""

    def caught(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, at)
            return
        note(error, "A handler of the window failed")
        say(sentence(error))

    sys.excepthook = caught
