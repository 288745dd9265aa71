"""Who did what to which case, and when: an append-only table, chained by hash.

Each entry holds the hash of the one before, so that no entry can be changed, moved or taken out of the middle without
breaking the chain, and the digest of the case as it then was, so that a case cannot be changed behind the table's
back. Whoever holds the key can still write the whole chain anew, or cut off its end together with its cases; only a
copy of the last hash, kept elsewhere, shows that.
"""

import getpass
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256

import apsw
import msgspec

from ecgdesk.store.database import rows

TABLE = """
CREATE TABLE audit(
  number INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, case_id TEXT NOT NULL,
  digest BLOB NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
"""

_ALL = "SELECT number, at, who, what, case_id, digest, hash FROM audit ORDER BY number"
_BEFORE_THE_FIRST = bytes(32)


class Act(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    CORRECTED = "corrected"  # how the sheet was digitised, or a mark of its beat
    UNDONE = "undone"  # back to how the case was before its last change
    REDONE = "redone"
    SIGNED = "signed"
    DELETED = "deleted"


@dataclass(frozen=True)
class Entry:
    """One line of the trail. `digest`: SHA-256 of the case after the act, empty after DELETED."""

    number: int
    at: datetime
    who: str
    what: Act
    case_id: str
    digest: bytes
    hash: bytes


@dataclass(frozen=True)
class AuditCheck:
    """The state of the trail: `intact` when `faults` is empty; each fault is a sentence for a person."""

    entries: int
    faults: tuple[str, ...]

    @property
    def intact(self) -> bool:
        return not self.faults


def append(connection: apsw.Connection, *, what: Act, case_id: str, digest: bytes, who: str) -> None:
    """Adds one entry, inside the transaction of the change that it tells of."""
    last = rows(connection, "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1")
    number, previous = last[0] if last else (0, _BEFORE_THE_FIRST)
    at = datetime.now(UTC).isoformat()
    fields = (number + 1, at, who, what.value, case_id, digest)
    connection.execute("INSERT INTO audit VALUES(?,?,?,?,?,?,?)", (*fields, _chain(previous, fields)))


def entries(connection: apsw.Connection) -> tuple[Entry, ...]:
    """The whole trail, oldest first."""
    return tuple(
        Entry(number, datetime.fromisoformat(at), who, Act(what), case_id, digest, link)
        for number, at, who, what, case_id, digest, link in rows(connection, _ALL)
    )


def check(connection: apsw.Connection, *, kept: Mapping[str, bytes]) -> AuditCheck:
    """Follows the chain and compares each case's digest, as it is now (`kept`, by id), with its last entry."""
    faults = []
    last_digest: dict[str, bytes] = {}
    previous, expected = _BEFORE_THE_FIRST, 1
    for row in rows(connection, _ALL):
        *fields, stated = row
        if fields[0] != expected or _chain(previous, tuple(fields)) != stated:
            faults.append(f"Entry {fields[0]} of the audit trail was changed, or entries before it are missing.")
        previous, expected = stated, fields[0] + 1
        last_digest[fields[4]] = fields[5]
    for case_id, digest in last_digest.items():
        if kept.get(case_id, b"") != digest:
            faults.append(f"Case {case_id} is not as the audit trail last saw it.")
    faults += [f"Case {case_id} is not in the audit trail." for case_id in kept if case_id not in last_digest]
    return AuditCheck(expected - 1, tuple(faults))


def system_user() -> str:
    """The name under which the system knows who runs the program."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def _chain(previous: bytes, fields: tuple[object, ...]) -> bytes:
    return sha256(previous + msgspec.msgpack.encode(fields)).digest()
