"""Libraries that only some commands need."""

import importlib.util

from ecgdesk.ecg.refusal import Refusal


class NotInstalled(Refusal):
    """The libraries of an extra are missing."""


def require(*names: str, extra: str) -> None:
    """Raises NotInstalled, with what to do, unless all these libraries are there."""
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        raise NotInstalled(
            f"This needs libraries that are not installed here ({', '.join(missing)}); "
            f"install them with `pip install 'ecgdesk[{extra}]'`."
        )
