"""The signal that comes back from a page, against the one that was drawn on it."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.ecg.page import Layout, Page
from ecgdesk.ecg.recording import Recording
from ecgdesk.learn.layouts import CABRERA
from ecgdesk.learn.pages import MadePage, Names, PageSpec, make_page
from ecgdesk.learn.paper import PAPERS
from ecgdesk.learn.pens import Pen
from ecgdesk.learn.photo import Handling
from ecgdesk.learn.spelling import Spelling
from ecgdesk.learn.true_page import true_page
from ecgdesk.trace.cut import cut
from ecgdesk.trace.follow import follow
from ecgdesk.trace.trace import trace

SPEC = PageSpec(dpi=150, pen=Pen(0.3))


def _beats() -> NDArray[np.float32]:
    """Ten seconds of plain synthetic beats, each lead with its own sizes; I + III = II holds."""
    t = np.arange(5000) / 500
    phase = t % 0.82

    def wave(centre: float, width: float) -> NDArray[np.float64]:
        return np.exp(-(((phase - centre) / width) ** 2) / 2)

    p, q, r, s, tw = (wave(*w) for w in ((0.2, 0.022), (0.345, 0.008), (0.37, 0.011), (0.395, 0.009), (0.62, 0.045)))
    first = 0.1 * p - 0.08 * q + 0.7 * r - 0.15 * s + 0.2 * tw
    third = 0.06 * p - 0.05 * q + 0.35 * r - 0.2 * s + 0.12 * tw
    second = first + third
    limb = [first, second, third, -(first + second) / 2, first - second / 2, second - first / 2]
    chest = [0.05 * p + k * 0.22 * r - (1.1 - 0.18 * k) * s + (0.1 + 0.05 * k) * tw for k in range(6)]
    return np.stack([*limb, *chest]).astype(np.float32)


def _snr_db(made: MadePage, recording: Recording) -> NDArray[np.float64]:
    """Of each lead that the page shows; offsets removed, no shift forgiven."""
    found = []
    for row in range(12):
        shown = np.isfinite(made.signal[row])
        if shown.any():
            truth = made.signal[row][shown] - made.signal[row][shown].mean()
            read = recording.signal[row][shown]
            error = truth - np.nan_to_num(read - np.nanmean(read))
            found.append(10 * np.log10(np.sum(truth**2) / np.sum(error**2)))
    return np.array(found)


def _traced(spec: PageSpec, signal: NDArray[np.float32] | None = None) -> tuple[MadePage, Recording, Page]:
    made = make_page(_beats() if signal is None else signal, spec=spec, seed=1)
    page = true_page(made)
    return made, trace(page), page


def test_a_clean_page_comes_back() -> None:
    made, recording, _ = _traced(SPEC)
    assert np.median(_snr_db(made, recording)) > 27
    assert _snr_db(made, recording).min() > 20


def test_a_grey_noisy_compressed_page_comes_back() -> None:
    paper = next(p for p in PAPERS if p.name == "grey")
    made, recording, _ = _traced(replace(SPEC, paper=paper, handling=Handling(blur_px=0.6, noise=5, jpeg=75)))
    assert np.median(_snr_db(made, recording)) > 22


def test_speed_and_gain_of_the_paper_are_taken_out() -> None:
    made, recording, _ = _traced(replace(SPEC, grid="6x2", rhythm=(), speed=50.0, gain=5.0))
    truth, read = made.signal[Lead.II.row], recording.signal[Lead.II.row]
    shown = np.isfinite(truth)
    assert np.nanmax(read) - np.nanmin(read) == pytest.approx(truth[shown].max() - truth[shown].min(), rel=0.05)
    assert np.median(_snr_db(made, recording)) > 20


def test_a_lead_drawn_upside_down_and_chest_leads_at_half_gain_come_back_as_they_are() -> None:
    names = Names(spelling=Spelling.MINUS)
    made, recording, _ = _traced(replace(SPEC, order=CABRERA, names=names, chest_gain=5.0))
    assert np.median(_snr_db(made, recording)) > 22
    assert _snr_db(made, recording).min() > 10


def test_a_lead_is_missing_where_the_page_does_not_show_it() -> None:
    _, recording, _ = _traced(SPEC)
    assert recording.spans_s(Lead.II) == ((0.0, 10.0),)
    ((begin, end),) = recording.spans_s(Lead.V1)
    assert begin == pytest.approx(5.0, abs=0.02)
    assert end == pytest.approx(7.5, abs=0.02)


def test_a_gap_in_the_ink_stays_a_gap() -> None:
    signal = _beats()
    made = make_page(signal, spec=SPEC, seed=1)
    page = true_page(made)
    strip = next(s for s in made.layout.strips if s.rhythm)
    ppm = SPEC.dpi / 25.4
    torn = page.ink.copy()
    torn[:, round((strip.x0_mm + 100) * ppm) : round((strip.x0_mm + 110) * ppm)] = 0
    recording = trace(replace(page, ink=torn))
    missing = np.isnan(recording.signal[Lead.II.row]) / 500
    assert missing.sum() == pytest.approx(0.4, abs=0.03)
    assert np.flatnonzero(missing)[0] / 500 == pytest.approx(4.0, abs=0.03)


def test_names_on_the_trace_are_not_followed() -> None:
    made, recording, _ = _traced(replace(SPEC, names=Names(above_mm=1.5, right_mm=4.0)))
    assert np.median(_snr_db(made, recording)) > 20


def test_the_neighbours_tall_beats_are_not_followed() -> None:
    signal = _beats()
    signal[Lead.V3.row] *= 2.5
    made, recording, _ = _traced(replace(SPEC, grid="12x1", rhythm=()), signal)
    assert np.median(_snr_db(made, recording)) > 18


def test_a_strip_beyond_the_page_is_absent_not_invented() -> None:
    made = make_page(_beats(), spec=SPEC, seed=1)
    page = true_page(made)
    beyond = tuple(replace(s, top_mm=900.0, bottom_mm=930.0) if s.lead is Lead.V6 else s for s in made.layout.strips)
    recording = trace(replace(page, layout=Layout("3x4+1", beyond)))
    assert np.isnan(recording.signal[Lead.V6.row]).all()
    assert np.isnan(recording.quality_db[Lead.V6.row])


def test_a_worse_page_is_expected_to_be_worse() -> None:
    _, good, _ = _traced(SPEC)
    _, bad, _ = _traced(replace(SPEC, dpi=75, pen=Pen(0.6), handling=Handling(blur_px=1.2, noise=10, jpeg=50)))
    assert np.nanmedian(good.quality_db) > np.nanmedian(bad.quality_db) + 5


def test_an_empty_layout_gives_an_empty_recording() -> None:
    made = make_page(_beats(), spec=SPEC, seed=1)
    recording = trace(replace(true_page(made), layout=Layout("none", ())))
    assert recording.signal.shape[0] == len(STANDARD_ORDER)
    assert np.isnan(recording.signal).all()


def test_a_wave_of_25_mm_comes_back_whole() -> None:
    signal = _beats()
    signal[Lead.V4.row] *= 2.6 / signal[Lead.V4.row].max()
    _, recording, _ = _traced(replace(SPEC, row_pitch_mm=70.0), signal)
    shown = recording.signal[Lead.V4.row]
    assert np.nanmax(shown) - np.nanmedian(shown) > 2.5


def test_strips_followed_side_by_side_go_the_ways_that_they_go_alone() -> None:
    page = true_page(make_page(_beats(), spec=replace(SPEC, rhythm=(Lead.II,)), seed=1))
    pieces = [piece for strip in page.layout.strips if (piece := cut(page, strip)) is not None]
    pieces += [replace(pieces[0], ink=pieces[0].ink[:, : pieces[0].ink.shape[1] - 40])]
    together = follow(pieces)
    for piece, path in zip(pieces, together, strict=True):
        (alone,) = follow([piece])
        assert np.abs(alone - path).max() <= 1  # flat ink is crossed at one price: float32 decides


def test_blank_rows_that_are_cut_off_move_no_zero_line() -> None:
    page = true_page(make_page(_beats(), spec=SPEC, seed=1))
    strip = page.layout.strips[0]
    spotted = replace(page, ink=page.ink.copy())
    row = round((strip.top_mm + 0.5) * float(page.pixels_per_mm_y.value or 0))
    spotted.ink[row : row + 2, :] = 255
    darkest_mm = []
    for shown in (page, spotted):
        piece = cut(shown, strip)
        assert piece is not None
        ink = piece.ink[3:]  # without the spot
        darkest_mm.append(piece.top_mm + (3 + int(ink.sum(axis=1).argmax()) + 0.5) * piece.mm_y)
    assert darkest_mm[0] == pytest.approx(darkest_mm[1])
    assert darkest_mm[0] == pytest.approx(strip.baseline_mm, abs=1.0)
