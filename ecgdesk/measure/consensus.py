"""One mark for all leads out of each lead's own.

CSE Working Party 1985 and AHA/ACC/HRS 2007, Part I: the global onset is the earliest onset over the leads, the global
offset the latest; one lead alone is not believed, so two further leads must lie close to it.
"""

import numpy as np

from ecgdesk.measure.conditioning import Floats, samples

QRS_NEAR_S, WAVE_NEAR_S = 0.016, 0.020  # marks of QRS are held within the former of their median (qrs.py)


def earliest(marks: Floats, near_s: float) -> float:
    """The earliest mark that two further leads confirm; NaN with no marks. With one or two leads: the earliest."""
    return _confirmed(np.asarray(marks, dtype=np.float64), near_s)


def latest(marks: Floats, near_s: float) -> float:
    return -_confirmed(-np.asarray(marks, dtype=np.float64), near_s)


def quarters(onset: Floats, offset: Floats) -> tuple[float, float]:
    """Where a quarter of the leads has begun, and where all but a quarter have ended; NaN with no marks."""
    if not (np.any(np.isfinite(onset)) and np.any(np.isfinite(offset))):
        return float("nan"), float("nan")
    return float(np.nanquantile(onset, 0.25)), float(np.nanquantile(offset, 0.75))


def _confirmed(marks: Floats, near_s: float) -> float:
    """Mean of the earliest mark that two further ones confirm and of the third mark.

    The first alone is pulled outwards by the scatter of twelve leads' marks, the third inwards.
    """
    ordered = np.sort(marks[np.isfinite(marks)])
    if not len(ordered):
        return float("nan")
    if len(ordered) < 3:
        return float(ordered[0])
    near = (np.abs(ordered[:, None] - ordered[None, :]) <= samples(near_s)).sum(axis=1)
    sure = ordered[near >= 3]
    first = sure[0] if len(sure) else np.median(ordered)
    return float((first + ordered[2]) / 2)
