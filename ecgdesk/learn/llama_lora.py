"""Which layers of a Mllama are trained, and how: LoRA as in the paper.

| what | value |
|---|---|
| rank, alpha, dropout | 64, 128, 0.05 |
| trained beside | every linear layer of the language model (its cross attention too) and of the vision tower |
| left alone | `lm_head`, `embed_tokens`, the projector, norms, gates, the patch embedding |

Source: arXiv 2501.18670 and the configuration of the adapter that its authors published; LoRA: Hu et al. 2021; QLoRA
(over a base in 4 bits): Dettmers et al. 2023.
"""

from dataclasses import dataclass
from typing import Any

import torch
from peft import LoraConfig, get_peft_model

TRAINED = ("model.language_model.layers.", "model.vision_model.")
EXCLUDED = ("lm_head", "embed_tokens")
_ADAPTER = "lora_"


@dataclass(frozen=True)
class Lora:
    rank: int = 64
    alpha: int = 128
    dropout: float = 0.05


@dataclass(frozen=True)
class Share:
    """Numbers of weights: those that are trained, and all."""

    trained: int
    total: int

    def __str__(self) -> str:
        return f"{self.trained:,} of {self.total:,} weights are trained ({100 * self.trained / self.total:.2f} %)"


def targets(model: Any) -> list[str]:
    """The names of the linear layers that get an adapter (in 4 bits they are linear layers too)."""
    linear = (name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear))
    return [name for name in linear if name.startswith(TRAINED)]


def with_adapter(model: Any, lora: Lora) -> Any:
    """The model with new LoRA factors in float32, everything else frozen. Raises ValueError where that did not hold."""
    configuration = LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=targets(model),
        exclude_modules=list(EXCLUDED),
        bias="none",
        task_type="CAUSAL_LM",
    )
    adapted = get_peft_model(model, configuration)
    check_trained(adapted)
    return adapted


def check_trained(model: Any) -> None:
    """Raises ValueError when anything but LoRA factors is trained, or any factor of an excluded layer."""
    names = [name for name, weight in model.named_parameters() if weight.requires_grad]
    wrong = [name for name in names if _ADAPTER not in name or any(part in name for part in EXCLUDED)]
    if wrong or not names:
        raise ValueError(f"trained, but should not be: {wrong[:3]}" if wrong else "nothing is trained")


def share(model: Any) -> Share:
    """Of weights in 4 bits each packed pair counts as two."""
    counts = [(_count(weight), weight.requires_grad) for weight in model.parameters()]
    return Share(sum(count for count, trained in counts if trained), sum(count for count, _ in counts))


def _count(weight: Any) -> int:
    packed = 2 if weight.__class__.__name__ == "Params4bit" and weight.dtype == torch.uint8 else 1
    return int(weight.numel()) * packed
