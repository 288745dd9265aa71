"""From a finding's spans to places on a sheet, and back from a place to its findings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ecgdesk.desk.models.placement import PlacedSheet, Placement
from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.reading import Finding, Span
from ecgdesk.ecg.recording import Recording

_AROUND_MM = 1.5  # air between the trace and the edge of its highlight
_LEAST_WIDTH_MM = 2.0  # a span of a few milliseconds must still be seen and hit
_LEAST_HEIGHT_MM = 8.0


@dataclass(frozen=True)
class Box:
    """A rectangle on the sheet, mm; y grows downwards."""

    x0: float
    y0: float
    x1: float
    y1: float

    def holds(self, x: float, y: float) -> bool:
        return self.x0 <= x <= self.x1 and self.y0 <= y <= self.y1

    @property
    def area(self) -> float:
        return (self.x1 - self.x0) * (self.y1 - self.y0)


def boxes(spans: Sequence[Span], sheet: PlacedSheet, recording: Recording) -> tuple[Box, ...]:
    """One box for each place where a span's trace is drawn; a lead that is printed twice is marked twice."""
    return tuple(
        _box(span, placement, recording)
        for span in spans
        for placement in sheet.placements
        if placement.lead is span.lead and span.start_s < placement.end_s and span.end_s > placement.start_s
    )


def _box(span: Span, placement: Placement, recording: Recording) -> Box:
    start, end = max(span.start_s, placement.start_s), min(span.end_s, placement.end_s)
    x0, x1 = _widened(placement.x_mm(start), placement.x_mm(end), _LEAST_WIDTH_MM)
    y0, y1 = _extent(recording, placement, start, end)
    return Box(x0, y0, x1, y1)


def _extent(recording: Recording, placement: Placement, start_s: float, end_s: float) -> tuple[float, float]:
    first, last = round(start_s * SAMPLING_RATE_HZ), round(end_s * SAMPLING_RATE_HZ)
    samples = recording.signal[placement.lead.row, max(first, 0) : last + 1]
    if not np.isfinite(samples).any():
        return placement.top_mm, placement.bottom_mm
    heights = placement.baseline_mm - samples * placement.mm_per_mv
    top, bottom = float(np.nanmin(heights)) - _AROUND_MM, float(np.nanmax(heights)) + _AROUND_MM
    return _widened(top, bottom, _LEAST_HEIGHT_MM)


def _widened(low: float, high: float, least: float) -> tuple[float, float]:
    missing = max(least - (high - low), 0.0) / 2
    return low - missing, high + missing


@dataclass(frozen=True)
class Evidence:
    """One finding with the places of its evidence on one sheet."""

    finding: Finding
    boxes: tuple[Box, ...]


def evidence(findings: Sequence[Finding], sheet: PlacedSheet, recording: Recording) -> tuple[Evidence, ...]:
    return tuple(Evidence(finding, boxes(finding.spans, sheet, recording)) for finding in findings)


def found_at(shown: Sequence[Evidence], x: float, y: float, *, after: Finding | None = None) -> Finding | None:
    """The finding whose evidence is at this place, the tightest first; the one behind `after` when that is there too.

    Clicking the same place again thus walks through all findings that rest on it.
    """
    hits = sorted(
        ((box.area, index) for index, one in enumerate(shown) for box in one.boxes if box.holds(x, y)),
    )
    found = list(dict.fromkeys(shown[index].finding for _, index in hits))
    if not found:
        return None
    return found[(found.index(after) + 1) % len(found)] if after in found else found[0]
