from dataclasses import replace

import numpy as np

from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.measure.beats import find_beats
from ecgdesk.measure.conditioning import condition
from ecgdesk.measure.delineate import delineate
from ecgdesk.measure.doubles import without_doubles
from ecgdesk.measure.shapes import clusters


def usual_shape():
    conditioned = condition(simulate(EcgSpec(rate=60, noise_uv=4)).recording)
    (cluster,) = clusters(conditioned, find_beats(conditioned))
    return delineate(conditioned, cluster, rr=500.0, rr_before=500.0)


def again(shape, beats, *, earlier):
    """Those beats found once more by a moment so many samples before the first one's; their R peaks are the same."""
    some = slice(0, beats)
    return replace(
        shape,
        cluster=replace(shape.cluster, at=shape.cluster.at[some] - earlier),
        r_peak=shape.r_peak + earlier,
        p_alike=shape.p_alike[some],
        p_lag=shape.p_lag[some],
        p_onset_lag=np.arange(12.0 * beats).reshape(beats, 12),
        t_lag=shape.t_lag[some],
    )


def test_a_complex_that_two_shapes_have_is_one_beat_of_the_first():
    shape = usual_shape()
    assert without_doubles([shape, again(shape, 3, earlier=90)]) == (shape,)


def test_beats_of_another_shape_at_their_own_time_stay():
    shape = usual_shape()
    other = again(shape, 3, earlier=90)
    own = replace(other, cluster=replace(other.cluster, at=other.cluster.at + np.array([0, 200, 0])))
    first, second = without_doubles([shape, own])
    assert first is shape
    assert second.cluster.at.tolist() == own.cluster.at[1:2].tolist()
    assert len(second.p_alike) == len(second.p_lag) == len(second.t_lag) == 1
    assert second.p_onset_lag.tolist() == other.p_onset_lag[1:2].tolist()
