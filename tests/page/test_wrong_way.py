"""Sheets that would be read wrongly if they were read: mirrored ones, and halves of sheets."""

import numpy as np
import pytest

from ecgdesk.ecg.corrections import Corrections
from ecgdesk.ecg.page import Sheet
from ecgdesk.learn.pages import PageSpec, make_page
from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.page.mend import corners_of
from ecgdesk.page.refusals import UnreadablePage
from ecgdesk.page.understand import understand

MADE = make_page(simulate(EcgSpec(seed=4)).signal, spec=PageSpec(dpi=120.0), seed=1)


@pytest.mark.parametrize("way", [np.s_[:, ::-1], np.s_[::-1]], ids=["left to right", "top to bottom"])
def test_a_mirrored_sheet_is_refused_as_mirrored(way: tuple[slice, ...]) -> None:
    with pytest.raises(UnreadablePage, match="mirrored"):
        understand(Sheet(np.ascontiguousarray(MADE.image[way]), "page.png"))


def test_rows_cut_from_a_sheet_of_columns_are_not_one_lead_each() -> None:
    below = MADE.layout.strips[4].baseline_mm + 12  # two rows of four leads
    with pytest.raises(UnreadablePage):
        understand(Sheet(MADE.image[: int(below / 25.4 * 120)], "page.png"))


def test_a_negative_is_read_like_its_sheet() -> None:
    page = understand(Sheet(255 - MADE.image, "page.png"))
    assert page.layout.name == "3x4+1"


def test_a_negative_is_read_within_its_corners_too() -> None:
    negative = Sheet(255 - MADE.image, "page.png")
    corners = corners_of(understand(Sheet(MADE.image, "page.png")))
    page = understand(negative, Corrections(corners=corners))
    assert page.layout.name == "3x4+1"
