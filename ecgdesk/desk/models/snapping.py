"""Where callipers hold fast: the marks and peaks of the beats, on the traces themselves."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ecgdesk.desk.models.beat import MARK_KINDS
from ecgdesk.desk.models.placement import PlacedSheet, Placement
from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.measurements import Beat, Measurements, MedianBeat
from ecgdesk.ecg.recording import Recording


@dataclass(frozen=True)
class Snap:
    """A mark or a peak on one stretch of trace; mm. `top` and `bottom`: the band in which it is meant."""

    x: float
    y: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Held:
    """A point of the callipers; `fast` where it lies on a mark or a peak."""

    x: float
    y: float
    fast: bool


def sheet_snaps(sheet: PlacedSheet, recording: Recording, measurements: Measurements) -> tuple[Snap, ...]:
    """Each lead's own marks, and the global ones of every beat, on the stretches that show them."""
    everywhere = [time for beat in measurements.beats for time in _times(beat)]
    own: dict[str, list[float]] = {}
    for mark in measurements.marks:
        own.setdefault(mark.lead, []).extend((mark.onset_s, mark.peak_s, mark.offset_s))
    return tuple(
        snap
        for placement in sheet.placements
        for snap in _on(placement, recording, (*own.get(placement.lead, ()), *everywhere))
    )


def beat_snaps(sheet: PlacedSheet, recording: Recording, beat: MedianBeat) -> tuple[Snap, ...]:
    """The representative beat's marks, its R peak and its T peak."""
    columns = [float(getattr(beat, kind.field.removesuffix("_s"))) for kind in MARK_KINDS]
    times = [column / SAMPLING_RATE_HZ for column in (*columns, float(beat.r_index), beat.t_peak)]
    return tuple(snap for placement in sheet.placements for snap in _on(placement, recording, times))


def hold(snaps: Iterable[Snap], x: float, y: float, *, reach: float) -> Held:
    """The point on the nearest mark within `reach` mm along the paper, and on its trace when that is as near.

    Nearest on the paper, not in time alone: whoever points at the top of an R wave means its peak, not its onset.
    """
    near = [(math.hypot(s.x - x, s.y - y), s) for s in snaps if abs(s.x - x) <= reach and s.top <= y <= s.bottom]
    if not near:
        return Held(x, y, fast=False)
    snap = min(near, key=lambda one: one[0])[1]
    return Held(snap.x, snap.y if abs(snap.y - y) <= reach else y, fast=True)


def _times(beat: Beat) -> tuple[float, ...]:
    return (
        *(beat.p_onset_s, beat.p_peak_s, beat.p_offset_s),
        *(beat.qrs_onset_s, beat.r_s, beat.qrs_offset_s, beat.t_peak_s, beat.t_offset_s),
    )


def _on(placement: Placement, recording: Recording, times: Iterable[float]) -> list[Snap]:
    found = []
    for time in times:
        if not (math.isfinite(time) and placement.start_s <= time <= placement.end_s):
            continue
        sample = round(time * SAMPLING_RATE_HZ)
        mv = float(recording.signal[placement.lead.row, sample]) if sample < recording.signal.shape[1] else math.nan
        if math.isfinite(mv):
            height = placement.baseline_mm - mv * placement.mm_per_mv
            top, bottom = min(placement.top_mm, height), max(placement.bottom_mm, height)
            found.append(Snap(placement.x_mm(time), height, top, bottom))
    return found
