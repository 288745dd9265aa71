"""`ecgdesk doctor` says of each thing that the program needs whether it is there."""

import re
import tomllib
from pathlib import Path

import pytest

from ecgdesk.cli import main
from ecgdesk.commands import doctor

REPOSITORY = Path(__file__).resolve().parents[2]


def test_every_library_that_the_program_needs_is_looked_for() -> None:
    needed = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["dependencies"]
    assert [re.split("[<>=]", one)[0] for one in needed] == list(doctor.LIBRARIES)


def test_what_is_missing_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    assert main(["doctor"]) == 0
    assert "MISSING" not in capsys.readouterr().out
    monkeypatch.setattr(doctor, "LIBRARIES", ("a-library-of-nobody",))
    monkeypatch.setattr(doctor, "_FREE_BYTES_WANTED", 10**18)
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert re.search(r"MISSING a-library-of-nobody: run `.*pip install ecgdesk` again", said)
    assert re.search(r"MISSING data folder .*GB are free; make room", said)
