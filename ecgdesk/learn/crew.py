"""Worker processes for long runs over many records or pages: one a core, guarded, and gone when the run is stopped."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from ecgdesk import offline

CORES = os.cpu_count() or 1


@contextmanager
def crew() -> Iterator[ProcessPoolExecutor]:
    """The processes, while it lasts; of work that waits when it is left by an error or Ctrl-C, nothing is begun."""
    # spawn, not fork: a fork would inherit threads and open files.
    pool = ProcessPoolExecutor(CORES, mp_context=get_context("spawn"), initializer=_prepare)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _prepare() -> None:
    offline.guard()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of the terminal; the parent ends these
    import cv2

    cv2.setNumThreads(1)  # a record a core; threads within a page would only fight
