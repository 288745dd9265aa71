"""Tables that grow row by row while a long run goes on, and are taken up again when it was stopped.

A run that is killed, or meets a full disk, may leave a last row that is cut off. What is added behind it would run
into it, so a table is trimmed to its whole rows first.
"""

import csv
import io
from collections.abc import Collection
from pathlib import Path

ECG_ID = "ecg_id"


def rows_of(path: Path) -> list[dict[str, str]]:
    """The whole rows of a table with a header; none where there is no file."""
    header, rows = _read(path)
    return [dict(zip(header, row, strict=True)) for row in rows]


def keep_only(path: Path, ecg_ids: Collection[int]) -> None:
    """Trims a table, where there is one, to the whole rows of these records; it is replaced in one step."""
    if not path.exists():
        return
    header, rows = _read(path)
    kept = {str(ecg_id) for ecg_id in ecg_ids}
    new = path.with_name(f"{path.name}.new")
    with new.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(row for row in rows if dict(zip(header, row, strict=True)).get(ECG_ID) in kept)
    new.replace(path)


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    if not path.exists():
        return [], []
    with path.open(newline="", encoding="utf-8") as file:
        text = file.read()
    rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), strict=True):
            rows.append(row)
    except csv.Error:  # cut off within quotes: that row is not among them
        pass
    else:
        if not text.endswith("\n"):
            rows = rows[:-1]
    header = rows[0] if rows else []
    return header, [row for row in rows[1:] if len(row) == len(header)]
