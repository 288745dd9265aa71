"""A model bundle: a folder with weights and `bundle.toml`, which says what they are and how they are used.

| key of bundle.toml | what |
|---|---|
| `format`, `kind` | 1, "llama-vision" |
| `name`, `version` | the bundle's own, shown to the user and kept with each reading |
| `base`, `adapter` | folders inside the bundle, as Hugging Face writes them; `adapter` is empty for a base alone |
| `trained_on` | digest of the base that the adapter was trained on; empty where it is not known |
| `prompt_version` | of the prompts it was trained with (see `conversation`) |
| `context_tokens` | the longest conversation it is given |
| `measured_values` | whether its prompts carry the measurements |
| `[image]` | `tile` pixels a side and the number of `tiles`, as the base takes them |
| `[[label]]` | `name` (catalogue code or superclass), `temperature` and `threshold` of its probability |
| `[licence]` | `name` and `notice`, which a user accepts before the bundle is used |
| `[[metric]]` | `name`, `value`, and the `data` on which it was measured |
| `[files]` | SHA-256 of every file of the base and the adapter |
"""

import json
import math
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

import msgspec

from ecgdesk.read.llama.refusals import BundleRejected
from ecgdesk.read.metric import Metric

MANIFEST = "bundle.toml"
FORMAT = 1
KIND = "llama-vision"
_BLOCK = 2**22
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")

OnBytes = Callable[[int], None]
OnShare = Callable[[float], None]  # of the work that is done, 0 to 1


@dataclass(frozen=True)
class Label:
    """One label whose probability is asked for.

    `temperature` divides the difference of the log-likelihoods of yes and no; at `threshold` and above it is said.
    """

    name: str
    temperature: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    threshold: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.5


@dataclass(frozen=True)
class Picture:
    """What the base sees: up to `tiles` squares of `tile` pixels a side."""

    tile: int = 560
    tiles: int = 4


@dataclass(frozen=True)
class Licence:
    name: str
    notice: str


@dataclass(frozen=True)
class Manifest:
    """The content of `bundle.toml`."""

    format: int
    kind: str
    name: str
    version: str
    base: str
    prompt_version: str
    licence: Licence
    files: dict[str, str]
    adapter: str = ""
    trained_on: str = ""
    context_tokens: Annotated[int, msgspec.Meta(ge=1)] = 4096
    measured_values: bool = True
    image: Picture = field(default_factory=Picture)
    label: tuple[Label, ...] = ()
    metric: tuple[Metric, ...] = ()


@dataclass(frozen=True)
class Bundle:
    """A bundle on disk. `folder` holds `bundle.toml`."""

    folder: Path
    manifest: Manifest

    @property
    def base(self) -> Path:
        return self.folder / self.manifest.base

    @property
    def adapter(self) -> Path | None:
        return self.folder / self.manifest.adapter if self.manifest.adapter else None

    @property
    def title(self) -> str:
        return f"{self.manifest.name} {self.manifest.version}"

    @property
    def digest(self) -> str:
        """SHA-256 over the hashes of all its files: which weights these are, whatever they are called."""
        return _digest(self.manifest.files)

    @property
    def base_digest(self) -> str:
        """SHA-256 over the hashes of the base's files, by which an adapter knows its base."""
        within = f"{self.manifest.base}/"
        own = self.manifest.files.items()
        return _digest({name.removeprefix(within): digest for name, digest in own if name.startswith(within)})


def read_bundle(folder: Path) -> Bundle:
    """Reads the manifest alone; `verify` checks the files. Raises BundleRejected."""
    path = folder / MANIFEST
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BundleRejected(
            f"{folder} is no model bundle: {MANIFEST} is missing or cannot be read; name the folder that holds it."
        ) from error
    try:
        manifest = msgspec.convert(tomllib.loads(text, parse_float=_finite), type=Manifest)
    except (ValueError, RecursionError) as error:  # ValueError: TOMLDecodeError and ValidationError are such
        raise BundleRejected(f"{path} is damaged ({error}); copy the bundle anew from its source.") from error
    if (manifest.format, manifest.kind) != (FORMAT, KIND):
        raise BundleRejected(
            f"{folder} holds a bundle of another kind ({manifest.kind}, format {manifest.format}); "
            f"this program reads {KIND}, format {FORMAT}."
        )
    for name in (manifest.base, *([manifest.adapter] if manifest.adapter else []), *manifest.files):
        if not _is_inside(name):
            raise BundleRejected(f"{path} names {name!r}, which lies outside the bundle; do not use this bundle.")
    if not is_name(manifest.name):
        raise BundleRejected(f"{path} has the name {manifest.name!r}; use letters, digits, dots and dashes alone.")
    return Bundle(folder, manifest)


def is_name(text: str) -> bool:
    """Whether a bundle may bear this name: it becomes the name of a folder."""
    return _NAME.fullmatch(text) is not None


def write_bundle(folder: Path, manifest: Manifest, *, on_share: OnShare = lambda _: None) -> Bundle:
    """Writes `bundle.toml` into a folder in which base and adapter lie already; their files are hashed here."""
    parts = [folder / part for part in (manifest.base, manifest.adapter) if part]
    paths = sorted(path for part in parts for path in part.rglob("*") if path.is_file())
    share = shared_out({path.as_posix(): path.stat().st_size for path in paths}, on_share)
    files = {path.relative_to(folder).as_posix(): hash_of(path, on_bytes=share) for path in paths}
    return write_manifest(folder, replace(manifest, files=files))


def write_manifest(folder: Path, manifest: Manifest) -> Bundle:
    """Writes `bundle.toml` alone, with the hashes that the manifest has: a file that changed since stays noticed."""
    new = folder / f"{MANIFEST}.new"
    new.write_text(_toml(manifest), encoding="utf-8")
    new.replace(folder / MANIFEST)  # whole or not at all: it says that the bundle is complete
    return read_bundle(folder)


def shared_out(sizes: Mapping[str, int], on_share: OnShare) -> OnBytes:
    """Turns counts of bytes into the share of all these files that is done."""
    total, done = max(1, sum(sizes.values())), 0

    def on_bytes(count: int) -> None:
        nonlocal done
        done += count
        on_share(done / total)

    return on_bytes


def hash_of(path: Path, *, on_bytes: OnBytes = lambda _: None) -> str:
    """SHA-256 of a file in hexadecimal digits; `on_bytes` hears how many bytes each step took."""
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            on_bytes(len(block))
    return digest.hexdigest()


def _digest(files: Mapping[str, str]) -> str:
    lines = (f"{name}\0{digest}\n" for name, digest in sorted(files.items()))
    return sha256("".join(lines).encode()).hexdigest()


def _finite(text: str) -> float:
    """TOML knows nan and inf, which no figure of a manifest may be."""
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text} is no number to reckon with")
    return number


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return (
        bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name
    )


def _toml(manifest: Manifest) -> str:
    plain: dict[str, Any] = msgspec.to_builtins(manifest)
    simple = {key: value for key, value in plain.items() if not isinstance(value, (dict, list, tuple))}
    lines = [*_pairs(simple)]
    for key, value in plain.items():
        if isinstance(value, dict):
            lines += ["", f"[{key}]", *_pairs(value)]
        elif isinstance(value, (list, tuple)):
            for row in value:
                lines += ["", f"[[{key}]]", *_pairs(row)]
    return "\n".join(lines) + "\n"


def _pairs(table: Mapping[str, Any]) -> Iterator[str]:
    """JSON's strings, numbers and truth values are TOML's too."""
    for key, value in table.items():
        yield f"{key if _BARE_KEY.fullmatch(key) else json.dumps(key)} = {json.dumps(value)}"
