"""The recovered signal."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, Lead


@dataclass(frozen=True)
class Redrawn:
    """A stretch of one lead that a person drew by hand, seconds on the record's clock."""

    lead: Lead
    start_s: float
    end_s: float


@dataclass(frozen=True, eq=False)
class Recording:
    """Twelve leads in millivolts over the sheet's full time.

    `signal`: float32[12, n], mV at SAMPLING_RATE_HZ, rows in STANDARD_ORDER, NaN where the paper shows nothing.
    `quality_db`: float32[12], expected signal-to-noise ratio of each lead's digitisation, dB; NaN for an absent lead.
    `simultaneous`: True when leads at the same sample were recorded at the same instant (columns of a 3x4 sheet
    follow each other on one clock; some carts restart the clock in each column).
    `redrawn`: what of it a person drew by hand.
    """

    signal: NDArray[np.float32]
    quality_db: NDArray[np.float32]
    simultaneous: bool = True
    redrawn: tuple[Redrawn, ...] = ()

    @property
    def duration_s(self) -> float:
        return int(self.signal.shape[1]) / SAMPLING_RATE_HZ

    def spans_s(self, lead: Lead) -> tuple[tuple[float, float], ...]:
        """Where the lead is present: (start, end) in seconds, in order."""
        seen = np.isfinite(self.signal[lead.row]).astype(np.int8)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], seen, [0]])))
        return tuple(
            (float(a) / SAMPLING_RATE_HZ, float(b) / SAMPLING_RATE_HZ)
            for a, b in zip(edges[::2], edges[1::2], strict=True)
        )
