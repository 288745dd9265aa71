"""What is typed into the patient's fields, and what it means."""

from datetime import date, datetime

from ecgdesk.ecg.patient import Patient
from ecgdesk.ecg.refusal import Refusal

DATE_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y")
TIME_FORMATS = ("%H:%M", "%H:%M:%S")
TAKEN_BEFORE_BIRTH = "The ECG would be taken before the birth date; check both days."
_OLDEST_YEARS = 130


class WrongEntry(Refusal):
    """Something typed that cannot be right."""


def parse_date(text: str, *, today: date) -> date | None:
    """A day as 1960-02-29, 29.02.1960 or 29/02/1960; None for an empty field. Raises WrongEntry."""
    text = text.strip()
    if not text:
        return None
    day = next((found for form in DATE_FORMATS if (found := _parsed(text, form))), None)
    if day is None:
        raise WrongEntry(f"“{text}” is not a date; type it as 1960-02-29.")
    if day.date() > today:
        raise WrongEntry(f"{day.date().isoformat()} lies in the future; check the year, and this computer’s clock.")
    if today.year - day.year > _OLDEST_YEARS:
        raise WrongEntry(f"{day.date().isoformat()} is more than {_OLDEST_YEARS} years ago; check the year.")
    return day.date()


def parse_moment(text: str, *, today: date) -> datetime | None:
    """A day with or without a time, as 2024-03-01 09:30; None for an empty field. Raises WrongEntry."""
    text = text.strip().replace("T", " ")
    if not text:
        return None
    day_text, _, time_text = text.partition(" ")
    day = parse_date(day_text, today=today)
    assert day is not None
    if not time_text.strip():
        return datetime(day.year, day.month, day.day)
    moment = next((found for form in TIME_FORMATS if (found := _parsed(time_text.strip(), form))), None)
    if moment is None:
        raise WrongEntry(f"“{time_text.strip()}” is not a time; type it as 09:30.")
    return datetime.combine(day, moment.time())


def parse_age(text: str) -> float | None:
    """Years; None for an empty field. Raises WrongEntry."""
    text = text.strip()
    if not text:
        return None
    try:
        years = float(text.replace(",", "."))
    except ValueError:
        years = -1.0
    if not 0 <= years <= _OLDEST_YEARS:
        raise WrongEntry(f"“{text}” is not an age in years; type a number from 0 to {_OLDEST_YEARS}.")
    return years


def taken_before_birth(patient: Patient) -> bool:
    born, taken = patient.birth_date, patient.recorded_at
    return born is not None and taken is not None and taken.date() < born


def moment_text(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def age_text(years: float | None, *, follows: bool) -> str:
    """Whole years when the age follows from dates, else as it was entered: an infant's 0.5 must stay 0.5."""
    if years is None:
        return ""
    return f"{years:.0f}" if follows else f"{years:g}"


def age_matters(before: Patient, after: Patient) -> bool:
    """Whether the change can alter a reading: criteria depend on age and sex."""
    return (before.age, before.sex) != (after.age, after.sex)


def _parsed(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)
    except ValueError:
        return None
