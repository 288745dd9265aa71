"""Atrial waves that no beat explains: fibrillation by its band of frequencies, flutter by its line."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import welch

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, Lead
from ecgdesk.ecg.measurements import NAN
from ecgdesk.measure.conditioning import Conditioned, Floats, samples

FLUTTER_HZ, FLUTTER_BAND_HZ = (3.6, 5.9), (1.5, 15.0)  # 215 to 350 waves a minute
LINE_HZ = 0.2
FLUTTER_SURE = 0.65  # share of power in two leads: sinus rhythm stays below 0.6, also at 120 a minute
ATRIAL_LEADS = (Lead.V1, Lead.II, Lead.III, Lead.AVF)  # where atrial waves are largest


def fibrillation(left: Floats, conditioned: Conditioned) -> float:
    """Share of power from 4 to 9 Hz in what no beat explains; the largest of the atrial leads."""
    best = NAN
    for lead in ATRIAL_LEADS:
        seen: NDArray[np.intp] = np.flatnonzero(conditioned.present[lead.row])
        if len(seen) < samples(2.0):
            continue
        hz, power = welch(left[lead.row, seen], SAMPLING_RATE_HZ, nperseg=min(len(seen), samples(2.5)), nfft=4096)
        whole = float(power[(hz >= 1.0) & (hz <= 25.0)].sum())
        if whole > 0:
            best = float(np.fmax(best, float(power[(hz >= 4.0) & (hz <= 9.0)].sum()) / whole))
    return best


@dataclass(frozen=True)
class Flutter:
    """The strongest line of a saw-tooth with its first overtone: `hz`, and its `share` of the power in that lead.

    `sure`: two of the atrial leads show a line at one frequency, where two are seen. In one lead alone P and T may
    happen to be alike, and to stand half a beat apart.
    """

    hz: float = NAN
    share: float = NAN
    sure: bool = False


def flutter(between: Floats, conditioned: Conditioned) -> Flutter:
    """`between` (float64[12, n], mV) has no complexes, but it still has the T waves.

    Where conduction is fixed, an average beat's T wave carries the flutter waves away.
    """
    lines = np.arange(FLUTTER_HZ[0], FLUTTER_HZ[1], 0.05)
    shares = [share for lead in ATRIAL_LEADS if (share := _line_shares(between, conditioned, lead, lines)) is not None]
    if not shares:
        return Flutter()
    ordered = np.sort(np.stack(shares), axis=0)
    top = int(np.argmax(ordered[-1]))
    in_two = float(ordered[-min(2, len(shares))].max())
    return Flutter(float(lines[top]), float(ordered[-1, top]), in_two >= FLUTTER_SURE)


def _line_shares(between: Floats, conditioned: Conditioned, lead: Lead, lines: Floats) -> Floats | None:
    """Share of the power in each of `lines` (Hz) and its first overtone; None where the lead shows too little."""
    seen: NDArray[np.intp] = np.flatnonzero(conditioned.present[lead.row])
    if len(seen) < samples(2.0):
        return None
    part = between[lead.row, seen]
    size = max(8192, len(part))
    power = np.abs(np.fft.rfft((part - part.mean()) * np.hanning(len(part)), size)) ** 2
    hz = np.fft.rfftfreq(size, 1 / SAMPLING_RATE_HZ)
    whole = float(power[(hz >= FLUTTER_BAND_HZ[0]) & (hz <= FLUTTER_BAND_HZ[1])].sum())
    if whole <= 0:
        return None
    cumulated = np.concatenate([[0.0], np.cumsum(power)])
    width = max(LINE_HZ, 1.0 * SAMPLING_RATE_HZ / len(part))
    first, second = (_between(cumulated, k * lines - width, k * lines + width, hz[1]) for k in (1, 2))
    return np.asarray((first + second) / whole)


def _between(cumulated: Floats, low: Floats, high: Floats, step: float) -> Floats:
    a, b = np.round(low / step).astype(int), np.round(high / step).astype(int) + 1
    return np.asarray(cumulated[np.clip(b, 0, len(cumulated) - 1)] - cumulated[np.clip(a, 0, len(cumulated) - 1)])
