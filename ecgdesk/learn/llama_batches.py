"""Samples as the model is trained on them: pixels, tokens, and a loss on the answers alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from ecgdesk.learn.llama_samples import BadSamples, Sample, texts
from ecgdesk.read.llama.conversation import IMAGE

IGNORED = -100  # what PyTorch's cross entropy leaves out


@dataclass(frozen=True)
class Encoded:
    """`tokens` of the whole conversation, and as many `wanted`: the token where an answer stands, else IGNORED."""

    image: Path
    tokens: tuple[int, ...]
    wanted: tuple[int, ...]


class Conversations:
    """A data set of the samples whose conversation fits into `most_tokens`; `left_out` counts the others.

    `images` is the folder below which their pages lie. Raises BadSamples when none is left, or a page is missing.
    """

    def __init__(self, samples: Sequence[Sample], images: Path, tokenizer: Any, *, most_tokens: int) -> None:
        encoded = [encode(sample, images, tokenizer) for sample in samples]
        self._kept = [one for one in encoded if len(one.tokens) <= most_tokens]
        self.left_out = len(encoded) - len(self._kept)
        if not self._kept:
            raise BadSamples(f"None of {len(encoded)} samples fits into {most_tokens} tokens; nothing can be learnt.")
        missing = next((path for path in dict.fromkeys(one.image for one in self._kept) if not path.is_file()), None)
        if missing is not None:
            raise BadSamples(f"The page {missing} is missing; name the folder of the pages with --images.")

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, place: int) -> Encoded:
        return self._kept[place]


def encode(sample: Sample, images: Path, tokenizer: Any) -> Encoded:
    tokens: list[int] = []
    wanted: list[int] = []
    for given, answer in texts(sample):
        question = tokenizer.encode(given, add_special_tokens=False)
        answered = tokenizer.encode(answer, add_special_tokens=False)
        tokens += [*question, *answered]
        wanted += [*([IGNORED] * len(question)), *answered]
    return Encoded(images / sample.image, tuple(tokens), tuple(wanted))


@dataclass(frozen=True)
class Collator:
    """Makes a batch of encoded samples; the shapes are those of MllamaForConditionalGeneration."""

    processor: Any

    def __call__(self, batch: Sequence[Encoded]) -> dict[str, torch.Tensor]:
        tokenizer = self.processor.tokenizer
        length = max(len(one.tokens) for one in batch)
        pictures = self.processor.image_processor(images=[[_opened(one.image)] for one in batch], return_tensors="pt")
        tiles = pictures["aspect_ratio_mask"][:, 0]
        picture = tokenizer.convert_tokens_to_ids(IMAGE)
        sees = torch.zeros(len(batch), length, 1, tiles.shape[-1], dtype=torch.int64)
        for row, one in enumerate(batch):
            sees[row, one.tokens.index(picture) : len(one.tokens), 0] = tiles[row]
        return {
            "input_ids": _padded([one.tokens for one in batch], length, tokenizer.pad_token_id),
            "labels": _padded([one.wanted for one in batch], length, IGNORED),
            "attention_mask": _padded([(1,) * len(one.tokens) for one in batch], length, 0),
            "cross_attention_mask": sees,
            "pixel_values": pictures["pixel_values"],
            "aspect_ratio_ids": pictures["aspect_ratio_ids"],
            "aspect_ratio_mask": pictures["aspect_ratio_mask"],
        }


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


def _padded(rows: Sequence[Sequence[int]], length: int, filler: int) -> torch.Tensor:
    return torch.tensor([[*row, *([filler] * (length - len(row)))] for row in rows])
