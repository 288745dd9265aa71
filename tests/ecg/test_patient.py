"""The age at the recording is full on the birthday: printed ages and the limits for children hang on it."""

from datetime import date, datetime

import pytest

from ecgdesk.ecg.patient import Patient


def age(born: date, taken: tuple[int, int, int]) -> float | None:
    return Patient(birth_date=born, recorded_at=datetime(*taken, 9, 30)).age


@pytest.mark.parametrize("born", [date(2001, 6, 1), date(2000, 1, 1), date(1999, 12, 31), date(2003, 3, 31)])
def test_a_patient_is_eighteen_on_the_birthday_and_not_a_day_before(born: date) -> None:
    on_the_day = age(born, (born.year + 18, born.month, born.day))
    eve = date.fromordinal(date(born.year + 18, born.month, born.day).toordinal() - 1)
    before = age(born, (eve.year, eve.month, eve.day))
    assert on_the_day == 18.0
    assert before is not None
    assert 17.9 < before < 18.0


def test_who_is_born_on_a_leap_day_has_a_birthday_in_every_year() -> None:
    born = date(2004, 2, 29)
    assert (age(born, (2021, 2, 28)) or 0) < 17.0 <= (age(born, (2021, 3, 1)) or 0) < 17.01


def test_months_of_an_infant_are_full_on_their_day() -> None:
    assert age(date(2026, 1, 15), (2026, 7, 15)) == 0.5
    assert (age(date(2026, 1, 15), (2026, 7, 14)) or 0) < 0.5


def test_without_both_days_the_age_is_what_was_told() -> None:
    assert Patient(birth_date=date(1950, 1, 1), age_years=70).age == 70
    assert Patient(recorded_at=datetime(2026, 1, 1)).age is None


def test_an_ecg_from_before_the_birth_makes_a_negative_age() -> None:
    assert (age(date(2026, 1, 15), (2020, 1, 1)) or 0) < 0
