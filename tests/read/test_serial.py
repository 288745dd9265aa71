"""An ECG beside an earlier one of the same patient."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ecgdesk.ecg.case import Case
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.measurements import NAN, BeatKind
from ecgdesk.ecg.patient import Patient
from ecgdesk.ecg.reading import Certainty, Finding, Reading, Severity
from ecgdesk.ecg.statements import catalogue
from ecgdesk.learn.simulator import NORMAL, EcgSpec, Size, simulate
from ecgdesk.measure.measure import measure
from ecgdesk.pipeline import reread
from ecgdesk.read.serial import NotComparable, compare, on_the_wall
from tests.read.patients import beat_train, ecg, read

ISCHAEMIA = "New or worsened ischaemia or infarction"


NO_CHANGE = ("overall", "technical")  # categories whose statements are no change of the heart


def case(evidence=None, *, number="1", at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC), **changed):
    evidence = evidence or ecg(**changed)
    return Case(
        id=number,
        source_name="sample.png",
        sheet_number=1,
        created_at=at,
        scan=b"",
        patient=Patient(patient_id="TEST-0001", age_years=50.0),
        measurements=evidence.measurements,
        readings=(read(evidence),),
    )


def said(earlier, later):
    return {one.text: one.why for one in compare(earlier, later).statements}


def change(comparison, name, lead=None):
    return next(c for c in comparison.changes if c.name == name and c.lead is lead)


def test_same_ecg_twice_has_no_significant_change():
    comparison = compare(case(), case())
    assert [one.text for one in comparison.statements] == ["No significant change"]
    assert not comparison.real_changes
    assert not comparison.new
    assert not comparison.gone


def test_difference_within_the_uncertainty_is_no_change():
    pr = change(compare(case(figures={"pr": 160.0}), case(figures={"pr": 175.0})), "PR interval")
    assert pr.difference == 15
    assert not pr.beyond_uncertainty


def test_difference_beyond_the_uncertainty_is_told_with_its_size():
    qrs = change(compare(case(figures={"qrs": 90.0}), case(figures={"qrs": 140.0})), "QRS duration")
    assert (qrs.earlier, qrs.later, qrs.difference) == (90, 140, 50)
    assert qrs.beyond_uncertainty


def test_axis_goes_the_shorter_way_round():
    comparison = compare(case(figures={"qrs_axis": 170.0}), case(figures={"qrs_axis": -170.0}))
    assert change(comparison, "QRS axis").difference == pytest.approx(20)


def test_new_st_elevation_is_new_ischaemia():
    later = case(leads={"V2 V3": {"j_mv": 0.3, "st60_mv": 0.3}})
    comparison = compare(case(), later)
    why = said(case(), later)["New or worsened ischaemia or infarction"]
    assert "STEMI criteria met: anterior" in why
    assert "J level V2 0.05 to 0.30 mV" in why
    assert {f.code for f in comparison.new} >= {"STEMI_ANTERIOR"}
    assert change(comparison, "J level", Lead.V3).beyond_uncertainty


def test_no_abnormal_statement_that_is_new_passes_for_no_significant_change():
    earlier = case(number="1")
    grave = [s for s in catalogue().values() if s.severity >= Severity.ABNORMAL and s.category not in NO_CHANGE]

    for statement in grave:
        new = Finding(statement.code, statement.severity, Certainty.PROBABLE, (), "person", "seen by eye")
        later = replace(earlier, id="2", readings=(*earlier.readings, Reading("person", "1", (new,))))
        assert "No significant change" not in said(earlier, later), statement.code


def test_finding_that_is_no_longer_made_is_gone():
    comparison = compare(case(leads={"V2 V3": {"j_mv": 0.3}}), case())
    assert "STEMI_ANTERIOR" in {finding.code for finding in comparison.gone}
    assert "New or worsened ischaemia or infarction" not in {one.text for one in comparison.statements}


def test_new_premature_beats_are_a_change_in_rhythm_whatever_the_figures_say():
    later = case(beats=beat_train(70, kinds={4: BeatKind.VENTRICULAR}))
    assert "Premature ventricular complex" in said(case(), later)["Significant change in rhythm"]


def test_rate_counts_only_where_it_leaves_the_usual_range():
    slow, fast = {"heart_rate": 60.0, "rr_mean": 1000.0}, {"heart_rate": 95.0, "rr_mean": 632.0}
    assert "Significant change in rhythm" not in said(case(figures=slow), case(figures=fast))


def test_rate_that_leaves_the_usual_range_by_more_than_20_is_told():
    usual, beyond, little = ({"heart_rate": rate, "rr_mean": 60000 / rate} for rate in (96.0, 120.0, 112.0))
    assert "Heart rate 96 to 120" in said(case(figures=usual), case(figures=beyond))["Significant change in rhythm"]
    assert "Heart rate" not in said(case(figures=usual), case(figures=little))["Significant change in rhythm"]


def test_st_counts_from_two_leads_on_and_t_only_where_it_turned():
    def worsened(**leads):
        return said(case(leads={"V4 V5": {"t_mv": 0.3}}), case(leads=leads)).get(ISCHAEMIA, "")

    assert "J level" not in worsened(V2={"j_mv": 0.25})
    assert "J level V2 0.05 to 0.25 mV; J level V3" in worsened(**{"V2 V3": {"j_mv": 0.25}})
    assert "T height" not in worsened(**{"V4 V5": {"t_mv": -0.05}})
    assert "T height V4 0.3 to -0.20 mV" in worsened(**{"V4 V5": {"t_mv": -0.2}})


def test_a_wave_that_came_is_compared_with_none():
    without = case(leads={"II": {"q_mv": NAN, "q_ms": NAN}})
    grown = change(compare(without, case(leads={"II": {"q_mv": -0.3, "q_ms": 40.0}})), "Q depth", Lead.II)
    assert grown.earlier == 0.0
    assert grown.difference == pytest.approx(-0.3)


def test_qtc_longer_by_less_than_60_ms_is_no_change_of_repolarisation_by_itself():
    texts = said(case(figures={"qtc_fridericia": 380.0}), case(figures={"qtc_fridericia": 435.0}))
    assert "Significant change of repolarisation" not in texts


def test_statement_that_crosses_its_limit_within_the_uncertainty_is_a_change_of_interpretation():
    texts = said(case(figures={"pr": 214.0}), case(figures={"pr": 224.0}))
    assert list(texts) == ["Change in interpretation without significant change of the tracing"]
    assert "First degree AV block" in next(iter(texts.values()))


def test_longer_qtc_of_more_than_60_ms_is_a_change_of_repolarisation():
    texts = said(case(figures={"qtc_fridericia": 380.0}), case(figures={"qtc_fridericia": 448.0}))
    assert "QTc (Fridericia) 380 to 448 ms" in texts["Significant change of repolarisation"]


def test_figure_that_one_of_the_two_lacks_is_named():
    comparison = compare(case(), case(figures={"pr": None}))
    assert comparison.not_compared == ("PR interval cannot be compared: it is not measurable in the later ECG.",)


def test_date_of_the_recording_goes_before_that_of_the_sheet():
    earlier = case()
    taken = datetime(2025, 3, 1, 8, 0)
    earlier = replace(earlier, patient=replace(earlier.patient, recorded_at=taken))
    assert compare(earlier, case()).earlier_at == taken


def test_two_patients_are_not_compared():
    other = replace(case(), patient=Patient(patient_id="TEST-0002"))
    with pytest.raises(NotComparable, match="different patient identifiers"):
        compare(other, case())


def taken(one, at):
    return replace(one, patient=replace(one.patient, recorded_at=at))


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (taken(case(), datetime(2025, 3, 2)), taken(case(), datetime(2025, 3, 1, 8, 0))),
        (taken(case(), datetime(2025, 3, 1)), taken(case(), datetime(2025, 3, 1))),
        (taken(case(), datetime(2027, 1, 1)), case()),  # taken after the other's sheet was read
    ],
)
def test_ecg_that_was_not_taken_before_the_other_is_not_its_earlier_one(earlier, later):
    with pytest.raises(NotComparable, match="not before this one"):
        compare(earlier, later)


def test_ecg_read_later_may_have_been_taken_earlier():
    old = taken(case(at=datetime(2026, 11, 25, 9, 0, tzinfo=UTC)), datetime(2020, 1, 1))
    unknown = case(at=datetime(2026, 11, 25, 9, 0, tzinfo=UTC))
    assert compare(old, case()).changes
    assert compare(unknown, case()).changes


def test_a_moment_with_its_time_zone_is_taken_as_the_clock_on_this_wall_shows_it(monkeypatch):
    if not hasattr(time, "tzset"):
        pytest.skip("needs a system whose time zone a test may change")
    monkeypatch.setenv("TZ", "Etc/GMT-12")  # twelve hours ahead
    time.tzset()
    try:
        assert on_the_wall(datetime(2026, 1, 1, 20, tzinfo=UTC)) == datetime(2026, 1, 2, 8)
        assert on_the_wall(datetime(2026, 1, 1, 20)) == datetime(2026, 1, 1, 20)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_ecg_that_was_not_measured_is_not_compared():
    with pytest.raises(NotComparable, match="not measured"):
        compare(replace(case(), measurements=None), case())


def test_simulated_infarction_shows_against_the_simulated_healthy_heart():
    def walked(shape, seed):
        recording = simulate(EcgSpec(shape=shape, noise_uv=10, seed=seed)).recording
        return reread(
            replace(case(), recording=recording, measurements=measure(recording), patient=Patient(age_years=60.0))
        )

    healthy, again = walked(NORMAL, 1), walked(NORMAL, 2)
    ill = walked(replace(NORMAL, st=Size(0.25, 100.0, (0.0,) * 6)), 3)
    assert [one.text for one in compare(healthy, again).statements] == ["No significant change"]
    assert "New or worsened ischaemia or infarction" in said(healthy, ill)
