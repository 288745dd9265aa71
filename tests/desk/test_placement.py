from dataclasses import replace

import numpy as np
import pytest

from ecgdesk.desk.models.placement import all_leads_sheet, grid_sheet, page_sheet
from ecgdesk.desk.models.polyline import FULL, polylines
from ecgdesk.ecg.figure import Figure
from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.ecg.page import Layout
from tests.desk import sample


def test_grid_keeps_the_sheets_own_layout_at_25_mm_a_second() -> None:
    sheet = grid_sheet(sample.recording(), sample.page())
    by_lead = {(p.lead, p.start_s): p for p in sheet.placements}
    assert len(sheet.placements) == 13
    assert by_lead[Lead.V1, 5.0].x0_mm - by_lead[Lead.I, 0.0].x0_mm == pytest.approx(125.0)
    assert by_lead[Lead.I, 0.0].baseline_mm == by_lead[Lead.V4, 7.5].baseline_mm
    assert by_lead[Lead.I, 0.0].baseline_mm < by_lead[Lead.III, 0.0].baseline_mm
    rhythm = next(p for p in sheet.placements if p.end_s - p.start_s == 10.0)
    assert rhythm.x1_mm - rhythm.x0_mm == pytest.approx(250.0)


def test_grid_of_a_50_mm_sheet_is_drawn_at_25_mm_a_second() -> None:
    page = sample.page()
    strips = tuple(
        replace(strip, x0_mm=12 + (strip.x0_mm - 12) * 2, x1_mm=12 + (strip.x1_mm - 12) * 2)
        for strip in page.layout.strips
    )
    fast = replace(page, speed=Figure(50.0, "mm/s"), layout=Layout("3x4+1", strips))
    at_25 = grid_sheet(sample.recording(), page)
    at_50 = grid_sheet(sample.recording(), fast)
    assert [p.x0_mm for p in at_50.placements] == pytest.approx([p.x0_mm for p in at_25.placements])


def test_no_trace_of_the_grid_reaches_into_the_row_below() -> None:
    recording = sample.recording()
    recording.signal[Lead.I.row, 100:110] = -2.8
    sheet = grid_sheet(recording, sample.page())
    rows = sorted({p.baseline_mm for p in sheet.placements})
    first = next(p for p in sheet.placements if p.lead is Lead.I)
    second = next(p for p in sheet.placements if p.lead is Lead.II and p.end_s == 2.5)
    lowest = max(float(piece[:, 1].max()) for piece in polylines(first, recording, a_column=FULL))
    highest = min(float(piece[:, 1].min()) for piece in polylines(second, recording, a_column=FULL))
    assert lowest < highest
    assert all(baseline % 5 == 0 for baseline in rows)


def test_page_places_each_strip_where_its_ink_is() -> None:
    page = sample.page()
    sheet = page_sheet(page)
    strip = page.layout.strips[7]
    placement = sheet.placements[7]
    assert (placement.x_mm(strip.start_s), placement.x_mm(strip.end_s)) == pytest.approx((strip.x0_mm, strip.x1_mm))
    assert placement.baseline_mm == strip.baseline_mm
    assert (sheet.width_mm, sheet.height_mm) == pytest.approx((275.0, 155.0))


def test_all_leads_has_a_row_for_each_lead_that_the_sheet_shows() -> None:
    recording = sample.recording()
    recording.signal[Lead.V6.row] = np.nan
    sheet = all_leads_sheet(recording)
    assert [p.lead for p in sheet.placements] == list(STANDARD_ORDER[:-1])


def test_a_gap_in_the_signal_is_a_gap_in_the_trace() -> None:
    recording = sample.recording()
    placement = next(p for p in grid_sheet(recording, sample.page()).placements if p.lead is Lead.V5)
    pieces = polylines(placement, recording, a_column=FULL)
    assert len(pieces) == 2
    assert pieces[1][0, 0] - pieces[0][-1, 0] == pytest.approx(61 * 25 / 500, abs=0.01)


def test_thinning_keeps_every_peak() -> None:
    recording = sample.recording()
    placement = next(p for p in grid_sheet(recording, sample.page()).placements if p.end_s - p.start_s == 10.0)
    full = np.concatenate(polylines(placement, recording, a_column=FULL))
    thin = np.concatenate(polylines(placement, recording, a_column=20))
    assert len(thin) < len(full) / 3
    assert thin[:, 1].min() == full[:, 1].min()
    assert thin[:, 1].max() == full[:, 1].max()
    assert (np.diff(thin[:, 0]) >= 0).all()
