"""What the store says when it cannot go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from ecgdesk.ecg.refusal import Refusal


class StoreRefusal(Refusal):
    """Something about the kept cases; nothing that was saved before is lost by it."""


class NoPassphrase(StoreRefusal):
    """A passphrase is needed and nobody can be asked."""


class WrongPassphrase(StoreRefusal):
    """The passphrase does not open the store."""


class KeyMissing(StoreRefusal):
    """The keyring's entry or the key file is gone, or not usable."""


class StoreBusy(StoreRefusal):
    """Another program is writing and did not finish in time."""


class StoreFull(StoreRefusal):
    """There is no room left on the disk."""


class StoreDamaged(StoreRefusal):
    """The database is not readable with this key: damaged, or of another key."""


class StoreUnavailable(StoreRefusal):
    """The database cannot be opened, read or written where it lies."""


class NoSuchCase(StoreRefusal):
    """The case was deleted, or never kept."""


class ChangedElsewhere(StoreRefusal):
    """Another program has changed or deleted the case since it was read here."""


@contextmanager
def plain_words(database: Path) -> Iterator[None]:
    """Turns what SQLite reports about the disk into a StoreRefusal; anything else is a bug and passes through."""
    try:
        yield
    except (apsw.Error, OSError) as error:
        refusal = _refusal(error, database)
        if refusal is None:
            raise
        raise refusal from error


def _refusal(error: Exception, database: Path) -> StoreRefusal | None:
    match error:
        case apsw.FullError():
            return StoreFull(
                f"The disk that holds {database} is full, so this change was not saved; "
                "everything saved before is safe: free some space and try again."
            )
        case apsw.BusyError() | apsw.LockedError():
            return StoreBusy(
                f"Another ecgdesk is writing to {database} and has not finished, so this change was not saved; "
                "close the other one or try again in a moment."
            )
        case apsw.NotADBError() | apsw.CorruptError():
            return StoreDamaged(
                f"{database} is damaged or was written with another key; "
                "do not delete it: restore it together with its cases.key from a backup."
            )
        case apsw.IOError() | apsw.CantOpenError() | apsw.ReadOnlyError() | apsw.PermissionsError() | OSError():
            return StoreUnavailable(
                f"{database} cannot be read or written, so nothing was changed; "
                "check that its disk is connected, has room and may be written by you."
            )
    return None
