import numpy as np
import pytest

from ecgdesk.learn.network_weights import raked


def two_sources(n=2000):
    rng = np.random.default_rng(0)
    source = (np.arange(n) < n // 4).astype(np.int64)
    often = np.where(source[:, None] == 1, [0.6, 0.1], [0.3, 0.2])
    return (rng.random((n, 2)) < often).astype(np.float32), source


def test_every_source_shows_the_classes_as_often_as_the_whole():
    classes, source = two_sources()
    weight = raked(classes, source, np.array([0.45, 0.25]))
    for one in (0, 1):
        here = source == one
        assert np.average(classes[here], axis=0, weights=weight[here]) == pytest.approx([0.45, 0.25], abs=0.01)
        assert weight[here].mean() == pytest.approx(1.0)


def test_a_class_that_a_source_lacks_spoils_no_other():
    classes, source = two_sources()
    classes[source == 1, 1] = 0
    weight = raked(classes, source, np.array([0.45, 0.25]))
    here = source == 1
    assert np.isfinite(weight).all()
    assert np.average(classes[here, 0], weights=weight[here]) == pytest.approx(0.45, abs=0.01)


def test_a_single_rare_record_does_not_outweigh_its_source():
    classes = np.zeros((100, 1), dtype=np.float32)
    classes[0] = 1
    weight = raked(classes, np.zeros(100, dtype=np.int64), np.array([0.5]))
    assert weight[0] < 10 * np.median(weight)
