import numpy as np

from ecgdesk.measure.lead_sizes import wave_sizes


def test_a_lead_whose_marks_cross_has_no_p_wave_of_its_own():
    level = np.tile(np.sin(np.linspace(0, np.pi, 200)), (12, 1))
    onset, offset = np.full(12, np.nan), np.full(12, np.nan)
    onset[:3], offset[:3] = (50.0, 188.0, 50.0), (150.0, 186.0, np.nan)
    size = wave_sizes(level, onset, offset)
    assert size[0] > 0.2
    assert not size[1:].any()
