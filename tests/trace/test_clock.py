from dataclasses import replace

import numpy as np

from ecgdesk.ecg.lead import Lead
from ecgdesk.learn.pages import PageSpec, make_page
from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.learn.true_page import true_page
from ecgdesk.trace.trace import trace


def test_a_rhythm_strip_found_late_is_moved_onto_the_grid_s_clock():
    ecg = simulate(EcgSpec(rate=70.0))
    page = true_page(make_page(ecg.signal, spec=PageSpec(dpi=150.0), seed=3))
    late = [
        replace(strip, start_s=strip.start_s + 0.03, end_s=strip.end_s + 0.03) if strip.rhythm else strip
        for strip in page.layout.strips
    ]
    recording = trace(replace(page, layout=replace(page.layout, strips=tuple(late))))
    first = slice(250, 1200)
    one, two, three = (recording.signal[lead.row, first] for lead in (Lead.I, Lead.II, Lead.III))
    off = one + three - two
    assert np.nanstd(off) < 0.1 * np.nanstd(two)
