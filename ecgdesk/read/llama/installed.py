"""The bundles of this desk, in `models/` of the program's folder.

| path | what |
|---|---|
| `models/NAME/` | a bundle that was copied |
| `models/NAME.link` | the folder of a bundle that stays where it is |
| `models/NAME.state` | JSON: digest of the accepted licence; size and time of each file when it was last hashed |

Hashing 21 GB takes minutes, so it is done when a bundle is added and when `check` asks for it. Before each load the
files are compared with what they were when that began; a bundle that changed is hashed whole again before it is used.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from ecgdesk.read.llama.bundle import MANIFEST, Bundle, OnShare, read_bundle
from ecgdesk.read.llama.refusals import BundleRejected, ModelUnavailable
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
    stamps = _verified(bundle, on_share=lambda share: on_share(share if link else share / 2))
    kept = bundle
    if not link:
        kept = _copied(bundle, place, on_share)
        stamps = _stamps(kept)
    _write_state(home, name, kept, stamps)
    if link:
        _write(_link(home, name), str(bundle.folder))
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
        bundle = read_bundle(_linked(link))
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
    stamps = _verified(one.bundle, on_share=on_share)
    if one.accepted:
        _write_state(home, name, one.bundle, stamps)
    return one


def remove(name: str, *, home: Path) -> None:
    """Takes a bundle off this desk: a copied one is deleted, a linked one stays where it lies.

    Raises ModelUnavailable for an unknown name, and where its files cannot be deleted.
    """
    if name not in names(home):
        raise _unknown(name, home)
    try:
        for path in (_link(home, name), _state(home, name)):
            path.unlink(missing_ok=True)
        if is_copied(home, name):
            shutil.rmtree(_models(home) / name)
    except OSError as error:
        raise ModelUnavailable(
            f"{name} could not be taken off whole ({error.strerror}); unload it, check your rights, and remove it "
            "again."
        ) from error


def ready(home: Path, name: str = "", *, on_share: OnShare = lambda _: None) -> Bundle:
    """The named bundle, or the only or first one, fit to be loaded now.

    Raises ModelUnavailable when there is none or its licence is not accepted, BundleRejected when it fails.
    """
    if not name and not names(home):
        raise ModelUnavailable(NO_BUNDLE)
    name = name or names(home)[0]
    one = get(home, name)
    if not one.accepted:
        raise ModelUnavailable(f"The licence of {one.bundle.title} is not accepted on this desk; add the bundle again.")
    verify_structure(one.bundle)
    if _read_state(home, name).get("files") != _stamps(one.bundle):
        _write_state(home, name, one.bundle, _verified(one.bundle, on_share=on_share))
    return one.bundle


def _verified(bundle: Bundle, *, on_share: OnShare) -> Mapping[str, Sequence[int]]:
    """Verifies the bundle whole; returns the stamps from before, so that a file that changed meanwhile is noticed."""
    verify_structure(bundle)
    stamps = _stamps(bundle)
    verify(bundle, on_share=on_share)
    return stamps


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
        state = json.loads(_state(home, name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def _write_state(home: Path, name: str, bundle: Bundle, stamps: Mapping[str, Sequence[int]]) -> None:
    _write(_state(home, name), json.dumps({"licence": _licence_digest(bundle), "files": stamps}))


def _write(path: Path, text: str) -> None:
    new = path.with_name(f"{path.name}.new")
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(path)  # whole or not at all: a licence that was accepted stays so on a full disk
    except OSError as error:
        raise ModelUnavailable(
            f"{path} cannot be written ({error.strerror}); check its disk and your rights."
        ) from error


def _linked(link: Path) -> Path:
    try:
        return Path(link.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BundleRejected(f"{link} is damaged; remove {link.stem}, and add it again from its folder.") from error


def _licence_digest(bundle: Bundle) -> str:
    licence = bundle.manifest.licence
    return sha256(f"{licence.name}\0{licence.notice}".encode()).hexdigest()


def _stamps(bundle: Bundle) -> dict[str, list[int]]:
    """Size and time of change of each file, and the manifest's own."""
    paths = {name: bundle.folder / name for name in (MANIFEST, *bundle.manifest.files)}
    return {name: [path.stat().st_size, path.stat().st_mtime_ns] for name, path in paths.items()}
