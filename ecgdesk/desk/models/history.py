"""The changes of the case on the desk, to be taken back one by one and made again."""

from collections import deque
from dataclasses import dataclass

from ecgdesk.ecg.case import Case

MOST_STEPS = 30  # a step that straightened the sheet anew holds its pixels, 10 to 60 MB


@dataclass(frozen=True, eq=False)
class Step:
    """`what` was done, in words that go on from “Undo ”, and the case on the other side of it."""

    what: str
    case: Case


class History:
    """Of one case at a time; empty when another one is opened, and when it is signed or amended."""

    def __init__(self) -> None:
        self._done: deque[Step] = deque(maxlen=MOST_STEPS)
        self._undone: deque[Step] = deque(maxlen=MOST_STEPS)

    def clear(self) -> None:
        self._done.clear()
        self._undone.clear()

    def note(self, what: str, before: Case) -> None:
        """A change was made to `before`; what had been undone cannot be redone after it."""
        self._done.append(Step(what, before))
        self._undone.clear()

    @property
    def undoes(self) -> str:
        """What `undo` would take back, empty when nothing."""
        return self._done[-1].what if self._done else ""

    @property
    def redoes(self) -> str:
        return self._undone[-1].what if self._undone else ""

    def undo(self, now: Case) -> Case:
        """The case before its last change; `now` is what redoing comes back to."""
        step = self._done.pop()
        self._undone.append(Step(step.what, now))
        return step.case

    def redo(self, now: Case) -> Case:
        step = self._undone.pop()
        self._done.append(Step(step.what, now))
        return step.case
