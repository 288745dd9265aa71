import numpy as np
import pytest

from ecgdesk.ecg.figure import Figure, not_measurable
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.page import Strip
from ecgdesk.trace.scales import gain_mm_per_mv, millivolts, places_mm, seconds, upwards_mm_per_mv

FIVE = Figure(5.0, "mm/mV")


def strip(*, gain: Figure = FIVE, inverted: bool = False, end_s: float = 5.0) -> Strip:
    """Of 20 to 70 mm along the page and from 2.5 s on, with its zero line at 40 mm."""
    return Strip(Lead.AVR, 20.0, 70.0, 40.0, 25.0, 55.0, 2.5, end_s, gain, inverted=inverted)


def test_a_strip_s_ends_lie_at_its_ends_on_the_record_s_clock_and_its_middle_between() -> None:
    assert seconds(strip(), np.array([20.0, 45.0, 70.0])).tolist() == [2.5, 3.75, 5.0]


def test_places_of_the_paper_come_back_from_the_clock_beyond_the_strip_too() -> None:
    x = np.linspace(-10.0, 100.0, 45)
    assert places_mm(strip(), seconds(strip(), x)) == pytest.approx(x)


def test_millivolts_rise_up_the_page_by_the_strip_s_own_gain() -> None:
    assert millivolts(strip(), np.array([30.0, 40.0, 45.0])).tolist() == [2.0, 0.0, -1.0]
    assert upwards_mm_per_mv(strip()) == 5.0


def test_a_lead_that_is_drawn_upside_down_is_turned_back() -> None:
    turned = strip(inverted=True)
    assert millivolts(turned, np.array([30.0, 45.0])).tolist() == [-2.0, 1.0]
    assert (upwards_mm_per_mv(turned), gain_mm_per_mv(turned)) == (-5.0, 5.0)


def test_a_gain_that_nothing_tells_is_the_usual_one() -> None:
    assert gain_mm_per_mv(strip(gain=not_measurable("mm/mV", "no pulse"))) == 10.0


def test_a_strip_without_length_in_time_has_finite_times() -> None:
    assert np.isfinite(seconds(strip(end_s=2.5), np.array([20.0, 70.0]))).all()
