"""How the makers of carts spell the leads' names."""

from enum import StrEnum

from ecgdesk.ecg.lead import CHEST_LEADS, Lead


class Spelling(StrEnum):
    USUAL = "aVR, V1"
    CAPITALS = "AVR, V1"
    SMALL = "avr, v1"
    WILSON = "aVR, C1"  # IEC's letter for the chest electrodes
    MINUS = "-aVR, V1"  # Cabrera's order shows lead aVR turned upside down
    NUMBERED = "Abl. I, Abl. aVR, Abl. V1"  # German: Ableitung

    def inverts(self, lead: Lead) -> bool:
        """True where a lead so spelled is drawn upside down."""
        return self is Spelling.MINUS and lead is Lead.AVR

    def of(self, lead: Lead) -> str:
        if self is Spelling.CAPITALS:
            return lead.value.upper()
        if self is Spelling.SMALL and not set(lead.value) <= {"I"}:
            return lead.value.lower()
        if self is Spelling.WILSON and lead in CHEST_LEADS:
            return "C" + lead.value[1:]
        if self.inverts(lead):
            return "-" + lead.value
        if self is Spelling.NUMBERED:
            return "Abl. " + lead.value
        return lead.value
