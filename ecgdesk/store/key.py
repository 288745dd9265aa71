"""The key of the store: from the system's keyring where there is a real one, else from a passphrase.

The database is encrypted with a random 256-bit key. Beside it, `cases.key` says how to come by that key:

| `kept` | meaning of the rest |
|---|---|
| `keyring` | `entry`: user name of the keyring's entry `ecgdesk`, whose secret is the key in hex |
| `passphrase` | `wrapped`: the key, wrapped (RFC 3394) under Argon2id (RFC 9106) of the passphrase, `salt` and costs |

How a store was begun decides how it is opened later, so that a variable set one day cannot lock anybody out.
"""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal

import keyring
import keyring.backend
import keyring.errors
import msgspec
from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from ecgdesk.store.refusals import KeyMissing, NoPassphrase, StoreUnavailable, WrongPassphrase

KEY_BYTES = 32
PASSPHRASE_VARIABLE = "ECGDESK_PASSPHRASE"

_KEYRING_SERVICE = "ecgdesk"
_REAL_KEYRING_PRIORITY = 1  # keyring's own mark for a backend that encrypts; plain files and null backends lie below

# RFC 9106, section 4, second recommended option (memory-constrained): t = 3, m = 64 MiB, p = 4, salt 128 bits.
ARGON2_PASSES = 3
ARGON2_MEMORY_KIB = 64 * 1024
ARGON2_LANES = 4
_SALT_BYTES = 16


@dataclass(frozen=True)
class Key:
    """The 256-bit key of the store; never shown."""

    secret: bytes = field(repr=False)


class Asking(StrEnum):
    """What a window has to ask for before it opens the store."""

    NOTHING = "nothing"
    CHOOSE = "choose"  # a passphrase for a new store: let it be typed twice
    ENTER = "enter"  # the passphrase of the store that is there


class _InKeyring(msgspec.Struct, frozen=True, tag_field="kept", tag="keyring"):
    entry: str
    version: Literal[1] = 1


class _UnderPassphrase(msgspec.Struct, frozen=True, tag_field="kept", tag="passphrase"):
    salt: bytes
    passes: int
    memory_kib: int
    lanes: int
    wrapped: bytes
    version: Literal[1] = 1


_Keeping = _InKeyring | _UnderPassphrase
_DECODER: msgspec.json.Decoder[_Keeping] = msgspec.json.Decoder(_Keeping)  # built once: see record.py


def store_key(home: Path, *, passphrase: Callable[[], str] | None = None) -> Key:
    """The key of the store in `home`, made on first use.

    A new store uses ECGDESK_PASSPHRASE where it is set, else the system's keyring where there is one, else what
    `passphrase` returns when it is called to ask a person. Raises NoPassphrase, WrongPassphrase, KeyMissing or
    StoreUnavailable.
    """
    path = home / "cases.key"
    keeping = _load(path)
    if keeping is None:
        _refuse_orphan(home)
        keeping = _save_first(path, _new_keeping(passphrase))
    if isinstance(keeping, _InKeyring):
        return _from_keyring(keeping)
    return _unwrap(keeping, _ask(passphrase))


def asking(home: Path) -> Asking:
    """What a person will be asked for when the store in `home` is opened. Raises KeyMissing or StoreUnavailable."""
    if os.environ.get(PASSPHRASE_VARIABLE):
        return Asking.NOTHING
    keeping = _load(home / "cases.key")
    if keeping is None:
        return Asking.NOTHING if _has_real_keyring() else Asking.CHOOSE
    return Asking.ENTER if isinstance(keeping, _UnderPassphrase) else Asking.NOTHING


def _new_keeping(passphrase: Callable[[], str] | None) -> _Keeping:
    secret = secrets.token_bytes(KEY_BYTES)
    if not os.environ.get(PASSPHRASE_VARIABLE) and _has_real_keyring():
        entry = secrets.token_hex(8)
        try:
            keyring.set_password(_KEYRING_SERVICE, entry, secret.hex())
            return _InKeyring(entry)
        except keyring.errors.KeyringError:
            pass  # there, but locked or refused: a passphrase serves as well
    salt = secrets.token_bytes(_SALT_BYTES)
    keeping = _UnderPassphrase(salt, ARGON2_PASSES, ARGON2_MEMORY_KIB, ARGON2_LANES, b"")
    wrapped = aes_key_wrap(_stretch(keeping, _ask(passphrase)), secret)
    return msgspec.structs.replace(keeping, wrapped=wrapped)


def _ask(passphrase: Callable[[], str] | None) -> str:
    given = os.environ.get(PASSPHRASE_VARIABLE) or (passphrase() if passphrase is not None else "")
    if not given:
        raise NoPassphrase(
            "The kept cases are encrypted and no passphrase was given; "
            f"set {PASSPHRASE_VARIABLE}, or start ecgdesk where it can ask for one."
        )
    return given


def _stretch(keeping: _UnderPassphrase, passphrase: str) -> bytes:
    return hash_secret_raw(
        passphrase.encode("utf-8", "surrogatepass"),
        keeping.salt,
        time_cost=keeping.passes,
        memory_cost=keeping.memory_kib,
        parallelism=keeping.lanes,
        hash_len=KEY_BYTES,
        type=Type.ID,
    )


def _unwrap(keeping: _UnderPassphrase, passphrase: str) -> Key:
    try:
        return Key(aes_key_unwrap(_stretch(keeping, passphrase), keeping.wrapped))
    except InvalidUnwrap:
        raise WrongPassphrase("This passphrase does not open the kept cases; check it and try again.") from None


def _has_real_keyring() -> bool:
    backend: keyring.backend.KeyringBackend = keyring.get_keyring()
    return bool(backend.priority >= _REAL_KEYRING_PRIORITY)


def _from_keyring(keeping: _InKeyring) -> Key:
    try:
        secret = keyring.get_password(_KEYRING_SERVICE, keeping.entry)
    except keyring.errors.KeyringError:
        secret = None
    if secret is None:
        raise KeyMissing(
            "The key of the kept cases is in this user's system keyring, which is locked or no longer has it; "
            f"unlock the keyring, or restore its entry '{_KEYRING_SERVICE}', and start ecgdesk again."
        )
    return Key(bytes.fromhex(secret))


def _load(path: Path) -> _Keeping | None:
    try:
        return _DECODER.decode(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unavailable(path) from error
    except msgspec.DecodeError:
        raise KeyMissing(f"{path} is damaged or of a newer ecgdesk; restore it from a backup.") from None


def _save_first(path: Path, keeping: _Keeping) -> _Keeping:
    """Writes the key file unless another process was faster; returns the one that stands."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.json.encode(keeping))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # fails where the name is taken, unlike a rename on POSIX
        except FileExistsError:
            return _load(path) or keeping
        return keeping
    except OSError as error:
        raise _unavailable(path) from error
    finally:
        with suppress(OSError):
            draft.unlink()


def _unavailable(path: Path) -> StoreUnavailable:
    return StoreUnavailable(
        f"{path} cannot be read or written; check that its disk is connected, has room and may be written by you."
    )


def _refuse_orphan(home: Path) -> None:
    database = home / "cases.db"
    if database.exists() and database.stat().st_size > 0:
        raise KeyMissing(f"{database} is there but cases.key, which opens it, is not; restore cases.key from a backup.")
