"""The simulated ECG is what its truth says."""

from dataclasses import replace

import numpy as np
import pytest

from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.measurements import BeatKind
from ecgdesk.learn.rhythms import Rhythm
from ecgdesk.learn.simulator import LBBB, NORMAL, PACED_SHAPE, RBBB, VENTRICULAR, EcgSpec, half_cosines, simulate


def rows(signal: np.ndarray, *leads: Lead) -> list[np.ndarray]:
    return [signal[lead.row].astype(np.float64) for lead in leads]


@pytest.mark.parametrize("rhythm", list(Rhythm))
def test_limb_leads_obey_einthoven_and_goldberger_in_every_rhythm(rhythm):
    spec = EcgSpec(rhythm=rhythm, noise_uv=15, wander_mv=0.2, ventricular=PACED_SHAPE)
    signal = simulate(spec).signal
    i, ii, iii, avr, avl, avf = rows(signal, Lead.I, Lead.II, Lead.III, Lead.AVR, Lead.AVL, Lead.AVF)
    for difference in (i + iii - ii, avr + (i + ii) / 2, avl - (i - ii / 2), avf - (ii - i / 2)):
        assert np.max(np.abs(difference)) < 1e-5


@pytest.mark.parametrize("shape", [NORMAL, RBBB, LBBB])
def test_nothing_moves_outside_the_true_marks(shape):
    made = simulate(EcgSpec(shape=shape, rate=60))
    quiet = np.ones(made.clean.shape[1], dtype=bool)
    for beat in made.beats:
        for start, stop in ((beat.p_onset_s, beat.p_offset_s), (beat.qrs_onset_s, beat.t_offset_s)):
            quiet[max(0, int(start * 500)) : int(stop * 500) + 2] = False
    assert quiet.sum() > 500
    assert np.max(np.abs(made.clean[:, quiet])) < 1e-6


def test_each_wave_begins_to_move_at_its_onset():
    made = simulate(EcgSpec(rate=60))
    beat = made.beats[3]
    for onset in (beat.p_onset_s, beat.qrs_onset_s):
        after = made.clean[:, int(onset * 500) + 6]
        assert np.max(np.abs(after)) > 0.003


def test_a_half_cosine_is_zero_outside_and_one_at_its_summit():
    time = np.linspace(-1, 3, 4001)
    wave = half_cosines(time, 0.5, 1.0, summit=0.3)
    assert wave.max() == pytest.approx(1.0, abs=1e-5)
    assert time[np.argmax(wave)] == pytest.approx(0.8, abs=0.002)
    assert np.all(wave[(time < 0.5) | (time > 1.5)] == 0)


@pytest.mark.parametrize("axis", [-60.0, 0.0, 45.0, 110.0])
def test_the_net_qrs_area_points_to_the_axis_asked_for(axis):
    made = simulate(EcgSpec(shape=replace(NORMAL, qrs_axis=axis, st=replace(NORMAL.st), t=replace(NORMAL.t))))
    beat = made.beats[2]
    part = made.clean[:, round(beat.qrs_onset_s * 500) : round(beat.qrs_offset_s * 500) + 1]
    lead_i, avf = part[Lead.I.row].sum(), part[Lead.AVF.row].sum()
    assert np.degrees(np.arctan2(2 * avf / np.sqrt(3), lead_i)) == pytest.approx(axis, abs=1.0)
    assert made.qrs_axis == pytest.approx(axis)


def test_rate_and_intervals_are_those_of_the_spec():
    made = simulate(EcgSpec(rate=75, pr_ms=180, qt_ms=380, duration_s=20))
    onsets = np.array([beat.qrs_onset_s for beat in made.beats])
    assert np.diff(onsets) == pytest.approx(0.8)
    for beat in made.beats:
        assert beat.qrs_onset_s - beat.p_onset_s == pytest.approx(0.180)
        assert beat.t_offset_s - beat.qrs_onset_s == pytest.approx(0.380)
        assert beat.qrs_offset_s - beat.qrs_onset_s == pytest.approx(0.092)


@pytest.mark.parametrize(("rhythm", "per_beat"), [(Rhythm.TWO_TO_ONE, 2.0), (Rhythm.MOBITZ_2, 4 / 3)])
def test_blocked_rhythms_have_more_p_waves_than_beats_and_keep_the_ventricular_rate(rhythm, per_beat):
    made = simulate(EcgSpec(rhythm=rhythm, rate=45, duration_s=60))
    assert len(made.beats) == pytest.approx(45, abs=2)
    assert len(made.p_onsets_s) / len(made.beats) == pytest.approx(per_beat, rel=0.06)


def test_wenckebach_pr_grows_until_a_beat_drops():
    made = simulate(EcgSpec(rhythm=Rhythm.MOBITZ_1, rate=50, pr_ms=170))
    pr = [round((beat.qrs_onset_s - beat.p_onset_s) * 1000) for beat in made.beats[:6]]
    assert pr == [170, 230, 290, 170, 230, 290]


def test_fibrillation_is_irregular_and_repeats_with_its_seed():
    one, same, other = (simulate(EcgSpec(rhythm=Rhythm.FIBRILLATION, seed=seed)) for seed in (1, 1, 2))
    gaps = np.diff([beat.r_s for beat in one.beats])
    assert np.std(gaps) / np.mean(gaps) > 0.1
    assert one.p_onsets_s == ()
    assert np.array_equal(one.signal, same.signal)
    assert not np.array_equal(one.signal, other.signal)


def test_ventricular_beats_are_wide_early_and_marked():
    made = simulate(EcgSpec(rhythm=Rhythm.PVC))
    kinds = [beat.kind for beat in made.beats]
    assert kinds[:4] == [BeatKind.DOMINANT] * 3 + [BeatKind.VENTRICULAR]
    wide = made.beats[3]
    assert wide.qrs_offset_s - wide.qrs_onset_s == pytest.approx(VENTRICULAR.qrs_ms / 1000)


def test_noise_has_the_size_asked_for():
    made = simulate(EcgSpec(noise_uv=20))
    assert np.std(made.signal - made.clean, axis=1)[[0, 1, 6, 11]] == pytest.approx(0.020, rel=0.05)


def test_a_spec_whose_waves_would_overlap_is_refused():
    with pytest.raises(ValueError, match="PR"):
        simulate(EcgSpec(pr_ms=80, p_ms=110))
    with pytest.raises(ValueError, match="QT"):
        simulate(EcgSpec(qt_ms=120))
    with pytest.raises(ValueError, match="rate"):
        simulate(EcgSpec(rate=5))
