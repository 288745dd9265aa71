"""What a GPU must hold is computed from shapes, and refused before anything is loaded."""

from pathlib import Path

import pytest

from ecgdesk.read.llama.bundle import Bundle
from ecgdesk.read.llama.machine import MOST_WEIGHTS_ON_CPU, seat
from ecgdesk.read.llama.memory import GIB, NF4_BYTES, needed
from ecgdesk.read.llama.refusals import ModelUnavailable
from ecgdesk.read.llama.tensors import Tensor
from tests.read.llama import paper_model, true_shapes

CARD = 12 * GIB


class Card:
    """A GPU of the tests: `trouble` is what CUDA says when it is begun."""

    def __init__(self, *, free: float = CARD, trouble: Exception | None = None) -> None:
        self._free, self._trouble = int(free), trouble

    def init(self) -> None:
        if self._trouble is not None:
            raise self._trouble

    def mem_get_info(self) -> tuple[int, int]:
        return self._free, CARD

    def get_device_name(self) -> str:
        return "Card of the tests"


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return paper_model.write_paper_bundle(tmp_path / "bundle")


@pytest.fixture
def huge(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> Bundle:
    """The same bundle on a machine on which it is too large for the processor."""
    monkeypatch.setattr("ecgdesk.read.llama.machine.MOST_WEIGHTS_ON_CPU", 1)
    return bundle


def test_the_true_shape_in_4_bits_reads_a_page_within_10_gib() -> None:
    base, adapter = true_shapes.base(), true_shapes.adapter()
    assert sum(tensor.count for tensor in base) == pytest.approx(10.67e9, rel=0.01)
    need = needed(base, adapter, true_shapes.CONFIGURATION, context_tokens=2048)
    assert 8 * GIB < need.total < 10 * GIB
    assert needed(base, [], true_shapes.CONFIGURATION, context_tokens=2048).total < need.total


def test_4_bits_of_a_matrix_are_counted_with_their_scales() -> None:
    shapes = [tensor for tensor in true_shapes.base() if tensor.name == "language_model.layers.0.mlp.up_proj.weight"]
    need = needed(shapes, [], true_shapes.CONFIGURATION, context_tokens=0)
    assert need.weights_4_bit == pytest.approx(4096 * 14336 * NF4_BYTES)
    assert pytest.approx(4.127, abs=0.001) == 8 * NF4_BYTES  # bits a weight, as QLoRA states it


def test_the_largest_matrix_stands_beside_its_4_bit_copy_while_it_is_quantised() -> None:
    config = true_shapes.CONFIGURATION
    little = needed([], [], config, context_tokens=0).work
    huge = Tensor("language_model.layers.0.mlp.up_proj.weight", (2**16, 2**16), "BF16")
    assert needed([huge], [], config, context_tokens=0).work == 2 * 2**32 > little


def test_a_longer_context_needs_more() -> None:
    base = true_shapes.base()
    short, long = (needed(base, [], true_shapes.CONFIGURATION, context_tokens=n).context for n in (1000, 2000))
    assert long == 2 * short == 2 * 32 * 2 * 1000 * 1024 * 2


def test_a_card_with_room_is_taken(bundle: Bundle) -> None:
    assert seat(bundle, Card()).device == "cuda:0"


def test_too_little_memory_is_told_with_needed_and_free(bundle: Bundle) -> None:
    with pytest.raises(ModelUnavailable, match=r"needs 0\.6 GiB .* and 0\.5 GiB are free on Card of the tests"):
        seat(bundle, Card(free=0.5 * GIB))


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (RuntimeError("Found no NVIDIA driver on your system."), "No NVIDIA GPU or no driver"),
        (RuntimeError("No CUDA GPUs are available"), "No NVIDIA GPU was found"),
        (RuntimeError("The NVIDIA driver on your system is too old (found version 11040)."), "driver does not fit"),
        (RuntimeError("CUDA driver version is insufficient for CUDA runtime version"), "driver does not fit"),
        (AssertionError("Torch not compiled with CUDA enabled"), "cannot use a GPU; install its CUDA build"),
        (
            RuntimeError("CUDA unknown error - this may be due to the environment"),
            "restart the machine",
        ),
    ],
)
def test_why_there_is_no_gpu_is_told_in_one_sentence(trouble: Exception, sentence: str, huge: Bundle) -> None:
    with pytest.raises(ModelUnavailable, match=sentence):
        seat(huge, Card(trouble=trouble))


def test_a_card_of_which_nothing_is_to_be_had_is_one_sentence(bundle: Bundle) -> None:
    class Full(Card):
        def mem_get_info(self) -> tuple[int, int]:
            raise RuntimeError("CUDA error: out of memory\nCUDA kernel errors might be reported later")

    with pytest.raises(ModelUnavailable, match="memory is full; close other programs"):
        seat(bundle, Full())


def test_a_small_model_runs_on_the_processor(bundle: Bundle) -> None:
    assert seat(bundle, Card(trouble=RuntimeError("No CUDA GPUs are available"))).device == "cpu"
    assert sum(tensor.count for tensor in true_shapes.base()) > MOST_WEIGHTS_ON_CPU
