import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch):
    """No test may see or touch the user's own cases."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("ECGDESK_HOME", str(home))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("ECGDESK_PASSPHRASE", "a passphrase of the tests")
    return home


@pytest.fixture(scope="session")
def sample_file() -> Path:
    """The made page that the README's first command reads."""
    return REPOSITORY / "resources" / "sample" / "sample.png"


@pytest.fixture(scope="session")
def sample_case(sample_file: Path):
    """That page, walked once for all tests that look at what can be done with it."""
    from ecgdesk.pipeline import walk_file

    return next(walk_file(sample_file.read_bytes(), name="sample.png"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data beside the checkout; a user's checkout has none."""
    folder = REPOSITORY.parent / "shared"
    if not folder.is_dir():
        pytest.skip("needs the real records and scans in ../shared, which this checkout does not have beside it")
    return folder
