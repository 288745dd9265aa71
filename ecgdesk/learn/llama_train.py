"""`ecgdesk learn llama-train SAMPLES -o OUT --base BASE`: a LoRA adapter from instruction samples, and its bundle.

| what | how |
|---|---|
| trained | LoRA as in the paper (see `llama_lora`), over the base in 16 bits, or in 4 bits with `--qlora` |
| loss | cross entropy of the answers' tokens alone |
| schedule | cosine to zero after a warm-up, AdamW |
| precision | bfloat16 where the GPU has it, else float32; gradient checkpointing |
| several GPUs | `accelerate launch -m ecgdesk.cli learn llama-train …` |
| after a stop | the same command goes on behind the last checkpoint in `OUT/checkpoints` |

Writes `OUT/adapter` as peft does, and `OUT/bundle`, ready for `ecgdesk model add`; its labels are uncalibrated.
"""

import json
import logging
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoProcessor,
    MllamaForConditionalGeneration,
    Trainer,
    TrainingArguments,
)
from transformers.trainer import TRAINER_STATE_NAME

from ecgdesk.ecg.refusal import Refusal
from ecgdesk.learn.llama_batches import Collator, Conversations
from ecgdesk.learn.llama_lora import Lora, Share, share, with_adapter
from ecgdesk.learn.llama_samples import read_samples
from ecgdesk.read.llama.bundle import MANIFEST, Bundle, Licence
from ecgdesk.read.llama.loading import four_bit
from ecgdesk.read.llama.pack import LLAMA_LICENCE, pack

log = logging.getLogger(__name__)

CHECKPOINTS, ADAPTER, BUNDLE = "checkpoints", "adapter", "bundle"
WARM_UP = 0.03  # share of the steps, as LLaVA's recipe has it


class Untrainable(Refusal):
    """The training cannot begin."""


@dataclass(frozen=True)
class Recipe:
    """`batch` conversations a step and GPU, times `accumulate` before the weights move."""

    epochs: float = 1.0
    batch: int = 1
    accumulate: int = 16
    rate: float = 2e-4
    lora: Lora = field(default_factory=Lora)
    qlora: bool = False
    most_tokens: int = 2048
    save_steps: int = 200
    seed: int = 0


@dataclass(frozen=True)
class Trained:
    """`bundle` is None in all but the first process. `loss`: mean over the steps that this run took."""

    share: Share
    loss: float
    bundle: Bundle | None


def train(
    samples: Path,
    out: Path,
    *,
    base: Path,
    images: Path | None = None,
    recipe: Recipe = Recipe(),
    name: str = "llama-ecg",
    measured_values: bool = True,
    licence: Licence = LLAMA_LICENCE,
) -> Trained:
    """Trains, saves the adapter and packs the bundle. `images`: where the pages lie, else beside the samples.

    Raises BadSamples, and Untrainable when OUT holds a bundle already or the base cannot be loaded.
    """
    if (out / BUNDLE / MANIFEST).exists():
        raise Untrainable(f"{out} holds a trained bundle already; name a new folder with -o.")
    told = read_samples(samples)
    processor, model = _base(base, recipe)
    data = Conversations(told, images or samples.parent, processor.tokenizer, most_tokens=recipe.most_tokens)
    torch.manual_seed(recipe.seed)
    adapted = with_adapter(model, recipe.lora)
    counted = share(adapted)
    log.info("%d samples, %d too long and left out; %s.", len(data), data.left_out, counted)
    trainer = Trainer(
        model=adapted, args=_arguments(out, recipe), train_dataset=data, data_collator=Collator(processor)
    )
    loss = float(trainer.train(resume_from_checkpoint=_last_whole(out / CHECKPOINTS)).training_loss)
    bundle = None
    trainer.save_model(str(out / ADAPTER))  # of all processes: with FSDP each holds a part
    if trainer.is_world_process_zero():
        _name_base(out / ADAPTER, base)
        bundle = _packed(out, base, name, recipe, measured_values, licence)
    return Trained(counted, loss, bundle)


def _base(folder: Path, recipe: Recipe) -> tuple[Any, Any]:
    dtype = torch.bfloat16 if _has_bf16() else torch.float32
    try:
        processor = AutoProcessor.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        model = MllamaForConditionalGeneration.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=dtype,
            attn_implementation="sdpa",
            quantization_config=four_bit(dtype) if recipe.qlora else None,
            device_map=_own_device() if recipe.qlora else None,
        )
    except (OSError, ValueError) as error:
        raise Untrainable(
            f"{folder} cannot be loaded as a Llama 3.2 Vision; name the folder of Llama-3.2-11B-Vision-Instruct."
        ) from error
    model.config.use_cache = False
    return processor, model


def _last_whole(checkpoints: Path) -> str | None:
    """The last checkpoint that has its state, which is written after all else; None without one."""
    whole = [path.parent for path in checkpoints.glob(f"checkpoint-*/{TRAINER_STATE_NAME}")]
    last = max(whole, key=lambda path: int(path.name.rpartition("-")[2]), default=None)
    return None if last is None else str(last)


def _has_bf16() -> bool:
    return bool(torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False))


def _own_device() -> dict[str, Any]:
    """Each process of `accelerate launch` holds the whole base in 4 bits on its own GPU."""
    place = int(os.environ.get("LOCAL_RANK", "0"))
    return {"": torch.device("cuda", place) if torch.cuda.is_available() else torch.device("cpu")}


def _arguments(out: Path, recipe: Recipe) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(out / CHECKPOINTS),
        num_train_epochs=recipe.epochs,
        per_device_train_batch_size=recipe.batch,
        gradient_accumulation_steps=recipe.accumulate,
        learning_rate=recipe.rate,
        lr_scheduler_type="cosine",
        warmup_steps=WARM_UP,
        bf16=_has_bf16(),
        use_cpu=not torch.cuda.is_available(),  # said outright, else several processes do not find each other there
        activation_checkpointing=True,
        activation_checkpointing_kwargs={"use_reentrant": False},
        save_strategy="steps",
        save_steps=recipe.save_steps,
        save_total_limit=2,
        logging_steps=10,
        seed=recipe.seed,
        data_seed=recipe.seed,
        remove_unused_columns=False,
        report_to=[],
        dataloader_pin_memory=torch.cuda.is_available(),
    )


def _name_base(adapter: Path, base: Path) -> None:
    """The adapter names its base without the path that it had on this machine."""
    path = adapter / "adapter_config.json"
    stated = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(stated | {"base_model_name_or_path": base.name}, indent=2), encoding="utf-8")


def _packed(out: Path, base: Path, name: str, recipe: Recipe, measured_values: bool, licence: Licence) -> Bundle:
    shutil.rmtree(out / BUNDLE, ignore_errors=True)  # without its manifest, which comes last: a pack that was stopped
    return pack(
        out / BUNDLE,
        base=base,
        adapter=out / ADAPTER,
        name=name,
        measured_values=measured_values,
        context_tokens=recipe.most_tokens,
        base_is_known=True,
        licence=licence,
    )
