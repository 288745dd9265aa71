from dataclasses import replace

import pytest

from ecgdesk.desk.models.callipers import Points, read
from ecgdesk.desk.models.placement import PlacedSheet, grid_sheet, page_sheet
from ecgdesk.ecg.figure import Figure
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.page import Layout
from tests.desk import sample


def test_callipers_read_ms_bpm_and_mv_of_the_grid() -> None:
    reading = read(Points(50, 80, 70, 70), grid_sheet(sample.recording(), sample.page()))
    assert (reading.ms, reading.bpm, reading.mv) == pytest.approx((800.0, 75.0, 1.0))
    assert reading.text == "800 ms · 75 bpm · +1.00 mV"


def test_callipers_on_the_page_use_the_gain_and_speed_of_the_strip_under_them() -> None:
    page = sample.page()
    half = Figure(5.0, "mm/mV")
    strips = tuple(
        replace(strip, gain=half, end_s=strip.start_s + 1.25) if strip.lead.value.startswith("V") else strip
        for strip in page.layout.strips
    )
    sheet = page_sheet(replace(page, layout=Layout("3x4+1", strips)))
    limb = read(Points(20, 30, 30, 25), sheet)
    chest = read(Points(150, 30, 160, 25), sheet)
    assert (limb.ms, limb.mv) == pytest.approx((400.0, 0.5))
    assert (chest.ms, chest.mv) == pytest.approx((200.0, 1.0))


def test_a_negative_deflection_is_negative_and_backwards_in_time_is_not() -> None:
    reading = read(Points(70, 70, 50, 80), PlacedSheet(100, 100, ()))
    assert (reading.ms, reading.mv) == pytest.approx((800.0, -1.0))
    assert "−1.00 mV" in reading.text


def test_no_rate_is_read_from_legs_that_touch() -> None:
    assert read(Points(50, 50, 50.2, 40), PlacedSheet(100, 100, ())).bpm is None


def test_on_a_strip_that_shows_its_lead_upside_down_a_downward_deflection_is_positive() -> None:
    page = sample.page()
    turned = tuple(replace(strip, inverted=strip.lead is Lead.AVR) for strip in page.layout.strips)
    strip = next(strip for strip in turned if strip.inverted)
    x, y = strip.x0_mm + 10, strip.baseline_mm
    reading = read(Points(x, y, x + 5, y + 5), page_sheet(replace(page, layout=Layout("3x4+1", turned))))
    assert reading.mv == pytest.approx(0.5)
