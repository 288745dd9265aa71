"""The recovered signal as a table: `STEM.csv`."""

import math

from ecgdesk.ecg.lead import STANDARD_ORDER
from ecgdesk.ecg.recording import Recording


def to_csv(recording: Recording) -> str:
    """A header of the twelve lead names, then one row a sample at SAMPLING_RATE_HZ, mV; empty where absent (NaN)."""
    lines = [",".join(STANDARD_ORDER)]
    for row in recording.signal.T.tolist():
        lines.append(",".join(f"{value:.4f}" if math.isfinite(value) else "" for value in row))
    return "\n".join(lines) + "\n"
