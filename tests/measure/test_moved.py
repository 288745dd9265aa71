"""Marks that a person moved: what rests on them is measured anew, all else stays."""

from dataclasses import fields, replace

import numpy as np
import pytest

from ecgdesk.ecg.corrections import BeatMarks
from ecgdesk.ecg.figure import Figure, How
from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, STANDARD_ORDER, Lead
from ecgdesk.ecg.measurements import Measurements, Wave
from ecgdesk.ecg.recording import Recording
from ecgdesk.measure.measure import measure

R_TIMES = np.arange(0.5, 9.6, 0.8)


def recording(*, p_mv: float = 0.15, uneven_s: float = 0.0) -> Recording:
    t = np.arange(10 * SAMPLING_RATE_HZ) / SAMPLING_RATE_HZ
    beat = np.zeros_like(t)
    for r in R_TIMES + uneven_s * np.sin(np.arange(R_TIMES.size) * 1.7):
        for at, width, height in ((-0.16, 0.022, p_mv), (0.0, 0.012, 1.2), (0.27, 0.045, 0.3)):
            beat += height * np.exp(-(((t - r - at) / width) ** 2) / 2)
    size = np.linspace(0.5, 1.0, len(STANDARD_ORDER))[:, None]
    signal = size * beat + np.random.default_rng(1).normal(0, 0.004, (12, t.size))
    return Recording(signal.astype(np.float32), np.full(12, 30.0, np.float32))


def value(figure: Figure) -> float:
    assert figure.value is not None
    return figure.value


def r_column(measured: Measurements) -> float:
    assert measured.median_beat is not None
    return float(measured.median_beat.r_index)


def test_a_moved_t_end_changes_qt_and_its_corrections_by_as_much_and_nothing_else() -> None:
    before = measure(recording())
    assert before.median_beat is not None
    end_s = (before.median_beat.t_offset - r_column(before)) / SAMPLING_RATE_HZ
    after = measure(recording(), BeatMarks(t_offset_s=end_s + 0.040))
    assert value(after.qt) - value(before.qt) == pytest.approx(40.0, abs=0.5)
    assert value(after.jt) - value(before.jt) == pytest.approx(40.0, abs=0.5)
    assert value(after.qtc_fridericia) > value(before.qtc_fridericia) + 35
    entered = {
        field.name
        for field in fields(Measurements)
        if isinstance(figure := getattr(after, field.name), Figure) and figure.how is How.ENTERED
    }
    assert {"qt", "jt", "qtc_bazett", "qtc_fridericia", "qtc_framingham", "qtc_hodges"} <= entered
    assert not entered & {"pr", "qrs", "p_duration", "heart_rate"}
    assert (after.pr, after.qrs, after.heart_rate) == (before.pr, before.qrs, before.heart_rate)


def test_every_beat_and_every_leads_mark_follow_the_moved_one() -> None:
    before = measure(recording())
    assert before.median_beat is not None
    onset_s = (before.median_beat.qrs_onset - r_column(before)) / SAMPLING_RATE_HZ
    after = measure(recording(), BeatMarks(qrs_onset_s=onset_s - 0.020))
    for one, other in zip(before.beats, after.beats, strict=True):
        assert one.qrs_onset_s - other.qrs_onset_s == pytest.approx(0.020, abs=0.002)

    def first_qrs(measured: Measurements) -> float:
        return next(m.onset_s for m in measured.marks if m.wave is Wave.QRS and m.lead is Lead.II)

    assert first_qrs(before) - first_qrs(after) == pytest.approx(0.020, abs=0.002)


def test_a_p_wave_that_was_not_found_is_made_by_its_two_marks() -> None:
    flat = recording(p_mv=0.0, uneven_s=0.15)
    assert measure(flat).pr.value is None
    after = measure(flat, BeatMarks(p_onset_s=-0.22, p_offset_s=-0.12))
    assert after.median_beat is not None
    onset_s = (after.median_beat.qrs_onset - r_column(after)) / SAMPLING_RATE_HZ
    assert value(after.pr) == pytest.approx((onset_s + 0.22) * 1000, abs=2.1)
    assert value(after.p_duration) == pytest.approx(100.0, abs=2.1)
    assert after.pr.how is How.ENTERED


def test_marks_on_a_signal_without_a_beat_change_nothing() -> None:
    silent = replace(recording(), signal=np.full((12, 5000), np.nan, np.float32))
    assert measure(silent, BeatMarks(t_offset_s=0.3)).qt.value is None
