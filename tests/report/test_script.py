import pytest

from ecgdesk.report.fonts import NO_GLYPH, REGULAR, load_fonts, markup, runs
from ecgdesk.report.script import visual_order


def test_left_to_right_text_stays_as_it_is():
    assert visual_order("SAMPLE, Юлия 山田 (1)") == "SAMPLE, Юлия 山田 (1)"


def test_hebrew_is_turned_about_and_its_brackets_mirrored():
    assert visual_order("שרה (א)") == "(א) הרש"


def test_a_hebrew_name_within_latin_text_keeps_its_place():
    assert visual_order("A שרה B") == "A הרש B"


def test_numbers_beside_hebrew_are_not_turned():
    assert visual_order("שרה 123") == "123 הרש"
    assert visual_order("A שרה 12.5 דוד B") == "A דוד 12.5 הרש B"


def test_a_latin_word_in_a_hebrew_line_stands_where_a_reader_from_the_right_meets_it():
    assert visual_order("שרה Dr דוד") == "דוד Dr הרש"


def test_vowel_marks_are_left_out():
    assert visual_order("A \u05d1\u05b7\u05d3") == "A \u05d3\u05d1"


def test_accents_written_apart_are_joined_to_their_letters():
    load_fonts()

    assert runs("e\u0301", REGULAR) == [(REGULAR, "\u00e9")]


def test_arabic_letters_join_in_the_form_that_their_neighbours_ask_for():
    # meem initial, hah medial, meem medial, dal final: drawn from right to left
    assert visual_order("محمد") == "\ufeaa\ufee4\ufea4\ufee3"


def test_lam_and_alef_become_one_letter():
    assert visual_order("سلام") == "\ufee1\ufefc\ufeb3"


def test_a_letter_that_does_not_reach_out_breaks_the_word():
    # dal joins backwards only, so the alef after it stands alone
    assert visual_order("دا") == "\ufe8d\ufea9"


@pytest.mark.parametrize(
    ("text", "face"),
    [("≥", "DejaVuSans"), ("שרה", "DejaVuSans"), ("山田", "DroidSansFallback"), ("한글", "DroidSansFallback")],
)
def test_characters_that_the_face_lacks_come_from_another(text, face):
    load_fonts()

    assert {name for name, _ in runs(text, REGULAR)} == {face}


def test_a_character_that_no_face_has_is_shown_as_missing():
    assert runs("\u0905", REGULAR) == [("DejaVuSans", NO_GLYPH)]


def test_markup_escapes_what_a_paragraph_would_read_as_tags():
    assert markup("<b> & x") == "&lt;b&gt; &amp; x"
