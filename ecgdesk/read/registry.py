"""The readers by name. A new reader is one more entry here; nothing else has to know of it."""

from collections.abc import Callable, Mapping

from ecgdesk.ecg.reading import Reader
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.read.criteria.reader import NAME as CRITERIA
from ecgdesk.read.criteria.reader import CriteriaReader


class UnknownReader(Refusal):
    """A reader was asked for that this program does not have."""


_READERS: Mapping[str, Callable[[], Reader]] = {CRITERIA: CriteriaReader}


def reader_names() -> tuple[str, ...]:
    """Every reader's name, the embedded one first."""
    return tuple(_READERS)


def reader(name: str) -> Reader:
    """The reader of that name. Raises UnknownReader."""
    try:
        return _READERS[name]()
    except KeyError:
        known = ", ".join(reader_names())
        raise UnknownReader(f"There is no reader named {name!r}; choose one of: {known}.") from None
