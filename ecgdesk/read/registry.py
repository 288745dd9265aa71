"""The readers by name. A new reader is one more entry here; nothing else has to know of it."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from ecgdesk.ecg.home import home
from ecgdesk.ecg.reading import Reader
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.read.criteria.reader import NAME as CRITERIA
from ecgdesk.read.criteria.reader import CriteriaReader
from ecgdesk.read.llama.claims import NAME as LLAMA
from ecgdesk.read.llama.reader import LlamaReader
from ecgdesk.read.network.reader import NAME as NETWORK
from ecgdesk.read.network.reader import NetworkReader


class UnknownReader(Refusal):
    """A reader was asked for that this program does not have."""


UNAIDED = "llama-unaided"  # the same model without the measured values in its prompts, to see what they do


def _llama() -> LlamaReader:
    return _llama_of(home(), None)


def _unaided_llama() -> LlamaReader:
    return _llama_of(home(), False)


@cache
def _llama_of(folder: Path, measured: bool | None) -> LlamaReader:
    """One of each kind for the whole program: it holds a process, and that the GPU."""
    return LlamaReader(home=folder, measured=measured)


_READERS: Mapping[str, Callable[[], Reader]] = {
    CRITERIA: CriteriaReader,
    NETWORK: NetworkReader,
    LLAMA: _llama,
    UNAIDED: _unaided_llama,
}

# Readers with a process of their own, which one caller has for all pages: they are not asked within the walk's workers.
_APART = frozenset({LLAMA, UNAIDED})


def reader_names() -> tuple[str, ...]:
    """Every reader's name, the embedded one first."""
    return tuple(_READERS)


def parted(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names that are asked within the walk, and those with a process of their own, each in their order."""
    return tuple(name for name in names if name not in _APART), tuple(name for name in names if name in _APART)


def reader(name: str) -> Reader:
    """The reader of that name. Raises UnknownReader."""
    try:
        made = _READERS[name]
    except KeyError:
        known = ", ".join(reader_names())
        raise UnknownReader(f"There is no reader named {name!r}; choose one of: {known}.") from None
    return made()
