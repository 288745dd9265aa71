"""What kind of beat each one is, on simulated hearts whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest

from ecgdesk.ecg.measurements import BeatKind
from ecgdesk.learn.rhythms import Rhythm
from ecgdesk.learn.simulator import NORMAL, RBBB, VENTRICULAR, EcgSpec, simulate
from ecgdesk.measure.measure import measure


def kinds(spec):
    return [beat.kind for beat in measure(simulate(spec).recording).beats]


@pytest.mark.parametrize("ventricular", [VENTRICULAR, replace(VENTRICULAR, qrs_axis=150)])
def test_a_ventricular_beat_as_wide_as_a_bundle_branch_block_is_told_by_its_shape(ventricular):
    beats = EcgSpec(shape=RBBB, rate=70, noise_uv=4, ventricular=replace(ventricular, qrs_ms=RBBB.qrs_ms + 8))
    assert kinds(replace(beats, rhythm=Rhythm.PVC)).count(BeatKind.VENTRICULAR) == 3
    assert BeatKind.VENTRICULAR not in kinds(replace(beats, rhythm=Rhythm.PAC))


def test_a_disturbance_far_smaller_than_the_beats_is_no_ventricular_beat():
    recording = simulate(EcgSpec(rate=60, noise_uv=4)).recording
    beats = measure(recording).beats
    signal = recording.signal.copy()
    at = round((beats[4].r_s + 0.62) * 500)
    signal[:, at - 37 : at + 38] += (0.25 * np.sin(np.linspace(0, 3 * np.pi, 75)) * np.hanning(75)).astype(np.float32)
    found = measure(replace(recording, signal=signal)).beats
    assert len(found) > len(beats)
    assert BeatKind.VENTRICULAR not in {beat.kind for beat in found}


def test_the_axis_of_a_p_wave_on_the_fall_of_the_t_wave_is_its_own():
    tall = replace(NORMAL, t=NORMAL.t.times(1.5))
    simulated = simulate(EcgSpec(rate=125, pr_ms=180, qt_ms=320, shape=tall, noise_uv=4))
    axis = measure(simulated.recording).p_axis.value
    assert axis == pytest.approx(simulated.p_axis, abs=10)
