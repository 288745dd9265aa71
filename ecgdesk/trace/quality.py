"""How good a digitised lead is expected to be.

The refiner forecasts the power of its own error around each column; signal power over forecast error power is the
expected signal-to-noise ratio. What is missing counts as an error of the signal's own size.
"""

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

BEST_DB = 40.0  # no digitisation of paper has been measured above
WORST_DB = -5.0


def expected_snr_db(mv: F32, error_mv: F32, *, shown: int) -> float:
    """`mv`: float32[n], NaN where missing; `error_mv`: float32[n]; `shown`: samples that the strips span.

    Returns dB, NaN when nothing was seen.
    """
    seen = np.isfinite(mv)
    if seen.sum() < 2:
        return float("nan")
    power = max(float(np.var(mv[seen])), 1e-9)
    lost = max(shown - int(seen.sum()), 0) / max(shown, 1)
    error = float(np.mean(error_mv[seen].astype(np.float64) ** 2)) + lost * power
    return float(np.clip(10 * np.log10(power / max(error, 1e-12)), WORST_DB, BEST_DB))
