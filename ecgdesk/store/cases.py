"""All cases in one encrypted database."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any, Self

import apsw

from ecgdesk.ecg.case import Case, Status
from ecgdesk.ecg.reading import Severity
from ecgdesk.store import audit
from ecgdesk.store.database import open_database, rows, transaction
from ecgdesk.store.key import Key
from ecgdesk.store.record import SCHEMA_VERSION, Part, digest_of, join, recorded_at, split
from ecgdesk.store.refusals import ChangedElsewhere, NoSuchCase, plain_words

# The columns are what a list of cases shows; `body` stands last, so that reading the others never touches it.
_TABLES = """
CREATE TABLE cases(
  id TEXT PRIMARY KEY, source_name TEXT NOT NULL, sheet_number INTEGER NOT NULL, created_at TEXT NOT NULL,
  status TEXT NOT NULL, reasons TEXT NOT NULL, patient_name TEXT NOT NULL, patient_id TEXT NOT NULL,
  signed_at TEXT, severity INTEGER, digest BLOB NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE parts(
  case_id TEXT NOT NULL REFERENCES cases(id) ON DELETE CASCADE, name TEXT NOT NULL,
  digest BLOB NOT NULL, content BLOB NOT NULL, PRIMARY KEY(case_id, name)) STRICT;
"""

_SUMMARY = "id, source_name, sheet_number, created_at, status, reasons, patient_name, patient_id, signed_at, severity"


@dataclass(frozen=True)
class Summary:
    """What a list shows of a case. `severity` is the worst finding's, None without any finding."""

    id: str
    source_name: str
    sheet_number: int
    created_at: datetime
    status: Status
    reasons: str
    patient_name: str
    patient_id: str
    signed_at: datetime | None
    severity: Severity | None

    @property
    def signed(self) -> bool:
        return self.signed_at is not None


class CaseStore:
    """The kept cases. One connection, safe to use from several threads; several programs may have it open at once.

    Every change is one transaction and is on the disk when the call returns. Each call may raise StoreBusy, StoreFull,
    StoreDamaged or StoreUnavailable; the change was then not made and all others stand.
    """

    def __init__(self, connection: apsw.Connection, database: Path) -> None:
        self._connection = connection
        self._database = database
        self._lock = RLock()
        self._seen: dict[str, bytes] = {}  # digest of each case as it was last read or written here
        self._gone: set[str] = set()  # deleted here: whatever was still at work on them ends too late
        self._version: int | None = None  # SQLite's number of what other connections have done

    @classmethod
    def open(cls, home: Path, *, key: Key) -> Self:
        """Opens `home/cases.db`, made if missing. Raises StoreDamaged when the key does not fit."""
        database = home / "cases.db"
        connection = open_database(database, key=key, tables=_TABLES + audit.TABLE, version=SCHEMA_VERSION)
        return cls(connection, database)

    def close(self) -> None:
        with self._using():
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def put(self, case: Case, *, by: str = "", act: audit.Act = audit.Act.CHANGED) -> None:
        """Keeps a case, new or changed; `by` is who did it, else the system's user. Only what changed is written.

        `act`: what the audit trail calls a change that is neither the first one nor a signature. Raises
        ChangedElsewhere, and changes nothing, when another program has changed or deleted the case since it was read
        or put here, and NoSuchCase when it was deleted here: ids are never used again.
        """
        body, parts = split(case)
        digest = digest_of(body, {part.name: part.digest for part in parts})
        # Pixels are packed before the transaction begins: nobody waits for that.
        packed = {part.name: part.stored() for part in self._changed(case.id, parts)}
        with self._using():
            if case.id in self._gone:
                raise NoSuchCase(
                    "This case was deleted meanwhile, so your last change was not kept; open another case."
                )
            with transaction(self._connection):
                known = rows(self._connection, "SELECT digest, signed_at FROM cases WHERE id = ?", (case.id,))
                if known and known[0][0] == digest:
                    self._seen[case.id] = digest
                    return
                self._refuse_unseen(case.id, known[0][0] if known else None)
                self._write_row(case, digest, body)
                self._write_parts(case.id, parts, packed)
                act = _act(case, known[0][1] if known else None, new=not known, otherwise=act)
                audit.append(self._connection, what=act, case_id=case.id, digest=digest, who=by or audit.system_user())
            self._seen[case.id] = digest  # only now is it on the disk

    def holds(self, case_id: str) -> bool:
        with self._using():
            return bool(rows(self._connection, "SELECT 1 FROM cases WHERE id = ?", (case_id,)))

    def get(self, case_id: str) -> Case:
        """The case as it was last put. Raises NoSuchCase."""
        with self._using(), transaction(self._connection, "DEFERRED"):
            found = rows(self._connection, "SELECT body, digest FROM cases WHERE id = ?", (case_id,))
            if not found:
                raise NoSuchCase("This case is no longer kept: another program deleted it; choose another in the list.")
            parts = dict(rows(self._connection, "SELECT name, content FROM parts WHERE case_id = ?", (case_id,)))
            self._seen[case_id] = found[0][1]
        return join(found[0][0], parts)

    def summaries(self) -> tuple[Summary, ...]:
        """All cases, newest first, without their images and signals."""
        with self._using():
            found = rows(self._connection, f"SELECT {_SUMMARY} FROM cases")
        return tuple(
            sorted((_summary(row) for row in found), key=lambda s: (s.created_at, s.sheet_number), reverse=True)
        )

    def changed_elsewhere(self) -> bool:
        """Whether another program has changed anything since this was last asked; True the first time. It is cheap."""
        with self._using():
            before, self._version = self._version, self._connection.pragma("data_version")
            return before != self._version

    def outdated(self) -> frozenset[str]:
        """The cases that another program has changed or deleted since they were last read or put here."""
        with self._using():
            kept = dict(rows(self._connection, "SELECT id, digest FROM cases"))
            return frozenset(case_id for case_id, digest in self._seen.items() if kept.get(case_id) != digest)

    def recorded_at(self, case_ids: Iterable[str]) -> dict[str, datetime | None]:
        """When the ECGs of these cases were taken, None where nobody has said so; a case that is gone is left out."""
        with self._using():
            bodies = [
                (case_id, row[0])
                for case_id in case_ids
                for row in rows(self._connection, "SELECT body FROM cases WHERE id = ?", (case_id,))
            ]
        return {case_id: recorded_at(body) for case_id, body in bodies}

    def delete(self, case_id: str, *, by: str = "") -> None:
        """Takes a case away for good; the audit trail keeps its id alone. A case that is not there is no error."""
        with self._using():
            with transaction(self._connection):
                self._connection.execute("DELETE FROM cases WHERE id = ?", (case_id,))
                if self._connection.changes():
                    audit.append(
                        self._connection,
                        what=audit.Act.DELETED,
                        case_id=case_id,
                        digest=b"",
                        who=by or audit.system_user(),
                    )
            self._seen.pop(case_id, None)  # only now is it off the disk
            self._gone.add(case_id)

    def audit_entries(self) -> tuple[audit.Entry, ...]:
        """The audit trail, oldest first."""
        with self._using():
            return audit.entries(self._connection)

    def check_audit(self) -> audit.AuditCheck:
        """Whether the audit trail is whole and agrees with the cases."""
        with self._using(), transaction(self._connection, "DEFERRED"):
            bodies = rows(self._connection, "SELECT id, body FROM cases")
            kept = {case_id: digest_of(body, self._part_digests(case_id)) for case_id, body in bodies}
            return audit.check(self._connection, kept=kept)

    def _refuse_unseen(self, case_id: str, kept: bytes | None) -> None:
        """Raises ChangedElsewhere when what is kept is not what this store last read or wrote."""
        seen = self._seen.get(case_id)
        if seen is None or seen == kept:
            return
        what = "changed" if kept is not None else "deleted"
        raise ChangedElsewhere(
            f"This case was {what} in another window meanwhile, so your last change was not kept; "
            + ("look at the case as it is now and change it again." if kept is not None else "open another case.")
        )

    def _changed(self, case_id: str, parts: tuple[Part, ...]) -> list[Part]:
        with self._using():
            kept = self._part_digests(case_id)
        return [part for part in parts if kept.get(part.name) != part.digest]

    def _part_digests(self, case_id: str) -> dict[str, bytes]:
        return dict(rows(self._connection, "SELECT name, digest FROM parts WHERE case_id = ?", (case_id,)))

    def _write_row(self, case: Case, digest: bytes, body: bytes) -> None:
        names = f"{_SUMMARY}, digest, body"
        values = (*_columns(case), digest, body)
        places = ", ".join("?" * len(values))
        changes = ", ".join(f"{name} = excluded.{name}" for name in names.split(", "))
        # Not INSERT OR REPLACE: that would delete the row first, and its parts with it.
        self._connection.execute(
            f"INSERT INTO cases({names}) VALUES({places}) ON CONFLICT(id) DO UPDATE SET {changes}", values
        )

    def _write_parts(self, case_id: str, parts: tuple[Part, ...], packed: dict[str, bytes]) -> None:
        kept = self._part_digests(case_id)
        for part in parts:
            if kept.pop(part.name, None) != part.digest:
                # Another program may have changed the part since it was compared: then it is packed only now.
                content = packed.get(part.name) or part.stored()
                self._connection.execute(
                    "INSERT OR REPLACE INTO parts VALUES(?,?,?,?)", (case_id, part.name, part.digest, content)
                )
        for name in kept:
            self._connection.execute("DELETE FROM parts WHERE case_id = ? AND name = ?", (case_id, name))

    @contextmanager
    def _using(self) -> Iterator[None]:
        with self._lock, plain_words(self._database):
            yield


def _act(case: Case, signed_before: str | None, *, new: bool, otherwise: audit.Act) -> audit.Act:
    if case.signature is not None and case.signature.at.isoformat() != signed_before:
        return audit.Act.SIGNED
    return audit.Act.ADDED if new else otherwise


def _columns(case: Case) -> tuple[str | int | None, ...]:
    findings = case.findings
    return (
        case.id,
        case.source_name,
        case.sheet_number,
        case.created_at.isoformat(),
        case.status.value,
        " ".join(case.reasons),
        case.patient.name,
        case.patient.patient_id,
        case.signature.at.isoformat() if case.signature else None,
        int(findings[0].severity) if findings else None,
    )


def _summary(row: tuple[Any, ...]) -> Summary:
    case_id, source_name, sheet_number, created_at, status, reasons, name, patient_id, signed_at, severity = row
    return Summary(
        id=case_id,
        source_name=source_name,
        sheet_number=sheet_number,
        created_at=datetime.fromisoformat(created_at),
        status=Status(status),
        reasons=reasons,
        patient_name=name,
        patient_id=patient_id,
        signed_at=datetime.fromisoformat(signed_at) if signed_at else None,
        severity=Severity(severity) if severity is not None else None,
    )
