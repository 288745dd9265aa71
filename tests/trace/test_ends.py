"""What separators and pulses hide at the ends of strips."""

from dataclasses import replace

import numpy as np
import pytest

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, Lead
from ecgdesk.ecg.page import Sheet
from ecgdesk.learn.pages import PageSpec, make_page
from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.learn.specification import Pulse, Separator
from ecgdesk.page.understand import understand
from ecgdesk.trace.trace import trace

EDGE = round(0.04 * SAMPLING_RATE_HZ)


def through_paper(separator: Separator, pulse_gap_mm: float = 0.0):
    spec = PageSpec(dpi=200.0, separator=separator, pulse=Pulse.LEFT, pulse_gap_mm=pulse_gap_mm)
    made = make_page(simulate(EcgSpec(rate=60.0)).signal, spec=spec, seed=5)
    page = understand(Sheet(made.image, "SAMPLE, ONE"))
    return made, page, trace(page)


@pytest.mark.parametrize("separator", [Separator.BAR, Separator.TICKS])
def test_borders_are_found_to_a_tenth_of_a_millimetre(separator):
    made, page, _ = through_paper(separator)
    true = {strip.lead: strip for strip in made.layout.strips if not strip.rhythm}
    zero = true[Lead.I].x0_mm
    for strip in page.layout.strips:
        if not strip.rhythm:
            begins_s = (strip.x0_mm - zero) / made.spec.speed
            assert abs(begins_s - strip.start_s) < 0.1 / made.spec.speed
            assert strip.x0_mm >= true[strip.lead].x0_mm - 0.1


def test_what_a_bar_hides_is_filled_and_close_to_the_truth():
    made, _, recording = through_paper(Separator.BAR)
    for strip in made.layout.strips:
        if strip.rhythm:
            continue
        first, last = (round(at * SAMPLING_RATE_HZ) for at in (strip.start_s, strip.end_s))
        found = recording.signal[strip.lead.row, first:last]
        true = made.signal[strip.lead.row, first:last]
        assert np.isfinite(found).all()
        off = found - true - np.median(found - true)
        assert np.abs(off[:EDGE]).max() < 0.15
        assert np.abs(off[-EDGE:]).max() < 0.15


def test_a_pulse_that_touches_the_trace_takes_no_samples_from_it():
    _, page, recording = through_paper(Separator.TICKS)
    assert len(page.pulses) == 4
    for lead in (Lead.I, Lead.II, Lead.III):
        assert np.isfinite(recording.signal[lead.row, :1200]).all()


def test_a_strip_whose_end_is_hidden_for_long_stays_missing_there():
    _, page, _ = through_paper(Separator.TICKS)
    late = [
        replace(strip, x0_mm=strip.x0_mm + 2.0, start_s=strip.start_s + 0.08) if strip.start_s < 0.02 else strip
        for strip in page.layout.strips
        if not strip.rhythm
    ]
    recording = trace(replace(page, layout=replace(page.layout, strips=tuple(late))))
    assert np.isnan(recording.signal[Lead.I.row, :30]).all()
