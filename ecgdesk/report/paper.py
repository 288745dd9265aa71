"""Paper sizes and the places that are fixed on every report. Millimetres become points here and nowhere else."""

from dataclasses import dataclass
from enum import Enum

MM = 72 / 25.4  # points a millimetre, ISO 32000-1 8.3.2.3


class Paper(Enum):
    """Landscape (width, height) in mm. ISO 216; ANSI/ASME Y14.1 A."""

    A4 = (297.0, 210.0)
    LETTER = (279.4, 215.9)

    @property
    def size_pt(self) -> tuple[float, float]:
        return self.value[0] * MM, self.value[1] * MM


@dataclass(frozen=True)
class Box:
    """A rectangle on the page, points from the lower left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def top(self) -> float:
        return self.y + self.height

    @property
    def right(self) -> float:
        return self.x + self.width


# The ECG's width gives the page its margins: a pulse of 10 mm and 10 s at 25 mm/s. On Letter that leaves 9.7 mm.
CONTENT_WIDTH = 260 * MM
MARGIN_Y = 9 * MM
FOOTER_HEIGHT = 6 * MM
_SEAL_WIDTH, _SEAL_HEIGHT = 70 * MM, 16 * MM


def left_edge(page_width: float) -> float:
    """Where the content begins, points."""
    return (page_width - CONTENT_WIDTH) / 2


def seal_box(page_width: float) -> Box:
    """Where the signature stands on page 1: lower right, above the footer.

    Whole points, since pyHanko places a signature field on nothing finer, and would cut the seal's edge.
    """
    right = int(left_edge(page_width) + CONTENT_WIDTH)
    width, height = round(_SEAL_WIDTH), round(_SEAL_HEIGHT)
    return Box(right - width, round(MARGIN_Y + FOOTER_HEIGHT), width, height)
