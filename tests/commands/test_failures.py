"""What a command says where the disk, the medium or the person at the terminal fails it."""

import errno
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ecgdesk import cli
from ecgdesk.commands.extras import NotInstalled, require
from ecgdesk.commands.model import add
from ecgdesk.commands.passphrase import ask
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.read.llama.refusals import ModelUnavailable
from tests.read.llama.paper_model import write_paper_bundle


def test_a_full_disk_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def full(_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", "out/pages.csv")

    monkeypatch.setattr(cli, "_statements", full)
    assert cli.main(["statements"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("out/pages.csv cannot be read or written (No space left on device); check")
    assert said.count("\n") == 1


def test_a_fault_of_the_program_is_not_passed_off_as_the_disks(monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(_: object) -> int:
        raise FileNotFoundError("resources/fonts is missing")

    monkeypatch.setattr(cli, "_statements", fault)
    with pytest.raises(FileNotFoundError):
        cli.main(["statements"])


def test_a_reader_of_the_output_that_goes_away_is_no_fault() -> None:
    script = f"{sys.executable} -m ecgdesk.cli statements | head -n 1"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_a_library_that_training_lacks_is_named_with_what_to_do() -> None:
    require("json", extra="learn")
    with pytest.raises(NotInstalled, match=r"\(a_library_of_nobody\); install .* 'ecgdesk\[learn\]'"):
        require("json", "a_library_of_nobody", extra="learn")


def test_a_folder_without_a_sheet_makes_no_contact_sheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["learn", "contact-sheet", str(tmp_path / "none"), "-o", str(tmp_path / "out")]) == 1
    assert "No image or PDF lies in" in capsys.readouterr().err
    (tmp_path / "notes.png").write_text("these are my notes")
    assert cli.main(["learn", "contact-sheet", str(tmp_path), "-o", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "out" / "contact-01.png")
    assert Image.open(tmp_path / "out" / "contact-01.png").width == 2400


def test_nobody_who_answers_accepts_no_licence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO("")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    with pytest.raises(ModelUnavailable, match="accept it"):
        add(write_paper_bundle(tmp_path / "bundle").folder, link=True, accept_licence=False)


def test_a_passphrase_that_nobody_types_is_asked_for_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_: str) -> str:
        raise EOFError

    terminal = io.StringIO("")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    monkeypatch.delenv("ECGDESK_PASSPHRASE")
    monkeypatch.setattr("getpass.getpass", closed)
    with pytest.raises(Refusal, match="No passphrase was given"):
        ask("Passphrase: ")


def test_records_that_cannot_be_measured_leave_the_tables_of_an_earlier_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "waves.csv").write_text("of an earlier run")
    measure = ["benchmark", "measure", str(tmp_path), "-o", str(out)]
    assert cli.main(measure) == 1
    assert "no records found; it must hold signals.npz" in capsys.readouterr().err
    (tmp_path / "signals.npz").write_bytes(b"PK\x03\x04 cut off")
    assert cli.main(measure) == 1
    assert "is damaged or holds no records" in capsys.readouterr().err
    np.savez(tmp_path / "signals.npz", record=np.array([1]), delta_uv=np.zeros((1, 8, 10)), fs=500)
    assert cli.main(measure) == 1
    assert "must be records x 12 leads x samples" in capsys.readouterr().err
    assert (out / "waves.csv").read_text() == "of an earlier run"
