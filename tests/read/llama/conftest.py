"""A tiny model of the true classes, made once for all tests that need the extra [llama]."""

import pytest

from ecgdesk.read.llama.bundle import Bundle
from tests.read.llama.tiny_bundle import make_tiny_bundle, skip_without_extras


@pytest.fixture(scope="session")
def extras() -> None:
    skip_without_extras()


@pytest.fixture(scope="session")
def tiny_bundle(extras: None, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle of the tiny model without an adapter, in a folder of its own."""
    return make_tiny_bundle(tmp_path_factory.mktemp("tiny"))
