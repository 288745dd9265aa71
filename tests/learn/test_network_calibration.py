import numpy as np
import pytest
from scipy.special import expit

from ecgdesk.learn.network_calibration import (
    auc,
    best_threshold,
    calibrated,
    expected_calibration_error,
    out_of_fold,
)


def drawn(n=4000, seed=0):
    """Truth, a member that is sure twice too much, and one that is only noise."""
    rng = np.random.default_rng(seed)
    logit = rng.normal(-1, 1.5, n)
    truth = rng.random(n) < expit(logit)
    return np.stack([2 * logit, rng.normal(0, 1, n)], axis=1), truth


def test_an_overconfident_member_is_tempered_and_a_useless_one_counts_little():
    logits, truth = drawn()
    found = calibrated(logits, truth, np.ones(len(truth)))
    assert 0.4 < found.weights[0] < 0.6
    assert abs(found.weights[1]) < 0.1
    assert found.ece < 0.03


def test_threshold_is_where_f1_is_largest():
    rng = np.random.default_rng(1)
    probability = rng.random(5000)
    truth = probability > 0.6
    assert abs(best_threshold(probability, truth, np.ones(5000)) - 0.6) < 0.03


def test_probabilities_follow_the_weights_of_the_records():
    logits, truth = drawn()
    rare = np.where(truth, 0.25, 1.0)
    whole, weighted = (calibrated(logits, truth, weight) for weight in (np.ones(len(truth)), rare))
    for one, weight in ((whole, np.ones(len(truth))), (weighted, rare)):
        chances = expit(logits @ np.array(one.weights) + one.offset)
        assert np.average(chances, weights=weight) == pytest.approx(np.average(truth, weights=weight), abs=0.001)
    assert weighted.offset - whole.offset == pytest.approx(np.log(0.25), abs=0.05)
    assert weighted.ppv < whole.ppv


def test_a_record_that_counts_twice_is_as_two_records():
    logits, truth = drawn(200)
    twice = np.where(np.arange(200) < 50, 2.0, 1.0)
    again = np.concatenate([np.arange(200), np.arange(50)])
    weighted, repeated = calibrated(logits, truth, twice), calibrated(logits[again], truth[again], np.ones(250))
    for name in ("offset", "threshold", "auc", "f1", "sensitivity", "specificity", "ppv", "ece"):
        assert getattr(weighted, name) == pytest.approx(getattr(repeated, name), abs=1e-4), name


def test_figures_agree_with_their_definitions():
    truth = np.array([False, False, True, True])
    alike = np.ones(4)
    assert auc(truth, np.array([0.1, 0.4, 0.35, 0.8]), alike) == 0.75
    assert auc(truth, np.full(4, 0.5), alike) == 0.5
    assert expected_calibration_error(np.array([0.0, 0.0, 1.0, 1.0]), truth, alike) == 0
    assert expected_calibration_error(np.full(4, 0.9), truth, alike) == pytest.approx(0.4)


def test_a_fold_is_judged_by_weights_of_the_other_folds():
    logits, truth = drawn(1000)
    fold = np.arange(1000) % 5
    before, _ = out_of_fold(logits[:, None], truth[:, None], np.ones(1000), fold)
    turned = np.where(fold == 0, ~truth, truth)
    after, _ = out_of_fold(logits[:, None], turned[:, None], np.ones(1000), fold)
    np.testing.assert_allclose(before[fold == 0], after[fold == 0])
    assert not np.allclose(before[fold == 1], after[fold == 1])
