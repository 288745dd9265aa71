"""An encrypted SQLite database: opening it, and changing it a transaction at a time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from ecgdesk.store.key import Key
from ecgdesk.store.refusals import StoreUnavailable, plain_words

_WAIT_FOR_OTHERS_MS = 5000  # how long another program's transaction may take before we say so


def open_database(path: Path, *, key: Key, tables: str, version: int) -> apsw.Connection:
    """Opens the database at `path`, made with `tables` if it is new. Raises a StoreRefusal."""
    with plain_words(path):
        path.touch(mode=0o600)  # SQLite gives its -wal and -shm the same rights
        connection = apsw.Connection(str(path))
        try:
            _unlock(connection, key)
            _prepare(connection, path, tables, version)
        except BaseException:
            connection.close()
            raise
    return connection


def rows(
    connection: apsw.Connection, sql: str, bindings: Sequence[str | int | bytes | None] = ()
) -> list[tuple[Any, ...]]:
    """All rows of a query; the tables are STRICT, so that each column has the type that they state."""
    return connection.execute(sql, bindings).fetchall()


@contextmanager
def transaction(connection: apsw.Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    """All or nothing. IMMEDIATE waits for other writers at its beginning, so that no work is done in vain."""
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _unlock(connection: apsw.Connection, key: Key) -> None:
    connection.set_busy_timeout(_WAIT_FOR_OTHERS_MS)
    connection.pragma("cipher", "chacha20")
    connection.execute(f'PRAGMA key = "raw:{key.secret.hex()}"')
    connection.execute("PRAGMA temp_store = MEMORY")  # SQLite would write temporary files in clear
    connection.execute("PRAGMA foreign_keys = ON")
    rows(connection, "SELECT count(*) FROM sqlite_schema")  # the first page shows whether the key fits
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _prepare(connection: apsw.Connection, path: Path, tables: str, version: int) -> None:
    with transaction(connection):
        found = connection.pragma("user_version")
        if found == 0:
            connection.execute(tables)
            connection.execute(f"PRAGMA user_version = {version}")
        elif found != version:
            raise StoreUnavailable(
                f"{path} was written by a newer ecgdesk, so it was left untouched; update this program."
            )
