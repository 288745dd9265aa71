"""Sheets on which no grid is left: their columns and pulses tell the scale."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from ecgdesk.ecg.page import Page, Sheet
from ecgdesk.learn.pages import MadePage, Names, PageSpec, Pulse, make_page
from ecgdesk.learn.paper import PAPERS
from ecgdesk.learn.pens import Pen
from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.page.understand import understand

PLAIN = next(paper for paper in PAPERS if paper.name == "plain")
SPEC = PageSpec(dpi=120.0, paper=PLAIN, pen=Pen(0.3), names=Names(height_mm=3.0))


def _made(spec: PageSpec) -> MadePage:
    return make_page(simulate(EcgSpec(seed=2)).signal, spec=spec, seed=3)


def _wide_mm(page: Page) -> float:
    strips = page.layout.strips
    return strips[3].x0_mm - strips[0].x0_mm


@pytest.mark.parametrize("pulse", [Pulse.LEFT, Pulse.NONE])
def test_columns_of_ten_seconds_tell_the_scale_of_a_cut_sheet(pulse: Pulse) -> None:
    image = _made(replace(SPEC, pulse=pulse)).image[:, :-60]
    page = understand(Sheet(np.ascontiguousarray(image), "sample"))
    assert page.layout.name == "3x4+1"
    assert page.pixels_per_mm_x.value == pytest.approx(120 / 25.4, rel=0.004)
    assert page.pixels_per_mm_y.value == pytest.approx(page.pixels_per_mm_x.value, rel=1e-6)
    assert _wide_mm(page) == pytest.approx(3 * 62.5, rel=0.004)
    assert any("ten seconds" in doubt for doubt in page.doubts)


def test_a_faxs_pixels_are_not_square() -> None:
    image = _made(SPEC).image
    size = (image.shape[1], round(image.shape[0] * 196 / 204))
    page = understand(Sheet(np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8), "sample"))
    scale_x, scale_y = page.pixels_per_mm_x.value, page.pixels_per_mm_y.value
    assert scale_x is not None
    assert scale_y is not None
    assert scale_y / scale_x == pytest.approx(196 / 204, rel=1e-6)


def test_a_resolution_that_the_file_states_is_kept() -> None:
    page = understand(Sheet(_made(SPEC).image, "sample", dpi=(120.0, 120.0)))
    assert page.pixels_per_mm_x.value == pytest.approx(120 / 25.4, rel=1e-6)
