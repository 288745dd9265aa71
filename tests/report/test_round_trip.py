"""A report is an ECG on paper too: reading it again gives the millivolts that it shows."""

import numpy as np

from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.page.decode import decode
from ecgdesk.pipeline import digitise, walk
from ecgdesk.report.pdf import render
from tests.page.plotter import Plot, plotted


def test_reading_a_report_gives_the_millivolts_that_it_shows() -> None:
    signal = simulate(EcgSpec(noise_uv=10.0, seed=3)).signal
    (sheet,) = decode(plotted(signal, Plot(fitted=0.93)), name="plot.pdf")
    case = walk(sheet)
    assert case.recording is not None
    report = decode(render(case), name="report.pdf")[0]
    page, again = digitise(report)
    assert page.layout.name == "3x4+1"
    assert page.doubts == ()
    shown, read = case.recording.signal, again.signal
    assert np.array_equal(np.isfinite(shown), np.isfinite(read))
    seen = np.isfinite(shown)
    assert np.abs(shown - read)[seen].max() < 0.002  # mV
