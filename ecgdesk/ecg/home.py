"""The one folder in which the program keeps everything."""

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """`ECGDESK_HOME` where it is set, else the system's own place for a user's application data; made if missing."""
    stated = os.environ.get("ECGDESK_HOME")
    folder = Path(stated) if stated else Path(platformdirs.user_data_dir("ecgdesk", appauthor=False))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
