"""Calibration pulses, printed figures and what follows from them."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ecgdesk.ecg.figure import How
from ecgdesk.page.calibration import find_pulses, gain_from, printed_figure, speed_from
from ecgdesk.page.names import GAINS, PRINTED, SPEEDS, Name
from ecgdesk.page.rows import Row
from ecgdesk.page.working import WORKING_PPM

ROWS = tuple(Row(y, 20.0, 250.0, 1.0) for y in (40.0, 80.0))


def _ink_with(corners_mm: list[tuple[float, float]], rows: tuple[Row, ...] = ROWS) -> NDArray[np.uint8]:
    """Rows of trace with spiky beats, and before (or after) each the polyline `corners_mm` over its zero line."""
    ink = np.zeros((int(120 * WORKING_PPM), int(270 * WORKING_PPM)), np.uint8)
    for row in rows:
        x = np.arange(row.x0_mm, row.x1_mm, 0.2)
        y = row.y_mm - 11.0 * np.exp(-(((x % 17.0 - 8.0) / 0.5) ** 2))
        lines = [np.stack([x, y], axis=1), np.array([(px, row.y_mm - up) for px, up in corners_mm])]
        for line in lines:
            cv2.polylines(ink, [np.round(line * WORKING_PPM).astype(np.int32)], False, 255, 1)
    return ink


def _pulse(x_mm: float, width_mm: float, height_mm: float) -> list[tuple[float, float]]:
    return [(x_mm, 0), (x_mm, height_mm), (x_mm + width_mm, height_mm), (x_mm + width_mm, 0)]


@pytest.mark.parametrize("gain", [5.0, 10.0, 20.0])
def test_gain_is_the_pulses_height(gain):
    pulses = find_pulses(_ink_with(_pulse(10.0, 5.0, gain)), ROWS)
    figure = gain_from(pulses)
    assert len(pulses) == 2
    assert figure is not None
    assert (figure.value, figure.how) == (gain, How.MEASURED)


def test_an_unusual_gain_stays_as_it_was_measured():
    figure = gain_from(find_pulses(_ink_with(_pulse(10.0, 5.0, 14.0)), ROWS))
    assert figure is not None
    assert figure.value == pytest.approx(14.0, abs=0.5)


@pytest.mark.parametrize(
    ("width", "height", "gain"),
    [(3.5, 4.9, None), (5.0, 7.5, None), (5.0, 18.2, None), (5.0, 4.9, 5.0), (3.5, 10.0, 10.0)],
)
def test_a_lone_pulse_must_look_like_one_to_say_an_unusual_gain(width, height, gain):
    row = ROWS[:1]
    figure = gain_from(find_pulses(_ink_with(_pulse(10.0, width, height), row), row))
    assert (figure and figure.value) == gain


def test_cut_pulses_of_no_carts_height_say_nothing_where_the_grid_tells_the_scale():
    rows = tuple(Row(row.y_mm, 3.0, 250.0, 1.0) for row in ROWS)
    pulses = find_pulses(_ink_with([(0.0, 13.4), (2.4, 13.4), (2.4, 0.0)], rows), rows)
    assert len(pulses) == 2
    assert gain_from(pulses) is None
    assumed = gain_from(pulses, scale_known=False)
    assert assumed is not None
    assert assumed.value == pytest.approx(13.2, abs=0.5)


@pytest.mark.parametrize(("count", "gain"), [(2, None), (3, 5.0)])
def test_cut_complexes_of_two_rows_are_not_enough_for_an_unusual_gain(count, gain):
    rows = tuple(Row(30.0 * (n + 1), 3.0, 250.0, 1.0) for n in range(count))
    pulses = find_pulses(_ink_with([(0.0, 5.0), (2.4, 5.0), (2.4, 0.0)], rows), rows)
    assert len(pulses) == count
    figure = gain_from(pulses)
    assert (figure and figure.value) == gain


def test_pulse_behind_the_trace_is_found():
    (first, second) = find_pulses(_ink_with(_pulse(253.0, 5.0, 10.0)), ROWS)
    assert (first.x0_mm, second.x0_mm) == pytest.approx((253.0, 253.0), abs=0.4)


def test_pulse_cut_by_the_sheets_edge_still_gives_the_gain():
    cut = [(0.0, 10.0), (2.4, 10.0), (2.4, 0.0)]
    rows = tuple(Row(row.y_mm, 3.0, 250.0, 1.0) for row in ROWS)
    pulses = find_pulses(_ink_with(cut, rows), rows)
    figure = gain_from(pulses)
    assert figure is not None
    assert figure.value == 10.0
    assert speed_from(pulses) is None


def test_beats_are_no_pulses():
    assert find_pulses(_ink_with([(0, 0), (0.2, 0)]), ROWS) == ()


@pytest.mark.parametrize(("width", "speed"), [(5.0, 25.0), (10.0, 50.0)])
def test_speed_is_the_pulses_width_over_a_fifth_of_a_second(width, speed):
    figure = speed_from(find_pulses(_ink_with(_pulse(6.0, width, 10.0)), ROWS))
    assert figure is not None
    assert figure.value == speed


def test_narrow_pulse_says_nothing_of_the_speed():
    assert speed_from(find_pulses(_ink_with(_pulse(12.0, 3.0, 10.0)), ROWS)) is None


def test_clearest_print_is_believed():
    names = [_print("50mm/s", 4.0), _print("25mm/s", 6.0), _print("10mm/mV", 0.0)]
    speed = printed_figure(names, SPEEDS, "mm/s", usual=25.0)
    assert speed is not None
    assert (speed.value, speed.how) == (25.0, How.PRINTED)
    assert printed_figure(names, GAINS, "mm/mV", usual=10.0) is None


def test_an_unusual_value_must_be_printed_clearly():
    assert printed_figure([_print("20mm/mV", 2.0)], GAINS, "mm/mV", usual=10.0) is None
    gain = printed_figure([_print("20mm/mV", 5.0)], GAINS, "mm/mV", usual=10.0)
    assert gain is not None
    assert gain.value == 20.0


def _print(text: str, odds: float) -> Name:
    logits = np.full(len(PRINTED) + 1, -9.0, np.float32)
    logits[PRINTED.index(text)], logits[-1] = odds, 0.0
    return Name(100.0, 110.0, 12.0, 2.5, logits - np.logaddexp.reduce(logits))
