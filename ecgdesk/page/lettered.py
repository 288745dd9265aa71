"""Lead names, paper speed and gain among the texts of a drawn page, read as they are written."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from ecgdesk.ecg.figure import Figure, How
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.page import Print
from ecgdesk.page.names import GAINS, PRINTED, Name
from ecgdesk.page.rows import Row

_CERTAIN = 0.99  # probability of what a text says: it is text
_LEAD = re.compile(r"(?:lead|abl\.?|ableitung)?\s*(I{1,3}|a?V[RLF]|[VC][1-6])\s*[:.]?", re.IGNORECASE)
_MINUS_AVR = re.compile(r"[-\u2212\u2013]\s*(aVR)", re.IGNORECASE)
_SPEED = re.compile(r"(\d+(?:[.,]\d+)?)\s*mm\s*/\s*s", re.IGNORECASE)
_GAIN = re.compile(r"(\d+(?:[.,]\d+)?)\s*mm\s*/\s*mV", re.IGNORECASE)
_PLAUSIBLE_SPEEDS = (5.0, 100.0)
_OTHER_HEIGHT_MM = 20.0  # a name stands within this of the row that it names


def lead_of(text: str) -> Lead | None:
    """The lead that a text names and nothing else; None for any other text, and for an inverted lead (-aVR)."""
    said = _LEAD.fullmatch(text.strip())
    if said is None or (said[1].upper().startswith("I") and said[1] != said[1].upper()):
        return None
    name = said[1].upper()
    if name.startswith("C"):
        name = "V" + name[1:]  # German and Russian carts print C1 to C6
    if name.endswith(("R", "L", "F")):
        name = "aV" + name[-1]
    return Lead(name)


def lead_names(prints: Iterable[Print], scale: tuple[float, float]) -> tuple[Name, ...]:
    """Every text that is a lead's name, in mm; `scale`: pixels a millimetre."""
    upright = (_without_minus(one) for one in prints)
    found = ((lead_of(one.text), one) for one in upright)
    return tuple(_name(one, lead.value, scale) for lead, one in found if lead is not None)


def shows_inverted(prints: Iterable[Print]) -> bool:
    """True where a text names lead aVR turned upside down, as Cabrera's order has it."""
    return any(_MINUS_AVR.fullmatch(one.text.strip()) for one in prints)


def _without_minus(one: Print) -> Print:
    """The name behind its minus, which is looked for in the ink; other inverted leads are not known."""
    said = _MINUS_AVR.fullmatch(one.text)
    return replace(_part(one, said.start(1), said.end(1)), text=said[1]) if said else one


def gains(prints: Iterable[Print], scale: tuple[float, float]) -> tuple[Name, ...]:
    """The gains that are printed as a cart prints them: 5, 10 or 20 mm/mV."""
    texts = {value: text for text, value in GAINS.items()}
    return tuple(
        _name(_part(one, said.start(), said.end()), texts[gain], scale)
        for one in prints
        for said in _GAIN.finditer(one.text)
        if (gain := _number(said)) in texts
    )


def printed_speed(prints: Iterable[Print]) -> Figure | None:
    """The paper speed in print; None where none is, or several that differ."""
    found = {_number(said) for one in prints for said in _SPEED.finditer(one.text)}
    said = {speed for speed in found if _PLAUSIBLE_SPEEDS[0] <= speed <= _PLAUSIBLE_SPEEDS[1]}
    return Figure(said.pop(), "mm/s", How.PRINTED) if len(said) == 1 else None


def by_their_rows(names: Sequence[Name], rows: Sequence[Row], *, below: bool) -> tuple[Name, ...]:
    """The names moved to the height of the row above or `below` them: some programs set them clear of each trace."""
    moved = []
    for name in names:
        ways = [row.y_mm - name.y_mm for row in rows]
        near = [way for way in ways if 0 <= (way if below else -way) <= _OTHER_HEIGHT_MM]
        moved.append(replace(name, y_mm=name.y_mm + min(near, key=abs)) if near else name)
    return tuple(moved)


def _number(said: re.Match[str]) -> float:
    return float(said[1].replace(",", "."))


def _part(one: Print, begin: int, end: int) -> Print:
    """Characters `begin`..`end` of a text, about where they stand in it."""
    across = (one.x1 - one.x0) / len(one.text)
    return replace(one, x0=one.x0 + begin * across, x1=one.x0 + end * across)


def _name(one: Print, text: str, scale: tuple[float, float]) -> Name:
    log_p = np.full(len(PRINTED) + 1, np.log((1 - _CERTAIN) / len(PRINTED)), np.float32)
    log_p[PRINTED.index(text)] = np.log(_CERTAIN)
    return Name(
        x_mm=(one.x0 + one.x1) / 2 / scale[0],
        y_mm=(one.y0 + one.y1) / 2 / scale[1],
        width_mm=(one.x1 - one.x0) / scale[0],
        height_mm=(one.y1 - one.y0) / scale[1],
        log_p=log_p,
    )


def turns_of(prints: Iterable[Print]) -> int:
    """Quarter turns clockwise by which most lead names stand; by which most texts do where there are no names."""
    prints = tuple(prints)
    named = [one.turns for one in prints if lead_of(one.text) is not None] or [one.turns for one in prints]
    return max(range(4), key=named.count)
