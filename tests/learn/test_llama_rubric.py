import pytest

from ecgdesk.learn.llama_rubric import Score, said, score

REFERENCE = "Sinus rhythm, left axis deviation, abnormal QRS(T), anterior infarction, likely old."


def test_a_report_that_says_the_same_in_other_words_has_full_marks():
    report = "Rhythm: sinus rhythm. Left axis. T wave changes, abnormal QRS. Anteroseptal infarct cannot be ruled out."
    assert score(report, REFERENCE) == score(REFERENCE, REFERENCE) == Score(10.0, 10.0, 10.0)
    assert score(REFERENCE, REFERENCE).total == pytest.approx(100.0)


def test_a_part_that_is_wrong_costs_its_own_marks():
    found = score("Atrial fibrillation, left axis deviation, abnormal QRS(T), anterior infarction.", REFERENCE)
    assert (found.diagnosis, found.rhythm) == (10.0, 0.0)


def test_what_is_half_said_has_half_marks():
    assert score("Sinus rhythm, bigeminy, PVCs.", "Sinus rhythm.").rhythm == pytest.approx(5.0)


@pytest.mark.parametrize(
    "report",
    ["No acute ST elevation.", "Without any sign of ischaemia.", "Myocardial infarction is excluded."],
)
def test_what_is_denied_is_not_said(report):
    assert not said(report, "waveform") | said(report, "diagnosis")


def test_what_cannot_be_ruled_out_is_said():
    assert said("Inferior myocardial damage cannot be ruled out.", "diagnosis") == {"inferior infarction"}


def test_the_exact_term_stands_for_the_general_one():
    assert said("Incomplete right bundle branch block", "diagnosis") == {"incomplete right bundle branch block"}
    assert said("Complete right bundle branch block", "diagnosis") == {"right bundle branch block"}


def test_abnormal_is_not_normal():
    assert not said("Abnormal ECG.", "diagnosis")
    assert said("Sinus rhythm. Otherwise normal ECG.", "diagnosis") == {"normal ECG"}


def test_supraventricular_beats_are_not_ventricular_ones():
    assert said("Supraventricular extrasystoles", "rhythm") == {"supraventricular extrasystole"}
