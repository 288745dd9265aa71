"""Readers disagree in the open, and what only the model says stands in no report until a person accepts it."""

from dataclasses import replace
from datetime import UTC, datetime

from ecgdesk.desk.llama_agreement import Mark, lines
from ecgdesk.desk.models import edits
from ecgdesk.desk.models.edits import Author
from ecgdesk.ecg.case import Case
from ecgdesk.ecg.reading import Certainty, Finding, Reading, Severity
from ecgdesk.pipeline import reread
from tests.desk import sample

WHO = Author("SAMPLE, DOCTOR", datetime(2024, 3, 1, tzinfo=UTC))


def said(code: str, source: str = "llama", severity: Severity = Severity.ABNORMAL) -> Finding:
    return Finding(code, severity, Certainty.DEFINITE, (), source, f"{code} because")


BY_CRITERIA = (said("SR", "criteria", Severity.NORMAL), said("1AVB", "criteria"), said("NORM", "criteria"))
BY_LLAMA = (said("SR", severity=Severity.NORMAL), said("SBRAD"), said("IMI", severity=Severity.URGENT))


def case(*findings: Finding) -> Case:
    plain = replace(sample.case(), readings=(Reading("criteria", "1", BY_CRITERIA),))
    return edits.with_proposal(plain, Reading("llama", "tiny 1", findings))


def test_agreement_claim_contradiction_and_what_is_not_named_are_told_apart() -> None:
    assert [(line.mark, line.finding.code) for line in lines(case(*BY_LLAMA))] == [
        (Mark.CONTRADICTED, "SBRAD"),  # 75 bpm were measured
        (Mark.CLAIMED, "IMI"),
        (Mark.BOTH, "SR"),
        (Mark.NOT_NAMED, "1AVB"),
    ]


def test_a_normal_ecg_that_only_the_llama_says_beside_an_infarct_is_contradicted() -> None:
    proposed = case(said("NORM", severity=Severity.NORMAL), BY_LLAMA[2])
    plain = replace(proposed, readings=(replace(proposed.readings[0], findings=BY_CRITERIA[:2]), proposed.readings[1]))
    (line,) = (line for line in lines(plain) if line.finding.code == "NORM")
    assert line.mark is Mark.CONTRADICTED
    assert "another claim" in line.why


def test_another_embedded_reader_agrees_but_confirms_nothing() -> None:
    plain = case(*BY_LLAMA)
    both = replace(plain, readings=(*plain.readings, Reading("network", "1", (said("IMI", "network"),))))
    (line,) = (line for line in lines(both) if line.finding.code == "IMI")
    assert line.mark is Mark.BOTH
    assert "network reader" in line.why


def test_without_the_llamas_reading_there_is_nothing_to_compare() -> None:
    assert lines(sample.case()) == ()


def test_what_the_llama_claims_is_in_no_report_until_it_is_accepted() -> None:
    proposed = case(*BY_LLAMA)
    assert {finding.source for finding in proposed.findings} == {"criteria"}
    assert {row.original.source for row in edits.rows(proposed)} == {"criteria"}
    accepted = edits.accepted(proposed, BY_LLAMA[2], WHO)
    assert BY_LLAMA[2] in accepted.findings
    assert BY_LLAMA[1] not in accepted.findings
    rejected = edits.rejected(accepted, BY_LLAMA[2], WHO)
    assert BY_LLAMA[2] not in rejected.findings


def test_a_critical_claim_alone_holds_up_no_signature() -> None:
    proposed = case(said("VT", severity=Severity.CRITICAL))
    assert edits.unacknowledged(proposed) == ()
    assert edits.why_not_signable(proposed) == ""


def test_asked_again_the_llama_keeps_what_a_person_has_accepted() -> None:
    accepted = edits.accepted(case(*BY_LLAMA), BY_LLAMA[2], WHO)
    again = edits.with_proposal(accepted, Reading("llama", "tiny 1", (replace(BY_LLAMA[2], why="anew"), said("PACE"))))
    (own,) = (reading for reading in again.readings if reading.proposed)
    assert own.findings == (BY_LLAMA[2], said("PACE"))
    assert BY_LLAMA[2] in again.findings


def test_the_proposal_outlives_a_change_of_the_patient() -> None:
    readings = reread(case(*BY_LLAMA)).readings
    assert (readings[0].reader, readings[-1].reader, readings[-1].proposed) == ("criteria", "llama", True)
