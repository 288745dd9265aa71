"""Against exact truth: IEC 60601-2-25's limits for analytic signals, and the rhythms that the simulator knows."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from ecgdesk.ecg.figure import Figure
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.measurements import BeatKind, LeadMeasures, Measurements, Wave
from ecgdesk.ecg.recording import Recording
from ecgdesk.learn.rhythms import Rhythm
from ecgdesk.learn.simulator import LBBB, NORMAL, PACED_SHAPE, RBBB, EcgSpec, Simulated, simulate
from ecgdesk.measure.measure import measure

# IEC 60601-2-25: limits of the mean and of the standard deviation of the error, ms
IEC_ANALYTIC_MS = {"p_duration": (10, 8), "pr": (10, 8), "qrs": (6, 5), "qt": (12, 10)}
IEC_AMPLITUDE_MV, IEC_AMPLITUDE_SHARE = 0.025, 0.05


def value(figure: Figure) -> float:
    assert figure.value is not None, figure.reason
    return figure.value


@pytest.fixture(scope="module")
def sweep() -> list[tuple[Simulated, Measurements]]:
    cases = []
    for number, (rate, pr, qrs) in enumerate(product((48, 70, 100), (130, 160, 210), (80, 96, 120))):
        spec = EcgSpec(
            rate=rate,
            p_ms=100 if pr < 150 else 110,
            pr_ms=pr,
            shape=replace(NORMAL, qrs_ms=qrs, qrs_axis=(-45, 20, 85)[(number + number // 3) % 3]),
            noise_uv=(0, 5, 15)[number % 3],
            seed=number,
        )
        simulated = simulate(spec)
        cases.append((simulated, measure(simulated.recording)))
    return cases


@pytest.mark.parametrize("name", IEC_ANALYTIC_MS)
def test_interval_errors_stay_within_the_limits_for_analytic_signals(sweep, name):
    truth = {
        "p_duration": lambda s: s.spec.p_ms,
        "pr": lambda s: s.spec.pr_ms,
        "qrs": lambda s: s.spec.shape.qrs_ms,
        "qt": lambda s: s.qt_ms,
    }[name]
    errors = [value(getattr(found, name)) - truth(simulated) for simulated, found in sweep]
    mean_limit, sd_limit = IEC_ANALYTIC_MS[name]
    assert abs(np.mean(errors)) <= mean_limit
    assert np.std(errors, ddof=1) <= sd_limit


def test_heart_rate_is_within_one_beat_a_minute(sweep):
    assert all(abs(value(found.heart_rate) - simulated.spec.rate) <= 1 for simulated, found in sweep)


def test_axes_are_within_ten_degrees(sweep):
    for simulated, found in sweep:
        pairs = [
            (found.p_axis, simulated.p_axis),
            (found.qrs_axis, simulated.qrs_axis),
            (found.t_axis, simulated.t_axis),
        ]
        assert all(abs((value(figure) - truth + 180) % 360 - 180) <= 10 for figure, truth in pairs)


def amplitude_pairs(simulated: Simulated, lead: LeadMeasures) -> list[tuple[float, float]]:
    beat, line = simulated.beats[2], simulated.clean[lead.lead.row]

    def part(start: float, stop: float) -> np.ndarray:
        return line[round(start * 500) : round(stop * 500)]

    def largest(values: np.ndarray) -> float:
        return float(values[np.argmax(np.abs(values))])

    qrs = part(beat.qrs_onset_s, beat.qrs_offset_s)
    return [
        (float(max(0.0, qrs.max())), float(np.nanmax([lead.r_mv, lead.r2_mv, 0.0]))),
        (float(min(0.0, qrs.min())), float(np.nanmin([lead.q_mv, lead.s_mv, lead.s2_mv, 0.0]))),
        (largest(part(beat.qrs_offset_s + 0.06, beat.t_offset_s)), lead.t_mv),
        (largest(part(beat.p_onset_s, beat.p_offset_s)), lead.p_mv),
        (float(line[round(beat.qrs_offset_s * 500)]), lead.j_mv),
    ]


def test_amplitudes_are_within_25_microvolt_or_5_percent(sweep):
    pairs = [pair for simulated, found in sweep for lead in found.leads for pair in amplitude_pairs(simulated, lead)]
    counted = [(truth, got) for truth, got in pairs if abs(truth) > 0.05]  # smaller deflections need not count
    wrong = [
        (truth, got)
        for truth, got in counted
        if not abs(got - truth) <= max(IEC_AMPLITUDE_MV, IEC_AMPLITUDE_SHARE * abs(truth))
    ]
    assert len(wrong) <= 0.005 * len(counted), wrong[:10]


def test_corrected_qt_follows_the_four_formulas():
    found = measure(simulate(EcgSpec(rate=90)).recording)
    qt, rr = value(found.qt), value(found.rr_mean) / 1000
    assert value(found.qtc_bazett) == pytest.approx(qt / rr**0.5)
    assert value(found.qtc_fridericia) == pytest.approx(qt / rr ** (1 / 3))
    assert value(found.qtc_framingham) == pytest.approx(qt + 154 * (1 - rr))
    assert value(found.qtc_hodges) == pytest.approx(qt + 1.75 * (60 / rr - 60))
    assert value(found.jt) == pytest.approx(qt - value(found.qrs))


@pytest.mark.parametrize(("shape", "qrs_ms"), [(RBBB, RBBB.qrs_ms), (LBBB, LBBB.qrs_ms)])
def test_wide_complexes_keep_their_width(shape, qrs_ms):
    found = measure(simulate(EcgSpec(shape=shape, noise_uv=10)).recording)
    assert value(found.qrs) == pytest.approx(qrs_ms, abs=12)


def test_right_bundle_branch_block_has_r_prime_in_v1_and_a_late_s_in_i():
    found = measure(simulate(EcgSpec(shape=RBBB)).recording)
    v1, lead_i = found.lead(Lead.V1), found.lead(Lead.I)
    assert v1 is not None
    assert lead_i is not None
    assert np.nanmax([v1.r2_mv, v1.r_mv]) > 0.3
    assert lead_i.s_mv < -0.1


def test_the_flat_bottom_of_a_broad_s_is_no_end_of_the_complex():
    left = [Lead.I, Lead.V5, Lead.V6]
    block = simulate(EcgSpec(shape=RBBB))
    signal = block.signal.copy()
    for beat in block.beats:
        late = round((beat.qrs_onset_s + 0.064) * 500) + np.arange(39)  # to the end of the complex
        late = late[late < signal.shape[1]]
        for lead in left:
            course_mv = [signal[lead.row, late[0]], -0.15, -0.15, 0.0]
            signal[lead.row, late] = np.interp(np.arange(len(late)), [0, 9, 24, 39], course_mv)

    found = measure(Recording(signal, np.full(12, 60.0, dtype=np.float32)))

    widths_ms = {mark.lead: (mark.offset_s - mark.onset_s) * 1000 for mark in found.marks if mark.wave is Wave.QRS}
    assert all(abs(widths_ms[lead] - 142) <= 12 for lead in left), widths_ms


@pytest.mark.parametrize(("late_mv", "peak_ms"), [(0.06, 51), (0.25, 99)])
def test_r_peak_time_runs_to_r_prime_but_not_to_a_small_overshoot_after_s(late_mv, peak_ms):
    shape = replace(NORMAL, qrs_ms=110, s=replace(NORMAL.s, chest_mv=(-0.06, -0.20, -0.55, -0.45, -0.20, -0.45)))
    beating = simulate(EcgSpec(shape=shape))
    signal, at_s = beating.signal.copy(), np.arange(beating.signal.shape[1]) / 500
    for beat in beating.beats:
        late = (at_s > beat.qrs_onset_s + 0.089) & (at_s < beat.qrs_onset_s + 0.110)
        signal[Lead.V6.row, late] = late_mv * np.hanning(late.sum() + 2)[1:-1]

    found = measure(Recording(signal, np.full(12, 60.0, dtype=np.float32))).lead(Lead.V6)

    assert found is not None
    assert found.r2_mv == pytest.approx(late_mv, abs=0.025)
    assert found.r_peak_time_ms == pytest.approx(peak_ms, abs=10)


def test_fibrillation_has_no_p_wave_and_no_pr():
    found = measure(simulate(EcgSpec(rhythm=Rhythm.FIBRILLATION, noise_uv=10, seed=3)).recording)
    assert found.pr.value is None
    assert found.p_duration.value is None
    assert "P wave" in found.pr.reason
    assert found.rhythm.p_share < 0.2
    assert found.rhythm.fibrillation_ratio > 0.6
    assert found.rhythm.rmssd_ratio > 0.1


def test_flutter_is_a_line_of_300_a_minute_and_no_p_wave():
    found = measure(simulate(EcgSpec(rhythm=Rhythm.FLUTTER, rate=75, noise_uv=10)).recording)
    assert found.pr.value is None
    assert found.rhythm.flutter_hz == pytest.approx(5.0, abs=0.2)
    assert found.rhythm.flutter_ratio > 0.7
    assert found.rhythm.atrial_rate == pytest.approx(300, abs=12)


@pytest.mark.parametrize(
    ("rhythm", "conducted"),
    [(Rhythm.TWO_TO_ONE, True), (Rhythm.MOBITZ_2, True), (Rhythm.MOBITZ_1, True), (Rhythm.COMPLETE_BLOCK, False)],
)
def test_p_waves_that_are_not_conducted_are_found(rhythm, conducted):
    simulated = simulate(EcgSpec(rhythm=rhythm, rate=45, noise_uv=8))
    found = measure(simulated.recording)
    peaks = np.array(simulated.p_onsets_s) + simulated.spec.p_ms / 2000
    inside = peaks[(peaks > 0.2) & (peaks < 9.8)]
    hit = [np.abs(np.array(found.rhythm.p_times_s) - peak).min() < 0.04 for peak in inside]
    assert np.mean(hit) >= (0.95 if conducted else 0.75)  # in complete block some hide in a complex
    assert found.rhythm.atrial_rate == pytest.approx(60 / np.median(np.diff(peaks)), rel=0.05)


def test_pr_spread_tells_complete_block_from_constant_conduction():
    constant = measure(simulate(EcgSpec(rhythm=Rhythm.MOBITZ_2, rate=45)).recording)
    block = measure(simulate(EcgSpec(rhythm=Rhythm.COMPLETE_BLOCK, rate=38)).recording)
    assert constant.rhythm.pr_sd_ms < 10
    assert block.rhythm.pr_sd_ms > 60
    assert block.pr.value is None


@pytest.mark.parametrize("rhythm", [Rhythm.PVC, Rhythm.BIGEMINY])
def test_ventricular_beats_are_named_and_do_not_change_the_dominant_beat(rhythm):
    simulated = simulate(EcgSpec(rhythm=rhythm, noise_uv=8))
    found = measure(simulated.recording)
    true_ventricular = [beat.r_s for beat in simulated.beats if beat.kind is BeatKind.VENTRICULAR]
    ventricular = [beat.r_s for beat in found.beats if beat.kind is BeatKind.VENTRICULAR]
    assert len(ventricular) == len(true_ventricular)
    assert all(np.abs(np.array(ventricular) - time).min() < 0.1 for time in true_ventricular)
    assert value(found.qrs) == pytest.approx(92, abs=12)


def test_early_beats_of_the_dominant_shape_are_supraventricular():
    simulated = simulate(EcgSpec(rhythm=Rhythm.PAC, noise_uv=5))
    kinds = [beat.kind for beat in measure(simulated.recording).beats]
    assert kinds.count(BeatKind.SUPRAVENTRICULAR) == 3
    assert BeatKind.VENTRICULAR not in kinds


def test_pacing_spikes_are_found_and_make_no_p_wave():
    simulated = simulate(EcgSpec(rhythm=Rhythm.PACED, ventricular=PACED_SHAPE, noise_uv=5))
    found = measure(simulated.recording)
    assert found.rhythm.spikes_s == pytest.approx(simulated.spikes_s, abs=0.004)
    assert {beat.kind for beat in found.beats} == {BeatKind.PACED}
    assert found.pr.value is None
    assert value(found.qrs) == pytest.approx(PACED_SHAPE.qrs_ms, abs=16)


def test_st_elevation_is_measured_at_the_j_point_and_after():
    lifted = replace(NORMAL, st=replace(NORMAL.t, frontal_mv=0.2, frontal_deg=100.0, chest_mv=(0.0,) * 6))
    simulated = simulate(EcgSpec(shape=lifted))
    found = measure(simulated.recording)
    for lead in (Lead.II, Lead.III, Lead.AVF, Lead.AVL):
        measures = found.lead(lead)
        assert measures is not None
        truth = float(lifted.st.leads()[lead.row])
        assert measures.st40_mv == pytest.approx(truth, abs=0.025)


def columns(signal: np.ndarray, *, rhythm: tuple[Lead, ...]) -> Recording:
    """A 3x4 page: each column of 2.5 s shows three leads, the rhythm leads run through."""
    page = np.full_like(signal, np.nan)
    for column in range(4):
        rows, time = slice(3 * column, 3 * column + 3), slice(1250 * column, 1250 * (column + 1))
        page[rows, time] = signal[rows, time]
    for lead in rhythm:
        page[lead.row] = signal[lead.row]
    return Recording(page, np.full(12, 25.0, dtype=np.float32))


@pytest.mark.parametrize("rhythm", [(Lead.II,), (Lead.V1, Lead.II, Lead.V5), ()])
def test_a_3x4_page_gives_nearly_what_all_leads_together_give(rhythm):
    errors = []
    for seed, (rate, pr) in enumerate(product((60, 80), (140, 180))):
        simulated = simulate(EcgSpec(rate=rate, pr_ms=pr, noise_uv=8, seed=seed))
        found = measure(columns(simulated.signal, rhythm=rhythm))
        assert value(found.heart_rate) == pytest.approx(rate, abs=1)
        errors.append([value(found.pr) - pr, value(found.qrs) - 92, value(found.qt) - simulated.qt_ms])
    assert np.all(np.abs(np.mean(errors, axis=0)) <= (20, 12, 24))  # twice the analytic limits
    assert value(found.p_axis) is not None


def test_a_lead_that_ends_before_its_t_wave_is_over_has_no_t_amplitude():
    simulated = simulate(EcgSpec(rate=60, noise_uv=4))
    signal, peak = simulated.signal.copy(), round(simulated.beats[1].r_s * 500)
    signal[Lead.V1.row, : peak - 225] = np.nan
    signal[Lead.V1.row, peak + 125 :] = np.nan
    leads = {row.lead: row for row in measure(replace(simulated.recording, signal=signal)).leads}
    assert np.isfinite(leads[Lead.V1].s_mv)
    assert np.isnan(leads[Lead.V1].t_mv)
    assert np.isfinite(leads[Lead.V2].t_mv)


def test_einthovens_law_is_checked_and_a_wrong_lead_shows():
    simulated = simulate(EcgSpec())
    good = measure(simulated.recording)
    swapped = simulated.signal.copy()
    swapped[[Lead.II.row, Lead.III.row]] = swapped[[Lead.III.row, Lead.II.row]]
    bad = measure(Recording(swapped, simulated.recording.quality_db))
    assert value(good.einthoven) < 1
    assert value(bad.einthoven) > 20


@pytest.mark.parametrize(("rate", "pr_ms"), [(110, 255), (115, 245), (110, 265)])
def test_a_p_wave_that_begins_on_the_t_wave_before_it_is_measured_from_its_beginning(rate, pr_ms):
    found = measure(simulate(EcgSpec(rate=rate, pr_ms=pr_ms, noise_uv=8)).recording)
    assert value(found.pr) == pytest.approx(pr_ms, abs=18)
    assert found.rhythm.p_share == 1.0


@pytest.mark.parametrize(("rate", "formula"), [(48, "Fridericia"), (75, "Bazett"), (110, "Fridericia")])
def test_the_qt_correction_that_applies_at_this_rate_is_named(rate, formula):
    assert measure(simulate(EcgSpec(rate=rate)).recording).qtc_formula == formula


def test_the_typical_width_of_the_complex_is_no_more_than_that_from_the_outermost_marks(sweep):
    assert all(value(found.qrs_typical) <= value(found.qrs) + 1 for _, found in sweep)
    assert all(abs(value(found.qrs_typical) - simulated.spec.shape.qrs_ms) < 25 for simulated, found in sweep)


def test_the_slow_ripple_of_a_trace_from_paper_does_not_widen_the_complex():
    clean = simulate(EcgSpec(seed=1)).recording.signal
    slow = gaussian_filter1d(np.random.default_rng(1).normal(0, 1, clean.shape), 6, axis=1)  # 12 ms: a pixel at 80 dpi
    rippled = (clean + 0.03 * slow / slow.std()).astype(np.float32)
    for row in range(12):  # a 3x4 sheet: three beats a lead
        column = row // 3
        rippled[row, : column * 1250] = rippled[row, (column + 1) * 1250 :] = np.nan
    width = value(measure(Recording(rippled, np.full(12, 15.0, dtype=np.float32))).qrs)
    assert width == pytest.approx(92, abs=10)
