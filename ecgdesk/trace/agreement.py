"""Einthoven's and Goldberger's laws as witnesses: leads drawn side by side must add up.

I + III = II, and aVR + aVL + aVF = 0, at every instant that three such leads share. What they disagree by beyond the
error that was forecast is error that nobody noticed (the wrong ink followed, say); the forecast of all three grows in
proportion, since the law does not tell which of them is wrong. As long as it is no more than noise, each lead gives way
by its share of the forecast: the least squares fit of leads that obey the law.
"""

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, Lead

F32 = NDArray[np.float32]

LAWS: tuple[tuple[tuple[Lead, float], ...], ...] = (
    ((Lead.I, 1.0), (Lead.III, 1.0), (Lead.II, -1.0)),
    ((Lead.AVR, 1.0), (Lead.AVL, 1.0), (Lead.AVF, 1.0)),
)
LEAST_SHARED = SAMPLING_RATE_HZ  # a second: less says little
BELIEVED = 4.0  # times the forecast power: what leads disagree by more is no noise


def in_agreement(signal: F32, error: F32) -> tuple[F32, F32]:
    """`signal` and the forecast `error` of each of its samples, both float32[12, n], mV, after the laws were heard."""
    agreed, forecast = signal.copy(), error.copy()
    for law in LAWS:
        rows = np.array([lead.row for lead, _ in law])
        shared = np.isfinite(signal[rows]).all(axis=0)
        if shared.sum() < LEAST_SHARED:
            continue
        weights = np.array([[weight] for _, weight in law], np.float32)
        off = (weights * signal[rows][:, shared]).sum(axis=0)
        off -= np.median(off)  # each strip's zero is its own
        power = error[rows][:, shared] ** 2
        excess = float(np.var(off)) / max(float(power.sum(axis=0).mean()), 1e-12)
        forecast[rows] *= np.float32(np.sqrt(max(excess, 1.0)))
        if excess < BELIEVED:
            share = power / np.maximum(power.sum(axis=0), 1e-12)
            agreed[np.ix_(rows, np.flatnonzero(shared))] -= weights * off * share
    return agreed, forecast
