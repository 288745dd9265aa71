"""The paper speeds and gains that carts print with, as a person chooses them (IEC 60601-2-25)."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """`all`: of every lead, or of the limb leads where `chest` says what V1 to V6 have; None: as it is found."""

    text: str
    all: float | None
    chest: float | None = None


SPEEDS = tuple(Choice(f"{speed:g} mm/s", speed) for speed in (12.5, 25.0, 50.0))
GAINS = (
    *(Choice(f"{gain:g} mm/mV", gain) for gain in (5.0, 10.0, 20.0)),
    Choice("10, chest 5", 10.0, 5.0),
    Choice("20, chest 10", 20.0, 10.0),
)


def chosen(choices: Sequence[Choice], value: float | None, chest: float | None) -> int:
    """Place in a list whose first line is “automatic”."""
    found = (place for place, choice in enumerate(choices, start=1) if (choice.all, choice.chest) == (value, chest))
    return next(found, 0)
