"""`ecgdesk doctor`: what is installed, what is missing, what to do."""

import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterable
from functools import partial

from ecgdesk import __version__
from ecgdesk.ecg.home import home
from ecgdesk.ecg.resources import resource
from ecgdesk.read.llama.reader import why_unavailable

LIBRARIES = (  # all that pyproject.toml names
    "numpy",
    "scipy",
    "opencv-python-headless",
    "Pillow",
    "pypdfium2",
    "onnxruntime",
    "PySide6-Essentials",
    "reportlab",
    "pyHanko",
    "cryptography",
    "apsw-sqlite3mc",
    "argon2-cffi",
    "keyring",
    "platformdirs",
    "msgspec",
)
_FREE_BYTES_WANTED = 2 * 10**9  # some hundred cases


def examine() -> int:
    """Prints one line a check; returns 0 when nothing is missing."""
    print(f"ecgdesk {__version__}, Python {platform.python_version()}, {platform.platform()}")
    without = why_unavailable(home())
    print(f"{'absent' if without else 'ok':<8}Llama reader, optional{': ' + without if without else ''}")
    problems = 0
    for name, check in _checks():
        complaint = check()
        problems += bool(complaint)
        print(f"{'MISSING' if complaint else 'ok':<8}{name}{': ' + complaint if complaint else ''}")
    return 1 if problems else 0


def _checks() -> Iterable[tuple[str, Callable[[], str]]]:
    for library in LIBRARIES:
        yield library, partial(_library, library)
    yield "statement catalogue", partial(_resource, "statements.toml")
    yield "networks", partial(_resource, "models")
    yield "fonts of the report", partial(_resource, "fonts")
    yield f"data folder {home()}", _space
    yield "display", _display


def _library(name: str) -> str:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return f"run `{sys.executable} -m pip install ecgdesk` again"
    return ""


def _resource(name: str) -> str:
    try:
        resource(name)
    except FileNotFoundError as error:
        return str(error)
    return ""


def _space() -> str:
    free = shutil.disk_usage(home()).free
    return "" if free > _FREE_BYTES_WANTED else f"only {free / 1e9:.1f} GB are free; make room before you read more"


def _display() -> str:
    if sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return ""
    return "none, so the window cannot open here; `ecgdesk read FILE -o DIR` works without one"
