"""Against cardiologists' marks on real records, where they lie beside the checkout."""

import csv
import subprocess
import sys

import numpy as np
import pytest

from ecgdesk.ecg.recording import Recording
from ecgdesk.learn.benchmark_measure import benchmark_measure, read_records
from ecgdesk.measure.measure import measure


@pytest.fixture(scope="module")
def some_records(tmp_path_factory, request):
    """Every second record with its marks, as a set of its own."""
    shared = request.config.rootpath.parent / "shared"
    if not (shared / "ludb").is_dir():
        pytest.skip("needs the marked records in ../shared/ludb, which this checkout does not have beside it")
    folder = tmp_path_factory.mktemp("records")
    with np.load(shared / "ludb" / "signals.npz") as data:
        kept = data["record"][::2]
        np.savez(folder / "signals.npz", record=kept, delta_uv=data["delta_uv"][::2], fs=data["fs"])
    names = {str(name) for name in kept.tolist()}
    with (
        open(shared / "ludb" / "waves.csv", newline="", encoding="utf-8") as source,
        open(folder / "waves.csv", "w", newline="", encoding="utf-8") as target,
    ):
        rows = csv.DictReader(source)
        writer = csv.DictWriter(target, rows.fieldnames or [])
        writer.writeheader()
        writer.writerows(row for row in rows if row["record"] in names)
    return folder, shared / "tools" / "score_measure.py"


def test_the_limits_for_biological_ecgs_hold(some_records, tmp_path):
    folder, yardstick = some_records
    benchmark_measure(folder, tmp_path)
    command = [sys.executable, str(yardstick), str(folder), str(tmp_path)]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "IEC limits for biological ECGs: all hold" in report, report
    f1 = {" ".join(line.split()[:2]): float(line.split()[5]) for line in report.splitlines()[1:10]}
    assert f1["P peak"] >= 95
    assert f1["QRS peak"] >= 99.5
    assert f1["T peak"] >= 98


def test_records_at_another_rate_are_resampled(tmp_path):
    delta = np.zeros((1, 12, 2500), dtype=np.int32)
    delta[0, :, 1000] = 100
    np.savez(tmp_path / "signals.npz", record=np.array([7]), delta_uv=delta, fs=250.0)
    ((name, signal),) = read_records(tmp_path)
    assert name == 7
    assert signal.shape == (12, 5000)
    assert signal[0, 4000] == pytest.approx(0.1, abs=0.005)


def test_digitisation_noise_of_25_db_changes_the_intervals_little(some_records):
    folder, _ = some_records
    rng = np.random.default_rng(0)
    quality = np.full(12, 25.0, dtype=np.float32)
    changes = []
    for _, signal in list(read_records(folder))[:8]:
        power = np.var(signal, axis=1, keepdims=True)
        noisy = signal + rng.normal(0, 1, signal.shape) * np.sqrt(power / 10**2.5)
        clean, worse = (measure(Recording(s.astype(np.float32), quality)) for s in (signal, noisy))
        pairs = [(clean.qrs, worse.qrs), (clean.qt, worse.qt)]
        changes.append([b.value - a.value for a, b in pairs if a.value is not None and b.value is not None])
    assert np.median(np.abs(np.array(changes)), axis=0) == pytest.approx([0, 0], abs=12)
