"""The reader named llama, from the command line and in the benchmark. Needs the extra [llama] where a model reads."""

import csv
import json
from pathlib import Path

import pytest

from ecgdesk.cli import main
from ecgdesk.ecg.patient import Patient
from ecgdesk.ecg.reading import Evidence
from ecgdesk.learn.simulator import EcgSpec
from ecgdesk.read.llama import installed
from ecgdesk.read.llama.bundle import Bundle, Label, write_bundle
from ecgdesk.read.llama.conversation import SUPERCLASSES
from ecgdesk.read.llama.messages import Cancel, Load, Read, Result
from ecgdesk.read.llama.reader import LlamaReader, order_of
from ecgdesk.read.llama.refusals import ModelFailed, ModelUnavailable
from ecgdesk.read.registry import reader, reader_names
from tests.desk import sample
from tests.read.llama.paper_model import write_adapter, write_base, write_paper_bundle
from tests.read.llama.paper_process import TEXT, PaperProcess
from tests.read.llama.tiny_bundle import tiny_manifest
from tests.read.test_benchmark_reading import folder_of_records


class LateProcess(PaperProcess):
    """Answers first what it was asked before, as after a page that was given up."""

    def send(self, order: Load | Read | Cancel) -> None:
        if isinstance(order, Read):
            self._reports.append(Result(order.request - 1, "paper 1", (), "", "Of another patient.", 1.0, 0.1))
        super().send(order)


@pytest.fixture(scope="module")
def desk(tiny_bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a tiny bundle whose labels are the superclasses."""
    import shutil

    folder, home = tmp_path_factory.mktemp("bundle"), tmp_path_factory.mktemp("desk")
    shutil.copytree(tiny_bundle.base, folder / "base")
    labels = tuple(Label(name, threshold=0.0) for name in SUPERCLASSES)
    write_bundle(folder, tiny_manifest(label=labels, context_tokens=420))
    installed.add(folder, home=home, link=True, accept_licence=True)
    return home


def test_llama_is_a_reader_that_says_what_it_lacks(own_home: Path) -> None:
    assert "llama" in reader_names()
    with pytest.raises(ModelUnavailable, match=r"no Llama model on this desk|libraries that are not installed"):
        reader("llama")


def test_reading_without_a_model_is_refused_in_one_sentence(sample_file: Path, tmp_path: Path, capsys) -> None:
    assert main(["read", str(sample_file), "-o", str(tmp_path), "--reader", "llama"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "Llama" in said[0]


def test_missing_libraries_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("ecgdesk.read.llama.reader.LIBRARIES", ("json", "a_library_of_nobody"))
    with pytest.raises(ModelUnavailable, match=r"\(a_library_of_nobody\); .*pip install 'ecgdesk\[llama\]'"):
        LlamaReader(home=tmp_path)


def test_a_signal_alone_is_refused() -> None:
    evidence = Evidence(sample.recording(), sample.measurements(), Patient())
    with pytest.raises(ModelUnavailable, match="reads pages and there is only a signal"):
        order_of(evidence, request=1, measured=True)


def test_a_process_that_ended_between_two_pages_is_said_and_the_next_page_starts_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecgdesk.read.llama.reader.LIBRARIES", ())
    mortal = type("Mortal", (PaperProcess,), {"pages": 1, "started": 0})
    monkeypatch.setattr("ecgdesk.read.llama.reader.LlamaProcess", mortal)
    installed.add(write_paper_bundle(tmp_path / "b").folder, home=tmp_path, link=True, accept_licence=True)
    page = Evidence(sample.recording(), sample.measurements(), Patient(), sample.page())
    llama = LlamaReader(home=tmp_path)
    assert llama.ask(page).narrative == TEXT
    with pytest.raises(ModelFailed, match="nothing of the case is lost"):
        llama.ask(page)
    assert llama.ask(page).narrative == TEXT
    assert mortal.started == 2  # type: ignore[attr-defined]
    llama.close()


def test_a_page_read_from_the_command_line_has_the_models_findings(
    desk: Path, sample_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setenv("ECGDESK_HOME", str(desk))
    words = ["read", str(sample_file), "-o", str(tmp_path), "--reader", "criteria", "--reader", "llama"]
    try:
        assert main(words) == 0
        findings = json.loads((tmp_path / "sample.json").read_text())["findings"]
        readers = {finding["reader"] for finding in findings}
        assert readers == {"criteria", "llama"}
        claimed = [finding for finding in findings if finding["reader"] == "llama"]
        assert all(finding["why"].startswith(("Claimed", "Confirmed", "Contradicted")) for finding in claimed)

        capsys.readouterr()
        assert main(["model", "try", "tiny", str(sample_file)]) == 0
        told = capsys.readouterr().out
        assert "loaded in" in told
        assert "pieces a second" in told

        records = folder_of_records(tmp_path / "records", [EcgSpec()])
        out = tmp_path / "out"
        assert main(["benchmark", "reading", str(records), "-o", str(out), "--reader", "llama", "--via", "page"]) == 0
        with (out / "superclasses.csv").open(newline="") as file:
            (row,) = csv.DictReader(file)
        assert all(0 < float(row[name]) < 1 for name in SUPERCLASSES)
        assert all(row[f"{name}_said"] == "1" for name in SUPERCLASSES)
    finally:
        reader("llama").close()  # type: ignore[attr-defined]


def test_the_answer_to_an_earlier_page_is_not_taken_for_this_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecgdesk.read.llama.reader.LIBRARIES", ())
    monkeypatch.setattr("ecgdesk.read.llama.reader.LlamaProcess", LateProcess)
    installed.add(write_paper_bundle(tmp_path / "b").folder, home=tmp_path, link=True, accept_licence=True)
    llama = LlamaReader(home=tmp_path)
    page = Evidence(sample.recording(), sample.measurements(), Patient(), sample.page())
    assert llama.ask(page).narrative == TEXT
    llama.close()


# ecgdesk model


def test_a_bundle_is_made_added_listed_checked_and_removed(tmp_path: Path, own_home: Path, capsys) -> None:
    base, adapter = write_base(tmp_path / "snapshot"), write_adapter(tmp_path / "lora")
    made = str(tmp_path / "made")
    assert main(["model", "list"]) == 0
    assert "no Llama model on this desk yet" in capsys.readouterr().out
    assert main(["model", "make", str(base), "--adapter", str(adapter), "--name", "mine", "-o", made]) == 0
    assert main(["model", "add", made, "--link"]) == 1  # nobody can answer here
    said = capsys.readouterr()
    assert "Built with Llama" in said.out
    assert "accept it (--accept-licence)" in said.err
    assert main(["model", "add", made, "--link", "--accept-licence"]) == 0
    assert main(["model", "list"]) == 0
    said = capsys.readouterr()
    assert "GiB of GPU memory in 4 bits, computed from its shapes" in said.out
    assert "no figures of its accuracy came with it" in said.out
    assert main(["model", "check", "mine"]) == 0
    assert main(["model", "remove", "mine"]) == 0
    assert main(["model", "check", "mine"]) == 1
    assert (tmp_path / "made" / "bundle.toml").exists()


def test_bundles_that_can_no_longer_be_used_are_listed_with_the_reason_and_the_others_too(
    tmp_path: Path, own_home: Path, capsys
) -> None:
    import shutil

    for name in ("broken", "gone", "whole"):
        bundle = write_paper_bundle(tmp_path / name, name=name)
        assert main(["model", "add", str(bundle.folder), "--link", "--accept-licence"]) == 0
    (tmp_path / "broken" / "base" / "config.json").write_text("[]")
    shutil.rmtree(tmp_path / "gone")
    capsys.readouterr()
    assert main(["model", "list"]) == 0
    told = capsys.readouterr().out
    assert "broken  cannot be used: base/config.json is no configuration" in told
    assert "gone  cannot be used:" in told
    assert "whole 1  (linked to" in told
