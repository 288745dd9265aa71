"""A number with its unit and its source."""

from dataclasses import dataclass
from enum import StrEnum


class How(StrEnum):
    """Where a figure comes from."""

    MEASURED = "measured"  # found in the image or in the signal
    PRINTED = "printed"  # read in the print of the sheet
    ASSUMED = "assumed"  # the usual value, because neither was possible
    ENTERED = "entered"  # typed or dragged by a person


@dataclass(frozen=True)
class Figure:
    """One number as it is shown to a person.

    `value` is None when it could not be had; `reason` then says why, in words for a user.
    `uncertainty` is one standard deviation in `unit`, None when it is not known.
    """

    value: float | None
    unit: str
    how: How = How.MEASURED
    uncertainty: float | None = None
    reason: str = ""


def not_measurable(unit: str, reason: str) -> Figure:
    """A figure without a value; `reason` is shown to the user."""
    return Figure(None, unit, How.MEASURED, None, reason)
