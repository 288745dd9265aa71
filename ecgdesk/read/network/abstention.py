"""When the network reader says nothing: the input is not of the kind that it was trained on.

Besides plain counts (leads, beats, quality, age) it looks at the average beat: its oddness is the share of its power
that the patterns of the training beats (their principal components) cannot make up. Noise, swapped traces and curves
that are no ECG are odd; every ECG is a little.
"""

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.reading import Evidence

F32 = NDArray[np.float32]

LEAST_LEADS = 10
LEAST_SHOWN_S = 1.0  # of a lead, for it to count
LEAST_BEATS = 3
LEAST_QUALITY_DB = 6.0  # below, not even the QRS shape is safe
POOR_QUALITY_DB = 12.0  # below, small waves are not
ADULT_YEARS = 18
EVERY = 4  # of the beat input's samples, for the patterns: 16 ms
LEADS = 12


def reason_to_abstain(evidence: Evidence, beat: F32, *, middle: F32, patterns: F32, largest_oddness: float) -> str:
    """One sentence for the user, empty when the recording can be read. `beat`: float32[24, 320], see inputs.py."""
    shown_s = np.isfinite(evidence.recording.signal).sum(axis=1) / SAMPLING_RATE_HZ
    leads = int((shown_s >= LEAST_SHOWN_S).sum())
    age = evidence.patient.age
    quality = evidence.recording.quality_db[shown_s >= LEAST_SHOWN_S]
    if leads < LEAST_LEADS:
        return _abstains(f"it was trained on sheets of twelve leads and this one shows {leads}; read it yourself")
    if age is not None and age < ADULT_YEARS:
        return _abstains(f"it was trained on adults and the patient is {int(age)} years old; read it yourself")
    if np.nanmedian(quality) < LEAST_QUALITY_DB:
        return _abstains("the traces are of too low quality; scan the sheet again, flat and sharp")
    if len(evidence.measurements.beats) < LEAST_BEATS or evidence.measurements.median_beat is None:
        return _abstains("no regular heart beats were found in the traces; compare them with the paper")
    if evidence.measurements.qrs.value is None:
        return _abstains("beginning and end of the QRS complexes cannot be told; compare the traces with the paper")
    if not oddness(beat, middle=middle, patterns=patterns) <= largest_oddness:
        return _abstains("the average beat is unlike any that it was trained on; compare the traces with the paper")
    return ""


def remarks(evidence: Evidence) -> tuple[str, ...]:
    """What makes the answer less safe, though it is given."""
    shown = np.isfinite(evidence.recording.signal).any(axis=1)
    found = []
    if not shown.all():
        found.append(f"The network reader saw {int(shown.sum())} of 12 leads: its probabilities are less safe.")
    if (evidence.recording.quality_db[shown] < POOR_QUALITY_DB).any():
        found.append("The network reader saw traces of low quality: compare its findings with the paper.")
    return tuple(found)


def oddness(beat: F32, *, middle: F32, patterns: F32) -> float:
    """Share of the beat's power, 0 to 1, that `patterns` (float32[k, m], orthonormal) cannot make up.

    Absent leads count as the training beats' `middle` (float32[m]).
    """
    flat = flattened(beat)
    there = np.repeat(beat[LEADS:].any(axis=1), beat.shape[1] // EVERY)
    away = np.where(there, flat - middle, 0.0)
    rest = away - patterns.T @ (patterns @ away)
    power = float(np.sum(np.where(there, flat, 0.0) ** 2))
    return float(np.sum(rest[there] ** 2)) / power if power > 0 else np.inf


def flattened(beat: F32) -> F32:
    """float32[12 * 80]: the leads of a beat input at 62.5 Hz, one after the other."""
    return np.ascontiguousarray(beat[:LEADS].reshape(LEADS, -1, EVERY).mean(axis=2).ravel(), dtype=np.float32)


def _abstains(why: str) -> str:
    return f"The network reader abstains: {why}."
