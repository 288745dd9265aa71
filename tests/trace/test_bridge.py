"""What is hidden, or seen badly, at the ends of a stretch."""

import numpy as np

from ecgdesk.ecg.figure import Figure, How
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.page import Strip
from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.trace.bridge import bridged
from ecgdesk.trace.stretch import Stretch

RATE = 75.0  # a beat each 400 samples
MADE = simulate(EcgSpec(rate=RATE))
SIGNAL = MADE.signal
SURE_MV = 0.01


def strip(lead: Lead, *, rhythm: bool) -> Strip:
    gain = Figure(10.0, "mm/mV", How.MEASURED)
    seconds = 10.0 if rhythm else 2.5
    return Strip(
        lead=lead, x0_mm=0.0, x1_mm=25 * seconds, top_mm=0.0, bottom_mm=30.0, baseline_mm=15.0, start_s=0.0,
        end_s=seconds, gain=gain, rhythm=rhythm,
    )  # fmt: skip


def stretches(first: int) -> tuple[Stretch, Stretch]:
    """V5 from sample `first` on, and a rhythm strip of II over all ten seconds."""
    rhythm = SIGNAL[Lead.II.row].astype(np.float32)
    mv = SIGNAL[Lead.V5.row, first : first + 1250].astype(np.float32)
    return (
        Stretch(strip(Lead.V5, rhythm=False), first, mv, np.full_like(mv, SURE_MV)),
        Stretch(strip(Lead.II, rhythm=True), 0, rhythm, np.full_like(rhythm, SURE_MV)),
    )


def beginning_in_a_qrs() -> int:
    return int(np.argmax(SIGNAL[Lead.V5.row, 400:800])) + 400 - 5  # just before an R peak


def test_a_qrs_complex_that_is_seen_badly_at_a_border_is_taken_from_its_like():
    shown, rhythm = stretches(beginning_in_a_qrs())
    true = shown.mv.copy()
    shown.mv[:18] = shown.mv[18]
    shown.error_mv[:18] = 0.4
    found = bridged([shown, rhythm])[0]
    assert np.abs(found.mv - true).max() < 0.2 * np.ptp(true)
    assert found.error_mv[:18].max() < 0.4


def test_what_is_seen_well_is_never_replaced():
    shown, rhythm = stretches(beginning_in_a_qrs())
    shown.mv[:18] = shown.mv[18]
    assert np.array_equal(bridged([shown, rhythm])[0].mv, shown.mv)


def test_a_doubt_about_many_samples_replaces_none_beyond_the_length_of_a_complex():
    shown, rhythm = stretches(beginning_in_a_qrs())
    shown.error_mv[:200] = 0.4
    found = bridged([shown, rhythm])[0]
    assert np.array_equal(found.mv[60:], shown.mv[60:])


def test_what_no_rhythm_strip_has_seen_is_not_replaced_however_unsure_it_is():
    shown, rhythm = stretches(beginning_in_a_qrs())
    shown.error_mv[:18] = 0.4
    rhythm.mv[: shown.first + 5] = np.nan
    assert np.array_equal(bridged([shown, rhythm])[0].mv, shown.mv)


def test_a_single_ectopic_beat_at_a_border_is_never_replaced_however_unsure_it_is():
    shown, rhythm = stretches(beginning_in_a_qrs())
    wide = 1.5 * np.sin(np.linspace(0, np.pi, 60)).astype(np.float32)
    shown.mv[:60] = shown.mv[60] - wide
    rhythm.mv[shown.first : shown.first + 60] = rhythm.mv[shown.first + 60] + wide
    shown.error_mv[:18] = 0.4
    assert np.array_equal(bridged([shown, rhythm])[0].mv, shown.mv)


def test_the_smaller_expected_error_decides():
    shown, rhythm = stretches(beginning_in_a_qrs())
    shown.error_mv[:] = SURE_MV / 4
    shown.error_mv[:18] = SURE_MV  # unusual, and still better than a course through a QRS complex
    assert np.array_equal(bridged([shown, rhythm])[0].mv, shown.mv)
