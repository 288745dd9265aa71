"""The representative beat on paper of its own, and its marks as a person moves them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ecgdesk.desk.models.placement import BIG_SQUARE_MM, PlacedSheet, Placement
from ecgdesk.ecg.case import Case
from ecgdesk.ecg.corrections import BeatMarks
from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, STANDARD_ORDER, Lead
from ecgdesk.ecg.measurements import MedianBeat
from ecgdesk.ecg.recording import Recording

SPEED_MM_PER_S = 100.0  # 10 ms a millimetre: marks are set to a few of them
GAIN_MM_PER_MV = 20.0
_MARGIN_MM = 10.0
_TOP_MM = 20.0  # room for the names of the marks
_LEAST_HALF_MM = 15.0
_APART_S = 0.004  # between two marks


@dataclass(frozen=True)
class MarkKind:
    """`field`: its name in BeatMarks and, without `_s`, in MedianBeat; `usual_s`: where one is put that was not
    found."""

    field: str
    label: str
    usual_s: float


MARK_KINDS = (
    MarkKind("p_onset_s", "P", -0.20),
    MarkKind("p_offset_s", "P end", -0.10),
    MarkKind("qrs_onset_s", "QRS", -0.04),
    MarkKind("qrs_offset_s", "J", 0.05),
    MarkKind("t_offset_s", "T end", 0.36),
)


@dataclass(frozen=True)
class PlacedMark:
    """One mark on the beat's sheet; `found` is False where neither the program nor a person has set it."""

    kind: MarkKind
    seconds: float  # from the R peak
    found: bool
    by_hand: bool


def has_beat(case: Case | None) -> bool:
    return case is not None and case.measurements is not None and case.measurements.median_beat is not None


def shown_leads(beat: MedianBeat) -> tuple[Lead, ...]:
    return tuple(lead for lead in STANDARD_ORDER if np.isfinite(beat.signal[lead.row]).any())


def beat_recording(beat: MedianBeat) -> Recording:
    """The beat as a recording of its own, so that it is drawn like any trace."""
    return Recording(beat.signal, np.full(len(STANDARD_ORDER), np.nan, np.float32))


def beat_sheet(beat: MedianBeat, leads: Sequence[Lead]) -> PlacedSheet:
    """These leads over each other at SPEED_MM_PER_S and GAIN_MM_PER_MV, zero on a thick line of the paper."""
    samples = beat.signal[[lead.row for lead in leads]]
    known = samples[np.isfinite(samples)]
    above = max(float(known.max(initial=0.0)) * GAIN_MM_PER_MV, _LEAST_HALF_MM)
    below = max(-float(known.min(initial=0.0)) * GAIN_MM_PER_MV, _LEAST_HALF_MM)
    baseline = _whole_squares(_TOP_MM + above)
    end_s = beat.signal.shape[1] / SAMPLING_RATE_HZ
    height = _whole_squares(baseline + below + _MARGIN_MM)
    placements = tuple(
        Placement(lead, 0.0, end_s, _MARGIN_MM, SPEED_MM_PER_S, baseline, GAIN_MM_PER_MV, _TOP_MM, height)
        for lead in leads
    )
    return PlacedSheet(_whole_squares(2 * _MARGIN_MM + end_s * SPEED_MM_PER_S), height, placements)


def x_of(beat: MedianBeat, seconds: float) -> float:
    """Millimetres on the beat's sheet of a time from the R peak."""
    return _MARGIN_MM + (beat.r_index / SAMPLING_RATE_HZ + seconds) * SPEED_MM_PER_S


def seconds_at(beat: MedianBeat, x_mm: float) -> float:
    return (x_mm - _MARGIN_MM) / SPEED_MM_PER_S - beat.r_index / SAMPLING_RATE_HZ


def placed_marks(beat: MedianBeat, entered: BeatMarks) -> tuple[PlacedMark, ...]:
    return tuple(_placed(beat, entered, kind) for kind in MARK_KINDS)


def _placed(beat: MedianBeat, entered: BeatMarks, kind: MarkKind) -> PlacedMark:
    column = float(getattr(beat, kind.field.removesuffix("_s")))
    found = math.isfinite(column)
    seconds = (column - beat.r_index) / SAMPLING_RATE_HZ if found else kind.usual_s
    return PlacedMark(kind, seconds, found, getattr(entered, kind.field) is not None)


def moved_mark(marks: Sequence[PlacedMark], number: int, seconds: float) -> tuple[PlacedMark, ...]:
    """The marks with one at another time, as far as its neighbours let it go."""
    earlier = max((m.seconds for m in marks[:number] if m.found), default=-math.inf)
    later = min((m.seconds for m in marks[number + 1 :] if m.found), default=math.inf)
    now = min(max(seconds, earlier + _APART_S), later - _APART_S)
    mark = replace(marks[number], seconds=now, found=True, by_hand=True)
    return (*marks[:number], mark, *marks[number + 1 :])


def entered_marks(entered: BeatMarks, mark: PlacedMark) -> BeatMarks:
    """A person's marks with this one among them."""
    return replace(entered, **{mark.kind.field: mark.seconds})


def intervals_line(marks: Sequence[PlacedMark]) -> str:
    """PR, QRS and QT as the marks stand, while one is dragged."""
    at = {mark.kind.field: mark.seconds for mark in marks if mark.found}
    pairs = (
        ("P", "p_onset_s", "p_offset_s"),
        ("PR", "p_onset_s", "qrs_onset_s"),
        ("QRS", "qrs_onset_s", "qrs_offset_s"),
        ("QT", "qrs_onset_s", "t_offset_s"),
    )
    told = [f"{name} {(at[b] - at[a]) * 1000:.0f}" for name, a, b in pairs if a in at and b in at]
    return "  ·  ".join(told) + (" ms" if told else "")


def _whole_squares(mm: float) -> float:
    return math.ceil(mm / BIG_SQUARE_MM) * BIG_SQUARE_MM
