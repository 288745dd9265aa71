from datetime import date, datetime

import pytest

from ecgdesk.desk.models.patient_entry import WrongEntry, age_text, parse_age, parse_date, parse_moment

TODAY = date(2024, 3, 1)


@pytest.mark.parametrize("text", ["1960-02-29", "29.02.1960", " 29/02/1960 "])
def test_a_date_is_read_in_the_usual_forms(text: str) -> None:
    assert parse_date(text, today=TODAY) == date(1960, 2, 29)


@pytest.mark.parametrize("text", ["1961-02-29", "yesterday", "2024-03-02", "1860-01-01", "29.02.60"])
def test_a_date_that_cannot_be_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(WrongEntry, match=r"[.]$"):
        parse_date(text, today=TODAY)


def test_a_recording_has_a_day_and_perhaps_a_time() -> None:
    assert parse_moment("2024-02-29 09:30", today=TODAY) == datetime(2024, 2, 29, 9, 30)
    assert parse_moment("29.02.2024", today=TODAY) == datetime(2024, 2, 29)
    with pytest.raises(WrongEntry):
        parse_moment("2024-02-29 29:30", today=TODAY)


def test_empty_fields_say_nothing() -> None:
    assert parse_date("", today=TODAY) is None
    assert parse_moment(" ", today=TODAY) is None
    assert parse_age("") is None


@pytest.mark.parametrize("text", ["-1", "131", "old", "nan"])
def test_an_age_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(WrongEntry):
        parse_age(text)
    assert parse_age("0,5") == 0.5


def test_an_infants_age_is_shown_as_it_was_entered() -> None:
    assert age_text(0.5, follows=False) == "0.5"
    assert age_text(63.99, follows=True) == "64"
