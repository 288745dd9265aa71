"""Beats of a steady rhythm stand at every border like separators: what is taken for print, and what is not."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ecgdesk.ecg.page import Sheet
from ecgdesk.learn.pages import PageSpec, Separator, make_page
from ecgdesk.page.recurring import printed_share
from ecgdesk.page.understand import understand
from ecgdesk.page.working import WORKING_PPM

PITCH_MM, BEATS_MM = 62.5, 62.5 / 3  # 72 a minute: three beats a column
HEIGHTS_MM, SIZES_MM = (20.0, 50.0, 80.0), (9.0, 6.0, -7.0)
BORDERS_MM = tuple(10.0 + PITCH_MM * n for n in (1, 2, 3))


def _drawn(*, before_mm: float) -> NDArray[np.uint8]:
    """Working ink of three rows whose beats peak so far before each border."""
    ink = np.zeros((int(100 * WORKING_PPM), int(270 * WORKING_PPM)), np.uint8)
    x = np.arange(ink.shape[1]) / WORKING_PPM
    phase = (x - 10.0 + before_mm + BEATS_MM / 2) % BEATS_MM - BEATS_MM / 2
    for height, size in zip(HEIGHTS_MM, SIZES_MM, strict=True):
        y = np.round((height - size * np.maximum(1 - np.abs(phase) / 0.7, 0)) * WORKING_PPM).astype(int)
        for column in range(1, x.size):
            low, high = sorted((y[column - 1], y[column]))
            ink[low : high + 2, column] = 255
    return ink


def _ticked(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    ink = ink.copy()
    for border in BORDERS_MM:
        for height in HEIGHTS_MM:
            for low, high in ((-5.0, -2.0), (2.0, 5.0)):
                rows = slice(int((height + low) * WORKING_PPM), int((height + high) * WORKING_PPM))
                ink[rows, int(border * WORKING_PPM) : int(border * WORKING_PPM) + 2] = 255
    return ink


@pytest.mark.parametrize("before_mm", [-2.0, 0.5, 2.0])
def test_beats_at_every_border_are_no_print(before_mm):
    at = [border - before_mm for border in BORDERS_MM]
    assert printed_share(_drawn(before_mm=before_mm), at, HEIGHTS_MM, pitch_mm=PITCH_MM) < 0.2


@pytest.mark.parametrize("before_mm", [0.0, 1.0, 6.0])
def test_ticks_at_the_borders_are_print_with_a_beat_beside_them_or_without(before_mm):
    ink = _ticked(_drawn(before_mm=before_mm))
    assert printed_share(ink, BORDERS_MM, HEIGHTS_MM, pitch_mm=PITCH_MM) > 0.6


def _beating(peak_s: float) -> NDArray[np.float32]:
    """72 a minute, the first beat so late."""
    t = np.arange(5000) / 500
    phase = (t - peak_s + 5 / 12) % (5 / 6) - 5 / 12
    beat = np.exp(-((phase / 0.013) ** 2)) - 0.25 * np.exp(-(((phase - 0.03) / 0.012) ** 2))
    beat += 0.25 * np.exp(-(((phase - 0.25) / 0.05) ** 2)) + 0.1 * np.exp(-(((phase + 0.16) / 0.03) ** 2))
    sizes = np.array([0.8, 1.1, 0.5, -0.9, 0.4, 0.8, -0.7, -1.0, 0.6, 1.2, 1.3, 1.0])
    return (sizes[:, None] * beat[None]).astype(np.float32)


@pytest.mark.parametrize(("peak_s", "separator"), [(0.76, Separator.NONE), (0.05, Separator.GAP)])
def test_columns_of_three_beats_each_keep_their_places(peak_s, separator):
    made = make_page(_beating(peak_s), spec=PageSpec(dpi=120.0, separator=separator, rhythm=()), seed=3)
    page = understand(Sheet(made.image, "page.png"))
    to_sheet = np.linalg.inv(made.to_scan) @ page.to_scan
    for found, drawn in zip(page.layout.strips, made.layout.strips, strict=True):
        at = to_sheet @ [found.x0_mm, found.baseline_mm, 1.0]
        assert at[0] / at[2] == pytest.approx(drawn.x0_mm, abs=0.7)
