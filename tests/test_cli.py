import json
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image

from ecgdesk.cli import main
from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, STANDARD_ORDER


def test_read_writes_report_summary_and_signal(sample_file, tmp_path, capsys):
    assert main(["read", str(sample_file), "-o", str(tmp_path)]) == 0
    assert (tmp_path / "sample.pdf").read_bytes().startswith(b"%PDF-")
    summary = json.loads((tmp_path / "sample.json").read_text())
    assert summary["status"] == "read"
    assert summary["page"]["layout"]["value"] == "3x4+1"
    assert summary["measurements"]["heart_rate"]["unit"] == "bpm"
    rows = (tmp_path / "sample.csv").read_text().splitlines()
    assert rows[0].split(",") == [str(lead) for lead in STANDARD_ORDER]
    assert len(rows) - 1 == pytest.approx(10 * SAMPLING_RATE_HZ, rel=0.02)
    assert "sample.pdf" in capsys.readouterr().out


def test_a_refused_file_is_one_line_and_the_others_are_done(sample_file, tmp_path, capsys):
    notes = tmp_path / "notes.png"
    notes.write_text("these are my notes")
    out = tmp_path / "out"
    assert main(["read", str(notes), str(sample_file), str(tmp_path / "none.png"), "-o", str(out)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert any("notes.png" in line for line in lines)
    assert any("none.png" in line for line in lines)
    assert {file.name for file in out.iterdir()} == {"sample.pdf", "sample.json", "sample.csv"}


def test_two_files_of_one_stem_do_not_overwrite_each_other(sample_file, tmp_path):
    shutil.copy(sample_file, tmp_path / "sample.png")
    out = tmp_path / "out"
    assert main(["read", str(sample_file), str(tmp_path / "sample.png"), "-o", str(out)]) == 0
    assert (out / "sample.pdf").exists()
    assert (out / "sample_2.pdf").exists()


def test_sheets_of_one_file_do_not_overwrite_the_report_of_another(tmp_path):
    blank = Image.new("RGB", (400, 300), "white")
    blank.save(tmp_path / "case.tif", save_all=True, append_images=[blank])
    blank.save(tmp_path / "case-1.png")
    blank.save(tmp_path / "CASE-1.bmp")
    out = tmp_path / "out"
    out.mkdir()
    (out / "case-1.csv").write_text("of another day")
    files = [tmp_path / name for name in ("case.tif", "case-1.png", "CASE-1.bmp")]
    assert main(["read", *map(str, files), "-o", str(out)]) == 1
    read = {file.stem for file in out.glob("*.json")}
    assert read == {"case-1", "CASE-1_2", "case-1_3", "case-2"}
    assert not (out / "case-1.csv").exists()


def test_a_folder_without_a_sheet_is_refused(tmp_path, capsys):
    assert main(["read", str(tmp_path), "-o", str(tmp_path / "out")]) == 1
    assert "No image or PDF lies in" in capsys.readouterr().err


def test_a_signed_report_verifies_and_an_altered_one_does_not(sample_file, tmp_path, capsys):
    assert main(["identity", "new", "SIGNER, ONE"]) == 0
    assert main(["read", str(sample_file), "-o", str(tmp_path), "--sign", "SIGNER, ONE"]) == 0
    report = tmp_path / "sample.pdf"
    assert main(["verify", str(report)]) == 0
    assert "Signed by SIGNER, ONE" in capsys.readouterr().out
    poppler_says_valid(report, True)
    altered = bytearray(report.read_bytes())
    altered[len(altered) // 3] ^= 1
    report.write_bytes(altered)
    assert main(["verify", str(report)]) == 1
    poppler_says_valid(report, False)


def poppler_says_valid(report, expected):
    if shutil.which("pdfsig") is not None:  # a second opinion, where poppler-utils is installed
        said = subprocess.run(["pdfsig", report], capture_output=True, text=True).stdout
        assert ("Signature is Valid" in said) is expected


def test_signing_with_an_unknown_identity_is_refused_before_any_file_is_read(sample_file, tmp_path, capsys):
    assert main(["read", str(sample_file), "-o", str(tmp_path / "out"), "--sign", "NOBODY"]) == 1
    assert "identity" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_wrong_usage_is_exit_code_two():
    with pytest.raises(SystemExit) as stopped:
        main(["read"])
    assert stopped.value.code == 2


def test_statements_prints_every_code_with_its_source(capsys):
    assert main(["statements"]) == 0
    said = capsys.readouterr().out
    assert "Sources:" in said


def test_benchmark_digitise_writes_what_the_yardstick_reads(sample_file, tmp_path, capsys):
    condition = tmp_path / "pages" / "made"
    condition.mkdir(parents=True)
    shutil.copy(sample_file, condition)
    (condition / "notes.png").write_text("these are my notes")
    old = tmp_path / "out" / "made" / "notes.npz"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"of an earlier run")
    assert main(["benchmark", "digitise", str(tmp_path / "pages"), "-o", str(tmp_path / "out")]) == 0
    assert not old.exists()  # it would be scored as this run's
    with np.load(tmp_path / "out" / "made" / "sample.npz") as found:
        assert found["signal"].shape[0] == 12
        assert found["fs"] == SAMPLING_RATE_HZ
        assert found["quality"].shape == (12,)
    header = (tmp_path / "out" / "pages.csv").read_text().splitlines()[0]
    assert header == "condition,name,status,layout,seconds,peak_mb"
    assert "made" in capsys.readouterr().out
