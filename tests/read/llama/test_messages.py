"""Window and worker understand each other, and neither can be made to run what the other sends."""

import io

import msgspec
import pytest

from ecgdesk.read.llama.messages import (
    Cancel,
    Cancelled,
    Failed,
    FromWorker,
    Load,
    Progress,
    Read,
    Ready,
    Result,
    Said,
    Token,
    ToWorker,
    read_order,
    read_report,
    write,
)

ORDERS: tuple[ToWorker, ...] = (Load("/home", "x"), Read(1, b"\x00" * 12, 2, 2), Cancel(1))
REPORTS: tuple[FromWorker, ...] = (
    Progress(0, "loading", 0.5),
    Ready("x 1", "a card", True, 1e9, 2e9, 3.0),
    Token(1, "ΔST"),
    Result(1, "x 1", (Said("MI", 0.5, 0.5, 0.0),), "{}", "Text", 1.0, 0.2),
    Cancelled(1),
    Failed(1, "A sentence."),
)


def test_every_message_arrives_as_it_was_sent_and_in_order() -> None:
    pipe = io.BytesIO()
    for message in (*ORDERS, *REPORTS):
        write(pipe, message)
    pipe.seek(0)
    assert tuple(read_order(pipe) for _ in ORDERS) == ORDERS
    assert tuple(read_report(pipe) for _ in REPORTS) == REPORTS
    assert read_report(pipe) is None


def test_a_message_that_was_cut_off_is_the_end() -> None:
    pipe = io.BytesIO()
    write(pipe, Cancel(7))
    assert read_order(io.BytesIO(pipe.getvalue()[:-1])) is None


def test_a_length_that_no_message_has_is_the_end_and_is_not_waited_for() -> None:
    asked: list[int] = []

    class Pipe(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            asked.append(size or 0)
            return super().read(size)

    assert read_order(Pipe((2**30 + 1).to_bytes(4, "little") + bytes(8))) is None
    assert asked == [4]


def test_a_message_of_another_kind_is_not_understood() -> None:
    pipe = io.BytesIO()
    write(pipe, Cancel(7))
    pipe.seek(0)
    with pytest.raises(msgspec.ValidationError):
        read_report(pipe)
