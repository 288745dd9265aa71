from dataclasses import replace

import numpy as np
import pytest

from ecgdesk.ecg.lead import Lead
from ecgdesk.learn.pages import PageSpec, make_page
from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.learn.true_page import true_page
from ecgdesk.trace.trace import trace

SIGNAL = simulate(EcgSpec(rate=70.0)).signal


def mismatch(recording) -> float:
    one, two, three = (recording.signal[lead.row, 100:1150] for lead in (Lead.I, Lead.II, Lead.III))
    return float(np.nanstd(one + three - two) / np.nanstd(two))


def page(late_mm: float, signal=SIGNAL):
    made = make_page(signal, spec=PageSpec(dpi=150.0, rhythm=()), seed=3)
    whole = true_page(made)
    strips = [
        replace(strip, x0_mm=strip.x0_mm - late_mm, x1_mm=strip.x1_mm - late_mm) if strip.lead is Lead.III else strip
        for strip in whole.layout.strips
    ]
    return replace(whole, layout=replace(whole.layout, strips=tuple(strips)))


def test_a_row_that_stands_half_a_millimetre_beside_the_others_is_brought_into_step():
    assert mismatch(trace(page(late_mm=0.5))) < 0.1


def test_rows_in_step_stay_where_they_are():
    shown = page(late_mm=0.0)
    true, found = SIGNAL[Lead.III.row, 100:1150], trace(shown).signal[Lead.III.row]
    lags = range(-16, 17)
    alike = [np.corrcoef(true, found[100 + lag : 1150 + lag])[0, 1] for lag in lags]
    assert abs(lags[int(np.nanargmax(alike))]) <= 1


def test_a_row_that_is_off_by_more_than_a_bent_sheet_explains_is_left_to_the_quality_figure():
    recording = trace(page(late_mm=2.0))
    assert mismatch(recording) > 0.2
    assert recording.quality_db[Lead.III.row] < trace(page(late_mm=0.0)).quality_db[Lead.III.row] - 6


def test_names_that_break_the_law_so_that_no_shift_mends_it_leave_every_row_where_it_is():
    names = {Lead.II: Lead.III, Lead.III: Lead.II}
    shown = page(late_mm=0.0)
    strips = tuple(replace(strip, lead=names.get(strip.lead, strip.lead)) for strip in shown.layout.strips)
    recording = trace(replace(shown, layout=replace(shown.layout, strips=strips)))
    for lead in (Lead.I, Lead.II, Lead.III):
        true, found = SIGNAL[names.get(lead, lead).row, 100:1150], recording.signal[lead.row]
        lags = range(-20, 21)
        alike = [np.corrcoef(true, found[100 + lag : 1150 + lag])[0, 1] for lag in lags]
        assert abs(lags[int(np.nanargmax(alike))]) <= 1


def test_flat_leads_tell_no_shift_and_stay_where_they_are():
    shown = page(late_mm=0.0, signal=np.zeros_like(SIGNAL))
    recording = trace(shown)
    for strip in shown.layout.strips:
        seen = np.flatnonzero(np.isfinite(recording.signal[strip.lead.row]))
        assert (seen[0] / 500, (seen[-1] + 1) / 500) == pytest.approx((strip.start_s, strip.end_s), abs=0.008)
