"""What must never be hidden by another statement, and what cannot be judged beside one."""

import pytest

from ecgdesk.ecg.reading import Severity
from ecgdesk.ecg.statements import catalogue
from tests.read.patients import beat, beat_train, codes, ecg, read
from tests.read.rule_cases import LBBB, NO_P, delta_waves, fast_irregular, irregular, rate

REGULAR_WIDE = {**NO_P, "rmssd_ratio": 0.01}
LIKE_PACING = {"V6": {"r_mv": 0.2, "s_mv": -0.8}}
ELEVATED = {"V2 V3": {"j_mv": 0.6}}
BRUGADA_V1 = {"j_mv": 0.3, "st20_mv": 0.28, "st40_mv": 0.2, "st60_mv": 0.12, "st80_mv": 0.05, "t_mv": -0.2}
ARMS_SWAPPED = {"I": {"p_mv": -0.08, "qrs_area_mv_ms": -20.0, "t_mv": -0.25}}


def severity(code, evidence):
    return next(finding for finding in read(evidence).findings if finding.code == code).severity


# --- wide complexes without spikes


@pytest.mark.parametrize(("bpm", "said"), [(150, "WIDE_TACHYCARDIA"), (35, "VENTRICULAR_ESCAPE")])
def test_wide_rhythm_too_fast_or_too_slow_for_a_pacemaker_is_not_taken_for_pacing(bpm, said):
    wide = {"figures": rate(bpm, qrs=180.0, qrs_axis=-75.0), "rhythm": REGULAR_WIDE, "leads": LIKE_PACING}
    found = codes(ecg(beats=beat_train(72), **wide))
    assert said in found
    assert "PACE" not in found


# --- wide tachycardias leave out what they deform


def tachycardia(code, **more):
    fast = {"beats": fast_irregular(), "rhythm": NO_P, "figures": rate(170, qrs=140.0)}
    if code == "WIDE_TACHYCARDIA":
        fast = {"beats": beat_train(72), "figures": rate(160, qrs=150.0), "rhythm": REGULAR_WIDE}
    return ecg(**fast, **more)


@pytest.mark.parametrize("code", ["AF_PREEXCITED", "WIDE_TACHYCARDIA"])
def test_st_elevation_and_reversed_electrodes_are_not_judged_in_a_wide_tachycardia(code):
    found = codes(tachycardia(code, leads={**ELEVATED, **ARMS_SWAPPED}))
    assert code in found
    assert not found & {"STEMI_ANTERIOR", "STE_", "ARM_REVERSAL", "LVH"}


@pytest.mark.parametrize("code", ["VT", "POLYMORPHIC_VT", "AF_PREEXCITED"])
def test_what_a_ventricular_rhythm_deforms_is_left_out_by_the_catalogue(code):
    row = catalogue()[code]
    deformed = {"STEMI_ANTERIOR", "ARM_REVERSAL", "ANEUR", "CLBBB", "LVH", "IMI", "ISC_", "LNGQT", "LAD"}
    assert deformed <= set(row.precludes)
    assert "HYPERKALAEMIA" not in {*row.precludes, *row.hides}


def test_flutter_is_not_told_beside_a_ventricular_tachycardia():
    assert {"AFLT", "SVT"} <= set(catalogue()["VT"].hides)


def test_st_elevation_is_not_judged_beside_pre_excitation():
    assert "STEMI_INFERIOR" in catalogue()["WPW"].precludes


# --- what stands beside an infarction


def test_a_brugada_pattern_does_not_hide_an_anterior_infarction():
    found = codes(ecg(leads={"V1": BRUGADA_V1, "V2 V3 V4": {"j_mv": 0.4}}))
    assert {"BRUGADA_1", "STEMI_ANTERIOR"} <= found


@pytest.mark.parametrize(
    "leads",
    [
        {**LBBB, "V6": {**LBBB["I aVL V5 V6"], "j_mv": 0.15, "qrs_area_mv_ms": 60.0}},
        {**LBBB, "V2": {"qrs_area_mv_ms": -60.0, "j_mv": -0.15}},
    ],
)
def test_each_concordant_criterion_of_sgarbossa_is_enough(leads):
    assert "SGARBOSSA" in codes(ecg(figures={"qrs": 150.0}, leads=leads))


@pytest.mark.parametrize(
    ("qrs", "leads"),
    [
        (150.0, {**LBBB, "V2": {"qrs_area_mv_ms": -60.0, "j_mv": 0.4}}),  # discordant, as the block itself brings it
        (150.0, {**LBBB, "V4": {"qrs_area_mv_ms": 60.0, "j_mv": -0.4}}),
        (150.0, {"II": {"j_mv": 0.2}}),  # no left bundle branch block
        (110.0, {**LBBB, "II": {"j_mv": 0.2}}),
    ],
)
def test_discordant_st_or_another_qrs_is_no_sgarbossa(qrs, leads):
    assert "SGARBOSSA" not in codes(ecg(figures={"qrs": qrs}, leads=leads))


# --- pauses and rates


def with_pause(pause_s):
    gaps = (0.6, 1.0, 0.5, 0.7, pause_s, 0.8, 0.5, 0.9, 0.6)
    r = [0.5]
    for gap in gaps:
        r.append(r[-1] + gap)
    return tuple(beat(time, p=False) for time in r)


def fibrillating(kind, **more):
    return {
        "definite": {"rhythm": {**NO_P, "rmssd_ratio": 0.3}},
        "probable": {"rhythm": {"p_share": 0.7, "fibrillation_ratio": 0.6}},
        "possible": {
            "rhythm": {"p_share": 0.9},
            "figures": {"p_axis": -90.0},
            "leads": {"aVR": {"p_mv": 0.05}},
        },
    }[kind] | more


@pytest.mark.parametrize("kind", ["definite", "probable", "possible"])
@pytest.mark.parametrize(("bpm", "urgent"), [(130, True), (44, True), (80, False)])
def test_a_fast_or_slow_fibrillation_is_urgent_however_it_was_found(kind, bpm, urgent):
    given = fibrillating(kind, beats=irregular())
    given["figures"] = {**given.get("figures", {}), **rate(bpm)}
    assert severity("AFIB", ecg(**given)) is (Severity.URGENT if urgent else Severity.ABNORMAL)


@pytest.mark.parametrize(("pause_s", "urgent"), [(3.2, True), (2.4, False)])
def test_a_pause_of_three_seconds_in_fibrillation_is_urgent(pause_s, urgent):
    evidence = ecg(**fibrillating("definite", beats=with_pause(pause_s)))
    assert severity("AFIB", evidence) is (Severity.URGENT if urgent else Severity.ABNORMAL)


@pytest.mark.parametrize(("rr", "urgent"), [(1.55, True), (1.05, False)])
def test_a_pause_of_three_seconds_by_sinoatrial_block_is_urgent(rr, urgent):
    train = tuple(beat(0.5 + rr * step) for step in (0, 1, 2, 3, 4, 6))
    evidence = ecg(beats=train, figures=rate(60 / rr))
    assert severity("SA_BLOCK", evidence) is (Severity.URGENT if urgent else Severity.ABNORMAL)


# --- blocks


@pytest.mark.parametrize(
    ("p_times", "rr_sd", "bpm"),
    [
        ([0.4 + 0.73 * k for k in range(12)], 90.0, 38),  # the escape beats are not regular
        ([0.4 + 0.73 * k for k in range(12)], 10.0, 72),  # faster than an escape
        ([0.5 - 0.11, 2.1 - 0.11, 3.7 - 0.11, 5.3 - 0.11, 6.9 - 0.11], 10.0, 38),  # one P for each QRS
    ],
)
def test_complete_block_needs_regular_p_and_slow_regular_qrs_without_relation(p_times, rr_sd, bpm):
    train = [beat(r, pr=pr) for r, pr in ((0.6, 0.1), (2.2, 0.25), (3.8, 0.3), (5.4, 0.15), (7.0, 0.2))]
    evidence = ecg(beats=train, figures=rate(bpm, rr_sd=rr_sd), rhythm={"p_times_s": tuple(p_times), "p_share": 0.5})
    assert "3AVB" not in codes(evidence)


def test_neither_a_block_nor_an_infarct_is_stated_beside_pre_excitation():
    wide = {"pr": 100.0, "qrs": 150.0}
    scarred = {**LBBB, "II III aVF": {"q_mv": -0.4, "q_ms": 50.0, "r_mv": 0.3}}
    assert {"CLBBB", "IMI"} & codes(ecg(figures={**wide, "pr": 160.0}, leads=scarred, median_signal=delta_waves()))
    said = codes(ecg(figures=wide, leads=scarred, median_signal=delta_waves()))
    assert "WPW" in said
    groups = {group for code in said for group in catalogue()[code].groups}
    assert not groups & {"bundle", "q_mi", "stemi", "wide_beat_st"}
