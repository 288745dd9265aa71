"""The bundles of this desk, in `models/` of the program's folder.

| path | what |
|---|---|
| `models/NAME/` | a bundle that was copied |
| `models/NAME.link` | the folder of a bundle that stays where it is |
| `models/NAME.state` | JSON: digest of the accepted licence; size and time of each file when it was last hashed |

Hashing 21 GB takes minutes, so it is done when a bundle is added and when `check` asks for it. Before each load the
files are compared with what they were then; a bundle that changed is hashed whole again before it is used.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from ecgdesk.read.llama.bundle import MANIFEST, Bundle, OnShare, read_bundle
from ecgdesk.read.llama.refusals import ModelUnavailable
from ecgdesk.read.llama.verify import verify, verify_structure

NO_BUNDLE = (
    "There is no Llama model on this desk yet: add a bundle with `ecgdesk model add FOLDER`, "
    "or under Models in the window."
)

_HALF = ".half-"  # begins the name of a copy that is not finished; no bundle's name begins with a dot


@dataclass(frozen=True)
class Installed:
    """A bundle of this desk. `linked`: it stays in its own folder; `accepted`: its licence was."""

    bundle: Bundle
    linked: bool
    accepted: bool


def add(folder: Path, *, home: Path, link: bool, accept_licence: bool, on_share: OnShare = lambda _: None) -> Installed:
    """Verifies a bundle whole, then copies it into the desk or, with `link`, notes where it lies.

    Raises BundleRejected for a bundle that fails, ModelUnavailable when its licence is not accepted or there is no
    room. `on_share` hears the share of the work that is done.
    """
    bundle = read_bundle(folder.resolve())
    if not accept_licence:
        raise ModelUnavailable(
            f"{bundle.title} is under {bundle.manifest.licence.name}; read its notice and accept it (--accept-licence)."
        )
    name = bundle.manifest.name
    place = _models(home) / name
    if place.exists() or _link(home, name).exists():
        raise ModelUnavailable(f"A model named {name} is on this desk already; remove it first.")
    verify(bundle, on_share=lambda share: on_share(share if link else share / 2))
    if link:
        _link(home, name).write_text(str(bundle.folder), encoding="utf-8")
        kept = bundle
    else:
        kept = _copied(bundle, place, on_share)
    _write_state(home, kept)
    return Installed(kept, link, accepted=True)


def names(home: Path) -> tuple[str, ...]:
    """All names, also of bundles that can no longer be read."""
    models = _models(home)
    folders = {path.name for path in models.iterdir() if path.is_dir() and not path.name.startswith(_HALF)}
    return tuple(sorted(folders | {path.stem for path in models.glob("*.link")}))


def get(home: Path, name: str) -> Installed:
    """Raises BundleRejected when its manifest cannot be read, ModelUnavailable for an unknown name."""
    link = _link(home, name)
    if link.is_file():
        bundle = read_bundle(Path(link.read_text(encoding="utf-8")))
    elif name in names(home):
        bundle = read_bundle(_models(home) / name)
    else:
        raise _unknown(name, home)
    accepted = _read_state(home, name).get("licence") == _licence_digest(bundle)
    return Installed(bundle, link.is_file(), accepted)


def is_copied(home: Path, name: str) -> bool:
    """Whether the files of a bundle, readable or not, lie on this desk; else they stay where they are."""
    return (_models(home) / name).is_dir()


def check(name: str, *, home: Path, on_share: OnShare = lambda _: None) -> Installed:
    """Hashes every file again. Raises BundleRejected, ModelUnavailable for an unknown name."""
    one = get(home, name)
    verify(one.bundle, on_share=on_share)
    if one.accepted:
        _write_state(home, one.bundle)
    return one


def remove(name: str, *, home: Path) -> None:
    """Takes a bundle off this desk: a copied one is deleted, a linked one stays where it lies."""
    if name not in names(home):
        raise _unknown(name, home)
    for path in (_link(home, name), _state(home, name)):
        path.unlink(missing_ok=True)
    if is_copied(home, name):
        shutil.rmtree(_models(home) / name)


def ready(home: Path, name: str = "", *, on_share: OnShare = lambda _: None) -> Bundle:
    """The named bundle, or the only or first one, fit to be loaded now.

    Raises ModelUnavailable when there is none or its licence is not accepted, BundleRejected when it fails.
    """
    if not name and not names(home):
        raise ModelUnavailable(NO_BUNDLE)
    one = get(home, name or names(home)[0])
    if not one.accepted:
        raise ModelUnavailable(f"The licence of {one.bundle.title} is not accepted on this desk; add the bundle again.")
    verify_structure(one.bundle)
    if _read_state(home, one.bundle.manifest.name).get("files") != _stamps(one.bundle):
        verify(one.bundle, on_share=on_share)
        _write_state(home, one.bundle)
    return one.bundle


def _unknown(name: str, home: Path) -> ModelUnavailable:
    known = ", ".join(names(home))
    if not known:
        return ModelUnavailable(NO_BUNDLE)
    return ModelUnavailable(f"There is no model named {name!r} on this desk; there is: {known}.")


def _copied(bundle: Bundle, place: Path, on_share: OnShare) -> Bundle:
    sizes = {name: (bundle.folder / name).stat().st_size for name in bundle.manifest.files}
    needed, free = sum(sizes.values()), shutil.disk_usage(place.parent).free
    if needed > free:
        raise ModelUnavailable(
            f"{bundle.title} takes {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB are free; "
            "make room, or leave it where it is (--link)."
        )
    half = place.with_name(_HALF + place.name)
    shutil.rmtree(half, ignore_errors=True)
    done = 0
    try:
        for name, size in sizes.items():
            (half / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(bundle.folder / name, half / name)
            done += size
            on_share(0.5 + done / max(1, needed) / 4)
        shutil.copyfile(bundle.folder / MANIFEST, half / MANIFEST)
        verify(read_bundle(half), on_share=lambda share: on_share(0.75 + share / 4))
        half.rename(place)
    except OSError as error:
        raise ModelUnavailable(f"The bundle could not be copied ({error.strerror}); check disk and source.") from error
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return read_bundle(place)


def _models(home: Path) -> Path:
    folder = home / "models"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _link(home: Path, name: str) -> Path:
    return _models(home) / f"{name}.link"


def _state(home: Path, name: str) -> Path:
    return _models(home) / f"{name}.state"


def _read_state(home: Path, name: str) -> Mapping[str, Any]:
    try:
        state: Mapping[str, Any] = json.loads(_state(home, name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state


def _write_state(home: Path, bundle: Bundle) -> None:
    state = {"licence": _licence_digest(bundle), "files": _stamps(bundle)}
    _state(home, bundle.manifest.name).write_text(json.dumps(state), encoding="utf-8")


def _licence_digest(bundle: Bundle) -> str:
    licence = bundle.manifest.licence
    return sha256(f"{licence.name}\0{licence.notice}".encode()).hexdigest()


def _stamps(bundle: Bundle) -> dict[str, list[int]]:
    """Size and time of change of each file, and the manifest's own."""
    paths = {name: bundle.folder / name for name in (MANIFEST, *bundle.manifest.files)}
    return {name: [path.stat().st_size, path.stat().st_mtime_ns] for name, path in paths.items()}
