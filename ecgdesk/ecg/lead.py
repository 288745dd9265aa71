"""The twelve standard leads and the orders in which they are printed and compared."""

from enum import StrEnum


class Lead(StrEnum):
    """A lead of the standard 12-lead ECG; the value is its printed name."""

    I = "I"  # noqa: E741 - the field's own name
    II = "II"
    III = "III"
    AVR = "aVR"
    AVL = "aVL"
    AVF = "aVF"
    V1 = "V1"
    V2 = "V2"
    V3 = "V3"
    V4 = "V4"
    V5 = "V5"
    V6 = "V6"

    @property
    def row(self) -> int:
        """Row of this lead in every float[12, n] array of the program."""
        return STANDARD_ORDER.index(self)


STANDARD_ORDER: tuple[Lead, ...] = tuple(Lead)
LIMB_LEADS: tuple[Lead, ...] = STANDARD_ORDER[:6]
CHEST_LEADS: tuple[Lead, ...] = STANDARD_ORDER[6:]

# AHA/ACC/HRS 2007, Part I: the frontal plane from left to right, -aVR between I and II.
# Two leads are contiguous when they are neighbours here or among V1 to V6.
FRONTAL_ORDER: tuple[Lead, ...] = (Lead.AVL, Lead.I, Lead.AVR, Lead.II, Lead.AVF, Lead.III)

SAMPLING_RATE_HZ = 500  # of every Recording
