"""A fax has more dots across than down."""

import cv2
import numpy as np
import pytest

from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.page import Sheet
from ecgdesk.learn.pages import PageSpec, make_page
from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.page.squared import squared
from ecgdesk.page.understand import understand


def test_a_scan_of_oblong_pixels_is_understood_and_its_places_are_those_of_the_scan() -> None:
    made = make_page(simulate(EcgSpec(seed=4)).signal, spec=PageSpec(dpi=204.0), seed=1)
    height, width = made.image.shape[:2]
    image = cv2.resize(made.image, (width, height // 2), interpolation=cv2.INTER_AREA).astype(np.uint8)
    page = understand(Sheet(image, "fax", dpi=(204.0, 102.0)))
    assert page.layout.name == "3x4+1"
    drawn = next(strip for strip in made.layout.strips if strip.lead is Lead.V5)
    found = next(strip for strip in page.layout.strips if strip.lead is Lead.V5)
    x, y = page.on_scan(np.array([found.x0_mm]), np.array([found.baseline_mm]))
    ppm = 204.0 / 25.4
    assert x[0] == pytest.approx(drawn.x0_mm * ppm, abs=0.6 * ppm)
    assert y[0] == pytest.approx(drawn.baseline_mm * ppm / 2, abs=0.5 * ppm)


@pytest.mark.parametrize("dpi", [None, (200.0, 200.0), (200.0, 199.5), (600.0, 72.0)])
def test_square_pixels_and_nonsense_are_left_alone(dpi: tuple[float, float] | None) -> None:
    sheet = Sheet(np.zeros((20, 30, 3), np.uint8), "scan", dpi=dpi)
    same, back = squared(sheet)
    assert same is sheet
    assert np.array_equal(back, np.eye(3))
