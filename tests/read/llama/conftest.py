"""A tiny model of the true classes, made once for all tests that need the extra [llama]."""

import importlib.util
from pathlib import Path

import pytest

from ecgdesk.read.llama.bundle import KIND, Bundle, Label, Licence, Manifest, write_bundle
from ecgdesk.read.llama.conversation import PROMPT_VERSION
from ecgdesk.read.llama.reader import LIBRARIES


@pytest.fixture(scope="session")
def extras() -> None:
    """Skips where the extra is not installed."""
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"needs the extra [llama] (pip install 'ecgdesk[llama]'); missing: {', '.join(missing)}")


@pytest.fixture(scope="session")
def tiny_bundle(extras: None, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle of the tiny model without an adapter, in a folder of its own."""
    from tests.read.llama.tiny import make_tiny

    folder: Path = tmp_path_factory.mktemp("tiny")
    make_tiny(folder / "base")
    return write_bundle(folder, tiny_manifest())


def tiny_manifest(**changes: object) -> Manifest:
    plain: dict[str, object] = {
        "format": 1,
        "kind": KIND,
        "name": "tiny",
        "version": "1",
        "base": "base",
        "prompt_version": PROMPT_VERSION,
        "licence": Licence("a licence of the tests", "Random numbers; do as you like."),
        "files": {},
        "context_tokens": 1536,
        "label": (Label("NORM"), Label("AFIB", temperature=2.0)),
    }
    return Manifest(**(plain | changes))  # type: ignore[arg-type]
