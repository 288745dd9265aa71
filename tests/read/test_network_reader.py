import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.patient import Patient, Sex
from ecgdesk.ecg.reading import Evidence, Finding
from ecgdesk.ecg.recording import Recording
from ecgdesk.ecg.resources import resource
from ecgdesk.ecg.statements import catalogue
from ecgdesk.learn.labelled_records import labelled_records
from ecgdesk.learn.network_paper import from_paper
from ecgdesk.learn.simulator import LBBB, NORMAL, EcgSpec, simulate
from ecgdesk.measure.measure import measure
from ecgdesk.read.network.bundle import NetworkRejected, load, shipped
from ecgdesk.read.network.reader import SUPERCLASSES, NetworkReader
from ecgdesk.read.registry import reader

RECORDS = Path(__file__).resolve().parents[2].parent / "shared" / "ptbxl" / "train"
PATIENT = Patient(sex=Sex.MALE, age_years=60)


def evidence(signal, *, quality=30.0, patient=PATIENT):
    recording = Recording(signal.astype(np.float32), np.full(12, quality, dtype=np.float32))
    return Evidence(recording, measure(recording), patient)


def simulated(shape=NORMAL, **more):
    return evidence(simulate(EcgSpec(shape=shape, noise_uv=8)).signal, **more)


def read(given):
    return reader("network").read(given)


def probability(given, label):
    return next(one.value for one in read(given).probabilities if one.label == label)


def test_every_superclass_has_a_probability_and_a_threshold():
    found = {one.label: one for one in read(simulated()).probabilities}
    assert set(SUPERCLASSES) <= set(found)
    assert all(0 <= one.value <= 1 for one in found.values())
    assert all(found[name].threshold is not None for name in SUPERCLASSES)


def test_a_bundle_branch_block_is_a_conduction_disturbance_and_a_normal_beat_is_not():
    assert probability(simulated(LBBB), "CD") > 0.8
    assert probability(simulated(), "CD") < 0.3


def test_a_finding_says_its_reader_its_probability_and_how_good_that_is():
    found = read(simulated(LBBB)).findings
    assert found
    for finding in found:
        assert finding.source == "network"
        assert finding.code in catalogue()
        for part in ("probability", "said from", "sensitivity", "specificity"):
            assert part in finding.why


def sure_of(*names):
    """The shipped reader, whatever it sees sure of these labels and of no others."""
    bundle = shipped()
    labels = tuple(replace(one, offset=50.0 if one.name in names else -50.0) for one in bundle.manifest.label)
    return NetworkReader(replace(bundle, manifest=replace(bundle.manifest, label=labels)))


@pytest.mark.parametrize("rhythm", ["AFIB", "PACE", "STACH"])
def test_a_normal_ecg_is_never_said_beside_a_rhythm_that_is_not_normal(rhythm):
    said = sure_of("NORM", rhythm).read(simulated())
    assert [finding.code for finding in said.findings] == [rhythm]
    assert any("does not say normal ECG" in remark for remark in said.remarks)


def test_a_normal_ecg_is_said_beside_sinus_rhythm():
    said = sure_of("NORM", "SR").read(simulated())
    assert {finding.code for finding in said.findings} == {"SR", "NORM"}
    assert not any("normal ECG" in remark for remark in said.remarks)


def test_spans_lie_where_the_leads_are_shown():
    signal = simulate(EcgSpec(shape=LBBB, noise_uv=8)).signal
    paper = from_paper(signal, np.random.default_rng(2))
    given = Evidence(paper, measure(paper), PATIENT)
    spans = [span for finding in read(given).findings for span in finding.spans]
    assert spans
    for span in spans:
        shown = paper.spans_s(span.lead)
        assert any(start - 0.01 <= span.start_s < span.end_s <= end + 0.01 for start, end in shown)


def test_the_same_evidence_is_read_alike_twice():
    given = simulated(LBBB)
    assert read(given) == read(given)


def abstains(given):
    said = read(given)
    return (
        said.findings == () and said.probabilities == () and said.remarks[0].startswith("The network reader abstains")
    )


def test_a_strip_of_two_leads_is_not_read():
    signal = simulate(EcgSpec()).signal.copy()
    signal[[row for row in range(12) if row not in (Lead.II.row, Lead.V1.row)]] = np.nan
    assert abstains(evidence(signal))


@pytest.mark.parametrize("kind", ["noise", "flat", "waves", "pulses"])
def test_what_is_no_ecg_is_not_read(kind):
    time_s = np.arange(5000) / 500
    signal = {
        "noise": np.random.default_rng(0).normal(0, 0.3, (12, 5000)),
        "flat": np.zeros((12, 5000)),
        "waves": np.sin(2 * np.pi * 1.1 * time_s + np.arange(12)[:, None]),
        "pulses": np.tile(np.abs(np.sin(np.pi * 1.2 * time_s)) ** 3, (12, 1)),  # a monitor's oximeter
    }[kind]
    assert abstains(evidence(signal))


def test_a_child_is_not_read():
    assert abstains(simulated(patient=Patient(age_years=9)))


def test_traces_of_very_low_quality_are_not_read_and_of_low_quality_with_a_warning():
    assert abstains(simulated(quality=4.0))
    assert any("low quality" in remark for remark in read(simulated(quality=9.0)).remarks)


def test_a_missing_lead_is_said():
    signal = simulate(EcgSpec(noise_uv=8)).signal.copy()
    signal[Lead.V4.row] = np.nan
    assert any("11 of 12 leads" in remark for remark in read(evidence(signal)).remarks)


def test_a_changed_bundle_is_refused(tmp_path):
    folder = tmp_path / "network"
    shutil.copytree(resource("models/network"), folder)
    name = next(path for path in sorted(folder.iterdir()) if ".onnx" in path.name)
    content = bytearray(name.read_bytes())
    content[len(content) // 2] ^= 1
    name.write_bytes(bytes(content))
    with pytest.raises(NetworkRejected, match="install ecgdesk again"):
        load(folder)


@pytest.mark.parametrize("kind", [".onnx", ".npz"])
def test_a_file_of_the_bundle_without_a_hash_is_refused(tmp_path, kind):
    folder = tmp_path / "network"
    shutil.copytree(resource("models/network"), folder)
    manifest = folder / "bundle.toml"
    before, files, after = manifest.read_text(encoding="utf-8").partition("[files]")
    lines = [line for line in after.splitlines() if kind not in line]
    manifest.write_text("\n".join([before + files, *lines]), encoding="utf-8")
    with pytest.raises(NetworkRejected, match="has no hash"):
        load(folder)


def test_a_folder_without_a_bundle_is_refused(tmp_path):
    with pytest.raises(NetworkRejected, match="missing or damaged"):
        load(tmp_path)


def test_a_page_is_read_within_a_tenth_of_a_second_of_one_core_and_the_bundle_is_small():
    given = simulated(LBBB)
    read(given)
    spent = []
    for _ in range(5):
        before = time.process_time()
        read(given)
        spent.append(time.process_time() - before)
    assert min(spent) < 0.1
    assert sum(path.stat().st_size for path in resource("models/network").iterdir()) < 10e6


needs_records = pytest.mark.skipif(not RECORDS.exists(), reason="needs the shared records of PTB-XL")


@needs_records
def test_without_the_named_spans_the_probability_falls_further_than_without_others():
    from ecgdesk.learn.network_evidence import falls

    found = falls(RECORDS, NetworkReader(), count=12)
    named, random = (np.median([getattr(one, name) for one in found]) for name in ("named", "random"))
    assert named > 0
    assert named >= 3 * random


@needs_records
def test_age_and_sex_may_be_unknown():
    record = next(labelled_records(RECORDS))
    known = evidence(record.signal, patient=record.patient)
    unknown = replace(known, patient=Patient())
    for name in SUPERCLASSES:
        assert abs(probability(known, name) - probability(unknown, name)) < 0.35


def test_findings_are_sorted_most_severe_first():
    found: tuple[Finding, ...] = read(simulated(LBBB)).findings
    assert [f.severity for f in found] == sorted((f.severity for f in found), reverse=True)
