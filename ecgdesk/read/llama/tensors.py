"""What tensors a folder of safetensors files holds, told from their headers alone.

A safetensors file begins with 8 bytes (little-endian length of the header), then the header as JSON: for each tensor
its dtype, shape and the place of its bytes. Nothing is executed and no weight is read.
Source: the format's own description, https://github.com/huggingface/safetensors
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec

from ecgdesk.read.llama.refusals import BundleRejected

SUFFIX = ".safetensors"
INDEX = "model.safetensors.index.json"
_MOST_HEADER_BYTES = 100 * 2**20  # the format's own limit

# Names of the same module before and after transformers 4.52, and within a peft adapter, brought to one.
_PREFIXES = (
    (re.compile(r"^base_model\.model\."), ""),
    (re.compile(r"^language_model\.lm_head\."), "lm_head."),
    (re.compile(r"^language_model\.model\."), "language_model."),
    (re.compile(r"^model\.(language_model|vision_model|multi_modal_projector)\."), r"\1."),
)


@dataclass(frozen=True)
class Tensor:
    """`name` as `canonical` gives it; `shape` rows first."""

    name: str
    shape: tuple[int, ...]
    dtype: str

    @property
    def count(self) -> int:
        return math.prod(self.shape)


class _Row(msgspec.Struct):
    dtype: str
    shape: tuple[Annotated[int, msgspec.Meta(ge=0)], ...]
    data_offsets: tuple[int, int]


def canonical(name: str) -> str:
    """A tensor's name without what differs between versions of the library and between model and adapter."""
    for pattern, short in _PREFIXES:
        name = pattern.sub(short, name)
    return name


def tensors_in(folder: Path) -> dict[str, Tensor]:
    """Every tensor of a folder by its canonical name.

    Raises BundleRejected when a shard is missing, cut off or lacks a tensor that the index promises.
    """
    shards = sorted(path for path in folder.glob(f"*{SUFFIX}") if path.is_file())
    promised, names = _promised(folder), {shard.name for shard in shards}
    for name in sorted(set(promised.values())):
        if name not in names:
            raise BundleRejected(
                f"{folder.name} lacks the shard {name} that its index names; copy the missing file into the bundle."
            )
    if not shards:
        raise BundleRejected(f"{folder.name} holds no {SUFFIX} file; copy the weights as safetensors into the bundle.")
    held = {shard.name: _header(shard) for shard in shards}
    for tensor, shard in promised.items():
        if tensor not in held[shard]:
            raise BundleRejected(f"{shard} lacks {tensor}, which the index says it holds; copy that file anew.")
    return {canonical(name): tensor for header in held.values() for name, tensor in header.items()}


def _promised(folder: Path) -> Mapping[str, str]:
    index = folder / INDEX
    if not index.is_file():
        return {}
    try:
        weights = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
        return msgspec.convert(weights, dict[str, str])
    except (ValueError, KeyError, TypeError, RecursionError, msgspec.ValidationError) as error:
        raise BundleRejected(f"{index.name} is damaged; copy it anew from its source.") from error


def _header(path: Path) -> dict[str, Tensor]:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= min(_MOST_HEADER_BYTES, size - 8):
                raise _damaged(path)
            raw = file.read(length)
    except OSError as error:
        raise BundleRejected(
            f"{path.name} cannot be read ({error.strerror}); check its disk and your rights."
        ) from error
    try:
        told: dict[str, Any] = json.loads(raw)
        told.pop("__metadata__", None)
        rows = msgspec.convert(told, dict[str, _Row])
    except (ValueError, TypeError, AttributeError, RecursionError, msgspec.ValidationError) as error:
        raise _damaged(path) from error
    if 8 + length + max((row.data_offsets[1] for row in rows.values()), default=0) != size:
        raise _damaged(path)
    return {name: Tensor(canonical(name), row.shape, row.dtype) for name, row in rows.items()}


def _damaged(path: Path) -> BundleRejected:
    return BundleRejected(f"{path.name} is damaged or cut off; copy that file anew from its source.")
