"""Where the strips of a made sheet stand."""

from collections.abc import Sequence
from dataclasses import dataclass

from ecgdesk.ecg.figure import Figure, How
from ecgdesk.ecg.lead import CHEST_LEADS, STANDARD_ORDER, Lead
from ecgdesk.ecg.page import Layout, Strip

PULSE_MV = 1.0
PULSE_S = 0.2  # the usual calibration pulse
PULSE_ROOM_MM = 9.0
TOP_ROOM_MM = 22.0  # for the header
FOOT_ROOM_MM = 12.0
BAND_MM = 40.0  # a trace runs within this of its zero line, and
OVER_MM = 4.0  # this far beyond the zero line of the next row: as the layout room cuts its bands

CABRERA: tuple[Lead, ...] = (Lead.AVL, Lead.I, Lead.AVR, Lead.II, Lead.AVF, Lead.III, *CHEST_LEADS)

GRIDS: dict[str, tuple[int, int]] = {"3x4": (3, 4), "4x3": (4, 3), "6x2": (6, 2), "12x1": (12, 1)}  # all twelve leads


@dataclass(frozen=True)
class Place:
    """The lead grid's own frame: left edge of the traces, their length, heights of the rows' zero lines (mm).

    `hole_mm`: room for a pulse between the two halves of the grid's rows; rhythm strips run on there.
    """

    left_mm: float
    length_mm: float
    baselines_mm: tuple[float, ...]
    pitch_mm: float
    hole_mm: float = 0.0


def shape(grid: str) -> tuple[int, int]:
    """Rows and columns of "3x4" and its like."""
    rows, columns = grid.split("x")
    return int(rows), int(columns)


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
    hole_mm: float = 0.0,
    row_pitch_mm: float | None = None,
) -> Place:
    """Rows spread evenly below the header, or `row_pitch_mm` apart; traces begin after the pulse and end before the
    sheet does."""
    rows = shape(grid)[0] + len(rhythm)
    left = 4.0 + (PULSE_ROOM_MM if pulse_left else 0.0)
    length = min(duration_s * speed, sheet_mm[0] - left - hole_mm - 3.0)
    top = 6.0 if tight else TOP_ROOM_MM
    pitch = (sheet_mm[1] - top - FOOT_ROOM_MM) / rows
    pitch = pitch if row_pitch_mm is None else min(row_pitch_mm, pitch)
    return Place(left, length, tuple(top + (row + 0.6) * pitch for row in range(rows)), pitch, hole_mm)


def strips(
    grid: str,
    rhythm: tuple[Lead, ...],
    where: Place,
    *,
    speed: float,
    gain: float,
    chest_gain: float | None = None,
    order: Sequence[Lead] = STANDARD_ORDER,
) -> Layout:
    """The layout on the sheet, filled column by column in `order`; columns follow each other on one clock."""
    rows, columns = shape(grid)
    width = where.length_mm / columns

    def strip(lead: Lead, row: int, begin: float, end: float, *, right: float, is_rhythm: bool = False) -> Strip:
        own = chest_gain if chest_gain is not None and lead in CHEST_LEADS else gain
        return _strip(lead, row, where, begin, end, speed, own, right=right, is_rhythm=is_rhythm)

    made = [
        strip(
            order[column * rows + row],
            row,
            width * column,
            width * (column + 1),
            right=where.hole_mm if 2 * column >= columns > 1 else 0.0,
        )
        for row in range(rows)
        for column in range(columns)
    ]
    made += [
        strip(lead, rows + extra, 0.0, where.length_mm, right=0.0, is_rhythm=True) for extra, lead in enumerate(rhythm)
    ]
    return Layout(layout_name(grid, rhythm), tuple(made))


def _strip(
    lead: Lead,
    row: int,
    where: Place,
    begin: float,
    end: float,
    speed: float,
    gain: float,
    *,
    right: float,
    is_rhythm: bool,
) -> Strip:
    baseline = where.baselines_mm[row]
    is_first, is_last = row == 0, row + 1 == len(where.baselines_mm)
    above = BAND_MM if is_first else min(where.pitch_mm + OVER_MM, BAND_MM)
    below = BAND_MM if is_last else min(where.pitch_mm + OVER_MM, BAND_MM)
    return Strip(
        lead=lead,
        x0_mm=where.left_mm + right + begin,
        x1_mm=where.left_mm + right + end,
        baseline_mm=baseline,
        top_mm=max(baseline - above, 0.0),
        bottom_mm=baseline + below,
        start_s=begin / speed,
        end_s=end / speed,
        gain=Figure(gain, "mm/mV", How.ENTERED),
        rhythm=is_rhythm,
    )
