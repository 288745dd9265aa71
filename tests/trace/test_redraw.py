from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from ecgdesk.ecg.corrections import Redraw
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.page import Page
from ecgdesk.learn.pages import PageSpec, make_page
from ecgdesk.learn.photo import Handling
from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.learn.true_page import true_page
from ecgdesk.trace.redraw import redrawn
from ecgdesk.trace.trace import trace

SIGNAL = simulate(EcgSpec(rate=70.0)).signal
STRETCH = np.arange(300, 800)  # samples that the stroke covers: two beats


def page(late_mm: float, signal: NDArray[np.float32] = SIGNAL) -> Page:
    """A page on which the row of III stands so far to the right of its box."""
    spec = PageSpec(dpi=150.0, rhythm=(), handling=Handling(noise=10.0))
    whole = true_page(make_page(signal, spec=spec, seed=3))
    strips = [
        replace(strip, x0_mm=strip.x0_mm - late_mm, x1_mm=strip.x1_mm - late_mm) if strip.lead is Lead.III else strip
        for strip in whole.layout.strips
    ]
    return replace(whole, layout=replace(whole.layout, strips=tuple(strips)))


def along(shown: Page, late_mm: float, mv: NDArray[np.float32]) -> Redraw:
    strip = next(strip for strip in shown.layout.strips if strip.lead is Lead.III)
    x = strip.x0_mm + late_mm + STRETCH / 500 * 25.0
    y = strip.baseline_mm - mv * 10.0
    return Redraw(Lead.III, tuple(zip(x.tolist(), y.tolist(), strict=True)))


@pytest.mark.parametrize("late_mm", [-0.6, 0.0, 0.6])
def test_a_stroke_along_the_ink_of_a_row_brought_into_step_stays_in_step(late_mm: float) -> None:
    shown, true = page(late_mm), SIGNAL[Lead.III.row]
    after = redrawn(shown, trace(shown), [along(shown, late_mm, true[STRETCH])]).signal[Lead.III.row]
    lags = range(-25, 26)
    alike = [np.corrcoef(true[350:750], after[350 + lag : 750 + lag])[0, 1] for lag in lags]
    assert abs(lags[int(np.argmax(alike))]) <= 2


def test_a_stroke_over_a_flat_trace_which_looks_alike_at_every_shift_stays_where_it_was_drawn() -> None:
    shown = page(0.0, np.zeros_like(SIGNAL))
    after = redrawn(shown, trace(shown), [along(shown, 0.0, SIGNAL[Lead.III.row, STRETCH])])
    assert after.redrawn[0].start_s == pytest.approx(STRETCH[0] / 500, abs=0.002)
