from dataclasses import replace

from ecgdesk.desk.models.wording import case_rows, figure_row, hedged, page_line, whose
from ecgdesk.ecg.figure import Figure, How, not_measurable
from ecgdesk.ecg.patient import Patient
from tests.desk import sample


def test_a_figure_shows_its_value_spread_unit_and_source() -> None:
    row = figure_row("QT", Figure(402.4, "ms", How.PRINTED, 7.6))
    assert (row.value, row.spread, row.unit, row.source) == ("402", "± 8", "ms", "printed")


def test_a_small_spread_is_not_rounded_to_none() -> None:
    assert figure_row("Heart rate", Figure(75.0, "bpm", uncertainty=0.4)).spread == "± 0.4"


def test_a_figure_that_could_not_be_had_says_why() -> None:
    row = figure_row("T axis", not_measurable("°", "the T wave is too low"))
    assert (row.value, row.measurable) == ("—", False)
    assert row.spread == "not measurable: the T wave is too low"


def test_an_uncertain_finding_says_so() -> None:
    assert hedged(sample.STEMI).endswith("(probable)")
    assert hedged(sample.SINUS) == "Sinus rhythm"


def test_page_says_what_was_printed_and_what_was_measured() -> None:
    assert page_line(sample.page()) == "3x4+1   25 mm/s (printed)   10 mm/mV (measured)"


def test_scales_of_one_source_name_it_once_so_that_the_line_fits_a_small_window() -> None:
    assumed = [Figure(value, unit, How.ASSUMED) for value, unit in ((25.0, "mm/s"), (10.0, "mm/mV"))]
    page = replace(sample.page(), speed=assumed[0], gain=assumed[1])
    assert page_line(page) == "3x4+1   25 mm/s, 10 mm/mV (assumed)"


def test_who_signs_reads_whose_report_it_is_or_that_nobody_is_named() -> None:
    assert whose(sample.case()) == "SAMPLE, ONE, ID 0000, born 1960-02-29"
    assert whose(replace(sample.case(), patient=Patient())) == "sample-1.png, no patient named"


def test_the_poorest_lead_is_named() -> None:
    case = sample.case()
    assert case.recording is not None
    case.recording.quality_db[4] = 9.0
    row = case_rows(case)[-1]
    assert (row.name, row.value, row.spread) == ("Trace quality", "9", "in aVL")
