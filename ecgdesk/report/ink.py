"""Colours of the report, and how it writes dates and numbers.

Severities differ in grey print too: the fill darkens and the edge under a highlight changes from dots to a bar.
"""

from dataclasses import dataclass
from datetime import date, datetime

from reportlab.lib.colors import Color, HexColor

from ecgdesk.ecg.reading import Severity

TEXT = HexColor(0x1B2430)
SOFT = HexColor(0x5B6675)
RULE = HexColor(0xC9D0D8)
PANEL = HexColor(0xF4F6F8)
PRELIMINARY = HexColor(0xA3341F)
SIGNED = HexColor(0x22694A)
GRID_FINE = Color(0.898, 0.620, 0.608, alpha=0.35)  # translucent: the grid darkens a highlight as it does paper
GRID_BOLD = Color(0.855, 0.502, 0.490, alpha=0.60)
GRID_FRAME = HexColor(0xE9B3B1)
TRACE = HexColor(0x101418)
WHITE = HexColor(0xFFFFFF)


@dataclass(frozen=True)
class Tone:
    """How one severity looks: the soft fill behind the trace, the strong colour, and the edge's dashes in points."""

    fill: Color
    strong: Color
    edge_width: float
    edge_dash: tuple[float, ...] = ()


TONES: dict[Severity, Tone] = {
    Severity.NORMAL: Tone(HexColor(0xEDF5E8), HexColor(0x4B7A3E), 0.5, (0.5, 1.6)),
    Severity.INFO: Tone(HexColor(0xE1ECF7), HexColor(0x3A6C99), 0.5, (1.0, 1.6)),
    Severity.BORDERLINE: Tone(HexColor(0xF9E6AE), HexColor(0x8A6A00), 0.8, (2.4, 1.4)),
    Severity.ABNORMAL: Tone(HexColor(0xF8D2A6), HexColor(0xA85400), 1.0, (6.0, 1.4)),
    Severity.URGENT: Tone(HexColor(0xF3B79C), HexColor(0xA5290B), 1.2),
    Severity.CRITICAL: Tone(HexColor(0xE8959D), HexColor(0x8C0F23), 2.0),
}


def day(at: date) -> str:
    """`24 Nov 2026`."""
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def moment(at: datetime) -> str:
    """`24 Nov 2026, 23:41 (UTC+01:00)`; without the zone when the time has none."""
    text = f"{day(at)}, {at:%H:%M}"
    if at.tzinfo is None:
        return text
    zone = f"{at:%z}"
    return f"{text} (UTC{zone[:3]}:{zone[3:5]})" if zone.strip("+-0") else f"{text} (UTC)"


def number(value: float, *, digits: int = 0) -> str:
    """With the proper minus sign, and no minus before a zero."""
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "\N{MINUS SIGN}")


# Not strftime's %b: that follows the machine's locale, and the report's bytes may not.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
