import numpy as np

from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.ecg.measurements import Wave
from ecgdesk.ecg.patient import Patient, Sex
from ecgdesk.ecg.recording import Recording
from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.measure.measure import measure
from ecgdesk.read.network.features import AGE, MALE, NAMES, columns_of, features
from ecgdesk.read.network.inputs import beat_input


def recording(signal):
    return Recording(signal.astype(np.float32), np.full(12, 30, dtype=np.float32))


def test_the_average_beat_stands_with_its_r_peak_at_the_same_place():
    measured = measure(recording(simulate(EcgSpec()).signal))
    seen = beat_input(measured.median_beat)
    assert seen.shape == (24, 320)
    assert abs(int(np.argmax(seen[Lead.II.row])) - 125) <= 2


def test_without_beats_nothing_is_seen():
    assert not beat_input(None).any()


def test_the_row_holds_the_measurements_by_name_and_nan_where_there_is_none():
    measured = measure(recording(simulate(EcgSpec(rate=70)).signal))
    row = dict(zip(NAMES, features(measured, Patient(sex=Sex.FEMALE)).tolist(), strict=True))
    assert abs(row["heart_rate"] - 70) < 2
    assert abs(row["II_r_mv"] - measured.lead(Lead.II).r_mv) < 1e-6
    assert row["male"] == 0
    assert np.isnan(row["age"])


def test_a_row_of_nothing_is_absent_but_for_counts():
    row = features(measure(recording(np.full((12, 5000), np.nan))), Patient())
    assert set(np.array(NAMES)[np.isfinite(row)]) <= {"spikes"}


def test_every_measurement_of_a_lead_belongs_to_one_wave():
    places = [place for lead in STANDARD_ORDER for wave in Wave for place in columns_of(lead, wave)]
    of_leads = [place for place, name in enumerate(NAMES) if name.split("_")[0] in set(STANDARD_ORDER)]
    assert sorted(places) == of_leads
    assert AGE not in places
    assert MALE not in places
