from dataclasses import replace

import numpy as np
import onnxruntime
import pytest

pytest.importorskip("torch", reason="torch is only there for training")
pytest.importorskip("onnx", reason="onnx is only there for training")

from ecgdesk.learn.network_bundle import export
from ecgdesk.learn.network_calibration import auc
from ecgdesk.learn.network_data import VARIANTS, Material
from ecgdesk.learn.network_fit import answers, fit, varied
from ecgdesk.learn.network_model import Ensemble
from ecgdesk.read.network.inputs import BEAT_SAMPLES

ROWS, EPOCHS = 6, 12


def material(n=400):
    """Records of one class have a bump in lead II of their average beat, and half their measurements."""
    rng = np.random.default_rng(0)
    truth = np.arange(n) % 2 == 0
    beat = rng.normal(0, 0.1, (n, VARIANTS, 24, BEAT_SAMPLES)).astype(np.float16)
    beat[:, :, 12:] = 1
    beat[truth, :, 1, 120:160] += 1
    rows = rng.normal(0, 1, (n, VARIANTS, ROWS)).astype(np.float32)
    rows[rng.random(rows.shape) < 0.5] = np.nan
    return Material(
        ids=np.arange(n),
        beat=beat,
        rows=rows,
        superclasses=np.repeat(truth[:, None], 5, axis=1).astype(np.float32),
        statements=np.zeros((n, 2), dtype=np.float32),
        told=np.arange(n) % 3 == 0,
        codes=("SR", "IMI"),
        fold=np.arange(n) % 5,
        weight=np.ones(n, dtype=np.float32),
    )


@pytest.fixture(scope="module")
def trained():
    given = material()
    return given, fit(given, np.arange(350), 3, epochs=EPOCHS)


def test_a_network_learns_what_parts_the_classes(trained):
    given, member = trained
    said = answers(member, given, np.arange(350, 400))[:, 0, 0]
    truth = given.superclasses[350:400, 0] > 0
    assert auc(truth, said.astype(np.float64), np.ones(len(truth))) > 0.9


def test_the_same_seed_gives_the_same_network(trained):
    given, member = trained
    again = fit(given, np.arange(350), 3, epochs=EPOCHS)
    some = np.arange(150, 160)
    np.testing.assert_array_equal(answers(member, given, some), answers(again, given, some))


def test_records_that_count_for_nothing_teach_nothing():
    given = material()
    turned = given.superclasses.copy()
    turned[200:] = 1 - turned[200:]
    wrong = replace(given, superclasses=turned, weight=(np.arange(400) < 200).astype(np.float32))
    member = fit(wrong, np.arange(400), 3, epochs=2 * EPOCHS)
    said = answers(member, given, np.arange(350, 400))[:, 0, 0]
    assert auc(given.superclasses[350:400, 0] > 0, said.astype(np.float64), np.ones(50)) > 0.9


def test_the_written_ensemble_answers_as_the_mean_of_its_members(trained, tmp_path):
    given, member = trained
    other = fit(given, np.arange(350), 4, epochs=EPOCHS)
    export(Ensemble([member, other]), tmp_path / "beat.onnx", features=ROWS)
    session = onnxruntime.InferenceSession(str(tmp_path / "beat.onnx"), providers=["CPUExecutionProvider"])
    rows, beats = given.rows[180:190, 0], given.beat[180:190, 0].astype(np.float32)
    (said,) = session.run(None, {"beat": beats, "rows": rows})
    wanted = np.mean([answers(one, given, np.arange(180, 190))[:, 0] for one in (member, other)], axis=0)
    np.testing.assert_allclose(said, wanted, atol=0.02)


def test_varying_keeps_absent_leads_absent():
    beats = np.ones((16, 24, 50), dtype=np.float32)
    beats[:, [3, 15]] = 0
    made = varied(beats, np.random.default_rng(0))
    assert made.shape == beats.shape
    assert not made[:, [3, 15]].any()
    assert not made[:, :12][made[:, 12:] == 0].any()
