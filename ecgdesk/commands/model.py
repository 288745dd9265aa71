"""`ecgdesk model make|add|list|check|remove`: the bundles that the Llama reader may load."""

import sys
from pathlib import Path

from ecgdesk.ecg.home import home
from ecgdesk.read.llama import installed, pack
from ecgdesk.read.llama.bundle import read_bundle
from ecgdesk.read.llama.installed import Installed
from ecgdesk.read.llama.machine import need_of
from ecgdesk.read.llama.memory import GIB
from ecgdesk.read.llama.refusals import BundleRejected

_YES = ("y", "yes")


def make(*, base: Path, adapter: Path | None, name: str, out: Path) -> int:
    """A bundle from a base and an adapter as they were downloaded."""
    bundle = pack.pack(out, base=base, adapter=adapter, name=name, on_share=_show)
    _end_line()
    print(f"{bundle.title} lies in {out}; `ecgdesk model add {out} --link` puts it on this desk.")
    return 0


def add(folder: Path, *, link: bool, accept_licence: bool) -> int:
    """Verifies the bundle whole, asks to accept its licence where nobody has yet, and copies or links it."""
    accepted = accept_licence or _asked(folder)
    one = installed.add(folder, home=home(), link=link, accept_licence=accepted, on_share=_show)
    _end_line()
    _tell(one)
    return 0


def show() -> int:
    """Every bundle of this desk; of one that can no longer be used, why."""
    names = installed.names(home())
    for name in names:
        try:
            _tell(installed.get(home(), name))
        except BundleRejected as refusal:
            print(f"{name}  cannot be used: {refusal}")
    if not names:
        print(installed.NO_BUNDLE)
    return 0


def check(name: str) -> int:
    """Hashes every file again."""
    one = installed.check(name, home=home(), on_share=_show)
    _end_line()
    print(f"{one.bundle.title} is complete and unchanged.")
    return 0


def remove(name: str) -> int:
    installed.remove(name, home=home())
    print(f"{name} is off this desk.")
    return 0


def _asked(folder: Path) -> bool:
    """Shows the licence's notice and asks, where somebody can answer."""
    licence = read_bundle(folder).manifest.licence
    print(f"{licence.name}: {licence.notice}")
    if not sys.stdin.isatty():
        return False
    try:
        return input("Do you accept it? [y/N] ").strip().lower() in _YES
    except EOFError:
        return False


def _tell(one: Installed) -> None:
    manifest = one.bundle.manifest
    need, weights = need_of(one.bundle)
    place = f"linked to {one.bundle.folder}" if one.linked else "copied"
    print(f"{one.bundle.title}  ({place}; {weights / 1e6:,.1f} million weights)")
    print(f"    needs {need.total / GIB:.1f} GiB of GPU memory in 4 bits, computed from its shapes")
    print(f"    {manifest.licence.name}: {'accepted' if one.accepted else 'not accepted on this desk'}")
    print(f"    labels: {', '.join(label.name for label in manifest.label) or 'none'}")
    for metric in manifest.metric:
        print(f"    {metric.name} {metric.value:g} on {metric.data}")
    if not manifest.metric:
        print("    no figures of its accuracy came with it")


def _show(share: float) -> None:
    if sys.stderr.isatty():
        print(f"\r{share:4.0%} checked", end="", file=sys.stderr, flush=True)


def _end_line() -> None:
    if sys.stderr.isatty():
        print(file=sys.stderr)
