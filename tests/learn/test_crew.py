"""The processes of long runs: guarded against the network, and gone at once when the run is stopped."""

import socket
import time

import pytest

from ecgdesk.learn.crew import CORES, crew


def _tries_the_network(_: int) -> str:
    try:
        socket.socket(socket.AF_INET).close()
    except PermissionError as error:
        return str(error)
    return "let through"


def _naps(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def test_no_process_of_a_run_has_a_network() -> None:
    with crew() as pool:
        assert all("works offline" in said for said in pool.map(_tries_the_network, range(2 * CORES)))


def test_a_run_that_is_stopped_begins_nothing_more() -> None:
    waiting = []

    def run() -> None:
        with crew() as pool:
            waiting.extend(pool.submit(_naps, 0.2) for _ in range(50 * CORES))
            waiting[0].result()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    assert sum(one.cancelled() for one in waiting) > 40 * CORES
