"""A bundle from a base and an adapter as they were downloaded."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ecgdesk.read.llama.bundle import (
    FORMAT,
    KIND,
    MANIFEST,
    Bundle,
    Label,
    Licence,
    Manifest,
    OnShare,
    Picture,
    is_name,
    write_bundle,
    write_manifest,
)
from ecgdesk.read.llama.conversation import PROMPT_VERSION, SUPERCLASSES
from ecgdesk.read.llama.refusals import BundleRejected, ModelUnavailable
from ecgdesk.read.llama.verify import adapter_configuration, configuration_of, verify_structure

UNCALIBRATED = tuple(Label(superclass) for superclass in SUPERCLASSES)

# What transformers reads; a download also brings Meta's own format (.pth), which is not wanted.
_WANTED = (".safetensors", ".json", ".jinja", ".txt", ".model")
_VERSION_DIGITS = 8  # of the digest: retrained weights under an old name are another version, and are told apart
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

    The version of the bundle follows from its weights. `base_is_known`: the adapter was trained on this very base, and
    is refused beside any other from then on. Raises BundleRejected when they do not make a bundle that may be loaded,
    ModelUnavailable when `folder` is taken or cannot be written; `folder` is then left as it was.
    """
    _refuse_impossible(folder, adapter, name)
    manifest = Manifest(
        format=FORMAT,
        kind=KIND,
        name=name,
        version="",
        base=_BASE,
        prompt_version=PROMPT_VERSION,
        licence=licence,
        files={},
        adapter=_ADAPTER if adapter is not None else "",
        context_tokens=context_tokens,
        measured_values=measured_values,
        image=_picture(base),
        label=UNCALIBRATED,
    )
    try:
        return _laid(folder, manifest, base, adapter, base_is_known, on_share)
    except BaseException as error:
        for made in (folder / _BASE, folder / _ADAPTER):
            shutil.rmtree(made, ignore_errors=True)
        (folder / MANIFEST).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise ModelUnavailable(
                f"The bundle cannot be made in {folder} ({error.strerror}); check its disk and your rights there."
            ) from error
        raise


def _refuse_impossible(folder: Path, adapter: Path | None, name: str) -> None:
    """What can be told before 21 GB are laid and hashed."""
    if not is_name(name):
        raise ModelUnavailable(f"{name!r} cannot be a bundle's name; use letters, digits, dots and dashes alone.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ModelUnavailable(f"{folder} is not an empty folder; name a new one with -o.")
    if adapter is not None:
        adapter_configuration(adapter)


def _laid(
    folder: Path, manifest: Manifest, base: Path, adapter: Path | None, base_is_known: bool, on_share: OnShare
) -> Bundle:
    _lay(base, folder / _BASE)
    if adapter is not None:
        _lay(adapter, folder / _ADAPTER)
    bundle = write_bundle(folder, manifest, on_share=on_share)
    trained_on = bundle.base_digest if base_is_known else ""
    stated = replace(bundle.manifest, version=bundle.digest[:_VERSION_DIGITS], trained_on=trained_on)
    bundle = write_manifest(folder, stated)
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
