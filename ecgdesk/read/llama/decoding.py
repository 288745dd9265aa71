"""The model's answer, token by token: as it likes, or held to a JSON schema."""

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import torch
import xgrammar
from tokenizers.decoders import DecodeStream

from ecgdesk.read.llama.loading import Loaded
from ecgdesk.read.llama.refusals import Stopped
from ecgdesk.read.llama.sight import Sight


def answer(
    sight: Sight,
    loaded: Loaded,
    prompt: str,
    *,
    most_tokens: int,
    schema: dict[str, Any] | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[str]:
    """The most likely token after the other, as text, until the model ends its turn or has said `most_tokens`.

    With a schema no token is taken that would leave it, so the whole text parses unless it was cut off. Raises Stopped
    before the next token once `stopped()` is true.
    """
    choose = _Free() if schema is None else _Held(loaded, json.dumps(schema))
    stream, backend = DecodeStream(skip_special_tokens=True), loaded.tokenizer.backend_tokenizer
    logits = sight.after(sight.tokens_of(prompt))
    for _ in range(most_tokens):
        if stopped():
            raise Stopped
        token = choose.best(logits)
        if token in loaded.stops:
            return
        piece = stream.step(backend, token)
        if piece:
            yield piece
        logits = sight.further([token])


class _Free:
    def best(self, logits: torch.Tensor) -> int:
        return int(logits.argmax())


class _Held:
    """Chooses among the tokens that the schema allows next."""

    def __init__(self, loaded: Loaded, schema: str) -> None:
        self._width = int(loaded.model.config.text_config.vocab_size)
        compiled = _compiled(loaded.tokenizer, self._width, tuple(sorted(loaded.stops)), schema)
        self._matcher = xgrammar.GrammarMatcher(compiled)
        self._bits = xgrammar.allocate_token_bitmask(1, self._width)

    def best(self, logits: torch.Tensor) -> int:
        self._matcher.fill_next_token_bitmask(self._bits)
        # On the CPU always: there the mask needs no compiler for the GPU, which Windows lacks.
        allowed = logits[None, : self._width].clone()
        xgrammar.apply_token_bitmask_inplace(allowed, self._bits)
        token = int(allowed[0].argmax())
        if not self._matcher.accept_token(token):
            raise RuntimeError(f"the grammar did not accept its own token {token}")
        return token


@lru_cache(maxsize=4)
def _compiled(tokenizer: Any, width: int, stops: tuple[int, ...], schema: str) -> Any:
    tokens = xgrammar.TokenizerInfo.from_huggingface(tokenizer, vocab_size=width, stop_token_ids=list(stops))
    compiler = xgrammar.GrammarCompiler(tokens, max_threads=2)
    # Separators as json.dumps writes them and training shows them; free whitespace could go on forever.
    return compiler.compile_json_schema(schema, any_whitespace=False, separators=(", ", ": "))
