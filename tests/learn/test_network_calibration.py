import numpy as np
from scipy.special import expit

from ecgdesk.learn.network_calibration import (
    at_prevalence,
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
    found = calibrated(logits, truth)
    assert 0.4 < found.weights[0] < 0.6
    assert abs(found.weights[1]) < 0.1
    assert found.ece < 0.03


def test_threshold_is_where_f1_is_largest():
    rng = np.random.default_rng(1)
    probability = rng.random(5000)
    truth = probability > 0.6
    assert abs(best_threshold(probability, truth) - 0.6) < 0.03


def test_another_prevalence_moves_the_probabilities_and_not_what_is_said():
    logits, truth = drawn()
    found = calibrated(logits, truth)
    moved = at_prevalence(found, trained=0.4, wanted=0.2)

    def chances(one):
        return expit(logits @ np.array(one.weights) + one.offset)

    assert chances(moved).mean() < chances(found).mean()
    np.testing.assert_array_equal(chances(moved) >= moved.threshold, chances(found) >= found.threshold)
    same = at_prevalence(found, trained=0.4, wanted=0.4)
    assert abs(same.offset - found.offset) < 1e-9


def test_figures_agree_with_their_definitions():
    truth = np.array([False, False, True, True])
    assert auc(truth, np.array([0.1, 0.4, 0.35, 0.8])) == 0.75
    assert auc(truth, np.full(4, 0.5)) == 0.5
    assert expected_calibration_error(np.array([0.0, 0.0, 1.0, 1.0]), truth) == 0
    assert expected_calibration_error(np.full(4, 0.9), truth) == 0.4


def test_a_fold_is_judged_by_weights_of_the_other_folds():
    logits, truth = drawn(1000)
    fold = np.arange(1000) % 5
    before, _ = out_of_fold(logits[:, None], truth[:, None], fold)
    turned = np.where(fold == 0, ~truth, truth)
    after, _ = out_of_fold(logits[:, None], turned[:, None], fold)
    np.testing.assert_allclose(before[fold == 0], after[fold == 0])
    assert not np.allclose(before[fold == 1], after[fold == 1])
