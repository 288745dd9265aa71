"""A model's process that is none: it answers at once, and may end. Needs no extras."""

from ecgdesk.read.llama.messages import Cancel, FromWorker, Load, Read, Ready, Result
from ecgdesk.read.llama.process import Ended

TEXT = "Sinus rhythm."


class PaperProcess:
    """Takes the place of LlamaProcess; each one of them answers `pages` pages."""

    started = 0
    pages = 1000
    pid = 0
    has_ended = False

    def __init__(self) -> None:
        type(self).started += 1
        self._left = self.pages
        self._reports: list[FromWorker] = []

    def send(self, order: Load | Read | Cancel) -> None:
        if isinstance(order, Load):
            self._reports.append(Ready("paper 1", "nowhere", False, 0.0, 0.0, 0.0))
        elif isinstance(order, Read):
            if not self._left:
                raise Ended
            self._left -= 1
            self._reports.append(Result(order.request, "paper 1", (), "", TEXT, 1.0, 0.1))

    def hear(self, timeout_s: float) -> FromWorker | None:
        return self._reports.pop(0) if self._reports else None

    def kill(self) -> None:
        self._reports.clear()
