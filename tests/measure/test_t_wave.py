import numpy as np
import pytest

from ecgdesk.measure.conditioning import samples
from ecgdesk.measure.consensus import WAVE_NEAR_S, latest
from ecgdesk.measure.t_wave import t_waves

CENTRE, ONSET, OFFSET = 275, 255.0, 300.0


def beat_with_t(*, tall: int, late_mv: float) -> np.ndarray:
    """An average beat with a T wave of 0.4 mV in so many leads, and in the rest one of `late_mv` 26 ms later."""
    time = np.arange(675)
    wave = np.exp(-0.5 * ((time - CENTRE - samples(0.3)) / samples(0.04)) ** 2)
    later = np.exp(-0.5 * ((time - CENTRE - samples(0.326)) / samples(0.04)) ** 2)
    return np.stack([0.4 * wave] * tall + [late_mv * later] * (12 - tall))


def t_end(average: np.ndarray) -> float:
    waves = t_waves(average, centre=CENTRE, qrs_onset=ONSET, qrs_offset=OFFSET, rr=500.0)
    return latest(waves.offset, WAVE_NEAR_S)


def test_leads_of_a_flat_t_wave_do_not_end_it_later_than_the_tall_ones():
    alone = t_end(beat_with_t(tall=12, late_mv=0.0))
    assert t_end(beat_with_t(tall=7, late_mv=0.005)) == pytest.approx(alone, abs=samples(0.006))
    assert t_end(beat_with_t(tall=7, late_mv=0.1)) > alone + samples(0.015)
