"""The comparison with an earlier ECG, in the PDF and in the JSON."""

import json
from datetime import UTC, datetime

import pytest

from ecgdesk.ecg.comparison import Change, ComparisonStatement, SerialComparison
from ecgdesk.ecg.lead import Lead
from ecgdesk.report.pdf import render
from ecgdesk.report.summary import to_json
from tests.report import builders as make
from tests.report import look


@pytest.fixture
def compared():
    comparison = SerialComparison(
        earlier_id="f" * 32,
        earlier_at=datetime(2025, 3, 1, 8, 0, tzinfo=UTC),
        statements=(ComparisonStatement("New conduction abnormality", "new: Synthetic block"),),
        changes=(
            Change("QRS duration", "ms", 92.0, 148.0, 56.0, 11.0),
            Change("PR interval", "ms", 158.0, 161.0, 3.0, 11.0),
            Change("J level", "mV", 0.05, -0.11, -0.16, 0.04, Lead.V5),
        ),
        not_compared=("P axis cannot be compared: it is not measurable in the later ECG.",),
    )
    return make.case(make.finding(), comparison=comparison)


def test_comparison_is_printed_with_its_date_and_the_figures_that_changed(compared):
    text = look.text(render(compared))
    assert "Compared with the ECG of 1 Mar 2025" in text
    assert "New conduction abnormality" in text
    assert "QRS duration: 92 to 148 ms (+56, ± 11)" in text
    assert "J level V5: 0.05 to \N{MINUS SIGN}0.11 mV (\N{MINUS SIGN}0.16, ± 0.04)" in text
    assert "P axis cannot be compared" in text


def test_figure_that_stayed_within_its_uncertainty_is_left_to_the_json(compared):
    assert "PR interval: 158" not in look.text(render(compared))
    changes = {change["name"]: change for change in json.loads(to_json(compared))["comparison"]["changes"]}
    assert changes["PR interval"]["beyond_uncertainty"] is False
    assert changes["QRS duration"]["beyond_uncertainty"] is True
    assert changes["J level"]["lead"] == "V5"


def test_case_that_was_not_compared_says_nothing_of_it():
    assert "Compared with" not in look.text(render(make.case()))
    assert json.loads(to_json(make.case()))["comparison"] is None
