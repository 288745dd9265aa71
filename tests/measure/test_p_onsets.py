import numpy as np
import pytest

from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.measurements import Measurements, Wave
from ecgdesk.ecg.recording import Recording
from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.measure.beats import find_beats
from ecgdesk.measure.conditioning import condition
from ecgdesk.measure.measure import measure
from ecgdesk.measure.p_onsets import p_onset_lags, where_it_rises
from ecgdesk.measure.p_summit import apart
from ecgdesk.measure.p_wave import p_waves
from ecgdesk.measure.shapes import clusters
from ecgdesk.measure.t_wave import Waves

CENTRE, QRS, P_START, P_STOP = 275, 255, 185, 240  # columns of an average beat


def hump(start: int, stop: int, size: float = 0.12) -> np.ndarray:
    """float64[675]: half a cosine between two columns, 0 elsewhere."""
    line = np.zeros(675)
    line[start:stop] = size * np.sin(np.linspace(0, np.pi, stop - start)) ** 2
    return line


def average_beat(*, first_lead: np.ndarray) -> np.ndarray:
    return np.stack([first_lead, *(hump(P_START, P_STOP) for _ in range(11))])


def marks_of(average: np.ndarray) -> Waves:
    return p_waves(average, centre=CENTRE, qrs_onset=QRS, first=60.0, t_offset=float("nan"))


def test_a_lead_that_shows_only_the_later_half_of_the_p_wave_begins_there():
    onset = marks_of(average_beat(first_lead=hump(P_START + 22, P_STOP))).onset
    assert np.ptp(onset[1:]) < 2
    assert 24 <= (onset[0] - onset[1]) * 2 <= 48  # ms; truth 44


def rising(first_lead: np.ndarray) -> np.ndarray:
    average = average_beat(first_lead=first_lead)
    marks = Waves(np.full(12, float(P_START)), np.full(12, 215.0), np.full(12, float(P_STOP)))
    return where_it_rises(average, marks, first=P_START, last=P_STOP, qrs_onset=QRS).onset


def test_a_p_wave_that_dips_before_it_rises_begins_in_that_lead_with_the_rise():
    onset = rising(hump(P_START, P_START + 20, -0.05) + hump(P_START + 16, P_STOP))
    assert onset[0] == pytest.approx(P_START + 12, abs=4)
    assert np.all(onset[1:] == P_START)


@pytest.mark.parametrize(
    "line",
    [
        hump(P_START, P_START + 25) + hump(P_START + 25, P_STOP, -0.12),  # rises first
        hump(P_START, P_START + 35, -0.12) + hump(P_START + 35, P_STOP, 0.04),  # the dip is the wave
        hump(P_START, P_STOP, -0.12),
    ],
)
def test_a_p_wave_that_does_not_dip_first_or_mostly_dips_begins_where_it_did(line):
    assert rising(line)[0] == P_START


def test_without_a_p_wave_nothing_moves():
    absent = Waves(*(np.full(12, np.nan) for _ in range(3)))
    moved = where_it_rises(np.zeros((12, 675)), absent, first=float("nan"), last=float("nan"), qrs_onset=float("nan"))
    assert np.isnan(moved.onset).all()


def p_onsets_s(found: Measurements, lead: Lead) -> np.ndarray:
    return np.array([mark.onset_s for mark in found.marks if mark.lead is lead and mark.wave is Wave.P])


def test_one_beat_whose_p_wave_begins_late_in_one_lead_is_marked_late_there_alone():
    simulated = simulate(EcgSpec(rate=60, noise_uv=2, seed=4))
    signal = simulated.recording.signal.copy()
    start = round(simulated.beats[4].p_onset_s * 500)
    signal[Lead.II.row, start : start + 12] = signal[Lead.II.row, start - 12 : start].mean()
    changed = measure(Recording(signal, simulated.recording.quality_db))
    usual = measure(simulated.recording)
    later = (p_onsets_s(changed, Lead.II) - p_onsets_s(usual, Lead.II)) * 1000
    assert 4 <= later[4] <= 16
    assert np.abs(np.delete(later, 4)).max() <= 3
    assert p_onsets_s(changed, Lead.V2) == pytest.approx(p_onsets_s(usual, Lead.V2), abs=0.002)
    assert changed.pr.value == pytest.approx(usual.pr.value, abs=2)


def test_no_beat_has_its_p_onset_after_its_peak():
    conditioned = condition(simulate(EcgSpec(rate=80, noise_uv=40, seed=2)).recording)
    cluster = clusters(conditioned, find_beats(conditioned))[0]
    onset = np.full(12, 205.0)
    near_the_peak = Waves(onset, onset + 2, onset + 30)
    lags = p_onset_lags(conditioned, cluster, near_the_peak, np.zeros(len(cluster.at)))
    assert lags.min() < -2
    assert lags.max() <= 2


def test_a_flank_leaves_its_line_where_it_is_farthest_from_the_chord_in_many_lines_at_once():
    lines = np.stack([np.maximum(0.0, np.arange(50.0) - turn) for turn in (10, 25, 40)])
    assert apart(lines).tolist() == [10, 25, 40]
    assert apart(-lines).tolist() == [10, 25, 40]
    assert apart(lines[:, :3]).tolist() == [0, 0, 0]
