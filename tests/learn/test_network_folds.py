import numpy as np

from ecgdesk.learn.network_data import FOLDS, folds


def test_a_published_fold_is_never_parted():
    published = [1 + k % 9 for k in range(900)] + [0] * 300
    mine = folds(published, seed=7)
    for one in range(1, 10):
        assert len({int(m) for m, p in zip(mine, published, strict=True) if p == one}) == 1


def test_records_of_unknown_fold_make_all_folds_alike_in_size():
    mine = folds([1 + k % 9 for k in range(900)] + [0] * 300, seed=7)
    sizes = np.bincount(mine, minlength=FOLDS)
    assert sizes.max() - sizes.min() <= 1


def test_the_same_seed_gives_the_same_folds():
    published = [0] * 50 + [3] * 10
    np.testing.assert_array_equal(folds(published, seed=1), folds(published, seed=1))
