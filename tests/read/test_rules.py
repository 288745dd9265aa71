import re

import pytest

from ecgdesk.ecg.resources import resource
from ecgdesk.read.criteria.rules import rules
from ecgdesk.read.criteria.vocabulary import OF_LEAD, OF_RECORD
from tests.read.patients import codes, ecg, read
from tests.read.rule_cases import CASES
from tests.read.simulated_cases import SIMULATED

IDS = [f"{code}-{number}" for number, (code, _, _) in enumerate(CASES)]


@pytest.mark.parametrize(("code", "met", "_"), CASES, ids=IDS)
def test_statement_is_made_where_its_criterion_is_met(code, met, _):
    assert code in codes(ecg(**met))


@pytest.mark.parametrize(("code", "_", "not_met"), CASES, ids=IDS)
def test_statement_is_not_made_where_its_criterion_is_missed(code, _, not_met):
    assert code not in codes(ecg(**not_met))


def test_every_rule_has_a_patient_who_meets_it_and_one_who_does_not():
    assert {rule.code for rule in rules().rules} == {code for code, _, _ in [*CASES, *SIMULATED]}


@pytest.mark.parametrize(("code", "met", "_"), CASES, ids=IDS)
def test_every_finding_says_its_criterion_and_points_at_its_evidence(code, met, _):
    finding = next(f for f in read(ecg(**met)).findings if f.code == code)
    assert any(sign in finding.why for sign in "<>≤≥=") or "within" in finding.why
    assert finding.spans
    assert finding.source == "criteria"


def test_every_fact_that_the_rules_may_call_is_called_by_one():
    words = set(re.findall(r"[A-Za-z_]\w*", resource("rules.toml").read_text(encoding="utf-8")))
    assert {*OF_RECORD, *OF_LEAD} <= words
