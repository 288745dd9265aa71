"""A walker that answers by what the file says, so that a test decides what becomes of it."""

import threading
from collections.abc import Callable
from dataclasses import replace

from ecgdesk.ecg.case import Case
from ecgdesk.ecg.corrections import Corrections
from ecgdesk.ecg.reading import Reading
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.worker import Cancelled, Progress
from tests.desk import sample

BAD_SENTENCE = "This is a text file, not an image; drop the scan itself."


class FakeWalker:
    """Files: `good` gives a case, `two` a case each of two sheets, `slow` waits for `go`, all else is refused."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.walked: list[str] = []
        self.closed = False

    def walk(
        self,
        data: bytes,
        *,
        name: str,
        on_case: Callable[[Case], None],
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self.walked.append(name)
        on_progress(Progress("tracing", 0.5))
        if data == b"slow":
            while not self.go.wait(0.01):
                if cancelled():
                    raise Cancelled
        if data not in (b"good", b"two", b"slow"):
            raise Refusal(BAD_SENTENCE)
        for number in range(1, 3 if data == b"two" else 2):
            on_case(replace(sample.case(number=100 + len(self.walked)), source_name=name, sheet_number=number))

    def close(self) -> None:
        self.closed = True


def corrected(case: Case, corrections: Corrections) -> Case:
    """The case with these corrections and nothing that follows from them."""
    if corrections.layout == "refused":
        raise Refusal(BAD_SENTENCE)
    return replace(case, corrections=corrections)


class FakeMender:
    """Mends by `mends`, here and not in a process; waits for `go` where told to, and is `deaf` to being cancelled."""

    def __init__(
        self, *, mends: Callable[[Case, Corrections], Case] = corrected, waits: bool = False, deaf: bool = False
    ) -> None:
        self._mends, self._waits, self._deaf = mends, waits, deaf
        self.go = threading.Event()
        self.jobs: list[Corrections] = []
        self.closed = False

    def mend(
        self,
        case: Case,
        corrections: Corrections,
        *,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> Case:
        self.jobs.append(corrections)
        on_progress(Progress("tracing", 0.5))
        while self._waits and not self.go.wait(0.01):
            if cancelled() and not self._deaf:
                raise Cancelled
        return self._mends(case, corrections)

    def warm_up(self) -> None: ...

    def close(self) -> None:
        self.closed = True


def rereads(*readings: Reading) -> Callable[[Case, Corrections], Case]:
    """Mends as if these readings came of it."""
    return lambda case, corrections: replace(corrected(case, corrections), readings=readings)
