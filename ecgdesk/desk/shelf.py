"""The cases within reach: unpacking one from the store takes a moment that leafing through them would show."""

from collections import OrderedDict
from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QObject, QThreadPool

from ecgdesk.ecg.case import Case
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.store.cases import CaseStore

_KEPT = 5  # cases; one holds its page's pixels, 10 to 60 MB


class Shelf(QObject):
    """The cases that were open last, and those fetched ahead. Used on the window's thread, but for the fetching."""

    def __init__(self, store: CaseStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._cases: OrderedDict[str, Case] = OrderedDict()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)

    def get(self, case_id: str) -> Case:
        """From the shelf, else from the store. Raises StoreRefusal."""
        case = self._cases.get(case_id)
        if case is None:
            case = self._store.get(case_id)
        self.lay(case)
        return case

    def lay(self, case: Case) -> None:
        """Puts the case, as it is now in the store, within reach."""
        self._cases[case.id] = case
        self._cases.move_to_end(case.id)
        while len(self._cases) > _KEPT:
            self._cases.popitem(last=False)

    def drop(self, case_id: str) -> None:
        self._cases.pop(case_id, None)

    def fetch(self, case_ids: Iterable[str]) -> None:
        """Fetches cases ahead, in the background."""
        for case_id in case_ids:
            if case_id not in self._cases:
                self._pool.start(partial(self._fetch, case_id))

    def wait(self) -> None:
        self._pool.waitForDone()

    def _fetch(self, case_id: str) -> None:
        try:
            case = self._store.get(case_id)
        except Refusal:
            return  # it will be said when somebody opens the case
        self._cases.setdefault(case_id, case)
