"""What a pair of callipers on the paper reads."""

from dataclasses import dataclass

from ecgdesk.desk.models.placement import GAIN_MM_PER_MV, SPEED_MM_PER_S, PlacedSheet

_LEAST_MS = 20.0  # below this an interval is no heart's: no rate is read from it


@dataclass(frozen=True)
class Points:
    """Two points on the paper, mm."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True)
class Reading:
    """`ms` and `mv` from the first point to the second; `bpm` if `ms` were an RR interval.

    `mv` is of the lead itself: positive upwards, but downwards on a strip that shows its lead upside down.
    """

    ms: float
    mv: float
    bpm: float | None

    @property
    def text(self) -> str:
        rate = "" if self.bpm is None else f" · {self.bpm:.0f} bpm"
        return f"{self.ms:.0f} ms{rate} · {self.mv:+.2f} mV".replace("-", "−")


def read(points: Points, sheet: PlacedSheet) -> Reading:
    """Reads by the speed and gain of the stretch under the first point, or the nearest one."""
    mm_per_s, mm_per_mv = _scale_at(sheet, points.x0, points.y0)
    ms = abs(points.x1 - points.x0) / mm_per_s * 1000.0
    mv = (points.y0 - points.y1) / mm_per_mv
    return Reading(ms=ms, mv=mv, bpm=60_000.0 / ms if ms >= _LEAST_MS else None)


def _scale_at(sheet: PlacedSheet, x: float, y: float) -> tuple[float, float]:
    if not sheet.placements:
        return SPEED_MM_PER_S, GAIN_MM_PER_MV

    def distance(index: int) -> float:
        p = sheet.placements[index]
        aside = max(p.x0_mm - x, 0.0, x - p.x1_mm)
        above = max(p.top_mm - y, 0.0, y - p.bottom_mm)
        return aside + above

    nearest = sheet.placements[min(range(len(sheet.placements)), key=distance)]
    return nearest.mm_per_s, nearest.mm_per_mv
