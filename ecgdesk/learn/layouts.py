"""Where the strips of a made sheet stand."""

from dataclasses import dataclass

from ecgdesk.ecg.figure import Figure, How
from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.ecg.page import Layout, Strip

PULSE_MV = 1.0
PULSE_S = 0.2  # the usual calibration pulse
PULSE_ROOM_MM = 9.0
TOP_ROOM_MM = 22.0  # for the header
FOOT_ROOM_MM = 12.0
BAND_MM = 40.0  # a trace runs within this of its zero line, and
OVER_MM = 4.0  # this far beyond the zero line of the next row: as the layout room cuts its bands

GRIDS: dict[str, tuple[int, int]] = {"3x4": (3, 4), "6x2": (6, 2), "12x1": (12, 1)}


@dataclass(frozen=True)
class Place:
    """The lead grid's own frame: left edge of the traces, their length, heights of the rows' zero lines (mm)."""

    left_mm: float
    length_mm: float
    baselines_mm: tuple[float, ...]
    pitch_mm: float


def layout_name(grid: str, rhythm: tuple[Lead, ...]) -> str:
    return f"{grid}+{len(rhythm)}" if rhythm else grid


def place(
    grid: str,
    rhythm: tuple[Lead, ...],
    *,
    sheet_mm: tuple[float, float],
    speed: float,
    duration_s: float,
    pulse_left: bool,
    tight: bool,
) -> Place:
    """Rows spread evenly below the header; traces begin after the pulse and end before the sheet does."""
    rows = GRIDS[grid][0] + len(rhythm)
    left = 4.0 + (PULSE_ROOM_MM if pulse_left else 0.0)
    length = min(duration_s * speed, sheet_mm[0] - left - 3.0)
    top = 6.0 if tight else TOP_ROOM_MM
    pitch = (sheet_mm[1] - top - FOOT_ROOM_MM) / rows
    return Place(left, length, tuple(top + (row + 0.6) * pitch for row in range(rows)), pitch)


def strips(grid: str, rhythm: tuple[Lead, ...], where: Place, *, speed: float, gain: float) -> Layout:
    """The layout on the sheet; columns follow each other on one clock."""
    rows, columns = GRIDS[grid]
    width = where.length_mm / columns
    made = [
        _strip(STANDARD_ORDER[column * rows + row], row, where, width * column, width * (column + 1), speed, gain)
        for row in range(rows)
        for column in range(columns)
    ]
    made += [
        _strip(lead, rows + extra, where, 0.0, where.length_mm, speed, gain, is_rhythm=True)
        for extra, lead in enumerate(rhythm)
    ]
    return Layout(layout_name(grid, rhythm), tuple(made))


def _strip(
    lead: Lead, row: int, where: Place, begin: float, end: float, speed: float, gain: float, *, is_rhythm: bool = False
) -> Strip:
    baseline = where.baselines_mm[row]
    is_first, is_last = row == 0, row + 1 == len(where.baselines_mm)
    above = BAND_MM if is_first else min(where.pitch_mm + OVER_MM, BAND_MM)
    below = BAND_MM if is_last else min(where.pitch_mm + OVER_MM, BAND_MM)
    return Strip(
        lead=lead,
        x0_mm=where.left_mm + begin,
        x1_mm=where.left_mm + end,
        baseline_mm=baseline,
        top_mm=max(baseline - above, 0.0),
        bottom_mm=baseline + below,
        start_s=begin / speed,
        end_s=end / speed,
        gain=Figure(gain, "mm/mV", How.ENTERED),
        rhythm=is_rhythm,
    )
