from itertools import pairwise

import numpy as np
import pytest

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, Lead
from ecgdesk.ecg.reading import Severity, Span
from ecgdesk.ecg.recording import Recording
from ecgdesk.report.paper import Paper
from ecgdesk.report.pdf import render
from tests.report import builders as make
from tests.report import look

MM = look.PIXELS_PER_MM
START = 10 * MM  # of time zero, from the grid's left edge


def _flat(value: float = 0.0) -> np.ndarray:
    return np.full((12, 10 * SAMPLING_RATE_HZ), value, np.float32)


def _only(lead: Lead, samples: np.ndarray) -> Recording:
    signal = np.full((12, samples.size), np.nan, np.float32)
    signal[lead.row] = samples
    return Recording(signal, np.full(12, 30.0, np.float32))


def _one_row(lead: Lead = Lead.II):
    return make.page(make.single_strip(lead))


def _drawn(samples: np.ndarray) -> np.ndarray:
    """What is black in the chart of one strip of lead II."""
    return look.trace(look.chart(look.pixels(render(make.case(page=_one_row(), recording=_only(Lead.II, samples))))))


@pytest.mark.parametrize("paper", list(Paper))
def test_a_ruler_laid_on_the_grid_agrees(paper):
    pdf = render(make.case(), paper=paper)

    width, height = look.size_mm(pdf)
    upright, level = look.grid_lines(look.pixels(pdf))

    assert (width, height) == pytest.approx(paper.value, abs=0.01)
    assert len(upright) == 53  # 260 mm
    assert np.diff(upright) == pytest.approx(5 * MM, abs=1)
    assert upright[-1] - upright[0] == pytest.approx(260 * MM, abs=1)
    assert np.diff(level) == pytest.approx(5 * MM, abs=1)


def test_one_second_is_25_mm_and_one_millivolt_10_mm():
    samples = _flat()[0]
    for second in range(1, 10):
        at = second * SAMPLING_RATE_HZ
        samples[at : at + 3] = 2.0
    black = _drawn(samples)

    baseline = int(np.argmax(black.sum(axis=1)))
    seconds = (np.flatnonzero(black[baseline - 15 * MM]) - START) / (25 * MM)
    top = np.flatnonzero(black[:, START + 10 * MM :].any(axis=1))[0]

    assert {round(second) for second in seconds} == set(range(1, 10))
    assert np.abs(seconds - np.round(seconds)).max() < 0.02  # a line's width
    assert baseline - top == pytest.approx(20 * MM, abs=4)


def test_the_calibration_pulse_is_5_mm_wide_and_10_mm_high():
    pulse = _drawn(_flat()[0])[:, : START - 5]

    rows = np.flatnonzero(pulse.any(axis=1))
    columns = np.flatnonzero(pulse[rows[0] + 50])

    assert rows[-1] - rows[0] == pytest.approx(10 * MM, abs=4)
    assert columns[-1] - columns[0] == pytest.approx(5 * MM, abs=4)


def test_what_the_paper_did_not_show_stays_a_gap():
    samples = _flat()[0]
    samples[4 * SAMPLING_RATE_HZ : 6 * SAMPLING_RATE_HZ] = np.nan
    black = _drawn(samples)

    line = black[int(np.argmax(black.sum(axis=1))), START:]

    second = 25 * MM
    assert not line[4 * second + 5 : 6 * second - 5].any()
    assert line[second : 4 * second - 5].all()
    assert line[6 * second + 5 : 9 * second].all()


def test_a_highlight_lies_on_its_lead_and_its_time_only():
    found = make.finding(severity=Severity.CRITICAL, spans=(Span(Lead.V1, 6.0, 6.4),))
    quiet = make.three_by_four(_flat())

    plain = look.pixels(render(make.case(make.finding(spans=()), recording=quiet)))
    marked = look.pixels(render(make.case(found, recording=quiet)))

    upright, level = look.grid_lines(plain)
    changed = np.abs(plain - marked).max(axis=2) > 20
    chart = changed[round(level[0]) : round(level[-1])]
    rows, columns = np.flatnonzero(chart.any(axis=1)), np.flatnonzero(chart.any(axis=0))
    start = upright[0] + START
    assert columns[0] == pytest.approx(start + 6.0 * 25 * MM, abs=4)
    assert columns[-1] == pytest.approx(start + 6.4 * 25 * MM, abs=4)
    assert rows[-1] < 25 * MM  # the first row, where V1 stands


def test_severities_differ_in_grey_print():
    found = [make.finding(severity=s, spans=(Span(Lead.II, 1.0 + s, 1.9 + s),)) for s in Severity]
    drawn = look.chart(look.pixels(render(make.case(*found, page=_one_row(), recording=_only(Lead.II, _flat()[0])))))

    shades = []
    for severity in Severity:
        x = START + round((1.45 + severity) * 25 * MM)
        shades.append(float(np.median(drawn[:, x - 50 : x + 50] @ np.array([0.299, 0.587, 0.114]))))

    assert all(lighter - darker >= 2 for lighter, darker in pairwise(shades))


def test_rows_stay_apart_however_large_the_waves_are():
    pdf = render(make.case(recording=make.three_by_four(make.signal(scale=3.0))))

    charts = [page for page in look.pages(pdf) if "25 mm/s, 10 mm/mV" in page]

    assert len(charts) > 1  # what does not fit goes to a further page, nothing is squeezed
    assert all(lead in " ".join(charts) for lead in Lead)


@pytest.mark.parametrize(("rows", "columns"), [(6, 2), (12, 1)])
def test_the_sheets_own_layout_is_kept(rows, columns):
    whole = Recording(make.signal(), np.full(12, 30.0, np.float32))
    pdf = render(make.case(page=make.page(make.rows_layout(rows, columns)), recording=whole))

    charts = " ".join(page for page in look.pages(pdf) if "25 mm/s, 10 mm/mV" in page)

    assert all(lead in charts for lead in Lead)


def test_a_strip_longer_than_the_paper_goes_on_in_the_next_row():
    samples = np.tile(_flat()[0], 2)
    layout = make.single_strip(Lead.V5, seconds=20.0)

    first = look.pages(render(make.case(page=make.page(layout), recording=_only(Lead.V5, samples))))[0]

    assert first.split("Measurements")[0].count("V5") == 2
