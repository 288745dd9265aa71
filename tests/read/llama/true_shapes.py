"""The tensors of Llama-3.2-11B-Vision by name and shape, from its published configuration. Needs no extras."""

from collections.abc import Iterator

from ecgdesk.read.llama.tensors import Tensor

HIDDEN, KV, FEED, WORDS, LAYERS = 4096, 1024, 14336, 128256, 40
CROSS = (3, 8, 13, 18, 23, 28, 33, 38)
SEE, SEE_FEED, PATCHES, SEEN = 1280, 5120, 1601, 7680

CONFIGURATION = {
    "text_config": {
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "cross_attention_layers": list(CROSS),
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
    },
    "vision_config": {
        "hidden_size": SEE,
        "intermediate_size": SEE_FEED,
        "image_size": 560,
        "patch_size": 14,
        "max_num_tiles": 4,
        "intermediate_layers_indices": [3, 7, 15, 23, 30],
        "vision_output_dim": SEEN,
    },
}


def base() -> list[Tensor]:
    """All of them, norms and gates included."""
    return [Tensor(name, shape, "BF16") for name, shape in (*_text(), *_vision())]


def adapter(rank: int = 64) -> list[Tensor]:
    """LoRA on every linear layer but the output layer, as the paper's adapter."""
    linear = [one for one in base() if len(one.shape) == 2 and _is_linear(one.name)]
    return [Tensor(one.name, shape, "BF16") for one in linear for shape in ((rank, one.shape[1]), (one.shape[0], rank))]


def _is_linear(name: str) -> bool:
    return name.endswith(("_proj.weight", "fc1.weight", "fc2.weight", "projector.weight"))


def _text() -> Iterator[tuple[str, tuple[int, ...]]]:
    yield "language_model.embed_tokens.weight", (WORDS + 8, HIDDEN)
    yield "lm_head.weight", (WORDS, HIDDEN)
    yield "language_model.norm.weight", (HIDDEN,)
    for layer in range(LAYERS):
        place = f"language_model.layers.{layer}"
        attention = f"{place}.{'cross' if layer in CROSS else 'self'}_attn"
        for name, rows in (("q", HIDDEN), ("k", KV), ("v", KV), ("o", HIDDEN)):
            yield f"{attention}.{name}_proj.weight", (rows, HIDDEN)
        yield f"{place}.mlp.gate_proj.weight", (FEED, HIDDEN)
        yield f"{place}.mlp.up_proj.weight", (FEED, HIDDEN)
        yield f"{place}.mlp.down_proj.weight", (HIDDEN, FEED)
        yield f"{place}.input_layernorm.weight", (HIDDEN,)
        yield f"{place}.post_attention_layernorm.weight", (HIDDEN,)


def _vision() -> Iterator[tuple[str, tuple[int, ...]]]:
    yield "multi_modal_projector.weight", (HIDDEN, SEEN)
    yield "vision_model.patch_embedding.weight", (SEE, 3, 14, 14)
    yield "vision_model.gated_positional_embedding.tile_embedding.weight", (9, 4 * PATCHES * SEE)
    for number in range(32 + 8):
        place = f"vision_model.layers.{number}"
        for name in "qkvo":
            yield f"{place}.self_attn.{name}_proj.weight", (SEE, SEE)
        yield f"{place}.mlp.fc1.weight", (SEE_FEED, SEE)
        yield f"{place}.mlp.fc2.weight", (SEE, SEE_FEED)
