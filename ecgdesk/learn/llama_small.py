"""A small Mllama made on the spot: the true classes in a small shape, with a tokenizer trained on the prompts' words.

Where its numbers begin otherwise than in transformers, whose model of 11 billion begins from a trained language model:

| what | begins at | why |
|---|---|---|
| gates of the cross attention | OPEN, not 0 | a shut gate hides the picture, and its slope alone must first open it |
| gates of the vision tower | OPEN, not 0 | shut, the place of a tile in the picture is not seen |
| weights | `Size.spread` | 0.02 suits layers of thousands of numbers; sums over 64 would nearly vanish |
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    MllamaConfig,
    MllamaForConditionalGeneration,
    MllamaProcessor,
    PreTrainedTokenizerFast,
)
from transformers.models.mllama.image_processing_pil_mllama import MllamaImageProcessorPil

from ecgdesk.ecg.statements import catalogue
from ecgdesk.read.llama.conversation import IMAGE, NO, YES, label_question

# The special tokens of Llama 3.2 Vision that a conversation uses; the image token is the last, beyond the vocabulary.
SPECIAL = (
    "<|begin_of_text|>",
    "<|end_of_text|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|eot_id|>",
    "<|python_tag|>",
    "<|finetune_right_pad_id|>",
)
# How Llama 3 parts a text before its byte pairs are merged; published with its tokenizer.
LLAMA_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
OPEN = 0.5  # a gate lets tanh of it through
GATES = ("gate", "gate_attn", "gate_ffn")  # how the names of gates end


@dataclass(frozen=True)
class Size:
    """The shape of the model; `tile` pixels a side, up to `tiles` of them. `spread`: of its weights as they begin."""

    hidden: int = 64
    layers: int = 4
    cross_layers: tuple[int, ...] = (1, 3)
    heads: int = 4
    vision_hidden: int = 64
    vision_layers: int = 2
    tile: int = 56
    patch: int = 14
    tiles: int = 4
    words: int = 600
    spread: float = 0.02


def make_small(folder: Path, *, size: Size = Size(), seed: int = 0, texts: Iterable[str] = ()) -> Path:
    """Saves model and processor into `folder` as Hugging Face writes them; `texts` shape the tokenizer."""
    tokenizer = small_tokenizer([*texts, *_usual_texts()], words=size.words)
    torch.manual_seed(seed)
    model = MllamaForConditionalGeneration(small_config(size, tokenizer))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith(GATES):
                weight.fill_(OPEN)
    model.save_pretrained(folder)
    small_processor(tokenizer, size).save_pretrained(folder)
    return folder


def small_config(size: Size, tokenizer: PreTrainedTokenizerFast) -> MllamaConfig:
    image_id: int = tokenizer.convert_tokens_to_ids(IMAGE)
    text: dict[str, Any] = {
        "vocab_size": image_id,
        "hidden_size": size.hidden,
        "num_hidden_layers": size.layers,
        "cross_attention_layers": list(size.cross_layers),
        "num_attention_heads": size.heads,
        "num_key_value_heads": size.heads // 2,
        "intermediate_size": 2 * size.hidden,
        "max_position_embeddings": 2048,
        "initializer_range": size.spread,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
        "bos_token_id": tokenizer.convert_tokens_to_ids("<|begin_of_text|>"),
        "eos_token_id": tokenizer.convert_tokens_to_ids("<|eot_id|>"),
        "pad_token_id": tokenizer.convert_tokens_to_ids("<|finetune_right_pad_id|>"),
    }
    vision: dict[str, Any] = {
        "hidden_size": size.vision_hidden,
        "attention_heads": 4,
        "intermediate_size": 2 * size.vision_hidden,
        "num_hidden_layers": size.vision_layers,
        "num_global_layers": 1,
        "image_size": size.tile,
        "patch_size": size.patch,
        "max_num_tiles": size.tiles,
        "intermediate_layers_indices": [0],
        "vision_output_dim": 2 * size.vision_hidden,
        "initializer_range": size.spread,
        "supported_aspect_ratios": [[w, h] for w in range(1, 5) for h in range(1, 5) if w * h <= size.tiles],
    }
    return MllamaConfig(text_config=text, vision_config=vision, image_token_index=image_id)


def small_processor(tokenizer: PreTrainedTokenizerFast, size: Size) -> MllamaProcessor:
    images = MllamaImageProcessorPil(size={"height": size.tile, "width": size.tile}, max_image_tiles=size.tiles)
    return MllamaProcessor(image_processor=images, tokenizer=tokenizer)


def small_tokenizer(texts: Iterable[str], *, words: int) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer of about `words` tokens, parted as Llama's is."""
    plain = Tokenizer(models.BPE())
    plain.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(LLAMA_WORDS), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    plain.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=words, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    plain.train_from_iterator(texts, trainer)
    plain.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in (*SPECIAL, IMAGE)])
    return PreTrainedTokenizerFast(
        tokenizer_object=plain,
        bos_token="<|begin_of_text|>",
        eos_token="<|eot_id|>",
        pad_token="<|finetune_right_pad_id|>",
        clean_up_tokenization_spaces=False,
    )


def _usual_texts() -> Iterable[str]:
    for code in catalogue():
        yield f"{label_question(code)}\n\n{YES} {NO} {code}"
