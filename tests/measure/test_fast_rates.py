"""What is measured where the heart is so fast, or T so flat, that the next P wave is near T or upon it."""

from dataclasses import replace

import numpy as np
import pytest

from ecgdesk.learn.rhythms import Complex, Rhythm, Schedule
from ecgdesk.learn.simulator import NORMAL, EcgSpec, Size, simulate
from ecgdesk.measure.intervals import MERGED_QT_SD_MS
from ecgdesk.measure.measure import measure

FLAT_T = replace(NORMAL, t=Size(0.04, 42.0, (0.0, 0.04, 0.05, 0.05, 0.04, 0.03)))


@pytest.mark.parametrize(("rate", "pr_ms"), [(95, 150), (95, 210), (105, 150), (105, 180), (115, 150), (115, 210)])
def test_a_p_wave_larger_than_the_flat_t_wave_before_it_is_not_taken_for_t(rate, pr_ms):
    simulated = simulate(EcgSpec(rate=rate, pr_ms=pr_ms, shape=FLAT_T, noise_uv=6, seed=1))
    found = measure(simulated.recording)
    assert found.pr.value == pytest.approx(pr_ms, abs=16)
    assert found.p_axis.value == pytest.approx(simulated.p_axis, abs=10)
    assert found.qt.value == pytest.approx(simulated.qt_ms, abs=40)
    assert found.qt.value + found.pr.value < found.rr_mean.value


def test_a_qt_that_ends_where_the_next_p_wave_begins_is_less_certain():
    flat = measure(simulate(EcgSpec(rate=105, shape=FLAT_T, noise_uv=6)).recording)
    clear = measure(simulate(EcgSpec(rate=105, noise_uv=6)).recording)
    assert flat.qt.uncertainty >= MERGED_QT_SD_MS > clear.qt.uncertainty


def test_t_is_not_ended_by_the_p_wave_of_a_beat_that_does_not_come_next():
    simulated = simulate(EcgSpec(rate=95, rhythm=Rhythm.BIGEMINY, shape=FLAT_T, noise_uv=8, seed=1))
    qt = measure(simulated.recording).qt
    assert qt.value == pytest.approx(simulated.qt_ms, abs=20)
    assert qt.uncertainty < MERGED_QT_SD_MS


@pytest.mark.parametrize("size", [1.0, 1.5])
def test_t_is_not_ended_before_it_is_over_by_a_p_wave_upon_it(size):
    simulated = simulate(
        EcgSpec(rate=115, pr_ms=260, shape=replace(NORMAL, t=NORMAL.t.times(size)), noise_uv=8, seed=1)
    )
    assert measure(simulated.recording).qt.value == pytest.approx(simulated.qt_ms, abs=12)


def test_p_and_t_that_are_alike_in_one_lead_are_no_flutter():
    p = Size(0.13, 52.0, (0.12, 0.08, 0.08, 0.08, 0.07, 0.06))
    inverted = replace(NORMAL, t=Size(0.1, -128.0, (0.12, 0.4, 0.45, 0.4, 0.32, 0.24)), t_share=0.7)
    spec = EcgSpec(rate=112, qt_ms=250, pr_ms=130, p_ms=110, p=p, shape=inverted, noise_uv=5)
    found = measure(simulate(spec).recording)
    assert found.rhythm.flutter_ratio > 0.8
    assert found.rhythm.p_share == 1.0
    assert found.pr.value == pytest.approx(130, abs=10)


@pytest.mark.parametrize("rate", [75, 100, 150])
def test_flutter_waves_are_no_p_waves_however_many_are_conducted(rate):
    found = measure(simulate(EcgSpec(rhythm=Rhythm.FLUTTER, rate=rate, noise_uv=8)).recording)
    assert found.rhythm.p_share == 0.0
    assert found.rhythm.atrial_rate == pytest.approx(300, abs=12)


@pytest.mark.parametrize("rate", [60, 85])
@pytest.mark.parametrize("rhythm", [Rhythm.PVC, Rhythm.BIGEMINY])
def test_a_premature_complex_after_some_of_the_beats_is_not_taken_for_their_t_wave(rate, rhythm):
    half = replace(NORMAL, t=NORMAL.t.times(0.5))
    simulated = simulate(EcgSpec(rate=rate, rhythm=rhythm, shape=half, noise_uv=6, seed=1))
    assert measure(simulated.recording).qt.value == pytest.approx(simulated.qt_ms, abs=12)


def test_qt_is_not_measurable_where_t_is_not_over_when_the_next_p_wave_begins():
    low = replace(NORMAL, t=NORMAL.t.times(0.4))
    found = measure(simulate(EcgSpec(rate=100, pr_ms=280, qt_ms=360, shape=low, noise_uv=8, seed=1)).recording)
    assert found.pr.value == pytest.approx(280, abs=16)
    for figure in (found.qt, found.jt, found.qtc_fridericia):
        assert figure.value is None
        assert "next P wave" in figure.reason
    assert all(row.t_mv == row.t_mv for row in found.leads)  # its height is still told


def test_t_is_told_from_the_beats_that_no_early_beat_follows(monkeypatch):
    onsets = 0.35 + np.cumsum([0.0, *[0.57, 0.42] * 9])
    beats = Schedule(tuple(Complex(float(t), pr_ms=170) for t in onsets), tuple((onsets - 0.17).tolist()))
    monkeypatch.setattr("ecgdesk.learn.simulator.schedule", lambda *_, **__: beats)
    simulated = simulate(EcgSpec(pr_ms=170, qt_ms=330, shape=replace(NORMAL, t=NORMAL.t.times(0.6)), noise_uv=6))
    assert measure(simulated.recording).qt.value == pytest.approx(330, abs=16)
