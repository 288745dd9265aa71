"""Is a bundle complete, unchanged, and of nothing but plain weights? Checked before anything of it is loaded."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecgdesk.read.llama.bundle import Bundle, OnShare, hash_of, shared_out
from ecgdesk.read.llama.conversation import label_question
from ecgdesk.read.llama.factors import another_base, check_factors
from ecgdesk.read.llama.memory import EMBEDDINGS, needed
from ecgdesk.read.llama.refusals import BundleRejected
from ecgdesk.read.llama.tensors import Tensor, tensors_in

_PICKLES = frozenset({".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt"})
# Stacks of layers, and the part and key of config.json that say how many: one that lacks is filled with random numbers.
_STACKS = (
    (re.compile(r"language_model\.layers\.(\d+)\."), "text_config", "num_hidden_layers"),
    (re.compile(r"vision_model\.transformer\.layers\.(\d+)\."), "vision_config", "num_hidden_layers"),
    (re.compile(r"vision_model\.global_transformer\.layers\.(\d+)\."), "vision_config", "num_global_layers"),
)
_PATCHES = "vision_model.patch_embedding.weight"
_PROJECTOR = "multi_modal_projector.weight"
_CODE = frozenset({".py", ".so", ".dll", ".pyd"})


def verify(bundle: Bundle, *, on_share: OnShare = lambda _: None) -> None:
    """Checks structure and every hash. Raises BundleRejected; `on_share` hears the share of bytes that are hashed."""
    verify_structure(bundle)
    sizes = {name: (bundle.folder / name).stat().st_size for name in bundle.manifest.files}
    on_bytes = shared_out(sizes, on_share)
    for name, expected in bundle.manifest.files.items():
        try:
            digest = hash_of(bundle.folder / name, on_bytes=on_bytes)
        except OSError as error:
            raise BundleRejected(
                f"{name} cannot be read ({error.strerror}); check its disk, and copy it anew."
            ) from error
        if digest != expected:
            raise BundleRejected(
                f"{name} is not the file that {bundle.title} was made with (its SHA-256 differs); copy it anew."
            )


def verify_structure(bundle: Bundle) -> None:
    """All but the hashes, in a moment: labels, files, weights, whether the adapter fits. Raises BundleRejected."""
    _refuse_unknown_labels(bundle)
    for folder in (bundle.base, bundle.adapter):
        if folder is not None:
            _refuse_foreign_files(folder)
    _refuse_unlisted(bundle)
    configuration = base_configuration(bundle)
    if configuration.get("model_type") != "mllama":
        raise BundleRejected(
            f"{bundle.manifest.base} holds a model of type {configuration.get('model_type')!r}; "
            "the base must be a Llama 3.2 Vision (mllama)."
        )
    base = tensors_in(bundle.base)
    needed(base.values(), (), configuration, context_tokens=0)  # can be told, so its configuration holds every size
    _check_shape(bundle, configuration, base)
    if bundle.adapter is not None:
        _check_adapter(bundle, bundle.adapter, base)


def base_configuration(bundle: Bundle) -> dict[str, Any]:
    """`config.json` of the base. Raises BundleRejected when it is missing, damaged or asks for code of its own."""
    return configuration_of(bundle.base / "config.json")


def adapter_configuration(folder: Path) -> dict[str, Any]:
    """`adapter_config.json` of an adapter. Raises BundleRejected."""
    return configuration_of(folder / "adapter_config.json")


def configuration_of(path: Path) -> dict[str, Any]:
    """A configuration as Hugging Face writes it. Raises BundleRejected: missing, damaged, or with code of its own."""
    place = f"{path.parent.name}/{path.name}"
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BundleRejected(f"{place} is missing or damaged; copy it anew from its source.") from error
    if not isinstance(read, dict):
        raise BundleRejected(f"{place} is no configuration; copy it anew from its source.")
    if "auto_map" in read:
        raise BundleRejected(f"{place} asks for program code of its own, which is never run; use plain weights.")
    return read


def _refuse_unknown_labels(bundle: Bundle) -> None:
    for label in bundle.manifest.label:
        try:
            label_question(label.name)
        except KeyError as error:
            raise BundleRejected(
                f"{bundle.title} asks for the label {label.name}, which this program does not know; "
                "use the version of ecgdesk that it was made with."
            ) from error


def _refuse_foreign_files(folder: Path) -> None:
    if not folder.is_dir():
        raise BundleRejected(f"The bundle lacks its folder {folder.name}; copy the bundle anew from its source.")
    for path in sorted(folder.rglob("*")):
        place = f"{folder.name}/{path.relative_to(folder).as_posix()}"
        if path.suffix.lower() in _PICKLES:
            raise BundleRejected(
                f"{place} is a pickle, which can run code when it is opened; use the weights as safetensors instead."
            )
        if path.suffix.lower() in _CODE:
            raise BundleRejected(f"{place} is program code, which no bundle may bring; use plain weights.")


def _refuse_unlisted(bundle: Bundle) -> None:
    there = {
        path.relative_to(bundle.folder).as_posix()
        for folder in (bundle.base, bundle.adapter)
        if folder is not None
        for path in folder.rglob("*")
        if path.is_file()
    }
    missing, more = sorted(set(bundle.manifest.files) - there), sorted(there - set(bundle.manifest.files))
    if missing:
        raise BundleRejected(f"{bundle.title} lacks {missing[0]}; copy the missing file into the bundle.")
    if more:
        raise BundleRejected(f"{more[0]} is not listed in bundle.toml; take it out, or have the bundle made anew.")


def _check_shape(bundle: Bundle, configuration: Mapping[str, Any], base: Mapping[str, Tensor]) -> None:
    """Whether the base's weights are of the size that its `config.json` says: language model and vision tower."""
    text, vision = configuration["text_config"], configuration["vision_config"]
    patch, patches = vision["patch_size"], _sides(base, _PATCHES)  # width, colours, height, breadth
    whole = all(_is_whole(stack, configuration[part].get(key), base) for stack, part, key in _STACKS)
    fits = (
        _sides(base, EMBEDDINGS)[1:] == (text["hidden_size"],)
        and (*patches[:1], *patches[2:]) == (vision["hidden_size"], patch, patch)
        and _sides(base, _PROJECTOR) == (text["hidden_size"], vision["vision_output_dim"])
    )
    if not whole or not fits:
        raise BundleRejected(
            f"The weights in {bundle.manifest.base} are not of the size that its config.json says; copy both anew from "
            "one source."
        )


def _is_whole(stack: re.Pattern[str], stated: object, base: Mapping[str, Tensor]) -> bool:
    """Whether the base holds layers 0 to `stated` - 1 of a stack, and no others."""
    layers = {int(found[1]) for name in base if (found := stack.match(name))}
    return len(layers) == stated == max(layers, default=-1) + 1


def _sides(base: Mapping[str, Tensor], name: str) -> tuple[int, ...]:
    """A tensor's shape; empty where the base has none of that name."""
    tensor = base.get(name)
    return () if tensor is None else tensor.shape


def _check_adapter(bundle: Bundle, folder: Path, base: Mapping[str, Tensor]) -> None:
    configuration = adapter_configuration(folder)
    if str(configuration.get("peft_type", "")).upper() != "LORA":
        raise BundleRejected(f"The adapter is of type {configuration.get('peft_type')!r}; only LoRA adapters are read.")
    if configuration.get("modules_to_save"):
        raise BundleRejected("The adapter replaces whole layers of the base; only plain LoRA adapters are read.")
    if bundle.manifest.trained_on and bundle.manifest.trained_on != bundle.base_digest:
        raise another_base("it was trained on other weights")
    check_factors(folder, configuration, tensors_in(folder), base)
