import pytest

from ecgdesk.ecg.figure import Figure
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.page import Layout, Strip
from ecgdesk.trace.duration import full_time_s


def row_of(seconds):
    strip = Strip(Lead.II, 0.0, 25 * seconds, 20.0, 0.0, 40.0, 0.0, seconds, Figure(10.0, "mm/mV"))
    return Layout("1x1", (strip,))


@pytest.mark.parametrize(("seen", "recorded"), [(9.93, 10.0), (10.05, 10.0), (8.0, 8.0), (12.0, 12.0)])
def test_rows_of_about_ten_seconds_are_a_ten_second_record(seen, recorded):
    assert full_time_s(row_of(seen)) == recorded


def test_a_page_without_strips_has_a_time_above_nothing():
    assert full_time_s(Layout("", ())) > 0
