"""What window and worker process say to each other, and how it is written on the pipe.

Each message is one record, as msgpack behind its length in four bytes. No pickles: neither side can make the other
run anything.
"""

from typing import BinaryIO

import msgspec


class Load(msgspec.Struct, frozen=True, tag=True):
    """Verify and load a bundle of the desk in `home`; an empty name means the first one."""

    home: str
    name: str = ""


class Read(msgspec.Struct, frozen=True, tag=True):
    """One page: `pixels` are uint8[height, width, 3], RGB. `context` goes before each question."""

    request: int
    pixels: bytes
    height: int
    width: int
    context: str = ""


class Cancel(msgspec.Struct, frozen=True, tag=True):
    request: int


class Progress(msgspec.Struct, frozen=True, tag=True):
    """`request` 0: the load. `fraction` 0 to 1."""

    request: int
    stage: str
    fraction: float


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The model is loaded. `need_bytes` was computed, `used_bytes` measured (0 on the CPU)."""

    title: str
    device: str
    measured_values: bool
    need_bytes: float
    used_bytes: float
    seconds: float


class Token(msgspec.Struct, frozen=True, tag=True):
    """A piece of the narrative."""

    request: int
    text: str


class Said(msgspec.Struct, frozen=True, tag=True):
    """One label's probability, with the threshold from which on it is said."""

    label: str
    probability: float
    threshold: float
    margin: float


class Result(msgspec.Struct, frozen=True, tag=True):
    """`listed` is the JSON that the schema held the model to.

    `aided`: whether the questions carried the measured values. `peak_bytes`: the most that PyTorch held on the GPU so
    far, 0 on the CPU.
    """

    request: int
    title: str
    labels: tuple[Said, ...]
    listed: str
    narrative: str
    seconds: float
    vision_seconds: float
    aided: bool = False
    peak_bytes: float = 0.0


class Cancelled(msgspec.Struct, frozen=True, tag=True):
    request: int


class Failed(msgspec.Struct, frozen=True, tag=True):
    """One sentence for the user."""

    request: int
    sentence: str


ToWorker = Load | Read | Cancel
FromWorker = Progress | Ready | Token | Result | Cancelled | Failed

_LENGTH_BYTES = 4
_MOST_BYTES = 2**30
_TO_WORKER = msgspec.msgpack.Decoder(ToWorker)
_FROM_WORKER = msgspec.msgpack.Decoder(FromWorker)
_ENCODER = msgspec.msgpack.Encoder()


def write(pipe: BinaryIO, message: ToWorker | FromWorker) -> None:
    """Raises OSError when nobody listens any more."""
    body = _ENCODER.encode(message)
    pipe.write(len(body).to_bytes(_LENGTH_BYTES, "little") + body)
    pipe.flush()


def read_order(pipe: BinaryIO) -> ToWorker | None:
    """The next message to the worker; None when the other side has gone."""
    body = _body(pipe)
    return None if body is None else _TO_WORKER.decode(body)


def read_report(pipe: BinaryIO) -> FromWorker | None:
    """The next message from the worker; None when it has ended."""
    body = _body(pipe)
    return None if body is None else _FROM_WORKER.decode(body)


def _body(pipe: BinaryIO) -> bytes | None:
    head = pipe.read(_LENGTH_BYTES)
    length = int.from_bytes(head, "little")
    if len(head) < _LENGTH_BYTES or length > _MOST_BYTES:
        return None
    body = pipe.read(length)
    return body if len(body) == length else None
