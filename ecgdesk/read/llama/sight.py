"""One page before the model: its vision states computed once, and the conversation so far kept for the next question.

The vision states depend on the picture alone. They go into the first forward pass, which leaves their keys and values
in the cross-attention layers of the cache; from then on every question about the page uses those. Of the text, what a
new question shares with the last one from its beginning on stays in the cache, and only the rest is computed.

`generate` of transformers cannot begin from such states (it prepares the mask of the cross attention twice), so the
passes are made here.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from transformers import DynamicCache

from ecgdesk.read.llama.conversation import IMAGE
from ecgdesk.read.llama.loading import Loaded
from ecgdesk.read.llama.refusals import ModelFailed

_OVERFLOWED = (
    "The model's computation overflowed on this page, so nothing that it says of it can be used; "
    "use a GPU that computes in bfloat16, or another bundle."
)


class Sight:
    """The page `image` (uint8[h, w, 3], RGB) as `loaded` sees it. Not for two threads."""

    def __init__(self, loaded: Loaded, image: NDArray[np.uint8]) -> None:
        self._loaded = loaded
        self._tokens: list[int] = []
        self._cache = DynamicCache(config=loaded.model.config.text_config)
        self._states: torch.Tensor | None
        self._states, self._tiles = _seen(loaded, image)

    def tokens_of(self, text: str) -> list[int]:
        """The tokens of a text that has its special tokens already."""
        ids: list[int] = self._loaded.tokenizer.encode(text, add_special_tokens=False)
        return ids

    def after(self, tokens: Sequence[int]) -> torch.Tensor:
        """The logits (float32[vocabulary], CPU) of what comes after the whole conversation `tokens`."""
        shared = _shared(self._tokens, tokens)
        self._back_to(min(shared, len(tokens) - 1))
        return self.further(tokens[len(self._tokens) :])

    def further(self, tokens: Sequence[int]) -> torch.Tensor:
        """The same after some more tokens."""
        return self._passed(tokens, keep=1)[-1]

    def log_likelihoods(self, prompt: str, candidates: Sequence[str]) -> list[float]:
        """The natural logarithm of each candidate's likelihood as the answer's beginning.

        Raises ValueError when one candidate's tokens begin another's, which would make their likelihoods incomparable.
        """
        begin, answers = self.tokens_of(prompt), [self.tokens_of(candidate) for candidate in candidates]
        _refuse_beginnings(answers)
        first = torch.log_softmax(self.after(begin), dim=-1)
        found = []
        for answer in answers:
            total = float(first[answer[0]])
            if len(answer) > 1:
                self._back_to(len(begin))
                rows = torch.log_softmax(self._passed(answer[:-1], keep=len(answer) - 1), dim=-1)
                total += sum(float(row[token]) for row, token in zip(rows, answer[1:], strict=True))
            found.append(total)
        self._back_to(len(begin))
        return found

    @torch.inference_mode()  # type: ignore[untyped-decorator]
    def _passed(self, tokens: Sequence[int], *, keep: int) -> torch.Tensor:
        """float32[keep, vocabulary]: the logits after each of the last `keep` of these tokens. Raises ModelFailed."""
        loaded = self._loaded
        ids = torch.tensor([list(tokens)])
        output = loaded.model(
            inputs_embeds=loaded.embedded(ids),
            cross_attention_states=self._states,
            cross_attention_mask=self._mask(tokens),
            cache=self._cache,
            use_cache=True,
            logits_to_keep=keep,
        )
        self._states = None  # from now on in the cache, as keys and values
        self._tokens += tokens
        logits: torch.Tensor = output.logits[0].float().cpu()
        if not bool(torch.isfinite(logits).all()):  # float16 may; a label's margin of NaN would read as certain
            raise ModelFailed(_OVERFLOWED)
        return logits

    def _mask(self, tokens: Sequence[int]) -> torch.Tensor:
        """int64[1, tokens, 1, tiles]: 1 where a token sees a tile: from the picture's place on, no empty one."""
        picture = self._loaded.tokenizer.convert_tokens_to_ids(IMAGE)
        seen_before = picture in self._tokens
        rows = torch.zeros(1, len(tokens), 1, self._tiles.shape[-1], dtype=torch.int64)
        first = 0 if seen_before else (list(tokens).index(picture) if picture in tokens else len(tokens))
        rows[0, first:, 0] = self._tiles
        return rows.to(self._loaded.device)

    def _back_to(self, length: int) -> None:
        """Forgets all but the first `length` tokens; the keys and values of the picture stay."""
        if length >= len(self._tokens):
            return
        across = set(self._loaded.model.config.text_config.cross_attention_layers)
        for place, layer in enumerate(self._cache.layers):
            if place not in across and layer.is_initialized:
                layer.keys = layer.keys[..., :length, :]
                layer.values = layer.values[..., :length, :]
        del self._tokens[length:]


@torch.inference_mode()  # type: ignore[untyped-decorator]
def _seen(loaded: Loaded, image: NDArray[np.uint8]) -> tuple[torch.Tensor, torch.Tensor]:
    """The vision states of a picture, and int64[tiles] with 1 for each tile that holds a part of it."""
    model = loaded.model.model
    inputs = loaded.processor.image_processor(images=[[Image.fromarray(image)]], return_tensors="pt")
    tiles = inputs["aspect_ratio_mask"][0, 0]
    states = model.vision_model(
        pixel_values=inputs["pixel_values"].to(loaded.device, loaded.dtype),
        aspect_ratio_ids=inputs["aspect_ratio_ids"].to(loaded.device),
        aspect_ratio_mask=inputs["aspect_ratio_mask"].to(loaded.device),
    ).last_hidden_state
    projected = model.multi_modal_projector(states)
    return projected.reshape(-1, states.shape[-2], model.hidden_size), tiles


def _shared(old: Sequence[int], new: Sequence[int]) -> int:
    """How many tokens the two begin with in common."""
    return next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))


def _refuse_beginnings(answers: Sequence[Sequence[int]]) -> None:
    for one in answers:
        for other in answers:
            if one is not other and list(other[: len(one)]) == list(one):
                raise ValueError("one candidate's tokens begin another's")
