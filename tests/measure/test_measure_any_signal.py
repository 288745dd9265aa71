"""Whatever the paper gives: a sensible result or "not measurable", never an exception."""

import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ecgdesk.ecg.figure import Figure
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.measurements import Measurements
from ecgdesk.ecg.recording import Recording
from ecgdesk.learn.rhythms import Rhythm
from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.measure.measure import measure

SIGNAL = simulate(EcgSpec(noise_uv=10, wander_mv=0.1)).signal
QUALITY = np.full(12, 20.0, dtype=np.float32)


def measured(signal: np.ndarray) -> Measurements:
    return measure(Recording(np.asarray(signal, dtype=np.float32), QUALITY))


def figures(found: Measurements) -> list[Figure]:
    values = [getattr(found, field.name) for field in fields(found)]
    return [value for value in values if isinstance(value, Figure)]


def assert_sensible(found: Measurements) -> None:
    for figure in figures(found):
        assert figure.value is None or math.isfinite(figure.value)
        assert figure.value is not None or figure.reason.endswith(".")
    if found.heart_rate.value is not None:
        assert 10 <= found.heart_rate.value <= 340
    for name in ("p_duration", "pr", "qrs", "qt", "jt"):
        value = getattr(found, name).value
        assert value is None or 0 < value < 900
    assert list(found.beats) == sorted(found.beats, key=lambda beat: beat.r_s)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    holes=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 4999), st.integers(1, 5000)), max_size=25),
    flat=st.sets(st.integers(0, 11), max_size=12),
    strokes=st.lists(st.tuples(st.integers(0, 4990), st.sampled_from([0.3, 2.0, -5.0])), max_size=12),
    length=st.integers(0, 5000),
    scale=st.sampled_from([1e-4, 0.05, 1.0, 4.0, 1e4]),
)
@example(holes=[], flat={0, 2, 4, 7, 8}, strokes=[(102, -5.0)], length=300, scale=4.0)  # two "beats" 160 ms apart
def test_any_pattern_of_absence_flat_leads_and_length_gives_a_sensible_result(holes, flat, strokes, length, scale):
    signal = SIGNAL[:, :length] * np.float32(scale)
    for start, height in strokes:
        signal[:, start : start + 2] += np.float32(height)
    signal[sorted(flat)] = 0.0
    for row, start, size in holes:
        signal[row, start : start + size] = np.nan
    assert_sensible(measured(signal))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), absent=st.floats(0, 0.9), size=st.sampled_from([0.01, 0.3, 30.0]))
def test_random_samples_with_random_holes_give_a_sensible_result(seed, absent, size):
    rng = np.random.default_rng(seed)
    signal = rng.normal(0, size, (12, 1500))
    signal[rng.random(signal.shape) < absent] = np.nan
    signal[rng.random(signal.shape) < 0.001] = np.inf
    assert_sensible(measured(signal))


@pytest.mark.parametrize(
    "signal",
    [np.zeros((12, 0)), np.zeros((12, 1)), np.zeros((12, 5000)), np.full((12, 5000), np.nan), np.full((12, 5000), 3.0)],
    ids=["empty", "one sample", "flat", "absent", "constant"],
)
def test_no_beat_is_said_in_words(signal):
    found = measured(signal)
    assert found.beats == ()
    assert found.median_beat is None
    assert all(figure.value is None and figure.reason for figure in figures(found))


def test_noise_is_no_heart_beat():
    noise = np.random.default_rng(1).normal(0, 0.3, (12, 5000))
    assert measured(noise).beats == ()


def test_asystole_with_p_waves_hardly_larger_than_the_noise_has_no_beat():
    found = measure(simulate(EcgSpec(rhythm=Rhythm.ASYSTOLE, noise_uv=15)).recording)
    assert found.beats == ()
    assert "heart beat" in found.qrs.reason


def test_a_single_beat_is_measured_but_has_no_rate():
    one = SIGNAL[:, 560:960]
    found = measured(one)
    assert len(found.beats) == 1
    assert found.qrs.value == pytest.approx(92, abs=25)
    assert found.heart_rate.value is None
    assert "one beat" in found.heart_rate.reason
    assert found.qtc_bazett.value is None


def test_two_seconds_of_signal_give_a_rate_and_a_width():
    found = measured(SIGNAL[:, :1000])
    assert found.heart_rate.value == pytest.approx(68, abs=2)
    assert found.qrs.value == pytest.approx(92, abs=15)


@pytest.mark.parametrize("rate", [220, 300])
def test_a_very_fast_rhythm_is_counted_beat_by_beat(rate):
    found = measure(simulate(EcgSpec(rhythm=Rhythm.JUNCTIONAL, rate=rate, noise_uv=10)).recording)
    assert found.heart_rate.value == pytest.approx(rate, rel=0.02)


def test_a_wide_tachycardia_without_any_calm_line_is_counted():
    spec = EcgSpec(rhythm=Rhythm.VENTRICULAR_TACHYCARDIA, rate=220, qt_ms=230, noise_uv=10)
    found = measure(simulate(spec).recording)
    assert found.heart_rate.value == pytest.approx(220, rel=0.03)
    assert found.qrs.value > 120


def test_one_lead_alone_is_enough_for_rate_and_intervals():
    signal = np.full_like(SIGNAL, np.nan)
    signal[Lead.II.row] = SIGNAL[Lead.II.row]
    found = measured(signal)
    assert found.heart_rate.value == pytest.approx(68, abs=1)
    assert found.pr.value == pytest.approx(160, abs=20)
    assert found.qrs_axis.value is None
    assert "limb leads" in found.qrs_axis.reason
    assert found.rhythm_lead is Lead.II


def test_one_faulty_electrode_makes_no_beats():
    signal = SIGNAL.copy()
    for start in range(400, 4800, 611):
        signal[Lead.V6.row, start : start + 60] += 2.0
    assert len(measured(signal).beats) == len(measured(SIGNAL).beats)


def test_strokes_that_hide_whole_complexes_are_survived():
    signal = SIGNAL.copy()
    for start in range(300, 4900, 40):
        signal[:, start : start + 3] += 3.0
    assert_sensible(measured(signal))


def test_a_record_that_is_flat_around_its_only_step_is_survived():
    signal = np.zeros((12, 2000), dtype=np.float32)
    signal[:, 900:] = 1.0
    signal[:6, 400:600] = np.nan
    assert_sensible(measured(signal))


def test_a_complex_that_is_largest_where_it_seems_to_end_has_no_width():
    time_s = np.arange(5000) / 500
    since = np.minimum((time_s % 0.4), 0.4)  # 150 a minute, each complex a steep rise that runs into a slow fall
    beat = 1 / (1 + np.exp(-(since - 0.06) / 0.006)) * np.exp(-((np.maximum(since - 0.06, 0) / 0.16) ** 2))
    measured = measure(Recording((beat * np.linspace(0.5, 1.5, 12)[:, None]).astype(np.float32), np.full(12, 40.0)))
    assert measured.qrs.value is None
    assert "runs into" in measured.qrs.reason
    assert measured.heart_rate.value == pytest.approx(150, abs=2)
