"""Whole sheets, drawn by the page maker: what is understood of them, and what is refused."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ecgdesk.ecg.figure import How
from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.ecg.page import Page, Sheet
from ecgdesk.learn.layouts import CABRERA
from ecgdesk.learn.pages import MadePage, Names, PageSpec, Pulse, Separator, make_page
from ecgdesk.learn.pens import Pen
from ecgdesk.learn.spelling import Spelling
from ecgdesk.page.refusals import UnreadablePage
from ecgdesk.page.understand import understand

SPEC = PageSpec(dpi=120.0)


def _signal(seconds: float = 10.0) -> NDArray[np.float32]:
    """A plain synthetic rhythm; every lead has its own size and sign."""
    t = np.arange(round(seconds * 500)) / 500
    phase = t % 0.83
    beat = 1.0 * np.exp(-(((phase - 0.4) / 0.012) ** 2)) - 0.2 * np.exp(-(((phase - 0.43) / 0.012) ** 2))
    beat += 0.25 * np.exp(-(((phase - 0.65) / 0.05) ** 2)) + 0.1 * np.exp(-(((phase - 0.24) / 0.03) ** 2))
    sizes = np.array([0.8, 1.1, 0.5, -0.9, 0.4, 0.8, -0.7, -1.0, 0.6, 1.2, 1.3, 1.0])
    return (sizes[:, None] * beat[None]).astype(np.float32)


def _made(spec: PageSpec) -> MadePage:
    return make_page(_signal(), spec=spec, seed=5)


def _understood(made: MadePage) -> Page:
    return understand(Sheet(made.image, "page.png"))


def _assert_same(page: Page, made: MadePage) -> None:
    """Layout, leads and clock of every strip, and its place on the sheet, as they were drawn."""
    assert page.layout.name == made.layout.name
    assert [strip.lead for strip in page.layout.strips] == [strip.lead for strip in made.layout.strips]
    to_sheet = np.linalg.inv(made.to_scan) @ page.to_scan
    for found, drawn in zip(page.layout.strips, made.layout.strips, strict=True):
        for x, true_x, tolerance in ((found.x0_mm, drawn.x0_mm, 1.5), (found.x1_mm, drawn.x1_mm, 2.0)):
            at = to_sheet @ [x, found.baseline_mm, 1.0]
            assert at[0] / at[2] == pytest.approx(true_x, abs=tolerance)
            assert at[1] / at[2] == pytest.approx(drawn.baseline_mm, abs=1.0)
        assert found.start_s == pytest.approx(drawn.start_s, abs=0.06)
        assert found.end_s == pytest.approx(drawn.end_s, abs=0.1)


@pytest.mark.parametrize(
    "spec",
    [
        SPEC,
        replace(SPEC, rhythm=(Lead.V1, Lead.II, Lead.V5), separator=Separator.BAR),
        replace(SPEC, rhythm=(), pulse=Pulse.NONE, names=Names(right_mm=1.0, above_mm=-6.0)),
        replace(SPEC, grid="6x2", rhythm=(Lead.II,), separator=Separator.NONE),
        replace(SPEC, grid="12x1", rhythm=(), pulse=Pulse.RIGHT),
    ],
    ids=["3x4+1", "3x4+3", "3x4 without pulse", "6x2+1", "12x1 with its pulse behind"],
)
def test_layouts_names_and_clock_are_found(spec):
    made = _made(spec)
    _assert_same(_understood(made), made)


def test_the_foot_behind_a_pulse_is_no_part_of_a_sheet_of_one_column():
    made = _made(replace(SPEC, grid="12x1", rhythm=(), pulse_gap_mm=2.0))
    page = _understood(made)
    _assert_same(page, made)
    for strip in page.layout.strips:
        assert (strip.start_s, strip.end_s) == pytest.approx((0.0, 10.0), abs=0.02)


@pytest.mark.parametrize("gain", [5.0, 20.0])
def test_gain_comes_from_the_pulse(gain):
    page = _understood(_made(replace(SPEC, gain=gain, footer=False)))
    assert (page.gain.value, page.gain.how) == (gain, How.MEASURED)
    assert len(page.pulses) == 4


def test_without_a_pulse_print_tells_speed_and_gain():
    page = _understood(_made(replace(SPEC, pulse=Pulse.NONE, footer=True)))
    assert (page.speed.value, page.speed.how) == (25.0, How.PRINTED)
    assert (page.gain.value, page.gain.how) == (10.0, How.PRINTED)


def test_what_nothing_on_the_page_tells_is_assumed_and_said():
    page = _understood(_made(replace(SPEC, pulse=Pulse.NONE, footer=False)))
    assert (page.speed.how, page.gain.how) == (How.ASSUMED, How.ASSUMED)
    assert any("10 mm/mV was assumed" in doubt for doubt in page.doubts)


@pytest.mark.parametrize(("pulse", "how"), [(Pulse.LEFT, How.MEASURED), (Pulse.NONE, How.ASSUMED)])
def test_slow_paper_is_told_by_the_width_of_its_columns_and_pulses(pulse, how):
    page = _understood(_made(replace(SPEC, speed=12.5, pulse=pulse, footer=False)))
    assert (page.speed.value, page.speed.how) == (12.5, how)
    assert page.layout.strips[1].start_s == pytest.approx(2.5, abs=0.06)
    assert any("12.5 mm/s" in doubt for doubt in page.doubts) == (how is How.ASSUMED)


def test_names_beside_the_borders_are_no_separators():
    names = Names(right_mm=3.6, above_mm=5.0, height_mm=3.0)
    spec = replace(SPEC, separator=Separator.NONE, names=names, pulse_gap_mm=0.0)
    made = _made(spec)
    page = _understood(made)
    drawn = [strip.x0_mm for strip in made.layout.strips[:4]]
    assert [strip.x0_mm for strip in page.layout.strips[:4]] == pytest.approx(drawn, abs=1.0)


@pytest.mark.parametrize("spelling", [Spelling.MINUS, Spelling.USUAL])
def test_cabreras_order_is_known_by_its_names_and_a_minus_means_upside_down(spelling):
    names = Names(above_mm=6.0, height_mm=3.0, spelling=spelling)
    made = _made(replace(SPEC, order=CABRERA, grid="6x2", rhythm=(), names=names))
    page = _understood(made)
    assert [strip.lead for strip in page.layout.strips] == [strip.lead for strip in made.layout.strips]
    upside_down = [strip.lead for strip in page.layout.strips if strip.inverted]
    assert upside_down == ([Lead.AVR] if spelling is Spelling.MINUS else [])


def test_a_page_upside_down_is_turned():
    made = _made(SPEC)
    turned = replace(made, image=np.ascontiguousarray(made.image[::-1, ::-1]))
    page = understand(Sheet(turned.image, "page.png"))
    assert page.layout.name == "3x4+1"
    assert [strip.lead for strip in page.layout.strips][:12:4] == [Lead.I, Lead.II, Lead.III]
    height, width = made.image.shape[:2]
    first, drawn = page.layout.strips[0], made.layout.strips[0]
    at = page.to_scan @ [first.x0_mm, first.baseline_mm, 1.0]
    true = made.to_scan @ [drawn.x0_mm, drawn.baseline_mm, 1.0]
    assert at[:2] / at[2] == pytest.approx([width - true[0], height - true[1]], abs=6.0)


def test_a_pen_much_paler_than_the_print_is_read():
    header = ("SAMPLE, ONE", "Vent. rate   72 bpm", "PR interval 160 ms", "QRS duration 92 ms", "Abnormal ECG")
    pale = Pen(width_mm=0.18, colour=(33, 33, 33), faint=0.5)
    made = _made(replace(SPEC, dpi=150.0, pen=pale, header=header, footer=True))
    _assert_same(_understood(made), made)


def test_a_row_between_tall_complexes_keeps_its_leads():
    signal = _signal()
    lead = STANDARD_ORDER.index(Lead.III)
    signal[lead] += 2.0 * np.sin(2 * np.pi * 0.9 * np.arange(5000) / 500)  # it crosses its zero line and stays nowhere
    signal[STANDARD_ORDER.index(Lead.V3)] = signal[lead]
    made = make_page(signal, spec=replace(SPEC, grid="6x2", dpi=150.0), seed=5)
    page = _understood(made)
    assert page.layout.name == made.layout.name
    heights = {strip.lead: strip.baseline_mm for strip in made.layout.strips[:12]}
    for strip in page.layout.strips[:12]:
        if strip.lead not in (Lead.III, Lead.V3):
            assert strip.baseline_mm == pytest.approx(heights[strip.lead], abs=2.0)


def test_rows_that_wander_and_beat_are_placed_by_their_names():
    signal = _signal()
    t = np.arange(signal.shape[1]) / 500
    for lead in (Lead.II, Lead.AVL, Lead.V2, Lead.V5, Lead.III, Lead.AVF, Lead.V3, Lead.V6):
        signal[STANDARD_ORDER.index(lead)] += (0.9 * np.sin(2 * np.pi * t / 3.1 + 1)).astype(np.float32)
    made = make_page(signal, spec=replace(SPEC, rhythm=()), seed=5)
    page = _understood(made)
    assert page.layout.name == "3x4"
    assert [strip.lead for strip in page.layout.strips] == [strip.lead for strip in made.layout.strips]
    for found, drawn in zip(page.layout.strips, made.layout.strips, strict=True):
        assert (found.top_mm + found.bottom_mm) / 2 == pytest.approx((drawn.top_mm + drawn.bottom_mm) / 2, abs=8.0)


def test_traces_that_wander_off_at_their_beginning_and_end_keep_their_columns():
    signal = _signal()
    t = np.arange(5000) / 500
    signal[[0, 1, 2]] += (2.0 * np.clip(1 - t / 1.2, 0, None) ** 0.3).astype(np.float32)
    signal[[9, 10]] += (2.0 * np.clip(t - 8.0, 0, None) ** 0.3).astype(np.float32)
    made = make_page(signal, spec=replace(SPEC, dpi=150.0), seed=5)
    page = _understood(made)
    for found, drawn in zip(page.layout.strips[:12], made.layout.strips[:12], strict=True):
        assert (found.lead, found.x0_mm) == (drawn.lead, pytest.approx(drawn.x0_mm, abs=1.5))
        assert found.start_s == pytest.approx(drawn.start_s, abs=0.06)


def test_pulses_and_print_that_disagree_are_a_doubt():
    made, other = (_made(replace(SPEC, dpi=150.0, gain=gain, footer=True)) for gain in (10.0, 5.0))
    image, foot = made.image.copy(), int(198 * 150 / 25.4)
    image[foot:] = other.image[foot:]
    page = understand(Sheet(image, "page.png"))
    assert (page.gain.value, page.gain.how) == (10.0, How.MEASURED)
    assert any("pulses say 10 mm/mV, the print 5 mm/mV" in doubt for doubt in page.doubts)
    assert not any("the print" in doubt for doubt in understand(Sheet(made.image, "page.png")).doubts)


def test_pulses_of_a_height_that_no_cart_prints_are_a_doubt():
    page = understand(Sheet(_made(replace(SPEC, dpi=150.0, gain=7.5)).image, "page.png"))
    assert page.gain.value == pytest.approx(7.5, abs=0.3)
    assert any("which no cart prints" in doubt for doubt in page.doubts)


def test_what_may_be_cut_pulses_does_not_outweigh_the_print():
    made = _made(replace(SPEC, dpi=150.0, pulse=Pulse.NONE, footer=True))
    image = made.image.copy()
    for strip in made.layout.strips:
        if strip.lead in (Lead.V4, Lead.V5, Lead.V6):
            x, y = strip.x1_mm + 1.0, strip.baseline_mm
            corners = np.array([(x, y), (x, y - 5.0), (x + 3.0, y - 5.0)]) * 150 / 25.4
            cv2.polylines(image, [np.round(corners).astype(np.int32)], False, (20, 20, 20), 2)
    page = understand(Sheet(image, "page.png"))
    assert (page.gain.value, page.gain.how) == (10.0, How.PRINTED)


def test_a_page_cropped_at_the_right_keeps_its_clock():
    made = _made(SPEC)
    cut_mm = 230.0
    page = understand(Sheet(made.image[:, : int(cut_mm / 25.4 * SPEC.dpi)], "page.png"))
    assert page.layout.name == "3x4+1"
    last = next(strip for strip in page.layout.strips if strip.lead is Lead.V4)
    assert last.start_s == pytest.approx(7.5, abs=0.06)
    assert last.end_s < 9.5


def test_a_sheet_cut_at_both_ends_on_a_table_of_its_colour_keeps_its_names_and_times():
    made = _made(replace(SPEC, pulse=Pulse.NONE, rhythm=()))
    begin = min(strip.x0_mm for strip in made.layout.strips)
    left, right = (int(x / 25.4 * SPEC.dpi) for x in (begin - 0.5, begin + 232.0))
    table = np.full((made.image.shape[0], int(8 / 25.4 * SPEC.dpi), 3), 235, np.uint8)
    page = understand(Sheet(np.hstack([made.image[:, left:right], table]), "page.png"))
    for strip in page.layout.strips:
        drawn = next(one for one in made.layout.strips if one.lead is strip.lead)
        assert strip.x0_mm == pytest.approx(drawn.x0_mm - begin + 0.5, abs=1.0)
        assert strip.start_s == pytest.approx(drawn.start_s, abs=0.06)


def test_names_that_run_into_the_traces_are_not_their_beginning_when_the_last_column_is_short():
    made = _made(replace(SPEC, rhythm=(), pulse_gap_mm=3.0, names=Names(right_mm=-3.5, above_mm=-4.0, height_mm=3.5)))
    image, ppm = made.image.copy(), SPEC.dpi / 25.4
    for strip in made.layout.strips:
        if strip.lead in (Lead.V4, Lead.V5, Lead.V6):
            top, bottom = (int((strip.baseline_mm + side) * ppm) for side in (-14, 10))
            image[top:bottom, int((strip.x1_mm - 5) * ppm) : int((strip.x1_mm + 1) * ppm)] = 255
    for strip in understand(Sheet(image, "page.png")).layout.strips:
        drawn = next(one for one in made.layout.strips if one.lead is strip.lead)
        assert strip.x0_mm == pytest.approx(drawn.x0_mm, abs=0.6)


def test_a_sheet_of_two_leads_is_read_as_that():
    made = _made(replace(SPEC, grid="12x1", rhythm=(), footer=False))
    second = made.layout.strips[1]
    page = understand(Sheet(made.image[: int((second.baseline_mm + 5) / 25.4 * SPEC.dpi)], "page.png"))
    assert page.layout.name == "2x1"
    assert [strip.lead for strip in page.layout.strips] == [Lead.I, Lead.II]
    absent = ", ".join(lead.value for lead in STANDARD_ORDER[2:])
    assert any(absent in doubt for doubt in page.doubts)


def test_a_broken_line_between_two_rows_is_no_row_of_leads():
    made = _made(SPEC)
    first, second = (made.layout.strips[number].baseline_mm for number in (0, 4))
    ppm, image = SPEC.dpi / 25.4, made.image.copy()
    y = round((first + second) / 2 * ppm)
    for x in range(round(10 * ppm), round(265 * ppm), round(4 * ppm)):
        image[y : y + 2, x : x + round(2.1 * ppm)] = 0
    page = understand(Sheet(image, "page.png"))
    assert page.layout.name == "3x4+1"
    heights = [strip.baseline_mm for strip in page.layout.strips[:12:4]]
    assert np.diff(heights) == pytest.approx([second - first] * 2, abs=1.5)


def test_an_edge_above_twelve_rows_moves_no_name_to_the_row_above():
    made = _made(replace(SPEC, grid="12x1", rhythm=(), names=Names(above_mm=5.0, height_mm=3.0)))
    first, second = (strip.baseline_mm for strip in made.layout.strips[:2])
    ppm, image = SPEC.dpi / 25.4, made.image.copy()
    edge = round((2 * first - second) * ppm)
    image[edge : edge + 2, round(5 * ppm) :] = 0
    page = understand(Sheet(image, "page.png"))
    assert page.layout.name == "12x1"
    assert page.layout.strips[1].baseline_mm - page.layout.strips[0].baseline_mm == pytest.approx(second - first, abs=1)
    _, y = page.on_scan(np.array([20.0]), np.array([page.layout.strips[0].baseline_mm]))
    assert y[0] / ppm == pytest.approx(first, abs=1.5)


def test_leads_without_any_name_are_not_guessed():
    made = _made(replace(SPEC, order=(Lead.AVR, Lead.AVF, Lead.V1), grid="3x1", rhythm=(), names=Names(height_mm=0.2)))
    with pytest.raises(UnreadablePage, match="names cannot be read"):
        understand(Sheet(made.image, "page.png"))


def test_names_that_are_read_in_no_known_order_are_not_overruled():
    order = tuple(STANDARD_ORDER[place] for place in (0, 4, 1, 3, 2, 8, 6, 10, 5, 9, 7, 11))
    made = _made(replace(SPEC, dpi=150.0, rhythm=(), order=order))
    with pytest.raises(UnreadablePage, match="do not fit"):
        _understood(made)


def test_a_page_of_text_is_refused():
    image = np.full((1100, 850, 3), 255, np.uint8)
    for line in range(30):
        words = "Dear colleague, thank you for the kind referral of this patient."
        cv2.putText(image, words, (40, 60 + 34 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (0, 0, 0), 1, cv2.LINE_AA)
    with pytest.raises(UnreadablePage):
        understand(Sheet(image, "letter.png"))


def test_a_photo_of_something_else_is_refused():
    rng = np.random.default_rng(1)
    small = rng.integers(0, 255, (12, 16, 3)).astype(np.uint8)
    image = cv2.resize(small, (1600, 1200), interpolation=cv2.INTER_CUBIC)
    with pytest.raises(UnreadablePage):
        understand(Sheet(np.asarray(image, np.uint8), "holiday.jpg"))


def test_millimetre_paper_without_a_trace_is_refused():
    made = make_page(np.full((12, 5000), np.nan, np.float32), spec=replace(SPEC, pulse=Pulse.NONE), seed=1)
    with pytest.raises(UnreadablePage, match="No ECG trace"):
        understand(Sheet(made.image, "page.png"))
