"""How much GPU memory a bundle needs, computed from the shapes of its tensors before anything is loaded.

| part | bytes |
|---|---|
| linear layers of the language model | 4 bits a weight, and 0.127 bits for the scales in double quantisation |
| all else (vision tower, projector, output layer, norms), and the adapter | 16 bits a number |
| the table of word embeddings | nothing: it is looked up in main memory, a few rows a step |
| vision states | tiles x (patches + 1) x hidden, 16 bits, and their keys and values in each cross-attention layer |
| keys and values | context x 2 x KV heads x head, 16 bits, in each self-attention layer |
| the vision tower at work | attention mask and the widest layer over all tiles at once |
| the largest 16-bit matrix | held beside its 4-bit copy while it is quantised |
| CUDA itself | what context and libraries take |

Double quantisation: Dettmers 2023 (QLoRA), block 64 with an 8-bit scale, of which 256 share a 32-bit one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ecgdesk.read.llama.refusals import BundleRejected
from ecgdesk.read.llama.tensors import Tensor

GIB = 2**30
HALF = 2  # bytes of a 16-bit number
NF4_BYTES = 0.5 + 1 / 64 + 4 / (64 * 256)
CUDA_BYTES = 0.6 * GIB  # context, cuBLAS work space and the allocator's slack; an estimate, not a shape
EMBEDDINGS = "language_model.embed_tokens.weight"


@dataclass(frozen=True)
class Need:
    """Bytes on the GPU, by what needs them."""

    weights_4_bit: float
    weights_16_bit: float
    adapter: float
    vision: float  # states, their keys and values
    context: float  # keys and values of the longest conversation
    work: float  # the largest step at once
    runtime: float = CUDA_BYTES

    @property
    def total(self) -> float:
        return (
            self.weights_4_bit
            + self.weights_16_bit
            + self.adapter
            + self.vision
            + self.context
            + self.work
            + self.runtime
        )


def is_quantised(tensor: Tensor) -> bool:
    """Whether this tensor of the base is loaded in 4 bits: the matrices of the language model's layers."""
    name = tensor.name
    return name.startswith("language_model.layers.") and name.endswith("_proj.weight") and len(tensor.shape) == 2


def needed(
    base: Iterable[Tensor], adapter: Iterable[Tensor], configuration: Mapping[str, Any], *, context_tokens: int
) -> Need:
    """Peak while a page is read. `configuration` is the base's `config.json`.

    Raises BundleRejected when that lacks a size, or holds one that is none.
    """
    tensors = tuple(base)
    small = [tensor for tensor in tensors if is_quantised(tensor)]
    wide = [tensor for tensor in tensors if not is_quantised(tensor) and tensor.name != EMBEDDINGS]
    try:
        states, work = _vision(configuration["vision_config"], configuration["text_config"])
        context = _context(configuration["text_config"], context_tokens)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise BundleRejected(
            f"config.json of the base does not tell the model's sizes ({error}); copy it anew from its source."
        ) from error
    largest = max((tensor.count for tensor in small), default=0) * HALF
    return Need(
        weights_4_bit=sum(tensor.count for tensor in small) * NF4_BYTES,
        weights_16_bit=sum(tensor.count for tensor in wide) * HALF,
        adapter=sum(tensor.count for tensor in adapter) * HALF,
        vision=states,
        context=context,
        work=max(work, largest),
    )


def _vision(vision: Mapping[str, Any], text: Mapping[str, Any]) -> tuple[float, float]:
    patches = (vision["image_size"] // vision["patch_size"]) ** 2 + 1
    tokens = vision["max_num_tiles"] * patches
    padded = vision["max_num_tiles"] * (-(-patches // 8) * 8)
    cross = len(text["cross_attention_layers"])
    states = tokens * text["hidden_size"] * HALF + cross * 2 * tokens * _kv_width(text) * HALF
    mask = 3 * padded * padded * HALF  # the mask, and what it is made from
    taken = len(vision["intermediate_layers_indices"]) + 4
    layers = padded * (vision["intermediate_size"] * 2 + vision["hidden_size"] * taken) * HALF
    return states, mask + layers + tokens * vision["vision_output_dim"] * HALF


def _context(text: Mapping[str, Any], tokens: int) -> float:
    own = text["num_hidden_layers"] - len(text["cross_attention_layers"])
    return float(own * 2 * tokens * _kv_width(text) * HALF)


def _kv_width(text: Mapping[str, Any]) -> int:
    return int(text["num_key_value_heads"] * text["hidden_size"] // text["num_attention_heads"])
