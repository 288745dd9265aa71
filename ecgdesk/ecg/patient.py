"""Whose ECG it is, as far as somebody has said so."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


_DAYS_A_YEAR, _LONGEST_MONTH = 372, 31  # as if all months had 31 days, so that no day completes a month too soon


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
        """Years at the time of the recording, full on the birthday; None when it cannot be told.

        Negative where the ECG would have been taken before the birth.
        """
        if self.birth_date is None or self.recorded_at is None:
            return self.age_years
        born, taken = self.birth_date, self.recorded_at.date()
        months = 12 * (taken.year - born.year) + taken.month - born.month - (taken.day < born.day)
        days = (taken.day - born.day) % _LONGEST_MONTH
        return months / 12 + days / _DAYS_A_YEAR
