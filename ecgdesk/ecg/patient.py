"""Whose ECG it is, as far as somebody has said so."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Patient:
    name: str = ""
    patient_id: str = ""
    birth_date: date | None = None
    sex: Sex = Sex.UNKNOWN
    age_years: float | None = None  # when the birth date is not known
    recorded_at: datetime | None = None  # when the ECG was taken, local time of the cart

    @property
    def age(self) -> float | None:
        """Years at the time of the recording; None when it cannot be told."""
        if self.birth_date is None or self.recorded_at is None:
            return self.age_years
        return (self.recorded_at.date() - self.birth_date).days / 365.25
