import pytest

from ecgdesk.desk.models.evidence import boxes, evidence, found_at
from ecgdesk.desk.models.placement import grid_sheet, page_sheet
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.reading import Span
from tests.desk import sample

RECORDING, PAGE = sample.recording(), sample.page()


def test_a_span_on_the_page_lies_on_the_strips_own_millimetres() -> None:
    (box,) = boxes([Span(Lead.V2, 6.0, 6.4)], page_sheet(PAGE), RECORDING)
    strip = next(s for s in PAGE.layout.strips if s.lead is Lead.V2)
    assert (box.x0, box.x1) == pytest.approx((strip.x0_mm + 25.0, strip.x0_mm + 35.0))
    assert box.y0 < strip.baseline_mm < box.y1


def test_a_lead_that_is_printed_twice_is_marked_twice() -> None:
    found = boxes([Span(Lead.II, 1.0, 1.4)], grid_sheet(RECORDING, PAGE), RECORDING)
    assert len(found) == 2


def test_a_span_outside_of_what_the_paper_shows_is_marked_nowhere() -> None:
    assert boxes([Span(Lead.I, 5.0, 6.0)], grid_sheet(RECORDING, PAGE), RECORDING) == ()


def test_a_span_of_a_few_milliseconds_can_still_be_hit() -> None:
    (box,) = boxes([Span(Lead.V1, 6.0, 6.002)], grid_sheet(RECORDING, PAGE), RECORDING)
    assert box.x1 - box.x0 >= 2.0


def test_clicking_the_same_place_again_walks_through_all_findings_there() -> None:
    shown = evidence((sample.SINUS, sample.BORDERLINE_PR), grid_sheet(RECORDING, PAGE), RECORDING)
    pr = shown[1].boxes[0]
    x, y = (pr.x0 + pr.x1) / 2, (pr.y0 + pr.y1) / 2
    first = found_at(shown, x, y)
    second = found_at(shown, x, y, after=first)
    assert (first, second) == (sample.BORDERLINE_PR, sample.SINUS)
    assert found_at(shown, x, y, after=second) == first
    assert found_at(shown, 1.0, 1.0) is None
