"""A bundle without a model: files of the right form and shapes, and no weights worth loading. Needs no extras."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecgdesk.read.llama.bundle import KIND, Bundle, Label, Licence, Manifest, write_bundle
from ecgdesk.read.llama.conversation import PROMPT_VERSION

HIDDEN, CROSS, LAYERS, SEE = 8, (1,), 2, 8
Shapes = Mapping[str, tuple[int, ...]]

CONFIGURATION: dict[str, Any] = {
    "model_type": "mllama",
    "text_config": {
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "cross_attention_layers": list(CROSS),
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
    },
    "vision_config": {
        "hidden_size": SEE,
        "num_hidden_layers": 1,
        "num_global_layers": 1,
        "intermediate_size": 16,
        "image_size": 28,
        "patch_size": 14,
        "max_num_tiles": 4,
        "intermediate_layers_indices": [0],
        "vision_output_dim": 16,
    },
}
BASE: Shapes = {
    "language_model.model.embed_tokens.weight": (16, HIDDEN),
    "language_model.model.layers.0.self_attn.q_proj.weight": (HIDDEN, HIDDEN),
    "language_model.model.layers.1.cross_attn.k_proj.weight": (4, HIDDEN),
    "language_model.model.norm.weight": (HIDDEN,),
    "language_model.lm_head.weight": (16, HIDDEN),
    "vision_model.patch_embedding.weight": (SEE, 3, 14, 14),
    "vision_model.transformer.layers.0.self_attn.q_proj.weight": (SEE, SEE),
    "vision_model.global_transformer.layers.0.mlp.fc1.weight": (16, SEE),
    "multi_modal_projector.weight": (HIDDEN, 16),
}
ADAPTER: Shapes = {
    "base_model.model.model.language_model.layers.0.self_attn.q_proj.lora_A.weight": (2, HIDDEN),
    "base_model.model.model.language_model.layers.0.self_attn.q_proj.lora_B.weight": (HIDDEN, 2),
}
LICENCE = Licence("a licence of the tests", "Do as you like.")


def write_tensors(path: Path, shapes: Shapes) -> None:
    """A safetensors file of zeros in 16 bits."""
    header, end = {}, 0
    for name, shape in shapes.items():
        size = 2
        for side in shape:
            size *= side
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [end, end + size]}
        end += size
    raw = json.dumps(header).encode()
    path.write_bytes(len(raw).to_bytes(8, "little") + raw + bytes(end))


def write_base(folder: Path, *, shards: int = 2) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(CONFIGURATION))
    names, where = list(BASE), {}
    for number in range(shards):
        shard = f"model-{number + 1:05d}-of-{shards:05d}.safetensors"
        held = names[number::shards]
        write_tensors(folder / shard, {name: BASE[name] for name in held})
        where |= dict.fromkeys(held, shard)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": where}))
    return folder


def write_adapter(folder: Path, shapes: Shapes = ADAPTER, **more: object) -> Path:
    folder.mkdir(parents=True)
    (folder / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": 2, "lora_alpha": 4, **more}))
    write_tensors(folder / "adapter_model.safetensors", shapes)
    return folder


def manifest(**changes: object) -> Manifest:
    plain: dict[str, object] = {
        "format": 1,
        "kind": KIND,
        "name": "paper",
        "version": "1",
        "base": "base",
        "adapter": "adapter",
        "prompt_version": PROMPT_VERSION,
        "licence": LICENCE,
        "files": {},
        "label": (Label("NORM"), Label("AFIB", temperature=2.0, threshold=0.4)),
    }
    return Manifest(**(plain | changes))  # type: ignore[arg-type]


def write_paper_bundle(folder: Path, *, adapter: Shapes = ADAPTER, **changes: object) -> Bundle:
    write_base(folder / "base")
    write_adapter(folder / "adapter", adapter)
    return write_bundle(folder, manifest(**changes))
