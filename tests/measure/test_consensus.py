import numpy as np
import pytest

from ecgdesk.measure.conditioning import samples
from ecgdesk.measure.consensus import QRS_NEAR_S, latest


def ends(*late_ms: float) -> float:
    """The global end, ms after that of nine leads, of three further leads that end so much later."""
    marks = np.array([300.0] * 9 + [300.0 + samples(ms / 1000) for ms in late_ms])
    return (latest(marks, QRS_NEAR_S) - 300.0) * 2


def test_three_late_leads_that_lie_together_end_the_complex():
    assert ends(14, 20, 28) == pytest.approx(21)


def test_one_late_lead_alone_does_not_end_the_complex():
    assert ends(0, 0, 40) == 0
