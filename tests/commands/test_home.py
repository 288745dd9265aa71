"""A data folder that cannot be had."""

from pathlib import Path

import pytest

from ecgdesk.cli import main


def test_a_data_folder_that_cannot_be_made_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("ECGDESK_HOME", str(tmp_path / "file"))
    assert main(["identity", "list"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "cannot be made" in said
    assert "ECGDESK_HOME" in said
