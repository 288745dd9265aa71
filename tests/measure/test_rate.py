import numpy as np
import pytest

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.recording import Recording
from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.measure.measure import measure


def test_a_beat_hidden_where_columns_meet_does_not_slow_the_heart():
    ecg = simulate(EcgSpec(rate=100.0))
    shown = np.full_like(ecg.signal, np.nan)
    for column, rows in enumerate((slice(0, 3), slice(3, 6), slice(6, 9), slice(9, 12))):
        span = slice(round(2.5 * column * SAMPLING_RATE_HZ), round(2.5 * (column + 1) * SAMPLING_RATE_HZ))
        shown[rows, span] = ecg.signal[rows, span]
    hidden = min((beat.r_s for beat in ecg.beats), key=lambda r_s: abs(r_s - 5.0))
    middle = round(hidden * SAMPLING_RATE_HZ)
    covered = shown[:, middle - 60 : middle + 230]  # with its T wave
    covered[np.isfinite(covered)] = 0.0
    measured = measure(Recording(shown.astype(np.float32), np.full(12, 40.0, np.float32)))
    assert measured.heart_rate.value == pytest.approx(100.0, abs=1.0)
