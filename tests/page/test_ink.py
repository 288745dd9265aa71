"""Ink against the coverage that was really drawn."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ecgdesk.learn.pages import PageSpec, make_page
from ecgdesk.learn.paper import PAPERS, Grid, Paper
from ecgdesk.learn.pens import Pen
from ecgdesk.learn.photo import Handling
from ecgdesk.page.ink import ink

PPM = 150 / 25.4
WHITE = Paper("white", (255, 255, 255), (255, 255, 255), (255, 255, 255), Grid.NONE)
BLACK = Pen(width_mm=0.35, colour=(0, 0, 0))
SPEC = PageSpec(dpi=150, pen=BLACK, sheet_mm=(150.0, 100.0), rhythm=())


def _beats(seconds: float = 10.0) -> NDArray[np.float32]:
    """A plain synthetic signal: sharp peaks on a slow wave, the same in every lead."""
    t = np.arange(round(seconds * 500)) / 500
    beat = 1.2 * np.exp(-(((t % 0.8) - 0.4) ** 2) / 2e-4) + 0.15 * np.sin(2 * np.pi * 1.1 * t)
    return np.repeat(beat[None], 12, axis=0).astype(np.float32)


def _drawn(signal: NDArray[np.float32], spec: PageSpec) -> NDArray[np.float32]:
    """True coverage, 0 to 255: the same page in black on white."""
    on_white = make_page(signal, spec=replace(spec, paper=WHITE, pen=BLACK, handling=Handling()), seed=1)
    return 255.0 - on_white.image[..., 0].astype(np.float32)


@pytest.mark.parametrize("paper", [p for p in PAPERS if p.name != "dark grey"], ids=lambda p: p.name)
def test_grid_is_gone_and_the_trace_keeps_its_grey_levels_on(paper: Paper) -> None:
    spec = replace(SPEC, paper=paper)
    found = ink(make_page(_beats(), spec=spec, seed=1).image, pixels_per_mm=PPM).astype(np.float32)
    drawn = _drawn(_beats(), spec)
    edge = (drawn > 40) & (drawn < 215)
    assert found[drawn == 0].mean() < 1.0
    assert np.abs(found - drawn)[edge].mean() < 30
    assert found[drawn > 250].mean() > 225


def test_grey_grid_lines_leave_no_bites_in_the_trace() -> None:
    spec = replace(SPEC, paper=next(p for p in PAPERS if p.name == "dark grey"))
    found = ink(make_page(_beats(), spec=spec, seed=1).image, pixels_per_mm=PPM)
    assert np.mean(found[_drawn(_beats(), spec) > 250] > 150) > 0.98


def test_a_flat_trace_is_not_taken_for_a_grid_line() -> None:
    signal = np.zeros((12, 5000), np.float32)
    spec = replace(SPEC, paper=next(p for p in PAPERS if p.name == "grey"))
    found = ink(make_page(signal, spec=spec, seed=1).image, pixels_per_mm=PPM)
    assert np.mean(found[_drawn(signal, spec) > 250] > 150) > 0.98


def test_shadows_and_creases_leave_no_ink() -> None:
    spec = replace(SPEC, handling=Handling(shadow=0.8, wrinkle=0.6, noise=2))
    found = ink(make_page(_beats(), spec=spec, seed=1).image, pixels_per_mm=PPM)
    assert found[_drawn(_beats(), spec) == 0].mean() < 2.0


def test_a_dark_blue_trace_on_orange_counts_as_ink() -> None:
    spec = replace(SPEC, paper=next(p for p in PAPERS if p.name == "orange"), pen=Pen(0.35, (25, 25, 110)))
    found = ink(make_page(_beats(), spec=spec, seed=1).image, pixels_per_mm=PPM)
    assert found[_drawn(_beats(), spec) > 250].mean() > 200


def test_a_dark_blue_trace_on_an_orange_sheet_counts_as_ink() -> None:
    paper = next(p for p in PAPERS if p.name == "orange sheet")
    spec = replace(SPEC, paper=paper, pen=Pen(0.5, (27, 27, 100)), handling=Handling(blur_px=0.7, noise=1))
    found = ink(make_page(_beats(), spec=spec, seed=1).image, pixels_per_mm=PPM)
    assert np.median(found[_drawn(_beats(), spec) > 250]) > 150


def test_the_dark_table_under_a_sheet_does_not_tell_what_ink_is() -> None:
    pink = next(p for p in PAPERS if p.name == "strong pink")
    spec = replace(SPEC, paper=pink, pen=Pen(width_mm=0.35, colour=(23, 23, 131), faint=0.7))
    image = make_page(_beats(), spec=spec, seed=1).image.copy()
    image[: round(4 * PPM)] = image[-round(4 * PPM) :] = (45, 36, 36)
    found = ink(image, pixels_per_mm=PPM)
    sheet = slice(round(6 * PPM), -round(6 * PPM))
    assert np.mean(found[sheet][_drawn(_beats(), spec)[sheet] > 250] > 90) > 0.9


@pytest.mark.parametrize(("notes", "pen_px"), [(4, 4), (12, 14)])
def test_what_somebody_wrote_on_the_sheet_in_blue_does_not_tell_what_ink_is(notes: int, pen_px: int) -> None:
    pink = next(p for p in PAPERS if p.name == "strong pink")
    spec = replace(SPEC, sheet_mm=(297.0, 210.0), paper=pink, pen=Pen(0.25, (70, 70, 70), faint=0.55))
    spec = replace(spec, handling=Handling(blur_px=0.9))
    image = make_page(_beats(), spec=spec, seed=1).image.copy()
    rng = np.random.default_rng(5)
    for _ in range(notes):
        way = rng.uniform((60.0, 50.0), (230.0, 150.0)) + np.cumsum(rng.normal(0.0, 3.0, (25, 2)), axis=0)
        cv2.polylines(image, [np.round(way * PPM).astype(np.int32)], False, (30, 60, 160), pen_px, cv2.LINE_AA)
    found = ink(image, pixels_per_mm=PPM)
    assert np.median(found[_drawn(_beats(), spec) > 250]) > 100


@pytest.mark.parametrize("paper", [PAPERS[0], PAPERS[10]], ids=lambda p: p.name)
def test_an_empty_sheet_has_no_ink(paper: Paper) -> None:
    spec = replace(SPEC, paper=paper, sheet_mm=(150.0, 200.0))
    sheet = make_page(_beats(), spec=spec, seed=1).image[: int(40 * PPM)]  # above the first row
    assert ink(sheet, pixels_per_mm=PPM).mean() < 1.0


def test_tiny_images_are_taken_as_they_come() -> None:
    assert ink(np.full((3, 5, 3), 200, np.uint8), pixels_per_mm=8.0).shape == (3, 5)


def test_heavier_lines_every_25_mm_are_grid_too() -> None:
    paper = next(paper for paper in PAPERS if paper.name == "black lines")
    spec = replace(SPEC, paper=paper)
    image = make_page(_beats(), spec=spec, seed=1).image.copy()
    width = image.shape[1]
    heavy = [round(mm * PPM) for mm in np.arange(0.0, 150.0, 25.0)]
    for at in heavy:
        image[at : at + 3, :] = np.minimum(image[at : at + 3, :], 20)
        image[:, at : at + 3] = np.minimum(image[:, at : at + 3], 20)
    found = ink(image, pixels_per_mm=PPM)
    margin = found[: int(12 * PPM)]  # above the first row
    assert (margin[:, [at + 1 for at in heavy if at < width]] > 90).mean() < 0.1
