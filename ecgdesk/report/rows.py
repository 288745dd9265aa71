"""Which stretch of which lead stands where on the redrawn ECG: rows from top to bottom, each read left to right."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import CHEST_LEADS, LIMB_LEADS, SAMPLING_RATE_HZ, Lead
from ecgdesk.ecg.page import Layout, Strip
from ecgdesk.ecg.recording import Recording

ROW_S = 10.0  # what fits across the paper at 25 mm/s; a longer strip goes on in the next row
_SAME_ROW = 0.5  # of a strip's height: strips whose baselines differ by less stand side by side
_COLUMNS: tuple[tuple[Lead, ...], ...] = (LIMB_LEADS[:3], LIMB_LEADS[3:], CHEST_LEADS[:3], CHEST_LEADS[3:])


@dataclass(frozen=True)
class Segment:
    """A stretch of one lead, seconds on the record's clock."""

    lead: Lead
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Row:
    """Segments side by side; `origin_s` is the time at the row's left end."""

    segments: tuple[Segment, ...]
    origin_s: float


def rows(recording: Recording, layout: Layout | None, *, rhythm: Lead = Lead.II) -> tuple[Row, ...]:
    """The rows in the sheet's own layout; 3x4 with `rhythm` below where there was no sheet."""
    lines = _of_sheet(layout.strips) if layout and layout.strips else _usual(recording, rhythm)
    return tuple(row for window in _windows(lines) for row in window)


def samples(recording: Recording, segment: Segment) -> NDArray[np.float32]:
    """float32[m], mV, of this segment; NaN where absent."""
    start = max(0, round(segment.start_s * SAMPLING_RATE_HZ))
    end = min(recording.signal.shape[1], round(segment.end_s * SAMPLING_RATE_HZ))
    return recording.signal[segment.lead.row, start : max(start, end)]


def _of_sheet(strips: Sequence[Strip]) -> list[list[Segment]]:
    lines: list[list[Strip]] = []
    for strip in sorted(strips, key=lambda strip: (strip.baseline_mm, strip.start_s)):
        line = next((line for line in lines if _side_by_side(line, strip)), None)
        if line is None:
            lines.append([strip])
        else:
            line.append(strip)
    return [
        [Segment(strip.lead, strip.start_s, strip.end_s) for strip in sorted(line, key=lambda strip: strip.start_s)]
        for line in lines
    ]


def _side_by_side(line: list[Strip], strip: Strip) -> bool:
    near = abs(line[0].baseline_mm - strip.baseline_mm) < _SAME_ROW * (strip.bottom_mm - strip.top_mm)
    clash = any(strip.start_s < other.end_s - 0.1 and other.start_s < strip.end_s - 0.1 for other in line)
    return near and not clash


def _usual(recording: Recording, rhythm: Lead) -> list[list[Segment]]:
    whole = min(recording.duration_s, ROW_S)
    column = whole / len(_COLUMNS)
    grid = [
        [Segment(leads[place], number * column, (number + 1) * column) for number, leads in enumerate(_COLUMNS)]
        for place in range(3)
    ]
    return [*grid, [Segment(rhythm, 0.0, recording.duration_s)]]


def _windows(lines: list[list[Segment]]) -> list[list[Row]]:
    """The lines cut into stretches of ROW_S, all lines of one stretch before the next stretch."""
    first = min((segment.start_s for line in lines for segment in line), default=0.0)
    last = max((segment.end_s for line in lines for segment in line), default=0.0)
    windows = []
    origin = first
    while origin < last - 0.1:
        cut = [[_within(segment, origin) for segment in line] for line in lines]
        kept = [tuple(segment for segment in line if segment.end_s - segment.start_s > 0.02) for line in cut]
        windows.append([Row(line, origin) for line in kept if line])
        origin += ROW_S
    return windows


def _within(segment: Segment, origin: float) -> Segment:
    return Segment(segment.lead, max(segment.start_s, origin), min(segment.end_s, origin + ROW_S))
