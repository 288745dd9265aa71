"""Files that are there whole or not at all."""

import os
import secrets
from contextlib import suppress
from pathlib import Path


def write_whole(file: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Puts `data` in the place of the file, which stays as it was when the disk is full or the program is killed.

    `mode`: the new file's rights, less the umask. Raises OSError.
    """
    target = Path(os.path.realpath(file))  # what a link points to is replaced, not the link
    draft = target.with_name(f".{secrets.token_hex(6)}.part")
    try:
        with open(draft, "xb", opener=lambda path, flags: os.open(path, flags, mode)) as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(target)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
