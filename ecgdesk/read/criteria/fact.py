"""A number that a rule may speak of, with what is needed to explain it to a person."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import hypot, isfinite, nan

Stretch = tuple[float, float]  # (start, end) in seconds on the record's clock

_DECIMALS = {"mV": 2, "ms": 0, "/min": 0, "bpm": 0, "°": 0, "%": 0, "s": 2, "mV·ms": 1, "Hz": 1, "µV": 0, "dB": 0}


@dataclass(frozen=True)
class Fact:
    """One value with its name and unit; NaN when it cannot be had, `missing` then says why.

    `sd`: its standard uncertainty in `unit`, 0 for a count. `per_beat`: the same quantity beat by beat, where it was
    measured so. `times`: where on the record it shows, for facts that have a place of their own (a pause, a run).
    """

    value: float
    label: str = ""
    unit: str = ""
    sd: float = 0.0
    per_beat: tuple[float, ...] = ()
    times: tuple[Stretch, ...] = ()
    missing: str = ""
    note: str = ""  # printed behind a limit: what was assumed in choosing it

    @property
    def known(self) -> bool:
        return isfinite(self.value)

    @property
    def number(self) -> str:
        """The value as printed, with its unit."""
        return number(self.value, self.unit)

    @property
    def words(self) -> str:
        """Name and value as printed; a bare constant has no name."""
        return f"{self.label} {self.number}".strip()


def number(value: float, unit: str) -> str:
    """`value` in the decimals usual for `unit`: 232 ms, 0.15 mV, 3 (no unit)."""
    decimals = _DECIMALS.get(unit)
    text = f"{value:.{decimals}f}" if decimals is not None else f"{value:.2f}".rstrip("0").rstrip(".")
    if text.startswith("-") and float(text) == 0:
        text = text[1:]
    return f"{text}{'' if unit in ('°', '%') else ' '}{unit}".strip()


def unknown(label: str, unit: str, missing: str) -> Fact:
    return Fact(nan, label, unit, missing=missing)


def combine(left: Fact, right: Fact, sign: str, operation: Callable[[float, float], float]) -> Fact:
    """Arithmetic of two facts: sums and differences keep the unit, a constant factor is left out of the name."""
    additive = sign in "+-"
    unit = left.unit or right.unit
    if not additive and left.unit and right.unit:
        unit = f"{left.unit}·{right.unit}" if sign == "·" else ""
    value = operation(left.value, right.value) if left.known and right.known else nan
    if additive:
        sd = hypot(left.sd, right.sd)
    elif left.known and right.known and left.value and right.value:
        sd = abs(value) * hypot(left.sd / left.value, right.sd / right.value)
    else:
        sd = 0.0
    label = f"{left.label or left.number} {sign} {right.label or right.number}"
    return Fact(value, label, unit, sd, missing=left.missing or right.missing)


def named(fact: Fact, label: str) -> Fact:
    return replace(fact, label=label)
