from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecgdesk.ecg.figure import Figure, not_measurable
from ecgdesk.ecg.lead import LIMB_LEADS, STANDARD_ORDER, Lead
from ecgdesk.ecg.measurements import BeatKind, LeadMeasures, Measurements, Rhythm
from ecgdesk.ecg.patient import Patient, Sex
from ecgdesk.ecg.reading import Certainty, Evidence, Severity
from ecgdesk.ecg.recording import Recording
from ecgdesk.ecg.statements import catalogue
from ecgdesk.read import registry
from ecgdesk.read.registry import UnknownReader, reader, reader_names
from tests.read.patients import beat, beat_train, codes, ecg, read
from tests.read.rule_cases import CASES

COLUMNS = {lead: (2.5 * (i // 3), 2.5 * (i // 3) + 2.5) for i, lead in enumerate(STANDARD_ORDER)}
PAPER = {**COLUMNS, Lead.II: (0.0, 10.0)}


def finding(code, evidence):
    return next(f for f in read(evidence).findings if f.code == code)


def test_healthy_adult_is_normal_and_in_sinus_rhythm():
    assert codes(ecg()) == {"SR", "NORM"}


@pytest.mark.parametrize("unseen", [["V1", "V2", "V3", "V4", "V5", "V6"], ["V4"]])
def test_an_ecg_of_which_a_lead_is_missing_is_never_called_normal(unseen):
    limited = ecg(absent=unseen)
    assert codes(limited) == {"SR", "OVERALL_NOT_CLASSIFIED"}
    assert f"{', '.join(unseen)} cannot be judged" in finding("OVERALL_NOT_CLASSIFIED", limited).why
    assert "OVERALL_NOT_CLASSIFIED" in codes(ecg(absent=unseen, figures={"pr": 230.0})), "nor otherwise normal"


def test_reason_carries_the_patients_numbers_and_the_share_of_beats():
    why = finding("1AVB", ecg(figures={"pr": 232.0}, beats=beat_train(70, pr=0.232))).why
    assert "PR 232 ms > 220 ms in 11 of 11 beats" in why


def test_value_within_its_uncertainty_of_the_limit_is_only_probable():
    assert finding("1AVB", ecg(figures={"pr": 224.0})).certainty is Certainty.PROBABLE
    assert finding("1AVB", ecg(figures={"pr": 260.0})).certainty is Certainty.DEFINITE


def test_a_small_r_prime_is_a_probable_block_where_width_and_broad_s_are_there_and_else_a_possible_one():
    small = {"V1": {"r_mv": 0.3, "s_mv": -0.8, "r2_mv": 0.2, "r2_ms": 40.0}}
    broad_s = {"I V6": {"s_mv": -0.3, "s_ms": 55.0}}
    assert finding("IRBBB", ecg(figures={"qrs": 115.0}, leads={**small, **broad_s})).certainty is Certainty.PROBABLE
    assert finding("IRBBB", ecg(figures={"qrs": 115.0}, leads=small)).certainty is Certainty.POSSIBLE
    assert finding("IRBBB", ecg(figures={"qrs": 100.0}, leads={**small, **broad_s})).certainty is Certainty.POSSIBLE


def test_measurements_own_uncertainty_counts():
    sharp = ecg(figures={"pr": 224.0})
    sharp = replace(sharp, measurements=replace(sharp.measurements, pr=Figure(224.0, "ms", uncertainty=1.0)))
    assert finding("1AVB", sharp).certainty is Certainty.DEFINITE


def test_severer_grade_has_its_own_words_and_severity():
    marked = finding("1AVB", ecg(figures={"pr": 330.0}))
    assert marked.severity is Severity.ABNORMAL
    assert "Marked" in marked.text
    long = finding("LNGQT", ecg(figures={"qtc_fridericia": 520.0}))
    assert long.severity is Severity.CRITICAL


def test_an_extensive_infarct_is_not_told_again_by_its_parts():
    said = codes(ecg(leads={"V1 V2 V3 V4 V5 V6 I aVL": {"j_mv": 0.35}}))
    assert "STEMI_EXTENSIVE" in said
    assert not said & {"STEMI_ANTERIOR", "STEMI_LATERAL"}


def test_findings_come_most_severe_first():
    severities = [f.severity for f in read(ecg(leads={"V2 V3": {"j_mv": 0.4}}, figures={"pr": 230.0})).findings]
    assert severities == sorted(severities, reverse=True)


@pytest.mark.parametrize(("code", "met", "_"), CASES, ids=[f"{c}-{i}" for i, (c, _, _) in enumerate(CASES)])
def test_spans_on_a_paper_sheet_lie_where_the_lead_is_shown(code, met, _):
    evidence = ecg(**{"shown": PAPER, **met})
    for one in read(evidence).findings:
        for span in one.spans:
            assert span.start_s < span.end_s
            shown = evidence.recording.spans_s(span.lead)
            assert any(start - 1e-9 <= span.start_s and span.end_s <= end + 1e-9 for start, end in shown)


def test_st_spans_follow_the_qrs_of_the_beats_seen_in_that_lead():
    spans = finding("STEMI_ANTERIOR", ecg(leads={"V2 V3": {"j_mv": 0.4}}, shown=PAPER)).spans
    assert {span.lead for span in spans} == {Lead.V2, Lead.V3}
    ends = [b.qrs_offset_s for b in beat_train(70)]
    assert all(min(abs(span.start_s - end) for end in ends) < 0.001 for span in spans)


def test_ectopic_beats_alone_are_highlighted():
    evidence = ecg(beats=beat_train(70, kinds={4: BeatKind.VENTRICULAR}))
    (span,) = finding("PVC", evidence).spans
    ectopic = next(b for b in evidence.measurements.beats if b.kind is BeatKind.VENTRICULAR)
    assert span.start_s == pytest.approx(ectopic.qrs_onset_s)


# --- sex and age


def test_unknown_sex_and_age_take_the_stricter_limit_and_say_so():
    between = {"leads": {"V2 V3": {"j_mv": 0.22}}}
    assert "STEMI_ANTERIOR" not in codes(ecg(sex=Sex.UNKNOWN, age=None, **between))
    assert "STEMI_ANTERIOR" in codes(ecg(sex=Sex.MALE, age=60, **between))
    why = finding("STEMI_ANTERIOR", ecg(sex=Sex.UNKNOWN, age=None, leads={"V2 V3": {"j_mv": 0.4}})).why
    assert "age and sex not known: stricter limit" in why


@pytest.mark.parametrize(
    ("sex", "age", "j", "met"),
    [
        (Sex.MALE, 30, 0.22, False),
        (Sex.MALE, 30, 0.26, True),
        (Sex.MALE, 45, 0.19, False),
        (Sex.MALE, 45, 0.21, True),
        (Sex.FEMALE, 30, 0.14, False),
        (Sex.FEMALE, 80, 0.16, True),
    ],
)
def test_st_elevation_limits_of_v2_and_v3_follow_sex_and_age(sex, age, j, met):
    assert ("STEMI_ANTERIOR" in codes(ecg(sex=sex, age=age, leads={"V2 V3": {"j_mv": j}}))) is met


def test_child_gets_measurements_only():
    reading = read(ecg(age=12, figures={"pr": 250.0, "qrs_axis": 120.0}))
    assert [f.code for f in reading.findings] == ["CHILD"]
    assert "adult criteria were not applied" in reading.findings[0].why


# --- what stands beside what


def test_left_bundle_branch_block_leaves_out_voltage_and_says_why():
    block = {"I aVL V5 V6": {"q_mv": 0.0, "r_mv": 2.9, "s_mv": 0.0, "r_peak_time_ms": 80.0}}
    evidence = ecg(figures={"qrs": 150.0}, leads={**block, "V1": {"r_mv": 0.1, "s_mv": -1.8, "qrs_area_mv_ms": -80.0}})
    reading = read(evidence)
    said = {f.code for f in reading.findings}
    assert "CLBBB" in said
    assert not said & {"LVH", "VCLVH", "IVCD"}
    assert any("Left ventricular hypertrophy is not stated beside complete left bundle" in r for r in reading.remarks)


def test_pacing_leaves_out_everything_that_it_deforms():
    paced = dict.fromkeys(range(12), BeatKind.PACED)
    train = beat_train(70, kinds=paced)
    evidence = ecg(
        beats=train,
        rhythm={"spikes_s": tuple(b.r_s - 0.05 for b in train)},
        figures={"qrs": 160.0, "qrs_axis": -70.0, "qtc_fridericia": 520.0},
        leads={"V2 V3": {"j_mv": 0.4}, "II III aVF": {"q_mv": -0.8, "q_ms": 80.0, "r_mv": 0.0}},
    )
    assert codes(evidence) == {"PACE", "OVERALL_NOT_CLASSIFIED"}


def test_fibrillation_leaves_out_pr_and_sinus_statements():
    irregular = tuple(beat(r, p=False) for r in (0.5, 1.1, 2.1, 2.6, 3.3, 4.4, 5.2, 5.7, 6.9, 7.5, 8.6, 9.2))
    said = codes(ecg(beats=irregular, rhythm={"p_share": 0.2, "p_times_s": ()}, figures={"pr": 240.0}))
    assert "AFIB" in said
    assert not said & {"SR", "1AVB", "SARRH", "PAC"}


def test_suspected_arm_reversal_leaves_out_the_axis():
    swapped = {
        "I": {"p_mv": -0.08, "qrs_area_mv_ms": -20.0, "t_mv": -0.25},
        "aVR": {"p_mv": 0.1, "qrs_area_mv_ms": 25.0},
    }
    said = codes(ecg(leads=swapped, figures={"qrs_axis": 130.0}))
    assert "ARM_REVERSAL" in said
    assert "RAD" not in said


def test_noisy_lead_is_left_out_and_named():
    reading = read(ecg(leads={"V2": {"noise_uv": 200.0, "j_mv": 0.5}, "V3": {"j_mv": 0.5}}))
    assert any(remark.startswith("Lead V2 was not judged: noise V2 200 µV") for remark in reading.remarks)
    assert "STEMI_ANTERIOR" not in {f.code for f in reading.findings}


def test_no_statement_is_ever_negative():
    texts = [row.name for row in catalogue().values()]
    for _, met, not_met in CASES:
        texts += [f.text for f in (*read(ecg(**met)).findings, *read(ecg(**not_met)).findings)]
    assert not [text for text in texts if text.lower().startswith(("no ", "not ", "absence"))]


def test_missing_measurement_is_told_once_with_what_waits_for_it():
    remarks = read(ecg(figures={"pr": None})).remarks
    (remark,) = [r for r in remarks if "PR is not measurable" in r]
    assert "First degree AV block" in remark
    assert "the test says so" in remark


# --- the overall line


@pytest.mark.parametrize(
    ("changes", "overall"),
    [
        ({}, "NORM"),
        ({"figures": {"pr": 230.0}}, "OVERALL_OTHERWISE_NORMAL"),
        ({"figures": {"qrs_axis": -120.0}}, "OVERALL_ABNORMAL"),
        ({"leads": {"V2 V3": {"j_mv": 0.4}}}, "OVERALL_CRITICAL"),
        ({"absent": [lead.value for lead in STANDARD_ORDER if lead is not Lead.II]}, "OVERALL_UNINTERPRETABLE"),
        ({"figures": {"pr": None}}, "OVERALL_NOT_CLASSIFIED"),
    ],
)
def test_overall_line_follows_the_most_severe_finding(changes, overall):
    assert overall in codes(ecg(**changes))


def test_one_overall_line_on_every_reading():
    for _, met, _not in CASES:
        said = [f for f in read(ecg(**met)).findings if catalogue()[f.code].category == "overall"]
        assert len(said) == 1


# --- the registry


def test_criteria_reader_is_had_by_name():
    assert "criteria" in reader_names()
    assert reader("criteria").name == "criteria"


def test_unknown_reader_is_refused_with_the_names_that_there_are():
    with pytest.raises(UnknownReader, match="choose one of: criteria"):
        reader("oracle")


def test_fault_in_making_a_reader_is_not_told_as_an_unknown_name(monkeypatch):
    def broken():
        return {}["weights"]

    monkeypatch.setitem(registry._READERS, "criteria", broken)
    with pytest.raises(KeyError, match="weights"):
        reader("criteria")


# --- whatever comes


def test_recording_without_anything_is_uninterpretable():
    empty = Measurements(**{f.name: not_measurable("ms", "no beat") for f in fields(Measurements) if f.type is Figure})
    nothing = Recording(np.full((12, 0), np.nan, dtype=np.float32), np.full(12, np.nan, dtype=np.float32))
    assert [f.code for f in read(Evidence(nothing, empty, Patient())).findings] == ["OVERALL_UNINTERPRETABLE"]


numbers = st.one_of(st.just(float("nan")), st.floats(-5, 5), st.floats(-1000, 1000))
lead_numbers = st.builds(
    lambda lead, values: replace(LeadMeasures(lead=lead), **values),
    st.sampled_from(STANDARD_ORDER),
    st.fixed_dictionaries(
        {f.name: numbers for f in fields(LeadMeasures) if f.name not in ("lead", "beats", "qrs_notches")}
    ),
)
beats = st.lists(
    st.builds(lambda r, kind, p: beat(r, kind, p=p), st.floats(0, 10), st.sampled_from(list(BeatKind)), st.booleans()),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    figures=st.fixed_dictionaries(
        {f.name: st.one_of(st.none(), st.floats(-400, 1000)) for f in fields(Measurements) if f.type is Figure}
    ),
    leads=st.lists(lead_numbers, max_size=12, unique_by=lambda m: m.lead),
    beats=beats,
    rhythm=st.fixed_dictionaries(dict.fromkeys(("p_share", "pr_sd_ms", "rmssd_ratio", "flutter_hz"), numbers)),
    times=st.lists(st.floats(0, 10), max_size=15),
    gaps=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 4999), st.integers(0, 4999)), max_size=12),
    age=st.one_of(st.none(), st.floats(0, 120)),
    sex=st.sampled_from(list(Sex)),
)
def test_no_measurement_whatever_raises_or_points_outside_the_paper(
    figures, leads, beats, rhythm, times, gaps, age, sex
):
    signal = np.zeros((12, 5000), dtype=np.float32)
    for row, a, b in gaps:
        signal[row, min(a, b) : max(a, b)] = np.nan
    recording = Recording(signal, np.full(12, 20.0, dtype=np.float32))
    measurements = Measurements(
        **{name: not_measurable("ms", "") if value is None else Figure(value, "ms") for name, value in figures.items()},
        beats=tuple(beats),
        leads=tuple(leads),
        rhythm=Rhythm(p_times_s=tuple(times), spikes_s=tuple(times[:3]), **rhythm),
    )
    reading = read(Evidence(recording, measurements, Patient(sex=sex, age_years=age)))
    for one in reading.findings:
        for span in one.spans:
            assert any(s - 1e-9 <= span.start_s < span.end_s <= e + 1e-9 for s, e in recording.spans_s(span.lead))


def test_gap_over_the_place_where_two_columns_of_a_sheet_meet_is_no_block():
    train = [beat(r) for r in (0.5, 1.4, 2.3, 3.2, 4.1, 5.9, 6.8, 7.7, 8.6)]
    p = {"p_times_s": tuple(sorted([*(b.p_peak_s for b in train), 4.85]))}
    columns = {lead: (0.0, 5.0) if lead in LIMB_LEADS else (5.0, 10.0) for lead in STANDARD_ORDER}
    assert "2AVB_MOBITZ_2" in codes(ecg(beats=train, rhythm=p))
    assert not codes(ecg(beats=train, rhythm=p, shown=columns)) & {"2AVB_MOBITZ_1", "2AVB_MOBITZ_2", "SINUS_PAUSE"}


def test_st_elevation_that_a_deep_s_brings_with_it_is_no_infarction():
    steep = {"V2 V3": {"j_mv": 0.4, "s_mv": -3.0}}
    assert "STEMI_ANTERIOR" not in codes(ecg(leads=steep))
    assert "STEMI_ANTERIOR" in codes(ecg(leads={"V2 V3": {"j_mv": 0.9, "s_mv": -3.0}}))


def test_width_is_judged_by_most_leads_where_it_was_measured_so():
    evidence = ecg(figures={"qrs": 126.0})
    assert "IVCD" in codes(evidence)
    typical = replace(evidence.measurements, qrs_typical=Figure(112.0, "ms"))
    assert "IVCD" not in codes(replace(evidence, measurements=typical))
