"""Where one lead of a row gives way to the next."""

from collections.abc import Sequence
from dataclasses import replace

from ecgdesk.ecg.page import Strip

BORDER_S = 0.004  # 0.1 mm at 25 mm/s: as exactly is it known where one lead gives way to the next
LONGEST_BRIDGE_S = 0.04  # ink hidden or missing for up to this long is bridged, for longer it is missing


def closed_up(strips: Sequence[Strip], *, full_s: float) -> tuple[Strip, ...]:
    """The strips, neighbours of one row made to meet, the first and last ones to span the record's `full_s` seconds.

    The layout room leaves out what a separator or a pulse hides; each of two neighbours gets its half when that is
    short, and as much more as the border is uncertain.
    """
    return tuple(_stretched(strip, strips, full_s) for strip in strips)


def _stretched(strip: Strip, strips: Sequence[Strip], full_s: float) -> Strip:
    row = [s for s in strips if s is not strip and (s.top_mm, s.bottom_mm) == (strip.top_mm, strip.bottom_mm)]
    speed = (strip.x1_mm - strip.x0_mm) / max(strip.end_s - strip.start_s, 1e-6)
    reach_mm = 2 * LONGEST_BRIDGE_S * speed
    before = max((s.x1_mm for s in row if 0 < strip.x0_mm - s.x1_mm <= reach_mm), default=strip.x0_mm)
    after = min((s.x0_mm for s in row if 0 < s.x0_mm - strip.x1_mm <= reach_mm), default=strip.x1_mm)
    early, late = (strip.x0_mm - before) / 2 + BORDER_S * speed, (after - strip.x1_mm) / 2 + BORDER_S * speed
    if 0 < strip.start_s <= LONGEST_BRIDGE_S:
        early = strip.start_s * speed
    if 0 < full_s - strip.end_s <= LONGEST_BRIDGE_S:
        late = (full_s - strip.end_s) * speed
    return replace(
        strip,
        x0_mm=strip.x0_mm - early,
        x1_mm=strip.x1_mm + late,
        start_s=strip.start_s - early / speed,
        end_s=strip.end_s + late / speed,
    )
