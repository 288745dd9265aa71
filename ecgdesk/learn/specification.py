"""How a made sheet is to look."""

from dataclasses import dataclass, field
from enum import StrEnum

from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.learn.lettering import PLOTTER
from ecgdesk.learn.marks import Marks
from ecgdesk.learn.paper import PAPERS, Paper
from ecgdesk.learn.pens import Pen
from ecgdesk.learn.photo import Handling
from ecgdesk.learn.spelling import Spelling

A4_MM = (297.0, 210.0)
LETTER_MM = (279.4, 215.9)
GAP_MM = 1.0  # white between leads that a gap separates


class Pulse(StrEnum):
    LEFT = "left"
    RIGHT = "right"
    MIDDLE = "middle"  # between the two halves of the grid's rows
    NONE = "none"


class Separator(StrEnum):
    """What stands between the leads of a row."""

    BAR = "bar"  # a short thick bar on the trace
    TICKS = "ticks"  # thin marks above and below it
    DOTTED = "dotted"  # a dotted line over the whole height
    GAP = "gap"
    NONE = "none"


@dataclass(frozen=True)
class Names:
    """Where a lead's name stands: its lower left corner right of the strip's begin and above its zero line, in mm."""

    right_mm: float = 1.0
    above_mm: float = 6.0
    height_mm: float = 2.6
    font: str = PLOTTER
    spelling: Spelling = Spelling.USUAL


@dataclass(frozen=True)
class PageSpec:
    """How a sheet is to look.

    `grid`: rows x columns, 3x4 or 1x1, say, filled column by column with the leads of `order`; `rhythm`: leads of the
    strips below it. `shuffled`: columns recorded one after the other in another order than they stand on the sheet, so
    that no beat continues into the next column (only without rhythm strips). `joined`: the trace runs on from lead to
    lead. `header`: lines of print above the traces; `foot`: what the footer says instead of speed and gain. `tight`:
    no room for a header. `row_pitch_mm`: rows closer than the sheet has room for. `speed` mm/s, `gain` mm/mV,
    `chest_gain` where V1 to V6 have another. `pulse_gap_mm`: between the pulse and the trace.
    """

    grid: str = "3x4"
    rhythm: tuple[Lead, ...] = (Lead.II,)
    dpi: float = 200.0
    paper: Paper = PAPERS[0]
    pen: Pen = field(default_factory=Pen)
    names: Names = field(default_factory=Names)
    pulse: Pulse = Pulse.LEFT
    pulse_gap_mm: float = 1.5
    separator: Separator = Separator.TICKS
    joined: bool = False
    header: tuple[str, ...] = ()
    footer: bool = True
    tight: bool = False
    speed: float = 25.0
    gain: float = 10.0
    sheet_mm: tuple[float, float] = A4_MM
    grid_phase_mm: float = 0.0
    handling: Handling = field(default_factory=Handling)
    order: tuple[Lead, ...] = STANDARD_ORDER
    chest_gain: float | None = None
    shuffled: bool = False
    foot: tuple[str, ...] = ()
    row_pitch_mm: float | None = None
    marks: Marks = field(default_factory=Marks)
