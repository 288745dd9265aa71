"""What two readers say stands side by side: who says so, and whether they agree."""

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from ecgdesk.desk.models import agreement, edits
from ecgdesk.ecg.case import Case, Verdict
from ecgdesk.ecg.reading import Certainty, Finding, Probability, Reading, Severity
from ecgdesk.store.cases import CaseStore
from tests.desk import sample
from tests.desk.conftest import OpenDesk, settle


def finding(code: str, source: str, severity: Severity = Severity.ABNORMAL) -> Finding:
    return Finding(code, severity, Certainty.PROBABLE, (), source, f"why the {source} reader says so")


LBBB, LBBB_NET = finding("CLBBB", "criteria"), finding("CLBBB", "network")
SINUS, SINUS_NET = finding("SR", "criteria", Severity.NORMAL), finding("SR", "network", Severity.NORMAL)
AFIB_NET = finding("AFIB", "network", Severity.ABNORMAL)


def case(*, criteria: tuple[Finding, ...], network: tuple[Finding, ...]) -> Case:
    return replace(sample.case(), readings=(Reading("criteria", "1", criteria), Reading("network", "1", network)))


def test_what_both_say_stands_together_and_says_so() -> None:
    rows = edits.rows(case(criteria=(LBBB, SINUS), network=(AFIB_NET, LBBB_NET, SINUS_NET)))
    assert [(row.original.code, row.said, row.follows) for row in rows] == [
        ("CLBBB", "criteria and network agree", False),
        ("CLBBB", "criteria and network agree", True),
        ("AFIB", "network alone", False),
        ("SR", "criteria and network agree", False),
        ("SR", "criteria and network agree", True),
    ]


def test_a_single_reader_is_named_without_a_judgement_on_agreement() -> None:
    assert {row.said for row in edits.rows(sample.case())} == {"criteria"}


def test_a_reader_that_abstained_is_no_judge() -> None:
    abstained = Reading("network", "1", (), ("The network reader abstains: it was trained on adults.",))
    alone = replace(case(criteria=(LBBB,), network=()), readings=(Reading("criteria", "1", (LBBB,)), abstained))
    assert [(row.said, row.agrees) for row in edits.rows(alone)] == [("criteria", None)]
    silent = replace(abstained, probabilities=(Probability("CD", 0.1, 0.5),))  # has judged, and says nothing
    judged = replace(alone, readings=(*alone.readings[:1], silent))
    assert [(row.said, row.agrees) for row in edits.rows(judged)] == [("criteria alone", False)]


def test_one_reader_never_agrees_with_itself() -> None:
    twice = (LBBB, replace(LBBB, why="another reason"))
    assert [row.follows for row in edits.rows(case(criteria=twice, network=()))] == [False, False]


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("LVH_STRAIN", "LVH", True),
        ("PACE", "PACE_ATRIAL", True),
        ("HYPERKALAEMIA", "HYPOKALAEMIA", False),
        ("2AVB_MOBITZ_1", "2AVB_HIGH", False),
        ("CLBBB", "CRBBB", False),
    ],
)
def test_statements_agree_when_one_is_the_general_one_and_not_when_they_are_opposites_of_one_scp_code(
    one: str, other: str, *, agree: bool
) -> None:
    assert agreement.same(finding(one, "criteria"), finding(other, "network")) is agree
    assert agreement.same(finding(other, "criteria"), finding(one, "network")) is agree


def test_a_decision_on_a_statement_holds_for_all_who_say_it(
    open_desk: OpenDesk, store: CaseStore, qtbot: QtBot
) -> None:
    both = case(criteria=(LBBB, SINUS), network=(LBBB_NET, AFIB_NET))
    window = open_desk(both)
    tally = window.review.findings.tally
    assert tally.text() == "1 of 3 agreed"
    assert "network alone: Atrial fibrillation" in tally.toolTip()
    assert "criteria and network agree: Complete left bundle branch block" in tally.toolTip()
    window.workbench.reject(LBBB)
    settle(window)
    kept = store.get(both.id)
    assert [(edit.finding, edit.verdict) for edit in kept.edits] == [
        (LBBB, Verdict.REJECTED),
        (LBBB_NET, Verdict.REJECTED),
    ]
    assert {one.code for one in kept.findings} == {"AFIB", "SR"}
