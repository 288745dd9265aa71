"""Which gain each lead is drawn at: limb and chest leads may differ ("half standard" for the chest).

| what the sheet shows | read as |
|---|---|
| a pulse of two steps | the first step is the limb leads', the second the chest leads' |
| one lead a row, pulses of two heights | each row's own |
| two gains printed in one line | the left one is the limb leads', the right one the chest leads' |
| anything else | one gain for all leads |
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ecgdesk.ecg.figure import Figure, How
from ecgdesk.ecg.lead import CHEST_LEADS
from ecgdesk.ecg.page import Strip
from ecgdesk.page.calibration import PULSE_MV, Pulse, nominal_gain
from ecgdesk.page.layout import Match
from ecgdesk.page.names import GAINS, PRINTED, Name

_CLEARLY_LEGIBLE = 3.0  # log odds
_ONE_LINE_MM = 2.5


@dataclass(frozen=True)
class Gains:
    """Gain of the limb leads and of the chest leads."""

    limb: Figure
    chest: Figure


def find_gains(match: Match, pulses: Sequence[Pulse], names: Sequence[Name], usual: Figure) -> Gains:
    """`usual`: the gain of the whole sheet, where limb and chest leads have one."""
    steps = [pulse for pulse in pulses if pulse.second_mm is not None]
    if steps:
        first = _measured([pulse.height_mm for pulse in steps])
        second = _measured([pulse.second_mm for pulse in steps if pulse.second_mm is not None])
        return Gains(first or usual, second or usual)
    if match.template.columns == 1:
        limb, chest = (_of_rows(match, pulses, chest=chest) for chest in (False, True))
        if limb and chest and limb.value != chest.value:
            return Gains(limb, chest)
    pair = _printed_pair(names) if not pulses else None
    return Gains(*pair) if pair else Gains(usual, usual)


def with_gains(strips: Sequence[Strip], gains: Gains) -> tuple[Strip, ...]:
    """The strips, each at the gain of its lead."""
    return tuple(replace(s, gain=gains.chest if s.lead in CHEST_LEADS else gains.limb) for s in strips)


def _of_rows(match: Match, pulses: Sequence[Pulse], *, chest: bool) -> Figure | None:
    rows = [number for row, number in enumerate(match.grid) if (match.template.lead(row, 0) in CHEST_LEADS) == chest]
    return _measured([pulse.height_mm for pulse in pulses if pulse.row in rows])


def _measured(heights: Sequence[float]) -> Figure | None:
    """The nominal gain that most of these heights stand for."""
    gains = [gain for height in heights if (gain := nominal_gain(height / PULSE_MV)) is not None]
    if not gains:
        return None
    value = max(set(gains), key=gains.count)
    spread = float(np.median(np.abs(np.array(heights) - np.median(heights)))) + 0.1
    return Figure(value, "mm/mV", How.MEASURED, spread)


def _printed_pair(names: Sequence[Name]) -> tuple[Figure, Figure] | None:
    """Two different gains that stand clearly in one line of print, from left to right."""
    said = []
    for name in names:
        for text, value in GAINS.items():
            log_p = float(name.log_p[PRINTED.index(text)])
            if log_p - float(np.log(max(1.0 - np.exp(log_p), 1e-6))) > _CLEARLY_LEGIBLE:
                said.append((name, value))
    pairs = [
        (one, other)
        for one in said
        for other in said
        if one[0].x_mm < other[0].x_mm and one[1] != other[1] and abs(one[0].y_mm - other[0].y_mm) < _ONE_LINE_MM
    ]
    if len(pairs) != 1:
        return None
    limb, chest = (Figure(value, "mm/mV", How.PRINTED) for _, value in pairs[0])
    return limb, chest
