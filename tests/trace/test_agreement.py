"""Einthoven's and Goldberger's laws over leads that share their time."""

import numpy as np
import pytest

from ecgdesk.ecg.lead import Lead
from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.trace.agreement import in_agreement

SIGNAL = simulate(EcgSpec(rate=70.0)).signal[:, :1250]
NOISE_MV = 0.02


def noisy(rng: np.random.Generator) -> np.ndarray:
    return (SIGNAL + rng.normal(0, NOISE_MV, SIGNAL.shape)).astype(np.float32)


def rms(signal: np.ndarray, lead: Lead) -> float:
    off = signal[lead.row] - SIGNAL[lead.row]
    return float((off - np.median(off)).std())


@pytest.mark.parametrize("lead", [Lead.I, Lead.II, Lead.III, Lead.AVR, Lead.AVL, Lead.AVF])
def test_three_leads_that_must_add_up_lose_a_third_of_their_noise_power(lead):
    agreed, _ = in_agreement(noisy(np.random.default_rng(1)), np.full(SIGNAL.shape, NOISE_MV, np.float32))
    assert rms(agreed, lead) < 0.88 * NOISE_MV


def test_the_lead_of_the_largest_expected_error_gives_way_most():
    seen, error = SIGNAL.astype(np.float32), np.full(SIGNAL.shape, 0.01, np.float32)
    seen[Lead.III.row, 500:520] += 0.1
    error[Lead.III.row, 500:520] = 0.1
    agreed, _ = in_agreement(seen, error)
    assert np.abs(agreed[Lead.III.row] - SIGNAL[Lead.III.row])[500:520].max() < 0.01
    assert np.abs(agreed[Lead.I.row] - SIGNAL[Lead.I.row])[500:520].max() < 0.01


def test_leads_that_contradict_each_other_stay_as_they_are_and_are_expected_to_be_worse():
    seen, error = noisy(np.random.default_rng(2)), np.full(SIGNAL.shape, NOISE_MV, np.float32)
    seen[Lead.III.row] = np.roll(seen[Lead.III.row], 120)
    agreed, forecast = in_agreement(seen, error)
    assert np.array_equal(agreed[Lead.I.row], seen[Lead.I.row])
    assert forecast[Lead.I.row].min() > 2 * NOISE_MV


def test_leads_that_share_no_time_are_left_alone():
    seen = noisy(np.random.default_rng(3))
    seen[Lead.III.row, :900] = np.nan
    seen[Lead.I.row, 350:] = np.nan
    agreed, _ = in_agreement(seen, np.full(SIGNAL.shape, NOISE_MV, np.float32))
    assert np.array_equal(agreed[Lead.I.row], seen[Lead.I.row], equal_nan=True)
