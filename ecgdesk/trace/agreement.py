"""Einthoven's and Goldberger's laws as witnesses: leads drawn side by side must add up.

I + III = II, and aVR + aVL + aVF = 0, at every instant that three such leads share. What they disagree by beyond the
error that was forecast is error that nobody noticed (the wrong ink followed, say); the forecast of all three grows in
proportion, since the law does not tell which of them is wrong.
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


def errors_in_agreement(signal: F32, error: F32) -> F32:
    """float32[12, n]: the forecast `error` of `signal` (both float32[12, n], mV), raised where leads disagree."""
    raised = error.copy()
    for law in LAWS:
        rows = [lead.row for lead, _ in law]
        shared = np.isfinite(signal[rows]).all(axis=0)
        if shared.sum() < LEAST_SHARED:
            continue
        weights = np.array([weight for _, weight in law], np.float32)
        found = float(np.var(weights @ signal[rows][:, shared]))
        forecast = float(np.mean(np.sum(error[rows][:, shared] ** 2, axis=0)))
        raised[rows] *= np.float32(np.sqrt(max(found / max(forecast, 1e-12), 1.0)))
    return raised
