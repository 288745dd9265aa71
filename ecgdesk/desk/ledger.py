"""The latest state of each case: on the disk, or on its way there."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from ecgdesk.desk.keeper import Keeper
from ecgdesk.desk.shelf import Shelf
from ecgdesk.ecg.case import Case
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.store.audit import Act
from ecgdesk.store.cases import CaseStore


class Ledger(QObject):
    """What a change begins from, and what became of it. Used on the window's thread."""

    kept = Signal(object)  # Case, now on the disk
    # Case id, a sentence for the user, whether another window changed the case; then the case as it is there or None
    not_kept = Signal(str, str, bool, object)

    def __init__(self, store: CaseStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.shelf = Shelf(store, self)
        self.keeper = Keeper(store, self)
        self._ahead: dict[str, Case] = {}  # states that are handed over and not yet on the disk
        self.keeper.kept.connect(self._on_kept)
        self.keeper.refused.connect(self._on_refused)

    def latest(self, case: Case) -> Case:
        """As it was handed over last, else as it is."""
        return self._ahead.get(case.id, case)

    def latest_of(self, case_id: str) -> Case:
        """Raises StoreRefusal."""
        return self.latest(self.shelf.get(case_id))

    def keep(self, case: Case, act: Act, *, then: Callable[[], None] = lambda: None) -> None:
        self._ahead[case.id] = case
        self.keeper.put(case, act=act, then=then)

    def delete(self, case_id: str, *, then: Callable[[], None], failed: Callable[[str], None]) -> None:
        """Deletes a case for good; `failed` gets a sentence, and the case then stays."""

        def gone() -> None:
            self.shelf.drop(case_id)
            self._ahead.pop(case_id, None)
            then()

        self.keeper.delete(case_id, then=gone, failed=failed)

    def end(self) -> None:
        self.keeper.wait()
        self.shelf.wait()

    def _on_kept(self, case: Case) -> None:
        if self._ahead.get(case.id) is case:
            del self._ahead[case.id]
        self.shelf.lay(case)
        self.kept.emit(case)

    def _on_refused(self, case_id: str, sentence: str, changed_elsewhere: bool) -> None:
        self._ahead.pop(case_id, None)
        there: Case | None = None
        if changed_elsewhere:
            self.shelf.drop(case_id)
            try:
                there = self.shelf.get(case_id)
            except Refusal:  # deleted there; the sentence has said so
                there = None
        self.not_kept.emit(case_id, sentence, changed_elsewhere, there)
