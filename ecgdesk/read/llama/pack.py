"""A bundle from a base and an adapter as they were downloaded."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ecgdesk.read.llama.bundle import (
    KIND,
    MANIFEST,
    Bundle,
    Label,
    Licence,
    Manifest,
    OnShare,
    Picture,
    write_bundle,
    write_manifest,
)
from ecgdesk.read.llama.conversation import PROMPT_VERSION, SUPERCLASSES
from ecgdesk.read.llama.refusals import BundleRejected, ModelUnavailable
from ecgdesk.read.llama.verify import configuration_of, verify_structure

UNCALIBRATED = tuple(Label(superclass) for superclass in SUPERCLASSES)

# What transformers reads; a download also brings Meta's own format (.pth), which is not wanted.
_WANTED = (".safetensors", ".json", ".jinja", ".txt", ".model")
_BASE, _ADAPTER = "base", "adapter"

LLAMA_LICENCE = Licence(
    "the Llama 3.2 Community License",
    "Llama 3.2 is licensed under the Llama 3.2 Community License, Copyright © Meta Platforms, Inc. All Rights "
    "Reserved. Built with Llama. Use is bound to that licence and its Acceptable Use Policy; by that policy no rights "
    "in the vision models are granted to persons domiciled in, or companies with their principal place of business "
    "in, the European Union. Read both on Meta's pages before you accept.",
)


def pack(
    folder: Path,
    *,
    base: Path,
    adapter: Path | None,
    name: str,
    measured_values: bool = True,
    context_tokens: int = 2048,
    base_is_known: bool = False,
    licence: Licence = LLAMA_LICENCE,
    on_share: OnShare = lambda _: None,
) -> Bundle:
    """Lays base and adapter into `folder` (linked on the same disk, else copied) and writes `bundle.toml`.

    `base_is_known`: the adapter was trained on this very base, and is refused beside any other from then on.
    Raises BundleRejected when they do not make a bundle that may be loaded, ModelUnavailable when `folder` is taken.
    """
    if (folder / MANIFEST).exists() or any(folder.glob("*")):
        raise ModelUnavailable(f"{folder} is not empty; name a new folder with -o.")
    picture = _picture(base)
    _lay(base, folder / _BASE)
    if adapter is not None:
        _lay(adapter, folder / _ADAPTER)
    manifest = Manifest(
        format=1,
        kind=KIND,
        name=name,
        version="1",
        base=_BASE,
        prompt_version=PROMPT_VERSION,
        licence=licence,
        files={},
        adapter=_ADAPTER if adapter is not None else "",
        context_tokens=context_tokens,
        measured_values=measured_values,
        image=picture,
        label=UNCALIBRATED,
    )
    bundle = write_bundle(folder, manifest, on_share=on_share)
    if base_is_known:
        bundle = write_manifest(folder, replace(bundle.manifest, trained_on=bundle.base_digest))
    verify_structure(bundle)
    return bundle


def _picture(base: Path) -> Picture:
    try:
        vision = configuration_of(base / "config.json")["vision_config"]
        return Picture(int(vision["image_size"]), int(vision["max_num_tiles"]))
    except (KeyError, TypeError, ValueError) as error:
        raise BundleRejected(f"{base} holds no Llama 3.2 Vision; name the folder with its config.json.") from error


def _lay(source: Path, target: Path) -> None:
    target.mkdir(parents=True)
    for file in _wanted(source):
        try:
            os.link(file.resolve(), target / file.name)
        except OSError:
            shutil.copyfile(file, target / file.name)


def _wanted(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in _WANTED)
