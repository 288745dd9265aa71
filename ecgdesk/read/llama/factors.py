"""Do an adapter's factors fit its own configuration and the base? Told from names and shapes, nothing is loaded.

| part | what it must be |
|---|---|
| `lora_A` of a module | rank x what the module takes |
| `lora_B` of a module | what the module gives x rank |
| rank | `r` of `adapter_config.json`, or what its `rank_pattern` says of the module |
| modules | all those of the base that a list of `target_modules` names; of a pattern the factors alone say which |

A rank of its own would be loaded without a murmur and weigh too much or too little: what is added is alpha over rank.
Source: Hu et al. 2021 (LoRA) and the format of peft, https://huggingface.co/docs/peft
"""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ecgdesk.read.llama.refusals import BundleRejected
from ecgdesk.read.llama.tensors import Tensor, canonical

_FACTORS = {".lora_A.weight": 0, ".lora_B.weight": 1}  # and the side of each that is the rank
_WEIGHT = ".weight"
_COPY = "copy it anew from its source"


class _Stated(msgspec.Struct):
    """What `adapter_config.json` says of ranks and modules."""

    r: int
    rank_pattern: dict[str, int] | None = None
    target_modules: list[str] | str | None = None
    exclude_modules: list[str] | str | None = None
    layers_to_transform: list[int] | int | None = None
    layers_pattern: list[str] | str | None = None


def check_factors(
    folder: Path, configuration: Mapping[str, Any], factors: Mapping[str, Tensor], base: Mapping[str, Tensor]
) -> None:
    """`factors` and `base`: tensors by canonical name. Raises BundleRejected: one sentence on the first that is off."""
    try:
        stated = msgspec.convert(configuration, _Stated)
        for pattern in stated.rank_pattern or {}:
            re.compile(pattern)
    except (msgspec.ValidationError, re.error) as error:
        raise BundleRejected(f"{folder.name}/adapter_config.json is damaged ({error}); {_COPY}.") from error
    modules = _modules(factors, base)
    for module, sides in modules.items():
        ranks = [sides[suffix].shape[side] for suffix, side in _FACTORS.items() if suffix in sides]
        if len(ranks) < len(_FACTORS):
            raise BundleRejected(f"The adapter lacks one of the two factors of {module}; {_COPY}.")
        wanted = _rank(stated, module)
        if set(ranks) != {wanted}:
            raise BundleRejected(
                f"The adapter's factors of {module} are of rank {' and '.join(map(str, sorted(set(ranks))))}, but its "
                f"adapter_config.json says {wanted}; copy both files anew from one source."
            )
    _refuse_other_modules(stated, tuple(modules), base)


def _modules(factors: Mapping[str, Tensor], base: Mapping[str, Tensor]) -> Mapping[str, Mapping[str, Tensor]]:
    """The factors of each module, each of them as large as the base's weight on the side that is not the rank."""
    modules: dict[str, dict[str, Tensor]] = {}
    for name, tensor in factors.items():
        suffix = next((suffix for suffix in _FACTORS if name.endswith(suffix)), None)
        if suffix is None:
            raise BundleRejected(
                f"The adapter holds {name}, which is no LoRA factor; only plain LoRA adapters are read."
            )
        module, side = name.removesuffix(suffix), 1 - _FACTORS[suffix]
        target = base.get(module + _WEIGHT)
        if target is None:
            raise another_base(f"the base has no {module}")
        if not 2 <= len(tensor.shape) == len(target.shape) or tensor.shape[side] != target.shape[side]:
            raise another_base(f"{target.name} is of another size")
        modules.setdefault(module, {})[suffix] = tensor
    return modules


def another_base(reason: str) -> BundleRejected:
    return BundleRejected(f"The adapter belongs to another base: {reason}; put the base it was trained on beside it.")


def _rank(stated: _Stated, module: str) -> int:
    """As peft takes it: of the first pattern that ends the module's name, whatever its prefix was when it was saved."""
    for pattern, rank in (stated.rank_pattern or {}).items():
        if module == short_name(pattern) or re.match(rf"(.*\.)?({pattern})$", module):
            return rank
    return stated.r


def _refuse_other_modules(stated: _Stated, modules: Sequence[str], base: Mapping[str, Tensor]) -> None:
    if not isinstance(stated.target_modules, list) or not stated.target_modules:
        return
    named, left_out = stated.target_modules, stated.exclude_modules or []
    more = next((module for module in modules if not _is_named(module, named)), None)
    if more is not None:
        raise BundleRejected(
            f"The adapter holds factors of {more}, which its adapter_config.json does not name; copy both files anew "
            "from one source."
        )
    if isinstance(left_out, str) or stated.layers_to_transform is not None or stated.layers_pattern:
        return
    for name, tensor in base.items():
        module = name.removesuffix(_WEIGHT)
        meant = name.endswith(_WEIGHT) and len(tensor.shape) > 1 and _is_named(module, named)
        if meant and module not in modules and not _is_named(module, left_out):
            raise BundleRejected(
                f"The adapter lacks the factors of {module}, which its adapter_config.json names; {_COPY}."
            )


def _is_named(module: str, names: Collection[str]) -> bool:
    return any(module == (short := short_name(name)) or module.endswith(f".{short}") for name in names)


def short_name(module: str) -> str:
    """A module's name, or the end of one, as `canonical` has it."""
    return canonical(module + _WEIGHT).removesuffix(_WEIGHT)
