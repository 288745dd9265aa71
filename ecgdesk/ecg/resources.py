"""Where the program's own data files lie."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def resource(name: str) -> Path:
    """Path of a file or folder in `resources/`, in an installed program and in a checkout alike.

    Raises FileNotFoundError when the installation lacks it.
    """
    for root in (_PACKAGE / "_resources", _PACKAGE.parent / "resources"):
        if (root / name).exists():
            return root / name
    raise FileNotFoundError(f"resources/{name} is missing: the installation of ecgdesk is damaged; install it again.")
