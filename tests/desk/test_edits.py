from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ecgdesk.desk.models import edits
from ecgdesk.desk.models.edits import Author, SignedCase
from ecgdesk.ecg.case import Case, Signature, Status, Verdict
from ecgdesk.ecg.comparison import SerialComparison
from ecgdesk.ecg.corrections import Corrections
from ecgdesk.ecg.patient import Patient, Sex
from ecgdesk.ecg.reading import Certainty, Reading, Severity
from ecgdesk.ecg.statements import Statement
from tests.desk import sample

AUTHOR = Author(by="tester", at=datetime(2024, 3, 1, 12, tzinfo=UTC))
BY_HAND = edits.by_hand(Statement("LBBB", "Left bundle branch block", "conduction", Severity.ABNORMAL))


def signed(case: Case) -> Case:
    return edits.signed(case, Signature("Sample Signer", AUTHOR.at, b"%PDF"), reported=case)


def test_a_rejected_finding_leaves_the_report_and_stays_in_the_list_at_its_end() -> None:
    case = edits.rejected(sample.critical_case(), sample.STEMI, AUTHOR)
    assert sample.STEMI not in case.findings
    assert edits.rows(case)[-1].shown == sample.STEMI
    assert not edits.rows(case)[-1].stands


def test_accepting_takes_a_rejection_back() -> None:
    case = edits.accepted(edits.rejected(sample.case(), sample.SINUS, AUTHOR), sample.SINUS, AUTHOR)
    assert sample.SINUS in case.findings
    assert [edit.by for edit in case.edits] == ["tester", "tester"]


def test_a_reworded_finding_stands_in_the_place_of_the_original() -> None:
    softer = replace(sample.STEMI, text="ST elevation, repeat the ECG", severity=Severity.URGENT)
    case = edits.reworded(sample.critical_case(), sample.STEMI, softer, AUTHOR)
    assert softer in case.findings
    assert sample.STEMI not in case.findings
    row = edits.rows(case)[0]
    assert (row.original, row.shown, row.verdict) == (sample.STEMI, softer, Verdict.EDITED)


def test_an_added_finding_can_be_reworded_and_taken_back() -> None:
    case = edits.added(sample.case(), BY_HAND, AUTHOR)
    reworded = replace(BY_HAND, text="Left bundle branch block, known")
    case = edits.reworded(case, BY_HAND, reworded, AUTHOR)
    assert reworded in case.findings
    assert BY_HAND not in case.findings
    case = edits.rejected(case, reworded, AUTHOR)
    assert reworded not in case.findings
    assert reworded not in {row.shown for row in edits.rows(case)}


def test_an_added_finding_is_a_persons_and_points_nowhere() -> None:
    assert (BY_HAND.source, BY_HAND.spans, BY_HAND.certainty) == (edits.PERSON, (), Certainty.DEFINITE)


def test_a_critical_finding_must_be_decided_on_before_signing() -> None:
    case = sample.critical_case()
    assert "critical" in edits.why_not_signable(case)
    for decided in (
        edits.acknowledged(case, AUTHOR),
        edits.rejected(case, sample.STEMI, AUTHOR),
        edits.reworded(case, sample.STEMI, replace(sample.STEMI, severity=Severity.ABNORMAL), AUTHOR),
    ):
        assert edits.why_not_signable(decided) == ""


def test_a_signed_case_refuses_every_change() -> None:
    case = signed(sample.case())
    for change in (
        lambda: edits.rejected(case, sample.SINUS, AUTHOR),
        lambda: edits.added(case, BY_HAND, AUTHOR),
        lambda: edits.with_patient(case, Patient(name="SAMPLE, TWO")),
        lambda: signed(case),
    ):
        with pytest.raises(SignedCase):
            change()


def test_an_amended_case_is_preliminary_and_keeps_the_signed_report() -> None:
    case = edits.amended(signed(sample.case()))
    assert case.signature is None
    assert [old.signer for old in case.superseded] == ["Sample Signer"]
    assert edits.why_not_signable(case) == ""


def test_what_was_read_for_another_age_or_sex_is_gone_and_cannot_be_signed() -> None:
    case = sample.case()
    renamed = edits.with_patient(case, replace(case.patient, name="SAMPLE, TWO"))
    assert (renamed.findings, edits.why_not_signable(renamed)) == (case.findings, "")
    for patient in (replace(case.patient, sex=Sex.MALE), Patient(age_years=70.0, sex=case.patient.sex)):
        changed = edits.with_patient(case, patient)
        assert changed.findings == ()
        assert "has not been read for it yet" in edits.why_not_signable(changed)


def test_a_sheet_that_was_not_read_cannot_be_signed() -> None:
    assert "could not be read" in edits.why_not_signable(replace(sample.case(), recording=None))
    assert "could not be read" in edits.why_not_signable(replace(sample.case(), status=Status.UNREADABLE))


def test_a_case_that_changed_while_its_report_was_made_is_not_signed() -> None:
    reported = sample.case()
    beside = SerialComparison("00", AUTHOR.at, (), ())
    for changed in (
        edits.rejected(reported, sample.SINUS, AUTHOR),
        edits.with_patient(reported, replace(reported.patient, name="SAMPLE, TWO")),
        edits.with_proposal(reported, Reading("llama", "1", (sample.STEMI,))),
        edits.mended(reported, replace(reported, corrections=Corrections(speed=50.0))),
        edits.compared(reported, beside),
    ):
        with pytest.raises(SignedCase, match="changed"):
            edits.signed(changed, Signature("Sample Signer", AUTHOR.at, b"%PDF"), reported=reported)
