"""12.5 mm/s told by the columns' width, where neither print nor pulse says how fast the paper ran."""

from collections.abc import Sequence

from ecgdesk.ecg.figure import Figure, How
from ecgdesk.page.calibration import PULSE_S, Pulse
from ecgdesk.page.layout import GRID_S, Match

SLOW = 12.5  # mm/s
_TRUE_PITCH = 0.03
_TRUE_WIDTH = 0.2  # of a pulse: a pen is a tenth of 2.5 mm
_ENOUGH_COLUMNS = 3  # of 1.25 s at 25 mm/s: no cart prints so little; two columns of 2.5 s there are


def speed_of_columns(match: Match, pulses: Sequence[Pulse]) -> Figure | None:
    """12.5 mm/s where the columns are as wide as their share of ten seconds then is; None where they are not.

    Measured where calibration pulses are as narrow, else assumed.
    """
    columns = match.template.columns
    nominal = GRID_S / columns * SLOW
    if columns == 1 or not match.is_read or abs(match.pitch_mm / nominal - 1) > _TRUE_PITCH:
        return None
    widths = [pulse.width_mm for pulse in pulses if pulse.whole]
    if widths and all(abs(width / (PULSE_S * SLOW) - 1) <= _TRUE_WIDTH for width in widths):
        return Figure(SLOW, "mm/s", How.MEASURED)
    return Figure(SLOW, "mm/s", How.ASSUMED) if columns >= _ENOUGH_COLUMNS else None
