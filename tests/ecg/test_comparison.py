"""When a difference between two ECGs is more than the measurement's own."""

import pytest

from ecgdesk.ecg.comparison import Change


@pytest.mark.parametrize(("difference", "beyond"), [(2.0, False), (2.1, True), (-2.1, True), (-1.9, False)])
def test_a_difference_counts_beyond_two_standard_deviations_either_way(difference: float, beyond: bool) -> None:
    assert Change("PR interval", "ms", 160.0, 160.0 + difference, difference, 1.0).beyond_uncertainty is beyond
