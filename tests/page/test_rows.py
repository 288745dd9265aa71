"""Rows of trace on working ink that is drawn here line by line."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ecgdesk.page.rows import Row, drawn_share, find_rows, with_missing
from ecgdesk.page.working import WORKING_PPM, to_working_scale


def _paper(width_mm: float = 280.0, height_mm: float = 140.0) -> NDArray[np.uint8]:
    return np.zeros((int(height_mm * WORKING_PPM), int(width_mm * WORKING_PPM)), np.uint8)


def _draw_trace(ink: NDArray[np.uint8], y_mm: float, x0_mm: float, x1_mm: float) -> None:
    """A zero line with a tall deflection every 20 mm."""
    x = np.arange(x0_mm, x1_mm, 0.2)
    y = y_mm - 12.0 * np.exp(-(((x % 20.0 - 10.0) / 0.6) ** 2)) + 0.3 * np.sin(x / 3)
    points = np.round(np.stack([x, y], axis=1) * WORKING_PPM).astype(np.int32)
    cv2.polylines(ink, [points], False, 255, 1)


def test_each_trace_is_one_row_with_its_ends():
    ink = _paper()
    for y in (30.0, 60.0, 90.0):
        _draw_trace(ink, y, 15.0, 265.0)
    rows = find_rows(ink)
    assert [row.y_mm for row in rows] == pytest.approx([30.0, 60.0, 90.0], abs=0.6)
    assert [row.x0_mm for row in rows] == pytest.approx([15.0] * 3, abs=0.5)
    assert [row.x1_mm for row in rows] == pytest.approx([265.0] * 3, abs=0.5)


def test_lines_of_print_are_no_rows():
    ink = _paper()
    _draw_trace(ink, 90.0, 15.0, 265.0)
    for line in range(4):
        cv2.putText(ink, "Normal sinus rhythm, 72 bpm", (60, 60 + 40 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1)
    assert len(find_rows(ink)) == 1


def test_print_is_told_from_what_a_pen_drew():
    ink = _paper()
    _draw_trace(ink, 90.0, 8.0, 245.0)
    words = "The quick brown fox jumps over the lazy dog and on, as in every font's sample. " * 2
    cv2.putText(ink, words, (40, 200), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1)
    printed, drawn = find_rows(ink)
    assert drawn_share(ink, printed) < 0.1
    assert drawn_share(ink, drawn) > 0.9


def test_a_faint_stretch_does_not_end_a_row():
    ink = _paper()
    _draw_trace(ink, 40.0, 15.0, 130.0)
    _draw_trace(ink, 40.0, 138.0, 265.0)
    (row,) = find_rows(ink)
    assert (row.x0_mm, row.x1_mm) == pytest.approx((15.0, 265.0), abs=0.5)


def test_a_black_block_beside_scraps_of_trace_is_no_row():
    ink = _paper()
    for y in (30.0, 60.0):
        _draw_trace(ink, y, 15.0, 265.0)
    ink[int(85 * WORKING_PPM) : int(95 * WORKING_PPM), int(20 * WORKING_PPM) : int(70 * WORKING_PPM)] = 255
    for x in (100.0, 150.0, 200.0):
        _draw_trace(ink, 90.0, x, x + 20.0)
    assert [row.y_mm for row in find_rows(ink)] == pytest.approx([30.0, 60.0], abs=0.6)


def test_a_row_that_is_missing_among_even_ones_is_put_in():
    rows = [Row(y, 15.0, 265.0, 0.9) for y in (30.0, 55.0, 106.0, 130.0)]
    assert [row.y_mm for row in with_missing(rows)] == pytest.approx([30.0, 55.0, 80.5, 106.0, 130.0])
    assert with_missing(rows[:2]) == tuple(rows[:2])
    assert with_missing(rows[2:]) == tuple(rows[2:])


def test_empty_paper_has_no_rows():
    assert find_rows(_paper()) == ()


@pytest.mark.parametrize("pixels_per_mm", [2.8, 4.0, 7.874, 23.6])
def test_working_scale_keeps_places_in_millimetres(pixels_per_mm):
    image = np.zeros((int(100 * pixels_per_mm), int(200 * pixels_per_mm)), np.uint8)
    x, y = int(150 * pixels_per_mm), int(70 * pixels_per_mm)
    image[y : y + max(2, int(pixels_per_mm)), x : x + max(2, int(pixels_per_mm))] = 255
    working = to_working_scale(image, pixels_per_mm_x=pixels_per_mm, pixels_per_mm_y=pixels_per_mm)
    ys, xs = np.nonzero(working > 100)
    half = max(2, int(pixels_per_mm)) / pixels_per_mm / 2
    centre = ((xs.mean() + 0.5) / WORKING_PPM, (ys.mean() + 0.5) / WORKING_PPM)
    assert centre == pytest.approx((x / pixels_per_mm + half, y / pixels_per_mm + half), abs=0.25)
