"""Layouts from rows and texts, both made here: which hypothesis wins."""

from collections.abc import Iterable

import numpy as np
import pytest

from ecgdesk.ecg.lead import CHEST_LEADS, LIMB_LEADS, STANDARD_ORDER, Lead
from ecgdesk.page.layout import best_match, lone_match
from ecgdesk.page.names import PRINTED, Name
from ecgdesk.page.rows import Row
from ecgdesk.page.templates import CABRERA

WIDTH_MM = 280.0


def _rows(count: int, pitch_mm: float = 25.0) -> list[Row]:
    return [Row(25.0 + pitch_mm * number, 15.0, 265.0, 1.0) for number in range(count)]


def _name(text: str, x_mm: float, y_mm: float, odds: float = 5.0) -> Name:
    logits = np.full(len(PRINTED) + 1, -4.0, np.float32)
    logits[PRINTED.index(text)], logits[-1] = odds, 0.0
    return Name(x_mm, y_mm, 4.0, 2.5, logits - np.logaddexp.reduce(logits))


def _printed(leads: Iterable[Lead], rows: list[Row], columns: int, pitch_mm: float, dy_mm: float = -8.0) -> list[Name]:
    """Each lead's name at its place, leads given column by column."""
    grid = len(list(leads)) // columns
    return [
        _name(lead, 18.0 + (number // grid) * pitch_mm, rows[number % grid].y_mm + dy_mm)
        for number, lead in enumerate(leads)
    ]


@pytest.mark.parametrize(
    ("rows", "columns", "pitch", "name"),
    [(3, 4, 62.5, "3x4"), (4, 4, 62.5, "3x4+1"), (6, 4, 62.5, "3x4+3"), (6, 2, 125.0, "6x2"), (7, 2, 125.0, "6x2+1")],
)
def test_known_layouts_are_told_by_their_names(rows, columns, pitch, name):
    lines = _rows(rows)
    match = best_match(lines, _printed(STANDARD_ORDER, lines, columns, pitch), width_mm=WIDTH_MM, speed=25.0)
    assert match is not None
    assert (match.name, match.read) == (name, 12)


def test_twelve_rows_of_one_lead_each():
    lines = _rows(12, 15.0)
    match = best_match(lines, _printed(STANDARD_ORDER, lines, 1, 250.0, -4.0), width_mm=WIDTH_MM, speed=25.0)
    assert match is not None
    assert match.name == "12x1"


def test_cabrera_order_is_told_from_the_standard_one():
    lines = _rows(4)
    match = best_match(lines, _printed(CABRERA, lines, 4, 62.5), width_mm=WIDTH_MM, speed=25.0)
    assert match is not None
    assert match.template.order == CABRERA


def test_missing_and_misread_names_do_not_change_the_layout():
    lines = _rows(4)
    names = _printed(STANDARD_ORDER, lines, 4, 62.5)
    worn = [name for number, name in enumerate(names) if number not in (0, 4, 7)]
    worn[3] = _name("V6", worn[3].x_mm, worn[3].y_mm)
    match = best_match(lines, worn, width_mm=WIDTH_MM, speed=25.0)
    assert match is not None
    assert (match.name, match.template.order) == ("3x4+1", STANDARD_ORDER)
    assert match.is_read


def test_words_of_a_header_do_not_disturb():
    lines = [Row(8.0, 15.0, 200.0, 0.8), *_rows(4)]
    words = [_name("V1", 100.0, 8.0), _name("I", 130.0, 8.0), _name("II", 20.0, 10.0)]
    names = words + _printed(STANDARD_ORDER, lines[1:], 4, 62.5)
    match = best_match(lines, names, width_mm=WIDTH_MM, speed=25.0)
    assert match is not None
    assert (match.name, match.grid) == ("3x4+1", (1, 2, 3))


@pytest.mark.parametrize("leads", [LIMB_LEADS, CHEST_LEADS])
def test_half_a_sheet_of_six_leads_is_read_as_such(leads):
    lines = _rows(6)
    match = best_match(lines, _printed(leads, lines, 1, 250.0), width_mm=WIDTH_MM, speed=25.0)
    assert match is not None
    assert (match.name, match.template.order) == ("6x1", leads)


def test_wide_columns_of_fast_paper_are_found():
    lines = _rows(6)
    names = _printed(STANDARD_ORDER, lines, 2, 131.0)
    match = best_match(lines, names, width_mm=WIDTH_MM, speed=50.0)
    assert match is not None
    assert match.name == "6x2"
    assert match.pitch_mm == pytest.approx(131.0, abs=2.0)


def test_two_rows_with_names_are_two_leads():
    lines = _rows(2)
    match = lone_match(lines, [_name("V2", 17.0, lines[0].y_mm - 8), _name("II", 17.0, lines[1].y_mm - 8)])
    assert match is not None
    assert (match.name, match.template.order) == ("2x1", (Lead.V2, Lead.II))


def test_rows_without_names_are_no_lone_leads():
    assert lone_match(_rows(2), []) is None


@pytest.mark.parametrize("unread", [None, 0, 11])
def test_names_high_above_their_rows_are_not_those_of_the_rows_above(unread):
    lines = _rows(12, 14.5)
    names = _printed(STANDARD_ORDER, lines, 1, 250.0, -8.5)
    if unread is not None:
        del names[unread]
    matches = (best_match(lines, names, width_mm=WIDTH_MM, speed=25.0), lone_match(lines, names))
    best = max((match for match in matches if match is not None), key=lambda match: match.score)
    assert {lead: best.grid[row] for row, lead in enumerate(best.template.order)} == {
        lead: row for row, lead in enumerate(STANDARD_ORDER) if lead in best.template.order
    }
    assert len(best.template.order) >= 11


@pytest.mark.parametrize("apart_mm", [0.0, 3.0])
def test_a_trace_that_is_found_as_two_rows_hides_no_names(apart_mm):
    lines = _rows(4)
    names = _printed(STANDARD_ORDER, lines, 4, 62.5)
    doubled = [*lines, Row(lines[-1].y_mm + apart_mm, 15.0, 265.0, 1.0)]
    match = best_match(doubled, names, width_mm=WIDTH_MM, speed=25.0)
    assert match is not None
    assert match.read == 12


def test_one_row_missed_moves_no_lead_to_another_name():
    lines = _rows(12, 14.5)
    names = _printed(STANDARD_ORDER, lines, 1, 250.0, -5.5)
    names[0] = _name("I", names[0].x_mm, names[0].y_mm, odds=0.5)
    match = lone_match(lines[:-1], names)
    assert match is not None
    assert match.template.order == STANDARD_ORDER[:-1]


def test_a_line_of_print_above_twelve_rows_moves_no_lead_to_another_name():
    lines = _rows(12, 14.5)
    names = _printed(STANDARD_ORDER, lines, 1, 250.0, -5.5)
    found = [Row(8.0, 15.0, 200.0, 0.8), *lines[:-1]]
    matches = (best_match(found, names, width_mm=WIDTH_MM, speed=25.0), lone_match(found, names))
    best = max((match for match in matches if match is not None), key=lambda match: match.score)
    assert {lead: round(found[row].y_mm, 1) for lead, row in zip(best.template.order, best.grid, strict=True)} == {
        lead: round(line.y_mm, 1) for lead, line in zip(STANDARD_ORDER, lines[:-1], strict=False)
    }


def test_names_in_the_middle_of_the_rows_are_not_those_of_one_column():
    lines = _rows(7)
    names = _printed(CHEST_LEADS, lines, 1, 250.0)
    inside = [_name(lead, 140.0, name.y_mm, odds=1.0) for lead, name in zip(CHEST_LEADS, names, strict=True)]
    match = best_match(lines, inside, width_mm=WIDTH_MM, speed=25.0)
    assert match is not None
    assert match.template.columns != 1


def test_a_letter_that_is_hardly_legible_is_no_sheet_of_one_lead():
    assert lone_match(_rows(1), [_name("V3", 18.0, 17.0, odds=0.6)]) is None


def test_names_in_an_order_that_no_cart_prints_are_not_read_as_the_usual_one():
    order = (Lead.II, Lead.III, Lead.AVR, Lead.I, *STANDARD_ORDER[4:])
    lines = _rows(3)
    match = best_match(lines, _printed(order, lines, 4, 62.5), width_mm=WIDTH_MM, speed=25.0)
    assert match is not None
    assert match.read == 8
    assert match.is_contradicted
    assert not match.is_read
