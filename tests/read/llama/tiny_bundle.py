"""A bundle of the tiny model, for every room's tests that need the extra [llama]."""

from pathlib import Path

import pytest

from ecgdesk.read.llama.bundle import KIND, Bundle, Label, Licence, Manifest, write_bundle
from ecgdesk.read.llama.conversation import PROMPT_VERSION
from ecgdesk.read.llama.reader import missing_libraries


def skip_without_extras() -> None:
    if sentence := missing_libraries():
        pytest.skip(sentence)


def make_tiny_bundle(folder: Path, **changes: object) -> Bundle:
    from tests.read.llama.tiny import make_tiny  # imports torch, which not every test run has

    make_tiny(folder / "base")
    return write_bundle(folder, tiny_manifest(**changes))


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
