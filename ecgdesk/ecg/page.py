"""A sheet of paper: as it was scanned (`Sheet`) and as it was understood (`Page`)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.bend import Bend, projected
from ecgdesk.ecg.figure import Figure, How
from ecgdesk.ecg.lead import Lead

_LEAST_PIECE_MM = 0.02  # of a line: less is where the neighbour's ends
_LINES_MEET_MM = 0.002  # rounding of a drawn end: a fiftieth of the way between two samples at 25 mm/s

_ROUNDS = 6  # a bend is smooth and small: each round gains a digit or two


@dataclass(frozen=True, eq=False)
class Stroke:
    """One unbroken line that a file draws.

    `points`: float64[n, 2], (x, y) in pixels of `Sheet.image`, pixel (column, row) with its centre at + 0.5.
    `width`: of the pen, pixels. `colour`: R, G, B, 0 to 255.
    """

    points: NDArray[np.float64]
    width: float
    colour: tuple[int, int, int]


@dataclass(frozen=True)
class Print:
    """One piece of text that a file prints; its box in pixels of `Sheet.image`, `turns`: quarter turns clockwise."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    turns: int = 0


@dataclass(frozen=True, eq=False)
class Drawing:
    """What a file draws by lines and text rather than pixels, clipped to what it shows."""

    strokes: tuple[Stroke, ...]
    prints: tuple[Print, ...]


@dataclass(frozen=True, eq=False)
class Sheet:
    """One decoded image: a photo, a scan, one page of a PDF or of a TIFF.

    `image` is uint8[h, w, 3], RGB, EXIF orientation already applied. `dpi` is (x, y) as the file states it, None
    when it states none. `number` counts the sheets of one file from 1. `doubts`: sentences for the user about the
    file itself (cut off, say). `drawing`: the sheet's own lines and texts where the file draws it; None for a scan.
    """

    image: NDArray[np.uint8]
    name: str
    number: int = 1
    dpi: tuple[float, float] | None = None
    doubts: tuple[str, ...] = ()
    drawing: Drawing | None = None


@dataclass(frozen=True)
class Strip:
    """One stretch of trace on the page: one lead, from one place to another.

    `x0_mm`, `x1_mm`: where the trace begins and ends; `top_mm`, `bottom_mm`: the band of paper in which its ink may
    run; `baseline_mm`: height of the row's usual zero line (y grows downwards). `start_s`, `end_s`: the same ends on
    the record's clock. `gain`: mm/mV of this strip. `rhythm`: True for a strip below the lead grid. `how`: MEASURED
    where it was found, ENTERED where a person named or placed it. `inverted`: True where the sheet shows the lead
    upside down, as Cabrera's -aVR.
    """

    lead: Lead
    x0_mm: float
    x1_mm: float
    baseline_mm: float
    top_mm: float
    bottom_mm: float
    start_s: float
    end_s: float
    gain: Figure
    rhythm: bool = False
    how: How = How.MEASURED
    inverted: bool = False


@dataclass(frozen=True)
class Layout:
    """How the leads stand on the sheet: `name` like `3x4+1` (rows x columns + rhythm strips)."""

    name: str
    strips: tuple[Strip, ...]
    how: How = How.MEASURED

    @property
    def leads(self) -> frozenset[Lead]:
        return frozenset(strip.lead for strip in self.strips)


@dataclass(frozen=True, eq=False)
class Page:
    """A straightened sheet with everything that the next rooms need to know of it.

    `image`: uint8[h, w, 3], RGB, upright and flat. Pixel (column, row) covers the paper from column/ppm to
    (column + 1)/ppm, so its centre lies at ((column + 0.5)/pixels_per_mm_x, (row + 0.5)/pixels_per_mm_y) mm.
    `ink`: uint8[h, w], how much of each pixel is covered by trace or print, 0 to 255, with paper and grid taken out.
    `pixels_per_mm_x`, `pixels_per_mm_y`: of `image`, from the grid.
    `to_scan`: float64[3, 3], from page millimetres (x, y, 1) to pixels of the original `Sheet.image`; `bend`: what to
    add to that where the sheet does not lie flat, None for a flat one. `on_scan` and `from_scan` heed both.
    `speed`: mm/s. `gain`: mm/mV, the usual one of the sheet (each strip carries its own).
    `pulses`: (x0, y0, x1, y1) mm of each calibration pulse that was found.
    `doubts`: sentences for the user about what to check on this page; empty for a good one. `sheet_doubts`: those of
    them that are about the sheet and its straightening, and stay when its layout is found anew; `file_doubts`: those
    of them that `Sheet.doubts` says of the file itself, and stay when it is straightened anew too.
    `lines`: float64[n, 2] each, (x, y) in page millimetres from left to right: the traces themselves where the file
    draws them; empty for a scan.
    """

    image: NDArray[np.uint8]
    ink: NDArray[np.uint8]
    pixels_per_mm_x: Figure
    pixels_per_mm_y: Figure
    to_scan: NDArray[np.float64]
    layout: Layout
    speed: Figure
    gain: Figure
    pulses: tuple[tuple[float, float, float, float], ...] = ()
    doubts: tuple[str, ...] = ()
    sheet_doubts: tuple[str, ...] = ()
    lines: tuple[NDArray[np.float64], ...] = ()
    bend: Bend | None = None
    file_doubts: tuple[str, ...] = ()

    def on_scan(self, x_mm: NDArray[np.float64], y_mm: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """Where places on the page lie on the original scan: (x, y) in pixels, of their shape."""
        x, y = projected(self.to_scan, x_mm, y_mm)
        if self.bend is None:
            return x, y
        dx, dy = self.bend.at(x_mm, y_mm)
        return x + dx, y + dy

    def from_scan(self, x_px: NDArray[np.float64], y_px: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """Where pixels of the original scan lie on the page: (x, y) in mm, of their shape."""
        back = np.linalg.inv(self.to_scan)
        x, y = projected(back, x_px, y_px)
        for _ in range(_ROUNDS if self.bend is not None else 0):
            assert self.bend is not None
            dx, dy = self.bend.at(x, y)
            x, y = projected(back, x_px - dx, y_px - dy)
        return x, y

    def lines_of(self, strip: Strip) -> tuple[NDArray[np.float64], ...]:
        """The pieces of `lines` between the strip's ends that run at its own height, not at that of another strip.

        Its last end is open: a line that runs on there belongs to the next lead.
        """
        found = []
        for line in self.lines:
            x = line[:, 0] + _LINES_MEET_MM
            piece = line[(x >= strip.x0_mm) & (x < strip.x1_mm)]
            if len(piece) < 2 or piece[-1, 0] - piece[0, 0] < _LEAST_PIECE_MM:
                continue
            height, middle = float(np.median(piece[:, 1])), float(piece[0, 0] + piece[-1, 0]) / 2
            others = [
                abs(other.baseline_mm - height) for other in self.layout.strips if other.x0_mm <= middle < other.x1_mm
            ]
            if abs(strip.baseline_mm - height) <= min(others, default=np.inf):
                found.append(piece)
        return tuple(found)
