"""Boxes of leads as a person moves them: the paper is the clock."""

from dataclasses import replace

import pytest

from ecgdesk.desk.models import boxes
from ecgdesk.desk.models.boxes import Side
from ecgdesk.desk.models.evidence import Box
from ecgdesk.ecg.figure import How
from ecgdesk.ecg.lead import Lead
from tests.desk import sample

STRIPS = sample.layout().strips


def number_of(lead: Lead, *, rhythm: bool = False) -> int:
    return next(n for n, s in enumerate(STRIPS) if s.lead is lead and s.rhythm is rhythm)


def test_a_box_moved_along_the_paper_is_later_by_as_much() -> None:
    before = STRIPS[number_of(Lead.V4)]
    after = boxes.moved(STRIPS, number_of(Lead.V4), 5.0, -2.0)[number_of(Lead.V4)]
    assert (after.x0_mm - before.x0_mm, after.baseline_mm - before.baseline_mm) == (5.0, -2.0)
    assert after.start_s - before.start_s == pytest.approx(0.2)
    assert after.end_s - after.start_s == pytest.approx(2.5)
    assert after.how is How.ENTERED


@pytest.mark.parametrize(("side", "start", "end"), [(Side.LEFT, 0.2, 0.0), (Side.RIGHT, 0.0, 0.2)])
def test_an_edge_moves_its_own_end_in_time(side: Side, start: float, end: float) -> None:
    number = number_of(Lead.I)
    before = STRIPS[number]
    edge = before.x0_mm if side is Side.LEFT else before.x1_mm
    after = boxes.resized(STRIPS, number, side, edge + 5.0)[number]
    assert after.start_s - before.start_s == pytest.approx(start)
    assert after.end_s - before.end_s == pytest.approx(end)
    squeezed = boxes.resized(STRIPS, number, side, before.x1_mm if side is Side.LEFT else before.x0_mm)[number]
    assert squeezed.x1_mm - squeezed.x0_mm == pytest.approx(boxes.LEAST_WIDTH_MM)


def test_a_new_box_runs_on_the_clock_of_the_others_and_is_a_rhythm_strip_below_them() -> None:
    page = sample.page()
    grid = tuple(strip for strip in STRIPS if not strip.rhythm)
    *_, below = boxes.added(grid, Box(37.0, 111.0, 262.0, 141.0), Lead.V1, page)
    assert below.rhythm
    assert (below.start_s, below.end_s) == (pytest.approx(1.0), pytest.approx(10.0))
    *_, within = boxes.added(grid, Box(37.0, 20.0, 62.0, 40.0), Lead.V1, page)
    assert not within.rhythm


def test_boxes_are_shown_apart_though_their_ink_may_overlap() -> None:
    wide = tuple(replace(strip, top_mm=0.0, bottom_mm=155.0) for strip in STRIPS)
    shown = boxes.frames(wide)
    first, second = shown[number_of(Lead.I)], shown[number_of(Lead.II)]
    assert first.y1 <= second.y0 + 1e-9
    assert boxes.box_at(wide, 20.0, 62.0) == number_of(Lead.II)
    assert boxes.edge_at(wide, 74.6, 62.0, reach=0.5) is not None


def test_a_stroke_belongs_to_the_lead_in_which_it_begins_and_its_last_word_counts() -> None:
    strip = STRIPS[number_of(Lead.V2)]
    x, y = strip.x0_mm + 10, strip.baseline_mm
    redraw = boxes.stroke([(x, y), (x + 5, y - 4), (x + 2, y - 1), (x + 5, y - 2)], STRIPS)
    assert redraw is not None
    assert redraw.lead is Lead.V2
    assert redraw.points == ((x, y), (x + 2, y - 1), (x + 5, y - 2))
    assert boxes.stroke([(x, y), (x + 0.3, y)], STRIPS) is None
    assert boxes.stroke([(2.0, 2.0), (40.0, 2.0)], STRIPS) is None
