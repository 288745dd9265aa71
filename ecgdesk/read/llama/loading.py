"""From a verified bundle to a model that answers.

| choice | what, and why |
|---|---|
| 4 bits | the matrices of the language model's layers: NF4, double quantisation (QLoRA, Dettmers 2023) |
| 16 bits | vision tower, projector, output layer (see below), norms and gates |
| main memory | the table of word embeddings: a step looks up few rows of it, and it would take 1 GiB of the GPU |
| compute | bfloat16, float16 where the card has no bfloat16; float32 on the CPU |
| adapter | beside the 4-bit weights, in 16 bits (see below) |
| attention | PyTorch's own (SDPA) |

Kept in 16 bits is what in 4 bits takes the answers further from the truth (error of the logits, mean of twelve small
random models: as loaded 0.343; vision tower too 0.353, projector too 0.344, output layer too 0.354, all 0.365). The
vision tower is passed once a page, so 4 bits there would save memory but no time.

The adapter lies beside: merged in 16 bits and then quantised a small one is as true (0.351 both), a large one is less
so (0.343, beside 0.304); a QLoRA adapter was trained so; and nothing of 21 GB has to be merged first.
`python -m tests.read.llama.measure_four_bits` measures both again.

Nothing is fetched (`local_files_only`, and the hub is off in the guarded process), only safetensors are opened, and no
code of a bundle is run (`trust_remote_code` stays False).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from transformers import AutoProcessor, BitsAndBytesConfig, MllamaForConditionalGeneration

from ecgdesk.read.llama.bundle import Bundle
from ecgdesk.read.llama.factors import short_name
from ecgdesk.read.llama.load_progress import counted
from ecgdesk.read.llama.refusals import BundleRejected
from ecgdesk.read.llama.tensors import canonical
from ecgdesk.read.llama.verify import adapter_configuration

KEPT_IN_16_BITS = ("model.vision_model", "model.multi_modal_projector", "lm_head")
OnStage = Callable[[str, float], None]
_LORA = ".lora_"
_AFTER_BASE = 0.9  # share of the load


class Precision(StrEnum):
    AUTO = "auto"  # NF4 on a GPU, PLAIN on the CPU
    NF4 = "nf4"
    PLAIN = "plain"  # 16 bits on a GPU, 32 on the CPU


@dataclass(frozen=True, eq=False)
class Loaded:
    """A model ready to answer; `device` and `dtype` are those of its computation."""

    bundle: Bundle
    model: Any
    processor: Any
    device: torch.device
    dtype: torch.dtype

    @property
    def tokenizer(self) -> Any:
        return self.processor.tokenizer

    @property
    def stops(self) -> frozenset[int]:
        """Tokens that end an answer."""
        stated = self.model.generation_config.eos_token_id
        listed = stated if isinstance(stated, list) else [stated]
        return frozenset(token for token in (*listed, self.tokenizer.eos_token_id) if token is not None)

    def embedded(self, ids: torch.Tensor) -> torch.Tensor:
        """Word embeddings of int64[batch, n] on the computing device, wherever their table lies."""
        table = self.model.get_input_embeddings().weight
        # Not by calling the module: a hook of accelerate would move the ids to the GPU, where the table is not.
        return torch.nn.functional.embedding(ids.to(table.device), table).to(self.device, self.dtype)


def load(
    bundle: Bundle, *, device: torch.device, precision: Precision = Precision.AUTO, on_stage: OnStage = lambda *_: None
) -> Loaded:
    """Loads base and adapter. The bundle must have passed `verify`; `machine` says whether the GPU can hold it.

    Raises BundleRejected when the adapter does not fit.
    """
    dtype = compute_dtype(device)
    quantised = precision is Precision.NF4 or (precision is Precision.AUTO and device.type == "cuda")
    on_stage("loading the base", 0.0)
    with counted(lambda share: on_stage("loading the base", _AFTER_BASE * share)):
        model = MllamaForConditionalGeneration.from_pretrained(
            bundle.base,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=dtype,
            device_map={"": device},
            attn_implementation="sdpa",
            quantization_config=four_bit(dtype) if quantised else None,
        )
    on_stage("loading the adapter", _AFTER_BASE)
    if bundle.adapter is not None:
        attach_adapter(model, bundle.adapter, dtype=dtype)
    if device.type == "cuda":
        model.get_input_embeddings().to("cpu")
    model.eval()
    processor = AutoProcessor.from_pretrained(bundle.base, local_files_only=True, trust_remote_code=False)
    on_stage("loaded", 1.0)
    return Loaded(bundle, model, processor, device, dtype)


def compute_dtype(device: torch.device) -> torch.dtype:
    if device.type != "cuda":
        return torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16


def four_bit(dtype: torch.dtype, *, kept: tuple[str, ...] = KEPT_IN_16_BITS) -> BitsAndBytesConfig:
    """NF4 with double quantisation, all but the modules that are `kept` as they are."""
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
        llm_int8_skip_modules=list(kept),
    )


def attach_adapter(model: Any, folder: Path, *, dtype: torch.dtype) -> None:
    """Lays a LoRA adapter beside the weights of `model`, unmerged.

    Its modules are named after those that its tensors belong to, not after the patterns of its configuration, so an
    adapter that was saved by another version of the library fits too. Raises BundleRejected when it does not.
    """
    from peft import inject_adapter_in_model  # a second of imports, which a base alone need not wait for

    modules = {canonical(f"{name}.weight").removesuffix(".weight"): name for name, _ in model.named_modules()}
    factors = {}
    for file in sorted(folder.glob("*.safetensors")):
        for name, tensor in load_file(file).items():
            short = canonical(name)
            target, factor = short.split(_LORA, 1)
            if target not in modules:
                raise BundleRejected(
                    f"The adapter belongs to another base: it has no module {target}; use its own base."
                )
            factors[f"{modules[target]}{_LORA}{factor.replace('.weight', '.default.weight')}"] = tensor
    targets = sorted({name.split(_LORA, 1)[0] for name in factors})
    inject_adapter_in_model(_lora(folder, targets, modules), model)
    own = {name: weight for name, weight in model.named_parameters() if _LORA in name}
    if set(own) != set(factors):
        raise BundleRejected("The adapter lacks some of its own factors; copy it anew from its source.")
    with torch.no_grad():
        for name, weight in own.items():
            weight.data = factors[name].to(weight.device, dtype)
            weight.requires_grad_(False)


def _lora(folder: Path, targets: list[str], modules: Mapping[str, str]) -> Any:
    """`modules`: the model's own names by their canonical ones; patterns may have been saved with other prefixes."""
    from peft import LoraConfig

    stated = {key: value for key, value in adapter_configuration(folder).items() if value is not None}
    kept: dict[str, Any] = {key: stated[key] for key in ("r", "lora_alpha", "use_rslora") if key in stated}
    for key in ("rank_pattern", "alpha_pattern"):
        kept[key] = {modules.get(short_name(name), name): value for name, value in stated.get(key, {}).items()}
    return LoraConfig(**kept, target_modules=targets)
