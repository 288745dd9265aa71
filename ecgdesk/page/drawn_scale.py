"""The scale of a sheet without a grid, from what is drawn on it.

Along the paper the columns of a sheet show ten seconds together; across it a calibration pulse is 1 mV high. Both are
compared with what the scale that was assumed makes of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ecgdesk.page.calibration import PULSE_MV, Pulse
from ecgdesk.page.columns import Columns
from ecgdesk.page.layout import GRID_S, Match

DOUBT = (
    "No grid is found and the file states no resolution: the scale is the one at which the columns show ten seconds; "
    "check times and voltages against the calibration pulse."
)
_REACH = 0.25  # how far an assumed scale may be off
_FAX = 196 / 204  # lines over dots of a fax in fine mode, ITU-T T.4
_SHAPES = (1.0, _FAX, _FAX / 2)  # of pixels: square, a fax's, its standard mode's
_FEWEST_PULSES = 2
_TOO_TALL = 1.025  # a pulse 10 mm high is read with a part of its pen


@dataclass(frozen=True)
class Stretch:
    """How many times too long millimetres were taken to be: `along` the paper and `across` it."""

    along: float
    across: float


def find_stretch(
    match: Match, columns: Columns, pulses: Sequence[Pulse], *, speed: float, gain: float
) -> Stretch | None:
    """None where the names of no columns were read, or where the columns are no ten seconds at any likely scale.

    `columns` must have been fitted without regard to the paper speed.
    """
    count = match.template.columns
    if count == 1 or not match.is_read:
        return None
    along = columns.pitch_mm / (GRID_S / count * speed)
    if abs(along - 1) > _REACH:
        return None
    if len(pulses) < _FEWEST_PULSES:
        return Stretch(along, along)
    across = float(np.median([pulse.height_mm for pulse in pulses])) / (PULSE_MV * gain)
    # a pulse in a thick pen is read to some per cent only: pixels have one of the shapes that machines make
    shape = min(_SHAPES, key=lambda shape: abs(np.log(across / along / _TOO_TALL / shape)))
    return Stretch(along, along * shape)
