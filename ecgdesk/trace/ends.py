"""Where one lead of a row gives way to the next."""

from collections.abc import Sequence
from dataclasses import replace

from ecgdesk.ecg.page import Strip

LONGEST_BRIDGE_S = 0.04  # ink hidden or missing for up to this long is bridged, for longer it is missing


def closed_up(strips: Sequence[Strip]) -> tuple[Strip, ...]:
    """The strips, neighbours of one row made to meet.

    The layout room leaves out what a separator hides; each of two neighbours bridges its half when that is short.
    """
    return tuple(_stretched(strip, strips) for strip in strips)


def _stretched(strip: Strip, strips: Sequence[Strip]) -> Strip:
    row = [s for s in strips if s is not strip and (s.top_mm, s.bottom_mm) == (strip.top_mm, strip.bottom_mm)]
    speed = (strip.x1_mm - strip.x0_mm) / max(strip.end_s - strip.start_s, 1e-6)
    reach_mm = 2 * LONGEST_BRIDGE_S * speed
    before = max((s.x1_mm for s in row if 0 < strip.x0_mm - s.x1_mm <= reach_mm), default=strip.x0_mm)
    after = min((s.x0_mm for s in row if 0 < s.x0_mm - strip.x1_mm <= reach_mm), default=strip.x1_mm)
    early, late = (strip.x0_mm - before) / 2, (after - strip.x1_mm) / 2
    return replace(
        strip,
        x0_mm=strip.x0_mm - early,
        x1_mm=strip.x1_mm + late,
        start_s=strip.start_s - early / speed,
        end_s=strip.end_s + late / speed,
    )
