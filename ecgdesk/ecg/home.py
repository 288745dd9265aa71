"""The one folder in which the program keeps everything."""

import os
from pathlib import Path

import platformdirs

from ecgdesk.ecg.refusal import Refusal


class NoHome(Refusal):
    """The folder is not there and cannot be made."""


def home() -> Path:
    """`ECGDESK_HOME` where it is set, else the system's own place for a user's application data; made if missing.

    Raises NoHome.
    """
    stated = os.environ.get("ECGDESK_HOME")
    folder = Path(stated) if stated else Path(platformdirs.user_data_dir("ecgdesk", appauthor=False))
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise NoHome(
            f"{folder}, where the program keeps its cases, cannot be made ({error.strerror}); "
            "check its disk and your rights there, or name another folder in ECGDESK_HOME."
        ) from error
    return folder
