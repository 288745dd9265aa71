"""Saving off the window's thread, in order: what is shown as done is on the disk."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QObject, Signal

from ecgdesk.desk.errands import Errands
from ecgdesk.ecg.case import Case
from ecgdesk.store.audit import Act
from ecgdesk.store.cases import CaseStore
from ecgdesk.store.refusals import ChangedElsewhere, NoSuchCase, StoreRefusal


class _End(Enum):
    KEPT = auto()
    PASSED_OVER = auto()  # it rested on a change that was not kept, or its case was deleted


@dataclass(frozen=True)
class _NotKept:
    sentence: str
    changed_elsewhere: bool


class Keeper(QObject):
    """Keeps the states of cases one after the other.

    When one cannot be kept, later states of the same case that were handed over before anybody knew rest on it: they
    are passed over without a word, and the next state to be kept has to begin from what is on the disk.
    """

    kept = Signal(object)  # Case
    refused = Signal(str, str, bool)  # case id, a sentence for the user, whether another window changed the case
    busy = Signal(bool)

    def __init__(self, store: CaseStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._errands = Errands(self)
        self._failures: dict[str, int] = {}
        self._waiting = 0

    def put(self, case: Case, *, act: Act, then: Callable[[], None] = lambda: None) -> None:
        """Hands a state over; `then` is called on the window's thread once it is on the disk."""
        failures = self._failures.get(case.id, 0)

        def work() -> _End | _NotKept:
            if self._failures.get(case.id, 0) != failures:
                return _End.PASSED_OVER
            try:
                self._store.put(case, act=act)
            except NoSuchCase:
                return _End.PASSED_OVER
            except StoreRefusal as refusal:
                self._failures[case.id] = failures + 1
                return _NotKept(str(refusal), isinstance(refusal, ChangedElsewhere))
            return _End.KEPT

        def done(end: _End | _NotKept) -> None:
            self._count(-1)
            if isinstance(end, _NotKept):
                self.refused.emit(case.id, end.sentence, end.changed_elsewhere)
            elif end is _End.KEPT:
                self.kept.emit(case)
                then()

        def failed(sentence: str) -> None:
            self._count(-1)
            self._failures[case.id] = failures + 1
            self.refused.emit(case.id, sentence, False)

        self._count(+1)
        self._errands.run(work, done=done, failed=failed)

    def delete(self, case_id: str, *, then: Callable[[], None], failed: Callable[[str], None]) -> None:
        """Deletes a case for good, after all that was handed over before; no state of it is kept any more."""

        def done(_: None) -> None:
            self._count(-1)
            then()

        def not_done(sentence: str) -> None:
            self._count(-1)
            failed(sentence)

        self._failures[case_id] = self._failures.get(case_id, 0) + 1
        self._count(+1)
        self._errands.run(lambda: self._store.delete(case_id), done=done, failed=not_done)

    def wait(self) -> None:
        """Until all that was handed over is kept or refused; the signals follow with the window's events."""
        self._errands.wait()

    def settle(self) -> None:
        """As `wait`, the signals included."""
        self._errands.settle()

    def _count(self, by: int) -> None:
        before, self._waiting = self._waiting, self._waiting + by
        if (before == 0) != (self._waiting == 0):
            self.busy.emit(self._waiting > 0)
