"""Where a label's evidence is: the waves without which its probability falls most.

Occlusion (Zeiler and Fergus, ECCV 2014) by lead and wave: in the average beat a wave gives way to a straight line, and
the measurements of that wave in that lead become absent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.ecg.measurements import Measurements, MedianBeat, Wave
from ecgdesk.ecg.reading import Evidence, Span
from ecgdesk.read.network.bundle import Bundle
from ecgdesk.read.network.ensemble import Inputs, logits, probabilities
from ecgdesk.read.network.features import columns_of
from ecgdesk.read.network.inputs import BEAT_BEFORE, BEAT_SAMPLES, BEAT_STEP

F64 = NDArray[np.float64]

ENOUGH = 0.7  # of all that the probability falls by; waves beyond that only blur the picture
MOST_WAVES = 6
LEAST_FALL = 0.1  # of the largest fall, for a wave to be named


@dataclass(frozen=True)
class Part:
    """One wave in one lead, over all beats."""

    lead: Lead
    wave: Wave


def falls(bundle: Bundle, seen: Inputs, whole: F64, evidence: Evidence) -> tuple[tuple[Part, ...], F64]:
    """Every part that is shown, and float64[parts, labels]: by how much each label's probability falls without it.

    `whole` float64[members, 1, labels]: the members' logits on the recording as it is.
    """
    parts = shown_parts(evidence.measurements)
    if not parts:
        return (), np.zeros((0, whole.shape[2]))
    beats = np.repeat(seen.beat, len(parts), axis=0)
    rows = np.repeat(seen.rows, len(parts), axis=0)
    beat = evidence.measurements.median_beat
    for place, part in enumerate(parts):
        rows[place, columns_of(part.lead, part.wave)] = np.nan
        if beat is not None:
            _straighten(beats[place], part, beat)
    answers = logits(bundle, Inputs(beats, rows))
    return parts, probabilities(bundle, whole) - probabilities(bundle, answers)


def shown_parts(measurements: Measurements) -> tuple[Part, ...]:
    """The lead-wave pairs that are marked in at least one beat."""
    return tuple(dict.fromkeys(Part(mark.lead, mark.wave) for mark in measurements.marks))


def chosen(parts: Sequence[Part], fall: F64) -> tuple[Part, ...]:
    """The fewest parts that make up most of the fall, largest first; none where nothing makes it fall."""
    order = np.argsort(-fall)
    positive = [int(place) for place in order if fall[place] > 0]
    if not positive:
        return ()
    total = float(fall[positive].sum())
    kept: list[Part] = []
    reached = 0.0
    for place in positive[:MOST_WAVES]:
        if reached >= ENOUGH * total or fall[place] < LEAST_FALL * fall[positive[0]]:
            break
        kept.append(parts[place])
        reached += float(fall[place])
    return tuple(kept)


def spans(parts: Sequence[Part], measurements: Measurements) -> tuple[Span, ...]:
    """Every beat's stretch of these parts, in the order of leads and time."""
    wanted = set(parts)
    found = {
        Span(mark.lead, mark.onset_s, mark.offset_s)
        for mark in measurements.marks
        if Part(mark.lead, mark.wave) in wanted and mark.offset_s > mark.onset_s
    }
    return tuple(sorted(found, key=lambda span: (span.lead.row, span.start_s, span.end_s)))


def _straighten(beat: NDArray[np.float32], part: Part, median: MedianBeat) -> None:
    """The part's wave in one beat input (see inputs.py) becomes a straight line between its ends."""
    ends = {
        Wave.P: (median.p_onset, median.p_offset),
        Wave.QRS: (median.qrs_onset, median.qrs_offset),
        Wave.T: (median.qrs_offset, median.t_offset),
    }[part.wave]
    if not np.isfinite(ends).all():
        return
    first, last = (round((end - median.r_index) / BEAT_STEP) + BEAT_BEFORE for end in ends)
    first, last = max(first, 0), min(last, BEAT_SAMPLES - 1)
    if last > first:
        row = beat[STANDARD_ORDER.index(part.lead)]
        row[first : last + 1] = np.linspace(row[first], row[last], last - first + 1)
