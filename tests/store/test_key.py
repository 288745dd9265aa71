"""How the store comes by its key."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest
from keyring.backends import fail

from ecgdesk.store.cases import CaseStore
from ecgdesk.store.key import Asking, asking, store_key
from ecgdesk.store.refusals import KeyMissing, NoPassphrase, StoreUnavailable, WrongPassphrase


class RealKeyring(keyring.backend.KeyringBackend):
    """Behaves as the system's keyring does, in memory."""

    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._open()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._open()
        self.entries[service, username] = password

    def _open(self) -> None:
        if self.locked:
            raise keyring.errors.KeyringLocked("locked")


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without a keyring, where nobody has set a variable."""
    monkeypatch.delenv("ECGDESK_PASSPHRASE", raising=False)
    monkeypatch.setattr("ecgdesk.store.key.ARGON2_MEMORY_KIB", 64)  # a store keeps the costs that it was made with
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def real_keyring(no_keyring: None) -> RealKeyring:
    backend = RealKeyring()
    keyring.set_keyring(backend)
    return backend


def test_same_passphrase_gives_the_same_key(tmp_path: Path) -> None:
    first = store_key(tmp_path, passphrase=lambda: "swordfish ü")
    assert store_key(tmp_path, passphrase=lambda: "swordfish ü") == first
    assert len(first.secret) == 32


def test_window_knows_whether_a_passphrase_is_chosen_or_entered(tmp_path: Path) -> None:
    assert asking(tmp_path) is Asking.CHOOSE
    store_key(tmp_path, passphrase=lambda: "swordfish")
    assert asking(tmp_path) is Asking.ENTER


def test_two_stores_with_one_passphrase_have_different_keys(tmp_path: Path) -> None:
    keys = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        keys.append(store_key(tmp_path / name, passphrase=lambda: "swordfish"))
    assert keys[0] != keys[1]


def test_wrong_passphrase_is_one_sentence(tmp_path: Path) -> None:
    store_key(tmp_path, passphrase=lambda: "swordfish")
    with pytest.raises(WrongPassphrase, match="does not open the kept cases"):
        store_key(tmp_path, passphrase=lambda: "herring")


def test_passphrase_of_the_environment_is_used_and_nobody_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = store_key(tmp_path, passphrase=lambda: "swordfish")
    monkeypatch.setenv("ECGDESK_PASSPHRASE", "swordfish")
    assert store_key(tmp_path, passphrase=_nobody) == asked
    assert asking(tmp_path) is Asking.NOTHING


@pytest.mark.parametrize("passphrase", [None, lambda: ""])
def test_without_any_passphrase_one_sentence_says_what_to_do(tmp_path: Path, passphrase: object) -> None:
    with pytest.raises(NoPassphrase, match="set ECGDESK_PASSPHRASE"):
        store_key(tmp_path, passphrase=passphrase)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_real_keyring_holds_the_key_and_nobody_is_asked(tmp_path: Path, real_keyring: RealKeyring) -> None:
    assert asking(tmp_path) is Asking.NOTHING
    first = store_key(tmp_path, passphrase=_nobody)
    assert store_key(tmp_path, passphrase=_nobody) == first
    assert list(real_keyring.entries.values()) == [first.secret.hex()]
    assert first.secret.hex() not in (tmp_path / "cases.key").read_text()


def test_variable_set_later_does_not_lock_out_of_a_store_in_the_keyring(
    tmp_path: Path, real_keyring: RealKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = store_key(tmp_path)
    monkeypatch.setenv("ECGDESK_PASSPHRASE", "anything")
    assert store_key(tmp_path) == first


def test_keyring_that_appears_later_does_not_lock_out_of_a_store_under_a_passphrase(tmp_path: Path) -> None:
    first = store_key(tmp_path, passphrase=lambda: "swordfish")
    keyring.set_keyring(RealKeyring())
    assert asking(tmp_path) is Asking.ENTER
    assert store_key(tmp_path, passphrase=lambda: "swordfish") == first


def test_locked_keyring_makes_way_for_a_passphrase_on_first_use(tmp_path: Path, real_keyring: RealKeyring) -> None:
    real_keyring.locked = True
    first = store_key(tmp_path, passphrase=lambda: "swordfish")
    assert store_key(tmp_path, passphrase=lambda: "swordfish") == first


@pytest.mark.parametrize("fault", ["locked", "emptied"])
def test_key_that_the_keyring_no_longer_gives_is_one_sentence(
    tmp_path: Path, real_keyring: RealKeyring, fault: str
) -> None:
    store_key(tmp_path)
    real_keyring.locked = fault == "locked"
    real_keyring.entries.clear()
    with pytest.raises(KeyMissing, match="unlock the keyring"):
        store_key(tmp_path)


def test_lost_key_file_is_said_and_not_replaced_by_a_new_one(tmp_path: Path) -> None:
    CaseStore.open(tmp_path, key=store_key(tmp_path, passphrase=lambda: "swordfish")).close()
    (tmp_path / "cases.key").unlink()
    with pytest.raises(KeyMissing, match=r"restore cases\.key"):
        store_key(tmp_path, passphrase=lambda: "swordfish")
    assert not (tmp_path / "cases.key").exists()


@pytest.mark.parametrize("content", [b"", b"{", b'{"kept":"cloud"}', b'{"kept":"keyring","entry":"a","version":2}'])
def test_damaged_or_newer_key_file_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cases.key").write_bytes(content)
    with pytest.raises(KeyMissing, match="damaged or of a newer"):
        store_key(tmp_path, passphrase=lambda: "swordfish")


def test_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be read or written"):
        store_key(tmp_path / "missing", passphrase=lambda: "swordfish")


def test_programs_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        keys = set(pool.map(lambda _: store_key(tmp_path, passphrase=lambda: "swordfish"), range(4)))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["cases.key"]


def test_key_file_holds_argon2_costs_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecgdesk.store.key.ARGON2_MEMORY_KIB", 65536)
    key = store_key(tmp_path, passphrase=lambda: "swordfish")
    kept = json.loads((tmp_path / "cases.key").read_bytes())
    assert (kept["kept"], kept["passes"], kept["memory_kib"]) == ("passphrase", 3, 65536)
    text = (tmp_path / "cases.key").read_text()
    assert "swordfish" not in text
    assert key.secret.hex() not in text
    assert repr(key) == "Key()"


def _nobody() -> str:
    raise AssertionError("nobody may be asked")
