import numpy as np
import onnxruntime
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is only there for training")
pytest.importorskip("onnx", reason="onnx is only there for training")

from ecgdesk.learn.network_trees import Growth, grow, to_onnx


def test_the_onnx_model_answers_as_the_forests_do_absent_values_too():
    rng = np.random.default_rng(0)
    rows = rng.normal(0, 1, (600, 8)).astype(np.float32)
    rows[rng.random(rows.shape) < 0.2] = np.nan
    truths = [np.nan_to_num(rows[:, k]) + np.nan_to_num(rows[:, k + 1]) > 0 for k in (0, 3)]
    alike, how = np.ones(300, dtype=np.float32), Growth(trees=12)
    folds = [[grow(rows[half::2], t[half::2], alike, how=how, seed=k) for k, t in enumerate(truths)] for half in (0, 1)]
    model = to_onnx(folds, features=8).SerializeToString()
    (answer,) = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"]).run(None, {"rows": rows})
    wanted = np.mean([[forest.decision_function(rows) for forest in fold] for fold in folds], axis=0).T
    np.testing.assert_allclose(answer, wanted, atol=1e-5)
