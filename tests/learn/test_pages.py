"""The page maker tells the truth about its pages."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ecgdesk.ecg.lead import CHEST_LEADS, STANDARD_ORDER, Lead
from ecgdesk.learn.copying import Copy
from ecgdesk.learn.layouts import CABRERA
from ecgdesk.learn.marks import Marks
from ecgdesk.learn.mixed_pages import mixed_spec
from ecgdesk.learn.pages import MadePage, Names, PageSpec, Pulse, Separator, make_page
from ecgdesk.learn.pens import Pen, Stroke
from ecgdesk.learn.photo import Handling
from ecgdesk.learn.spelling import Spelling
from ecgdesk.learn.true_page import true_page

DPI = 120.0


def _waves() -> NDArray[np.float32]:
    """A slow wave of its own frequency in each lead, 10 s."""
    t = np.arange(5000) / 500
    return np.stack([0.3 * np.sin(2 * np.pi * (0.5 + 0.1 * k) * t) for k in range(12)]).astype(np.float32)


def _is_dark_where_the_trace_is(made: MadePage) -> float:
    """Share of the true trace's points that are dark in the image, by the page's own map."""
    dark = []
    for strip in made.layout.strips:
        seconds = np.arange(strip.start_s + 0.2, strip.end_s - 0.2, 0.05)
        mv = made.signal[strip.lead.row, np.round(seconds * 500).astype(int)]
        x = (strip.x0_mm + (seconds - strip.start_s) * made.spec.speed).astype(np.float64)
        gain = (strip.gain.value or 0.0) * (-1.0 if strip.inverted else 1.0)
        column, row = made.to_pixels(x, strip.baseline_mm - mv.astype(np.float64) * gain)
        dark.append(made.image[row.astype(int), column.astype(int)].max(axis=1) < 140)
    return float(np.concatenate(dark).mean())


@pytest.mark.parametrize("stroke", list(Stroke))
def test_the_trace_lies_where_the_truth_says_for_pen(stroke: Stroke) -> None:
    made = make_page(_waves(), spec=PageSpec(dpi=DPI, pen=Pen(0.5, stroke=stroke)), seed=1)
    assert _is_dark_where_the_trace_is(made) > 0.97


def test_the_homography_follows_a_turned_and_tilted_sheet() -> None:
    handling = Handling(rotation_deg=7, perspective=0.04, border_mm=10)
    made = make_page(_waves(), spec=PageSpec(dpi=DPI, pen=Pen(0.5), handling=handling), seed=3)
    assert _is_dark_where_the_trace_is(made) > 0.97


@pytest.mark.parametrize("copy", [Copy.NONE, Copy.FAX, Copy.FAX_COARSE])
def test_the_map_follows_a_curled_and_folded_sheet_and_its_copies(copy: Copy) -> None:
    handling = Handling(rotation_deg=-2, perspective=0.02, border_mm=5, curl_mm=3, folds=2, copy=copy)
    made = make_page(_waves(), spec=PageSpec(dpi=DPI, pen=Pen(0.5), handling=handling), seed=4)
    assert made.bend is not None
    assert np.abs(made.bend.shift_mm).max() > 2
    assert _is_dark_where_the_trace_is(made) > 0.95


def test_limb_and_chest_leads_may_have_gains_of_their_own_and_an_upside_down_lead_says_so() -> None:
    names = Names(spelling=Spelling.MINUS)
    spec = PageSpec(dpi=DPI, pen=Pen(0.5), order=CABRERA, names=names, chest_gain=5.0, pulse=Pulse.MIDDLE)
    made = make_page(_waves(), spec=spec, seed=1)
    assert _is_dark_where_the_trace_is(made) > 0.97
    assert {strip.lead for strip in made.layout.strips if strip.gain.value == 5.0} == set(CHEST_LEADS)
    assert [strip.lead for strip in made.layout.strips if strip.inverted] == [Lead.AVR]
    assert len(made.pulses) == 3


def test_what_was_written_over_the_trace_is_in_its_own_mask() -> None:
    made = make_page(_waves(), spec=PageSpec(dpi=72, marks=Marks(stamps=1, words=1, circles=1)), seed=2)
    assert made.marks.any()
    bare = make_page(_waves(), spec=PageSpec(dpi=72), seed=2)
    changed = (made.image != bare.image).any(axis=2)
    assert (made.marks[changed] > 0).all()


def test_shuffled_columns_break_off_at_their_borders_and_allow_no_rhythm_strip() -> None:
    made = make_page(_waves(), spec=PageSpec(dpi=72, rhythm=(), shuffled=True), seed=1)
    samples = round(made.layout.strips[1].start_s * 500)
    assert np.array_equal(made.signal[0, :samples], _waves()[0, 3 * samples : 4 * samples])
    with pytest.raises(ValueError, match="rhythm"):
        make_page(_waves(), spec=PageSpec(shuffled=True), seed=1)


@pytest.mark.parametrize(
    ("grid", "rhythm", "name"),
    [("3x4", (Lead.II,), "3x4+1"), ("6x2", (), "6x2"), ("12x1", (), "12x1"), ("4x3", (Lead.V1,), "4x3+1")],
)
def test_every_lead_is_shown_and_named_once_in_its_grid(grid: str, rhythm: tuple[Lead, ...], name: str) -> None:
    made = make_page(_waves(), spec=PageSpec(grid=grid, rhythm=rhythm, dpi=72), seed=1)
    assert made.layout.name == name
    assert sorted(strip.lead for strip in made.layout.strips if not strip.rhythm) == sorted(STANDARD_ORDER)
    assert [lead for lead, _ in made.names] == [strip.lead for strip in made.layout.strips]


def test_what_the_sheet_does_not_show_is_missing_from_the_truth() -> None:
    made = make_page(_waves(), spec=PageSpec(dpi=72), seed=1)
    seen = np.isfinite(made.signal).mean(axis=1)
    assert seen[Lead.II.row] == 1.0
    assert seen[Lead.V1.row] == pytest.approx(0.25, abs=0.001)


def test_the_same_seed_gives_the_same_page() -> None:
    spec = PageSpec(dpi=72, handling=Handling(noise=5, wrinkle=0.5, jpeg=80))
    first, second = (make_page(_waves(), spec=spec, seed=9).image for _ in range(2))
    assert np.array_equal(first, second)


def test_a_sheet_without_pulse_or_separator_can_be_asked_for() -> None:
    made = make_page(_waves(), spec=PageSpec(dpi=72, pulse=Pulse.NONE, separator=Separator.NONE), seed=1)
    assert made.pulses == ()


def test_a_signal_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        make_page(np.zeros((3, 100), np.float32), spec=PageSpec(), seed=1)


@pytest.mark.parametrize("seed", range(3))
def test_any_mixed_page_flattens_onto_its_layout(seed: int) -> None:
    made = make_page(_waves(), spec=mixed_spec(np.random.default_rng(seed)), seed=seed)
    page = true_page(made)
    ppm = made.spec.dpi / 25.4
    assert page.image.shape[:2] == tuple(round(side * ppm) for side in reversed(made.spec.sheet_mm))
    assert (page.ink > 128).mean() < 0.1
