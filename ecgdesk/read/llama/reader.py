"""The reader named "llama": the same protocol as every other, with the model in a process of its own."""

import atexit
import importlib.util
import threading
from itertools import count
from pathlib import Path

import numpy as np

from ecgdesk.ecg.home import home as own_home
from ecgdesk.ecg.reading import Evidence, Reading
from ecgdesk.read.llama.claims import NAME, reading
from ecgdesk.read.llama.context import measured_values
from ecgdesk.read.llama.installed import NO_BUNDLE, names
from ecgdesk.read.llama.messages import Failed, FromWorker, Load, Read, Ready, Result
from ecgdesk.read.llama.picture import picture
from ecgdesk.read.llama.process import DIED, Ended, LlamaProcess
from ecgdesk.read.llama.refusals import ModelFailed, ModelUnavailable

LIBRARIES = ("torch", "transformers", "peft", "bitsandbytes", "xgrammar", "accelerate")
_NO_LIBRARIES = (
    "The Llama needs libraries that are not installed here ({}); install them with `pip install 'ecgdesk[llama]'`."
)
NO_PAGE = "The Llama reads pages and there is only a signal here; give it the sheet (for records: --via page)."
_SILENCE_S = 600.0  # the longest step is the load of 21 GB from a slow disk, which reports on its way


def why_unavailable(home: Path) -> str:
    """One sentence for the user; empty when a bundle and the libraries are there."""
    return missing_libraries() or ("" if names(home) else NO_BUNDLE)


def missing_libraries() -> str:
    """One sentence for the user; empty when all libraries are there."""
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    return _NO_LIBRARIES.format(", ".join(missing)) if missing else ""


def order_of(evidence: Evidence, *, request: int, measured: bool) -> Read:
    """What the worker is asked about a page. Raises ModelUnavailable when there is no page."""
    if evidence.page is None:
        raise ModelUnavailable(NO_PAGE)
    pixels = np.ascontiguousarray(picture(evidence.page))
    context = measured_values(evidence.measurements) if measured else ""
    return Read(request, pixels.tobytes(), pixels.shape[0], pixels.shape[1], context)


class LlamaReader:
    """Reads pages with a bundle of this desk; the process is started with the first page and kept for the next.

    `measured`: whether the prompts carry the measurements; None leaves it to the bundle. Safe for several threads,
    which take turns. Making one raises ModelUnavailable when there is nothing to read with.
    """

    def __init__(
        self,
        *,
        bundle: str = "",
        measured: bool | None = None,
        home: Path | None = None,
    ) -> None:
        self._home = home or own_home()
        self._bundle, self._measured = bundle, measured
        if sentence := why_unavailable(self._home):
            raise ModelUnavailable(sentence)
        self._turn = threading.Lock()
        self._process: LlamaProcess | None = None
        self._ready: Ready | None = None
        self._requests = count(1)

    @property
    def name(self) -> str:
        return NAME

    def read(self, evidence: Evidence) -> Reading:
        """Raises ModelUnavailable, BundleRejected (as ModelFailed with its sentence) or ModelFailed."""
        return reading(self.ask(evidence), evidence)

    def ask(self, evidence: Evidence) -> Result:
        """What the worker answers, with the margins of the labels before their calibration."""
        with self._turn:
            process = self._started()
            assert self._ready is not None
            measured = self._ready.measured_values if self._measured is None else self._measured
            order = order_of(evidence, request=next(self._requests), measured=measured)
            answer = self._answered(process, order)
            assert isinstance(answer, Result)
            return answer

    def close(self) -> None:
        """Ends the process and frees the GPU; the next page starts it again."""
        if self._process is not None:
            self._process.kill()
            atexit.unregister(self.close)
        self._process, self._ready = None, None

    def _started(self) -> LlamaProcess:
        if self._process is None:
            self._process = LlamaProcess()
            atexit.register(self.close)
            answer = self._answered(self._process, Load(str(self._home), self._bundle))
            assert isinstance(answer, Ready)
            self._ready = answer
        return self._process

    def _answered(self, process: LlamaProcess, order: Load | Read) -> FromWorker:
        """The report that ends the load or the page. Raises ModelFailed; the process is then ended."""
        request = order.request if isinstance(order, Read) else 0
        try:
            process.send(order)
            while (report := process.hear(_SILENCE_S)) is not None:
                if isinstance(report, Failed):
                    raise ModelFailed(report.sentence)
                if isinstance(report, Ready) or (isinstance(report, Result) and report.request == request):
                    return report
        except Ended:
            self.close()
            raise ModelFailed(DIED) from None
        except ModelFailed:
            self.close()
            raise
        self.close()
        raise ModelFailed(DIED)
