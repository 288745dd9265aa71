"""Files on a disk that is full."""

import os
from pathlib import Path

import pytest

from ecgdesk.commands.read import read_files
from ecgdesk.report.identity import list_identities, new_identity
from ecgdesk.report.refusals import SigningRefused
from ecgdesk.report.whole import write_whole


def fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.pdf"
    write_whole(file, b"first")
    fill_the_disk(monkeypatch)
    with pytest.raises(OSError, match="No space"):
        write_whole(file, b"second")
    assert file.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such rights, and links only for administrators")
def test_a_file_has_the_rights_of_any_other_and_a_link_leads_to_it_still(tmp_path: Path) -> None:
    file, plain, link = tmp_path / "report.pdf", tmp_path / "plain", tmp_path / "link.pdf"
    plain.write_bytes(b"")
    link.symlink_to(file)
    write_whole(link, b"a report")
    assert link.is_symlink()
    assert file.read_bytes() == b"a report"
    assert file.stat().st_mode == plain.stat().st_mode


def test_an_identity_on_a_full_disk_is_one_sentence_and_can_be_made_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        fill_the_disk(full)
        with pytest.raises(SigningRefused, match=r"No space left on device.*has room"):
            new_identity("Sample Signer", passphrase="a sample passphrase", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []
    new_identity("Sample Signer", passphrase="a sample passphrase", folder=tmp_path)
    assert [card.name for card in list_identities(tmp_path)] == ["Sample Signer"]


def test_a_report_that_does_not_fit_on_the_disk_leaves_no_half_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sample_file: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    fill_the_disk(monkeypatch)
    assert read_files([sample_file], out=out, readers=["criteria"]) == 1
    assert "cannot be written (No space left on device)" in capsys.readouterr().err
    assert list(out.iterdir()) == []
