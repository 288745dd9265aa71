import pytest

from ecgdesk.ecg.lead import Lead
from ecgdesk.read.criteria.patient_facts import PatientFacts
from ecgdesk.read.criteria.rules import read_rules
from tests.read.patients import ecg


def outcome(when, **changes):
    text = f'version = "t"\n[usable]\nwhen = "noise <= 500"\n[[rule]]\ncode = "SR"\nwhen = "{when}"\n'
    table = read_rules(text)
    return table.rules[0].test(PatientFacts(ecg(**changes), table), None)


@pytest.mark.parametrize(
    ("when", "truth"),
    [
        ("PR > 100", True),
        ("PR > 300", False),
        ("QT > 100", None),
        ("QT > 100 and PR > 300", False),
        ("QT > 100 and PR > 100", None),
        ("QT > 100 or PR > 100", True),
        ("QT > 100 or PR > 300", None),
        ("not PR > 300", True),
        ("not QT > 100", None),
        ("unless(QT > 100) and PR > 100", True),
        ("unless(PR > 100)", False),
        ("-30 <= QRS_axis <= 90", True),
        ("60 < QRS_axis < 90", False),
    ],
)
def test_what_is_not_measured_is_neither_met_nor_refuted(when, truth):
    assert outcome(when, figures={"qt": None}).truth is truth


def test_arithmetic_and_extremes_over_leads():
    leads = {"V1": {"s_mv": -2.0}, "V5": {"r_mv": 1.0}, "V6": {"r_mv": 1.7}}
    met = outcome("V1.S + max(V5.R, V6.R) >= 3.5", leads=leads)
    assert met.truth
    assert met.criteria == ("S V1 + R V6 3.70 mV ≥ 3.50 mV",)
    assert outcome("largest(CHEST, R) == V6.R", leads=leads).truth


def test_qs_complex_counts_as_the_s_of_voltage_criteria():
    assert outcome("V1.S >= 1.5", leads={"V1": {"r_mv": float("nan"), "s_mv": float("nan"), "q_mv": -1.6}}).truth


def test_neighbours_are_neighbours_of_the_frontal_order_or_of_the_chest():
    raised = {"j_mv": 0.2}
    near = "adjacent(2, ALL, J >= 0.1)"
    assert outcome(near, leads={"V2 V3": raised}).truth
    assert outcome(near, leads={"aVF III": raised}).truth
    assert outcome("adjacent(2, [I, II, III], J >= 0.1)", leads={"I II": raised}).truth
    assert not outcome(near, leads={"V2 V4": raised}).truth
    assert not outcome(near, leads={"aVL V1": raised}).truth
    assert not outcome("adjacent(2, [I, II, III], J >= 0.1)", leads={"II III": raised}).truth


def test_leads_that_meet_a_criterion_are_named():
    assert outcome("at_least(2, [I, V5, V6], J >= 0.1)", leads={"V5 V6": {"j_mv": 0.2}}).leads == (Lead.V5, Lead.V6)


def test_absent_lead_leaves_a_criterion_of_neighbours_open():
    met = outcome("adjacent(2, [V2, V3], J >= 0.1)", leads={"V2": {"j_mv": 0.3}}, absent=["V3"])
    assert met.truth is None
    assert met.missing == ("lead V3 is not on the record",)


def test_at_least_is_open_while_unmeasured_leads_could_complete_it():
    changes = {"leads": {"V5": {"j_mv": 0.2}, "V6": {"j_mv": float("nan")}}}
    assert outcome("at_least(2, [I, V5, V6], J >= 0.1)", **changes).truth is None
    assert outcome("at_least(3, [I, V5, V6], J >= 0.1)", **changes).truth is False
