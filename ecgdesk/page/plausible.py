"""What no single ECG shows: the names of two, or columns of a width that no cart prints."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ecgdesk.ecg.figure import Figure
from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.ecg.page import Strip
from ecgdesk.page.layout import GRID_S, Match
from ecgdesk.page.names import SHORT, Name
from ecgdesk.page.refusals import UnreadablePage

_SURE = 0.8  # probability of a name
_TWICE = 5  # leads named at two places; three rhythm strips name three of the grid's once more
_STROKES = (Lead.I, Lead.II)  # strokes of other words read as these
_FAST = 50.0  # mm/s: many carts print five seconds then, on the same paper
_UNEVEN_MM = 3.0  # names stand equally far behind the beginnings of their columns, within 1.5 mm on sheets in order
_TRUE_PITCH = 0.06  # columns of real sheets are within 3 % of their share of ten seconds


def refuse_two_ecgs(names: Sequence[Name]) -> None:
    """Raises UnreadablePage where most leads are named twice: a second patient's rows would be read as the first's."""
    surely = Counter(name.text for name in names if float(np.exp(name.log_p[: len(SHORT)].max())) > _SURE)
    twice = [lead for lead in STANDARD_ORDER if lead not in _STROKES and surely[lead.value] > 1]
    if len(twice) >= _TWICE:
        raise UnreadablePage("This sheet shows two ECGs; crop it to one, and drop each of them by itself.")


def doubt_of_columns(match: Match | None, speed: Figure) -> str:
    """Why the scale may be wrong; empty where the columns are as wide as ten seconds at the paper's speed make them."""
    if match is None or match.template.columns == 1 or not speed.value:
        return ""
    share_s = GRID_S / match.template.columns
    usual = (speed.value, speed.value / 2) if speed.value == _FAST else (speed.value,)
    if any(abs(match.pitch_mm / (share_s * mm_per_s) - 1) <= _TRUE_PITCH for mm_per_s in usual):
        return ""
    seen_s = match.pitch_mm / speed.value
    return (
        f"A column is {match.pitch_mm:.0f} mm wide, {seen_s:.1f} s at {speed.value:g} mm/s, where carts print "
        f"{share_s:g} s: check the scale of the page and the paper speed."
    )


def doubt_of_places(match: Match | None, strips: Sequence[Strip]) -> str:
    """Why columns may begin elsewhere; empty where every column begins equally far before its names.

    A calibration pulse between two columns, say, moves those behind it.
    """
    if match is None:
        return ""
    begins = {strip.lead: strip.x0_mm for strip in strips if not strip.rhythm}
    behind: dict[int, list[float]] = {}
    for (row, column), name in match.names.items():
        lead = match.template.lead(row, column)
        if name.odds(lead) > 0.0 and lead in begins:
            behind.setdefault(column, []).append(name.left_mm - begins[lead])
    usual = [float(np.median(column)) for column in behind.values()]
    if len(usual) < 2 or max(usual) - min(usual) <= _UNEVEN_MM:
        return ""
    return "The columns of leads do not stand evenly; check where each lead begins."
