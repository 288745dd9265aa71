"""What a person set right on a sheet where the program was wrong. All of it is kept in the case, and can be undone."""

from dataclasses import dataclass

from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.page import Strip

Point = tuple[float, float]
Corners = tuple[Point, Point, Point, Point]


@dataclass(frozen=True)
class Redraw:
    """A stretch of one lead's trace drawn by hand: `points` are (x, y) mm on the page, x ascending."""

    lead: Lead
    points: tuple[Point, ...]


@dataclass(frozen=True)
class BeatMarks:
    """Global marks of the representative beat as a person set them, seconds from its R peak; None: as measured."""

    p_onset_s: float | None = None
    p_offset_s: float | None = None
    qrs_onset_s: float | None = None
    qrs_offset_s: float | None = None
    t_offset_s: float | None = None


AS_MEASURED = BeatMarks()


@dataclass(frozen=True)
class Corrections:
    """What a person entered in the place of what was found; what is None or empty is found by the program.

    `corners`: of the sheet, pixels of the scan (a pixel's centre is at column + 0.5, row + 0.5), clockwise from the
    sheet's upper left. `layout`: a name of `ecgdesk.page.mend.layout_names`. `speed`: mm/s. `gain`: mm/mV of all
    leads, or of the limb leads where `chest_gain` gives that of V1 to V6. `strips`: all the lead boxes, in millimetres
    of the page that belongs to these corners. `redraws`: in the order in which they were drawn.
    """

    corners: Corners | None = None
    layout: str = ""
    speed: float | None = None
    gain: float | None = None
    chest_gain: float | None = None
    strips: tuple[Strip, ...] | None = None
    redraws: tuple[Redraw, ...] = ()
    marks: BeatMarks = AS_MEASURED


AUTOMATIC = Corrections()
