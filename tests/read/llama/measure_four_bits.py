"""What 4 bits cost, and where: `python -m tests.read.llama.measure_four_bits [MODELS]`. Needs the extra [llama].

Small models with random weights answer four questions about a random picture, in full precision and in 4 bits. Printed
is the root mean square of the difference of their logits over that of the logits, mean over the models: how far 4 bits
are from the truth. Random weights are not trained ones: the order tells, not the size.
"""

import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoProcessor, MllamaForConditionalGeneration
from transformers.utils import logging

from ecgdesk.read.llama.conversation import label_question, rendered
from ecgdesk.read.llama.loading import KEPT_IN_16_BITS, four_bit
from tests.read.llama.tiny import Size, make_tiny

SIZE = Size(hidden=128, layers=6, cross_layers=(1, 4), vision_hidden=128, vision_layers=4, words=633)
QUESTIONS = tuple(rendered(label_question(label)) for label in ("NORM", "MI", "AFIB", "PACE"))
VISION, PROJECTOR, OUTPUT = KEPT_IN_16_BITS
SKIPPED = {
    "vision tower, projector and output layer kept (as loaded)": KEPT_IN_16_BITS,
    "vision tower in 4 bits too": (PROJECTOR, OUTPUT),
    "projector in 4 bits too": (VISION, OUTPUT),
    "output layer in 4 bits too": (VISION, PROJECTOR),
    "all in 4 bits": ("nothing",),
}
ADAPTER_SPREADS = {"a small adapter": 0.02, "a large adapter": 0.1}
AWAY_FROM_ZERO = 3.0  # weights as they are drawn make a nearly linear model, which rounding hardly hurts


def main(models: int) -> None:
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.set_num_threads(1)
    found: dict[str, list[float]] = {}
    for seed in range(models):
        with tempfile.TemporaryDirectory() as folder:
            for name, error in _one(Path(folder), seed):
                found.setdefault(name, []).append(error)
    for name, errors in found.items():
        print(f"{statistics.mean(errors):.3f} ({min(errors):.3f} to {max(errors):.3f})  {name}")


def _one(folder: Path, seed: int) -> Iterator[tuple[str, float]]:
    base = make_tiny(folder / "base", size=SIZE, seed=seed)
    model = _loaded(base)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim == 2 and "embed" not in name:
                weight.mul_(AWAY_FROM_ZERO)
    model.save_pretrained(base)
    asked = _inputs(base, seed)
    truth = _logits(model, asked)
    torch.manual_seed(seed)  # of the adapters
    for name, skipped in SKIPPED.items():
        yield name, _error(_logits(_loaded(base, skipped), asked), truth)
    for name, spread in ADAPTER_SPREADS.items():
        yield from _with_adapter(base, folder / name, spread, asked, name)


def _with_adapter(base: Path, folder: Path, spread: float, asked: list[Any], name: str) -> Iterator[tuple[str, float]]:
    tuned: Any = get_peft_model(_loaded(base), LoraConfig(r=8, lora_alpha=16, target_modules="all-linear"))
    for weight_name, weight in tuned.named_parameters():
        if "lora_B" in weight_name:
            torch.nn.init.normal_(weight, std=spread)
    tuned.save_pretrained(folder / "adapter")
    merged = tuned.merge_and_unload()
    merged.save_pretrained(folder / "merged")
    truth = _logits(merged, asked)
    yield f"{name}: merged, then 4 bits", _error(_logits(_loaded(folder / "merged", KEPT_IN_16_BITS), asked), truth)
    beside = PeftModel.from_pretrained(_loaded(base, KEPT_IN_16_BITS), folder / "adapter")
    yield f"{name}: beside 4 bits (as loaded)", _error(_logits(beside, asked), truth)


def _loaded(folder: Path, skipped: tuple[str, ...] | None = None) -> Any:
    """In full precision, or in 4 bits but for the skipped modules."""
    quantisation = four_bit(torch.float32, kept=skipped) if skipped is not None else None
    return MllamaForConditionalGeneration.from_pretrained(
        folder, local_files_only=True, dtype=torch.float32, quantization_config=quantisation
    )


def _inputs(folder: Path, seed: int) -> list[Any]:
    processor = AutoProcessor.from_pretrained(folder, local_files_only=True)
    picture = np.random.default_rng(seed).integers(0, 255, (200, 300, 3), dtype=np.uint8)
    return [processor(images=picture, text=text, return_tensors="pt", add_special_tokens=False) for text in QUESTIONS]


@torch.inference_mode()
def _logits(model: Any, asked: list[Any]) -> torch.Tensor:
    model.eval()
    return torch.cat([model(**one).logits[0, -8:] for one in asked])


def _error(found: torch.Tensor, truth: torch.Tensor) -> float:
    return float(((found - truth).pow(2).mean() / (truth - truth.mean()).pow(2).mean()).sqrt())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4)
