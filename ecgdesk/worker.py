"""A process of its own for hostile files, with limits on memory and time.

A file that kills the decoder, eats the memory or never ends takes this process along, never the window: the parent
sees the pipe close or the clock run out, says one sentence, and starts a fresh process for the next file.
"""

import contextlib
import logging
import multiprocessing as mp
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection

import numpy as np

from ecgdesk import offline
from ecgdesk.ecg.case import Case
from ecgdesk.ecg.corrections import Corrections
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.mend import mend
from ecgdesk.pipeline import EMBEDDED_READERS, OnProgress, Progress, walk_file

__all__ = ["Cancelled", "Progress", "WalkFailed", "Walker"]

log = logging.getLogger(__name__)

MEMORY_LIMIT_BYTES = 6 * 2**30  # of address space; a 600 dpi sheet needs about 1.5 GB of it
SILENCE_LIMIT_S = 120.0  # a stage of the walk takes seconds; nothing for this long is a hang
_POLL_S = 0.05
_DIED = (
    "Reading it ended the worker process (too little memory, or a damaged file); "
    "try again, or scan the sheet anew at 200 to 300 dpi."
)


class Cancelled(Exception):
    """The user took the file back."""


class WalkFailed(Refusal):
    """The worker process died or hung on a file."""


@dataclass(frozen=True)
class _Job:
    data: bytes
    name: str
    readers: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _MendJob:
    case: Case
    corrections: Corrections
    readers: tuple[str, ...]


@dataclass(frozen=True)
class _Refused:
    sentence: str


class _Done:
    """The file is finished."""


class _Declined(Exception):
    """The worker's last word on a file is a sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Walker:
    """One worker process, started when it is first needed and again after a crash or a cancel. Not for two threads."""

    def __init__(self, *, silence_limit_s: float = SILENCE_LIMIT_S) -> None:
        self._silence_limit_s = silence_limit_s
        self._process: mp.process.BaseProcess | None = None
        self._pipe: Connection | None = None

    def walk(
        self,
        data: bytes,
        *,
        name: str,
        on_case: Callable[[Case], None],
        on_progress: OnProgress = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
        readers: Sequence[str] = EMBEDDED_READERS,
    ) -> None:
        """Walks one file; `on_case` gets each sheet's case as soon as it is ready. Blocks.

        Raises Refusal when the file is refused (WalkFailed when it took the process along) and Cancelled when
        `cancelled()` became true; cases that were already handed over stay valid.
        """
        self._do(_Job(data, name, tuple(readers)), on_case, on_progress, cancelled)

    def mend(
        self,
        case: Case,
        corrections: Corrections,
        *,
        on_progress: OnProgress = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
        readers: Sequence[str] = EMBEDDED_READERS,
    ) -> Case:
        """The case with these corrections, as `ecgdesk.mend.mend` makes it. Blocks; raises as `walk` does."""
        mended = [case]
        self._do(_MendJob(case, corrections, tuple(readers)), mended.append, on_progress, cancelled)
        return _sharing(case, mended[-1])

    def warm_up(self) -> None:
        """Starts the process, so that the next job need not wait for it."""
        self._started()

    def _do(
        self,
        job: _Job | _MendJob,
        on_case: Callable[[Case], None],
        on_progress: OnProgress,
        cancelled: Callable[[], bool],
    ) -> None:
        pipe = self._started()
        try:
            pipe.send(job)
            self._listen(pipe, on_case, on_progress, cancelled)
        except _Declined as declined:
            raise Refusal(declined.sentence) from None
        except (EOFError, OSError) as error:
            self.close()
            raise WalkFailed(_DIED) from error
        except BaseException:
            # Whoever takes the cases could not go on (a full disk, say): what the worker has still to tell of this
            # file would be taken for its answer to the next one.
            self.close()
            raise

    def _listen(
        self,
        pipe: Connection,
        on_case: Callable[[Case], None],
        on_progress: OnProgress,
        cancelled: Callable[[], bool],
    ) -> None:
        heard = time.monotonic()
        while True:
            if cancelled():
                self.close()
                raise Cancelled
            if not pipe.poll(_POLL_S):
                if time.monotonic() - heard > self._silence_limit_s:
                    self.close()
                    raise WalkFailed(
                        f"Reading was given up after {self._silence_limit_s:.0f} s without progress; "
                        "scan the sheet again at 200 to 300 dpi and try once more."
                    )
                continue
            heard = time.monotonic()
            message = pipe.recv()
            if isinstance(message, Progress):
                on_progress(message)
            elif isinstance(message, Case):
                on_case(message)
            elif isinstance(message, _Refused):
                raise _Declined(message.sentence)
            else:
                return

    def _started(self) -> Connection:
        if self._pipe is None or self._process is None or not self._process.is_alive():
            self.close()
            # spawn, not fork: a fork would inherit the window's threads and its open database.
            context = mp.get_context("spawn")
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs,), name="ecgdesk-walker", daemon=True)
            with _deaf_to_ctrl_c():
                process.start()
            theirs.close()
            self._process, self._pipe = process, ours
            return ours
        return self._pipe

    def close(self) -> None:
        """Ends the process at once, whatever it is doing."""
        if self._process is not None:
            self._process.kill()
            self._process.join(5)
        if self._pipe is not None:
            self._pipe.close()
        self._process, self._pipe = None, None


def _sharing(before: Case, after: Case) -> Case:
    """`after` with what it has in common with `before` held once: pixels that came back through a pipe are copies."""
    after = replace(after, scan=before.scan)
    one, other = before.page, after.page
    if one is not None and other is not None and np.array_equal(one.image, other.image):
        after = replace(after, page=replace(other, image=one.image, ink=one.ink))
        if _seen_alike(before, after):
            after = replace(after, page=one, recording=before.recording)
    return after


def _seen_alike(before: Case, after: Case) -> bool:
    """Whether page and signal are the same, so that only figures and findings differ."""
    only_marks = replace(before.corrections, marks=after.corrections.marks) == after.corrections  # or not even those
    return only_marks and before.recording is not None and after.recording is not None


@contextlib.contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """What is started meanwhile hears no Ctrl-C, which reaches all processes of a terminal: it finishes its file."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # by itself it would come with the first start, and lift the mask again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection) -> None:
    offline.guard()
    _limit_memory()
    with contextlib.suppress(EOFError, KeyboardInterrupt, ConnectionError):  # the parent is gone: nobody to tell
        while True:
            _serve_one(pipe, pipe.recv())


def _serve_one(pipe: Connection, job: _Job | _MendJob) -> None:
    try:
        if isinstance(job, _MendJob):
            pipe.send(mend(job.case, job.corrections, readers=job.readers, on_progress=pipe.send))
            pipe.send(_Done())
            return
        for case in walk_file(job.data, name=job.name, readers=job.readers, on_progress=pipe.send):
            pipe.send(case)
    except Refusal as refusal:
        pipe.send(_Refused(str(refusal)))
    except MemoryError:
        pipe.send(_Refused(_DIED))
    except ConnectionError:
        raise  # the pipe's: no fault of the walk, and no answer can be sent
    except Exception as error:  # a bug of ours must not end the queue; its place goes to the log, not the file's name
        log.exception("The walk failed")
        pipe.send(
            _Refused(
                f"Reading it failed by a fault of the program ({type(error).__name__}); keep the file and report it."
            )
        )
    else:
        pipe.send(_Done())


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit; there the silence limit alone holds
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
