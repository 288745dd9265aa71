"""PDFs that draw their ECG: what is read of them, against the signal that was drawn."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from ecgdesk.ecg.corrections import Corrections
from ecgdesk.ecg.figure import How
from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, STANDARD_ORDER, Lead
from ecgdesk.ecg.page import Page, Print
from ecgdesk.ecg.recording import Recording
from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.page import drawing
from ecgdesk.page.decode import decode
from ecgdesk.page.lettered import gains, lead_of
from ecgdesk.page.understand import understand
from ecgdesk.pipeline import digitise
from tests.page.plotter import LEADS, Grid, Plot, Way, plotted

PLOT = Plot()
SIGNAL = simulate(EcgSpec(noise_uv=10.0, seed=3)).signal


def _read(plot: Plot, signal: NDArray[np.float32] = SIGNAL) -> tuple[Page, Recording]:
    (sheet,) = decode(plotted(signal, plot), name="plot.pdf")
    return digitise(sheet)


def _shown(plot: Plot, signal: NDArray[np.float32]) -> NDArray[np.float32]:
    rows, columns = (int(number) for number in plot.layout.split("x"))
    count = signal.shape[1]
    shown = np.full_like(signal, np.nan)
    for number in range(12):
        column = number // rows
        span = slice(column * count // columns, (column + 1) * count // columns)
        shown[number, span] = signal[number, span]
    for name in plot.rhythm:
        shown[LEADS.index(name)] = signal[LEADS.index(name)]
    return shown


def _worst_db(recording: Recording, shown: NDArray[np.float32]) -> float:
    """The least SNR of a lead; every sample that is shown must be there, and none else. No lag is allowed."""
    assert recording.signal.shape == shown.shape
    assert np.array_equal(np.isfinite(recording.signal), np.isfinite(shown))
    ratios = []
    for row in range(12):
        seen = np.isfinite(shown[row])
        error = shown[row, seen] - recording.signal[row, seen]
        error = error - np.median(error)
        ratios.append(10 * np.log10(np.var(shown[row, seen]) / np.mean(error**2)))
    return float(min(ratios))


@pytest.mark.parametrize(
    "plot",
    [
        PLOT,
        replace(PLOT, rhythm=("V1", "II", "V5"), grid=Grid.COARSE, names_below=True),
        replace(PLOT, layout="6x2", way=Way.ROWS, rhythm=(), separators=True),
        replace(PLOT, layout="12x1", rhythm=(), row_mm=8.0),
        replace(PLOT, way=Way.SEGMENTS, flipped=True),
        replace(PLOT, way=Way.ONE, grid=Grid.BARS, nested=True),
        replace(PLOT, way=Way.ROWS, pulse="joined", fitted=0.94),
        replace(PLOT, way=Way.PIECES, cropped=True),
        replace(PLOT, way=Way.CURVES, rhythm=()),
        replace(PLOT, stretch_x=0.9, fitted=0.71),
        replace(PLOT, turned=1),
        replace(PLOT, turned=3, rotate=90),
        replace(PLOT, turned=2, hidden=True),
        replace(PLOT, outlined=True),
        replace(PLOT, gain=5.0, says=("50 mm/s",), speed=50.0, layout="6x2", pulse="apart"),
    ],
    ids=lambda plot: f"{plot.layout} {plot.way} {plot.grid}",
)
def test_what_a_pdf_draws_comes_back_exactly(plot: Plot) -> None:
    signal = SIGNAL[:, : round(5000 * 25 / plot.speed)]
    page, recording = _read(plot, signal)
    assert page.layout.name == plot.layout + (f"+{len(plot.rhythm)}" if plot.rhythm else "")
    assert (page.speed.value, page.gain.value) == (plot.speed, plot.gain)
    assert page.doubts == ()
    assert _worst_db(recording, _shown(plot, signal)) > 50
    assert np.nanmin(recording.quality_db) > 30


def test_lines_that_are_clipped_show_only_what_is_seen() -> None:
    plot = replace(PLOT, overlong=True)
    assert _worst_db(_read(plot)[1], _shown(plot, SIGNAL)) > 50


def test_coordinates_in_hundredths_of_a_millimetre_cost_what_their_rounding_costs() -> None:
    plot = replace(PLOT, flipped=True, digits=0)
    assert _worst_db(_read(plot)[1], _shown(plot, SIGNAL)) > 40


def test_without_a_drawn_grid_the_lines_are_read_and_the_scale_is_doubted() -> None:
    plot = replace(PLOT, grid=Grid.NONE)
    page, recording = _read(plot)
    assert page.lines
    assert any("No grid" in doubt for doubt in page.doubts)
    assert _worst_db(recording, _shown(plot, SIGNAL)) > 40


def test_a_scale_that_nothing_tells_is_assumed_and_said() -> None:
    page, _ = _read(replace(PLOT, pulse="none", says=()))
    assert page.gain.how is How.ASSUMED
    assert any("10 mm/mV was assumed" in doubt for doubt in page.doubts)


def test_a_page_that_draws_too_much_is_read_from_its_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "MOST_POINTS", 5000)
    (sheet,) = decode(plotted(SIGNAL, PLOT), name="plot.pdf")
    assert sheet.drawing is None
    page, recording = digitise(sheet)
    assert page.lines == ()
    assert page.layout.name == "3x4+1"
    assert np.isfinite(recording.signal).any(axis=1).all()


def test_a_page_cut_through_its_leads_shows_what_is_left_of_them() -> None:
    page, recording = _read(replace(PLOT, rotate=0, turned=0, fitted=1.15, cropped=False))
    last = next(strip for strip in page.layout.strips if strip.lead is Lead.V4)
    assert last.end_s == pytest.approx((297 / 1.15 - 20) / 25, abs=0.02)
    whole = recording.signal[STANDARD_ORDER.index(Lead.I)]
    assert np.isfinite(whole).sum() == round(2.5 * SAMPLING_RATE_HZ)


def test_limb_and_chest_gains_in_one_line_of_text_are_two() -> None:
    (line,) = (Print("Limb: 10 mm/mV  Chest: 5 mm/mV", 100.0, 10.0, 400.0, 20.0),)
    limb, chest = gains([line], (10.0, 10.0))
    assert (limb.text, chest.text) == ("10mm/mV", "5mm/mV")
    assert limb.x_mm < chest.x_mm


@pytest.mark.parametrize(
    ("text", "lead"),
    [("aVR", Lead.AVR), ("AVL", Lead.AVL), ("vf", Lead.AVF), ("C4", Lead.V4), ("Lead II", Lead.II), ("V3:", Lead.V3)],
)
def test_leads_are_known_by_all_their_names(text: str, lead: Lead) -> None:
    assert lead_of(text) is lead


@pytest.mark.parametrize("text", ["i", "IV", "V7", "-aVR", "I.V.", "II: 68 bpm", "Technician: I", "VI", ""])
def test_other_texts_name_no_lead(text: str) -> None:
    assert lead_of(text) is None


def test_a_layout_that_a_person_named_is_still_theirs_on_the_lines_of_the_file() -> None:
    (sheet,) = decode(plotted(SIGNAL, PLOT), name="plot.pdf")
    page = understand(sheet, Corrections(layout="3x4"))
    assert page.lines
    assert page.layout.how is How.ENTERED


def test_cabreras_inverted_lead_is_turned_back() -> None:
    page, recording = _read(replace(PLOT, layout="6x2", cabrera=True))
    turned = [strip.lead for strip in page.layout.strips if strip.inverted]
    assert turned == [Lead.AVR]
    avr = recording.signal[Lead.AVR.row, :2500]
    error = SIGNAL[Lead.AVR.row, :2500] - avr
    assert np.ptp(error) < 0.001
