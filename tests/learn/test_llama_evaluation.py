import csv
from dataclasses import replace

import numpy as np
import pytest

from ecgdesk.ecg.patient import Patient
from ecgdesk.ecg.reading import Evidence, Probability, Reading
from ecgdesk.learn.labelled_records import LabelledRecord
from ecgdesk.learn.llama_calibrate import NothingToCalibrate, calibrate, fit
from ecgdesk.learn.llama_evaluate import OtherModel, agreement, evaluate, page_row, summary
from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.learn.tables import rows_of
from ecgdesk.measure.measure import measure
from ecgdesk.read.llama.bundle import Label, read_bundle, write_bundle
from ecgdesk.read.llama.messages import Result, Said
from ecgdesk.read.llama.refusals import ModelFailed
from ecgdesk.read.metric import Metric
from tests.read.llama.tiny_bundle import tiny_manifest

RECORDING = simulate(EcgSpec(rate=70.0)).recording
BESIDE = Reading("network", "1", (), probabilities=(Probability("NORM", 0.9, 0.5), Probability("MI", 0.9, 0.5)))


@pytest.fixture(scope="module")
def row():
    record = LabelledRecord(7, RECORDING.signal, Patient(), frozenset({"NORM", "SR"}), frozenset({"NORM"}))
    evidence = Evidence(RECORDING, measure(RECORDING), Patient())
    labels = (Said("NORM", 0.8, 0.5, 1.4), Said("MI", 0.1, 0.5, -2.2))
    result = Result(1, "tiny 1", labels, "", "Sinus rhythm. Normal ECG.", 2.5, 0.5)
    return page_row(record, evidence, result, beside=BESIDE, reference="Sinus rhythm, normal ECG.")


def test_a_page_is_scored_against_its_report_and_the_other_reader(row):
    assert (row["diagnosis"], row["rhythm"], row["total"]) == (10.0, 10.0, 100.0)
    assert (row["margin_NORM"], row["holds_NORM"], row["holds_MI"]) == (1.4, 1, 0)
    assert (row["mine_MI"], row["beside_MI"], row["mine_HYP"]) == (0, 1, "")
    assert row["beside_total"] < 100.0  # it says nothing


def test_the_summary_tells_times_scores_and_agreement(row):
    figures = {name: value for name, value, _ in summary([{key: str(value) for key, value in row.items()}])}
    assert figures["seconds (median)"] == 2.5
    assert figures["total (mean)"] == 100.0
    assert (figures["agreement NORM"], figures["agreement MI"]) == (1.0, 0.0)
    assert "kappa NORM" not in figures  # both say yes to the one page


def test_agreement_by_chance_has_no_kappa():
    mine = np.array([True, True, False, False])
    assert agreement(mine, mine) == (1.0, 1.0)
    assert agreement(mine, np.array([True, False, True, False])) == (0.5, 0.0)


def test_the_temperature_undoes_a_model_that_is_too_sure():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, 4000)
    truth = rng.random(4000) < 1 / (1 + np.exp(-logits))
    label, figures = fit(Label("NORM"), 3.0 * logits, truth)
    assert label.temperature == pytest.approx(3.0, rel=0.1)
    assert figures["ECE"] < 0.03


def table(path, model="tiny 1"):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ecg_id", "model", "margin_NORM", "holds_NORM"])
        writer.writerows((n, model, margin, int(margin + (n % 3) > 1)) for n, margin in enumerate((-2, -1, 0, 1, 2, 3)))
    return path


@pytest.fixture
def bundle(tmp_path):
    folder = tmp_path / "bundle"
    (folder / "base").mkdir(parents=True)
    return write_bundle(
        folder, tiny_manifest(metric=(Metric("pages", 3.0, "elsewhere"), Metric("F1 NORM", 0.1, "old")))
    )


def test_the_calibration_is_written_into_the_bundle(bundle, tmp_path):
    calibrate(bundle.folder, table(tmp_path / "pages.csv"), data="six made rows")
    manifest = read_bundle(bundle.folder).manifest
    labels = {label.name: label for label in manifest.label}
    assert labels["NORM"].temperature != 1.0
    assert labels["AFIB"].temperature == 2.0  # the table does not know it
    found = {metric.name: metric.data for metric in manifest.metric}
    assert found["pages"] == "elsewhere"
    assert found["AUC NORM"] == "six made rows"
    assert found["F1 NORM"] == found["ECE NORM"] == "six made rows, on which temperature and threshold were fitted"


def test_the_calibration_blesses_no_file_that_changed(bundle, tmp_path):
    config = bundle.base / "config.json"
    config.write_text("{}")
    before = write_bundle(bundle.folder, bundle.manifest).manifest.files
    config.write_text("{damaged")
    assert calibrate(bundle.folder, table(tmp_path / "pages.csv"), data="").manifest.files == before


@pytest.mark.parametrize("model", ["other 2", "tiny 10", "tiny 1, without measured values"])
def test_margins_of_another_model_are_refused(bundle, tmp_path, model):
    with pytest.raises(NothingToCalibrate, match=f"read by {model}, not by tiny 1;"):
        calibrate(bundle.folder, table(tmp_path / "pages.csv", model=model), data="")


def test_a_bundle_without_measured_values_is_calibrated_on_pages_read_so(bundle, tmp_path):
    write_bundle(bundle.folder, tiny_manifest(measured_values=False))
    told = calibrate(bundle.folder, table(tmp_path / "pages.csv", model="tiny 1, without measured values"), data="")
    assert told.manifest.label[0].temperature != 1.0


@pytest.mark.parametrize("content", [None, "", "ecg_id,margin_NORM\n1,2.0\n"])
def test_what_is_no_table_of_pages_is_refused(bundle, tmp_path, content):
    if content is not None:
        (tmp_path / "pages.csv").write_text(content)
    with pytest.raises(NothingToCalibrate, match=r"is no table of pages; name the pages.csv"):
        calibrate(bundle.folder, tmp_path / "pages.csv", data="")


class PaperLlama:
    """Answers each page alike; fails when told."""

    def __init__(self, pages, title="tiny 1"):
        self.left, self.title = pages, title

    def ask(self, evidence):
        if not self.left:
            raise ModelFailed("It ended.")
        self.left -= 1
        labels = (Said("NORM", 0.8, 0.5, 1.4),)
        return Result(1, self.title, labels, "", 'Sinus "rhythm",\nnormal ECG.', 2.5, 0.5)


class PaperReader:
    name = "network"

    def read(self, evidence):
        return BESIDE


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Evaluates three records by a model that answers so many pages."""
    record = LabelledRecord(1, RECORDING.signal, Patient(), frozenset(), frozenset({"NORM"}))
    records = [replace(record, ecg_id=number) for number in (1, 2, 3)]
    evidence = Evidence(RECORDING, measure(RECORDING), Patient())
    monkeypatch.setattr("ecgdesk.learn.llama_evaluate.labelled_records", lambda _: iter(records))
    monkeypatch.setattr(
        "ecgdesk.learn.llama_evaluate.spread", lambda waiting, _: ((one.ecg_id, evidence) for one in waiting)
    )
    return lambda out, pages, title="tiny 1": evaluate(
        tmp_path, out, llama=PaperLlama(pages, title), beside=PaperReader(), references={}
    )


def test_pages_of_another_model_are_not_added_to_a_table(run, tmp_path):
    with pytest.raises(ModelFailed):
        run(tmp_path, 2)
    with pytest.raises(OtherModel, match="holds pages read by tiny 1"):
        run(tmp_path, 3, "tiny 2")
    assert len(rows_of(tmp_path / "pages.csv")) == 2


def test_an_evaluation_that_was_cut_off_within_a_row_goes_on_to_the_same_tables(run, tmp_path):
    assert run(tmp_path / "whole", 3) == 3
    with pytest.raises(ModelFailed):
        run(tmp_path / "cut", 2)
    pages, reports = tmp_path / "cut" / "pages.csv", tmp_path / "cut" / "reports.csv"
    pages.write_bytes(pages.read_bytes()[:-7])
    reports.write_bytes(reports.read_bytes()[:-9])
    assert run(tmp_path / "cut", 3) == 3
    for name in ("pages.csv", "reports.csv", "summary.csv"):
        assert (tmp_path / "cut" / name).read_text() == (tmp_path / "whole" / name).read_text()
