"""What the model says becomes findings that say how far a measurement agrees."""

import json
from dataclasses import replace
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest

from ecgdesk.ecg.figure import Figure, not_measurable
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.measurements import Measurements
from ecgdesk.ecg.patient import Patient, Sex
from ecgdesk.ecg.reading import Certainty, Evidence, Finding, Probability, Reading, Severity, Span
from ecgdesk.ecg.statements import catalogue
from ecgdesk.read.llama import judgement
from ecgdesk.read.llama.claims import reading
from ecgdesk.read.llama.context import measured_values
from ecgdesk.read.llama.conversation import (
    LIST_FINDINGS,
    MOST_FINDINGS,
    PROMPT_VERSION,
    findings_answer,
    label_question,
    rendered,
    reportable,
)
from ecgdesk.read.llama.judgement import Agreement, Judgement
from ecgdesk.read.llama.messages import Result, Said
from ecgdesk.read.llama.picture import picture
from tests.desk import sample

NOTHING = Reading("criteria", "1", ())


def claim(code: str) -> Finding:
    return Finding(code, Severity.ABNORMAL, Certainty.PROBABLE, (), "llama", "")


def result(*rows: tuple[str, str, list[str]], labels: tuple[Said, ...] = (), listed: str | None = None) -> Result:
    named = [{"code": code, "certainty": certainty, "leads": leads} for code, certainty, leads in rows]
    return Result(1, "tiny 1", labels, json.dumps({"findings": named}) if listed is None else listed, "Text.", 1.0, 0.1)


def evidence(measurements: Measurements | None = None) -> Evidence:
    return Evidence(sample.recording(), measurements or sample.measurements(), Patient(), sample.page())


def judged(
    finding: Finding, measurements: Measurements, criteria: Reading, *, sex: Sex = Sex.UNKNOWN, beside: str = ""
) -> Judgement:
    return judgement.judged(finding, measurements, criteria, patient=Patient(sex=sex), beside=beside)


@pytest.mark.parametrize(
    ("code", "field", "value", "agreement"),
    [
        ("SBRAD", "heart_rate", 90.0, Agreement.CONTRADICTED),
        ("SBRAD", "heart_rate", 60.5, Agreement.CLAIMED),  # within the uncertainty of 1
        ("SBRAD", "heart_rate", 45.0, Agreement.CLAIMED),
        ("STACH", "heart_rate", 80.0, Agreement.CONTRADICTED),
        ("STACH", "heart_rate", 99.5, Agreement.CLAIMED),
        ("1AVB", "pr", 160.0, Agreement.CONTRADICTED),
        ("1AVB", "pr", 198.0, Agreement.CONTRADICTED),
        ("1AVB", "pr", 205.0, Agreement.CLAIMED),
        ("CLBBB", "qrs", 90.0, Agreement.CONTRADICTED),
        ("CLBBB", "qrs", 150.0, Agreement.CLAIMED),
        ("LNGQT", "qtc_fridericia", 400.0, Agreement.CONTRADICTED),
        ("LNGQT", "qtc_fridericia", 470.0, Agreement.CLAIMED),
        ("SHORT_QT", "qtc_fridericia", 400.0, Agreement.CONTRADICTED),
        ("LAD", "qrs_axis", 40.0, Agreement.CONTRADICTED),
        ("LAD", "qrs_axis", -25.0, Agreement.CONTRADICTED),
        ("LAD", "qrs_axis", -35.0, Agreement.CLAIMED),
        ("LAD", "qrs_axis", -175.0, Agreement.CLAIMED),
        ("RAD", "qrs_axis", 120.0, Agreement.CLAIMED),
        ("RAD", "qrs_axis", 85.0, Agreement.CONTRADICTED),
        ("RAD", "qrs_axis", -60.0, Agreement.CONTRADICTED),
        ("RAD", "qrs_axis", -175.0, Agreement.CLAIMED),  # five degrees beyond 180
        ("IMI", "qrs", 90.0, Agreement.CLAIMED),
    ],
)
def test_a_claim_is_held_against_the_figure_it_needs(code: str, field: str, value: float, agreement: Agreement) -> None:
    measured = replace(sample.measurements(), **{field: Figure(value, "u", uncertainty=1.0)})
    assert judged(claim(code), measured, NOTHING).agreement is agreement


def test_a_bundle_branch_block_is_held_against_the_width_of_most_leads() -> None:
    measured = replace(sample.measurements(), qrs=Figure(125.0, "ms"), qrs_typical=Figure(116.0, "ms"))
    assert judged(claim("IRBBB"), measured, NOTHING).agreement is Agreement.CLAIMED
    assert judged(claim("CRBBB"), measured, NOTHING).agreement is Agreement.CONTRADICTED


def test_a_long_qt_by_bazett_alone_is_contradicted_as_the_criteria_judge_by_fridericia() -> None:
    fast = replace(
        sample.measurements(), qtc_bazett=Figure(490.0, "ms"), qtc_fridericia=Figure(430.0, "ms", uncertainty=9.0)
    )
    said = judged(claim("LNGQT"), fast, NOTHING)
    assert said.agreement is Agreement.CONTRADICTED
    assert said.why == "Contradicted by a measurement: QTc (Fridericia) 430 ms < 450."


def test_a_long_qt_that_only_a_wide_qrs_makes_is_contradicted() -> None:
    m = sample.measurements()
    wide = replace(m, qrs=Figure(160.0, "ms"), qt=Figure(460.0, "ms"), qtc_fridericia=Figure(496.0, "ms"))
    said = judged(claim("LNGQT"), wide, NOTHING)
    assert said.agreement is Agreement.CONTRADICTED
    assert "QTc (Fridericia, QT less 0.485 of QRS) 412 ms < 450" in said.why


@pytest.mark.parametrize(
    ("sex", "agreement"),
    [
        (Sex.FEMALE, Agreement.CONTRADICTED),
        (Sex.MALE, Agreement.CLAIMED),
        (Sex.UNKNOWN, Agreement.CLAIMED),
    ],
)
def test_a_long_qt_is_held_against_the_limit_of_the_patient_s_sex(sex: Sex, agreement: Agreement) -> None:
    between = replace(sample.measurements(), qtc_fridericia=Figure(455.0, "ms", uncertainty=2.0))
    assert judged(claim("LNGQT"), between, NOTHING, sex=sex).agreement is agreement


def test_a_figure_that_could_not_be_measured_contradicts_nothing() -> None:
    measured = replace(sample.measurements(), heart_rate=not_measurable("bpm", "no beat"))
    assert judged(claim("SBRAD"), measured, NOTHING).agreement is Agreement.CLAIMED


def test_fibrillation_with_regular_beats_is_contradicted() -> None:
    m = sample.measurements()
    regular = replace(m, rhythm=replace(m.rhythm, rmssd_ratio=0.01))
    irregular = replace(m, rhythm=replace(m.rhythm, rmssd_ratio=0.2))
    assert judged(claim("AFIB"), regular, NOTHING).agreement is Agreement.CONTRADICTED
    assert judged(claim("AFIB"), irregular, NOTHING).agreement is Agreement.CLAIMED
    assert judged(claim("AFIB"), m, NOTHING).agreement is Agreement.CLAIMED


def test_what_the_criteria_find_too_or_more_exactly_is_confirmed() -> None:
    found = Reading("criteria", "1", (replace(claim("LVH_STRAIN"), why="Sokolow 4.1 mV"),))
    same = judged(claim("LVH_STRAIN"), sample.measurements(), found)
    broader = judged(claim("LVH"), sample.measurements(), found)
    assert (same.agreement, broader.agreement) == (Agreement.CONFIRMED, Agreement.CONFIRMED)
    assert "Sokolow 4.1 mV" in broader.why


@pytest.mark.parametrize(("claimed", "stated"), [("SR", "AFIB"), ("VT", "PACE"), ("IRBBB", "CLBBB")])
def test_a_statement_that_takes_the_place_of_a_claim_does_not_confirm_it(claimed: str, stated: str) -> None:
    found = Reading("criteria", "1", (replace(claim(stated), why="as measured"),))
    fast = replace(sample.measurements(), heart_rate=Figure(150.0, "bpm"))
    judgement = judged(claim(claimed), fast, found)
    assert judgement.agreement is Agreement.CLAIMED
    assert catalogue()[stated].name in judgement.why
    assert "as measured" in judgement.why


def test_what_the_criteria_find_too_is_confirmed_beyond_the_usual_limit() -> None:
    wide = replace(sample.measurements(), qrs_typical=Figure(128.0, "ms", uncertainty=1.0))
    found = Reading("criteria", "1", (claim("IRBBB"),))
    assert judged(claim("IRBBB"), wide, found).agreement is Agreement.CONFIRMED
    assert judged(claim("IRBBB"), wide, NOTHING).agreement is Agreement.CONTRADICTED


def test_a_statement_that_would_hide_the_claim_does_not_confirm_what_a_measurement_rules_out() -> None:
    found = Reading("criteria", "1", (claim("PACE"),))
    assert judged(claim("SBRAD"), sample.measurements(), found).agreement is Agreement.CONTRADICTED


def test_a_contradicted_claim_is_flagged_and_never_more_than_possible() -> None:
    read = reading(result(("SBRAD", "definite", ["II"])), evidence())
    (finding,) = read.findings
    assert finding.certainty is Certainty.POSSIBLE
    assert "heart rate 75 bpm > 60" in finding.why
    assert any("Sinus bradycardia" in remark and "contradicted by a measurement" in remark for remark in read.remarks)


NOT_NORMAL = replace(sample.measurements(), pr=Figure(230.0, "ms", uncertainty=1.0))  # the criteria do not say so
SURE = Said("NORM", 0.9, 0.5, 2.2)


@pytest.mark.parametrize(
    ("said", "named"),
    [
        (result(("NORM", "definite", []), ("IMI", "probable", ["II"])), "Inferior infarct"),
        (result(("SBRAD", "definite", []), labels=(SURE,)), "Sinus bradycardia"),
        (result(labels=(SURE, Said("CD", 0.6, 0.5, 0.4))), "CD"),
    ],
)
def test_a_normal_ecg_beside_what_is_not_normal_contradicts_itself(said: Result, named: str) -> None:
    read = reading(said, evidence(NOT_NORMAL))
    (normal,) = (finding for finding in read.findings if finding.code == "NORM")
    assert normal.certainty is Certainty.POSSIBLE
    assert f"Contradicted by another claim of the same reading: {named}" in normal.why
    assert any("Normal ECG" in remark and named in remark for remark in read.remarks)


def test_a_normal_ecg_alone_or_beside_sinus_rhythm_contradicts_nothing() -> None:
    said = result(("NORM", "definite", []), ("SR", "definite", []), labels=(SURE, Said("CD", 0.4, 0.5, -0.4)))
    assert reading(said, evidence(NOT_NORMAL)).remarks == ()


def test_a_normal_ecg_that_the_criteria_find_too_stays_confirmed() -> None:
    found = Reading("criteria", "1", (claim("NORM"),))
    assert judged(claim("NORM"), sample.measurements(), found, beside="x").agreement is Agreement.CONFIRMED
    assert judged(claim("NORM"), sample.measurements(), NOTHING, beside="x").agreement is Agreement.CONTRADICTED


def test_spans_are_the_whole_of_the_leads_that_it_names_and_said_to_be_claimed() -> None:
    (finding,) = reading(result(("IMI", "probable", ["aVF", "II"])), evidence()).findings
    assert {span.lead for span in finding.spans} == {Lead.II, Lead.AVF}
    assert Span(Lead.AVF, 2.5, 5.0) in finding.spans
    assert finding.why.startswith("Claimed by the model")


@pytest.mark.parametrize(
    ("leads", "spans"),
    [
        (["aVF"], (Span(Lead.AVF, 2.9, 3.0),)),
        ([], (Span(Lead.II, 0.4, 0.5), Span(Lead.AVF, 2.9, 3.0))),
        (["aVR"], (Span(Lead.AVR, 2.5, 5.0),)),  # where the criteria see nothing: the whole of it, as claimed
    ],
)
def test_a_confirmed_claim_points_to_what_was_measured_within_the_leads_that_it_names(
    leads: list[str], spans: tuple[Span, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = replace(claim("IMI"), spans=(Span(Lead.II, 0.4, 0.5), Span(Lead.AVF, 2.9, 3.0)))
    criteria = SimpleNamespace(read=lambda _: Reading("criteria", "1", (found,)))
    monkeypatch.setattr("ecgdesk.read.llama.claims.CriteriaReader", lambda: criteria)
    (finding,) = reading(result(("IMI", "probable", leads)), evidence()).findings
    assert finding.why.startswith("Confirmed")
    assert finding.spans == spans


def test_the_most_severe_claim_stands_first() -> None:
    read = reading(result(("SR", "definite", []), ("VT", "definite", []), ("LVH", "definite", [])), evidence())
    assert [finding.code for finding in read.findings] == ["VT", "LVH", "SR"]


def test_a_reader_that_names_no_lead_points_nowhere() -> None:
    (finding,) = reading(result(("IMI", "probable", [])), evidence()).findings
    assert finding.spans == ()


def test_labels_give_probabilities_and_findings_beyond_the_list() -> None:
    labels = (Said("AFIB", 0.8, 0.5, 1.4), Said("MI", 0.9, 0.5, 2.2), Said("PACE", 0.1, 0.5, -2.2))
    read = reading(result(("AFIB", "definite", []), labels=labels), evidence())
    assert [(one.label, one.value, one.threshold) for one in read.probabilities] == [
        ("AFIB", 0.8, 0.5),
        ("MI", 0.9, 0.5),
        ("PACE", 0.1, 0.5),
    ]
    assert [finding.code for finding in read.findings] == ["AFIB"]  # a superclass is no statement of the catalogue
    assert "probability of 0.80" in read.findings[0].why
    more = reading(result(labels=(Said("PACE", 0.6, 0.5, 0.4),)), evidence())
    assert [(finding.code, finding.certainty) for finding in more.findings] == [("PACE", Certainty.PROBABLE)]


def test_a_label_is_said_from_its_threshold_on_and_as_surely_as_it_is_probable() -> None:
    labels = tuple(
        Said(code, probability, 0.5, 0.0)
        for code, probability in (("PACE", 0.5), ("AFIB", 0.49), ("CLBBB", 0.89), ("AFLT", 0.9))
    )
    said = {one.code: one.certainty for one in reading(result(labels=labels), evidence()).findings}
    assert said == {
        "PACE": Certainty.PROBABLE,
        "CLBBB": Certainty.POSSIBLE,  # its QRS is narrow: contradicted
        "AFLT": Certainty.DEFINITE,
    }
    unlikely = reading(result(labels=(Said("PACE", 0.4, 0.3, 0.0), Said("AFLT", 0.89, 0.5, 0.0))), evidence())
    assert [one.certainty for one in unlikely.findings] == [Certainty.PROBABLE, Certainty.POSSIBLE]


def test_a_superclass_speaks_against_a_normal_ecg_from_its_threshold_on() -> None:
    assert judgement.speaks_against_normal((), [Probability("MI", 0.5, 0.5)]) == "MI"
    assert judgement.speaks_against_normal((), [Probability("MI", 0.49, 0.5), Probability("NORM", 0.9, 0.5)]) == ""


def test_a_statement_that_is_listed_twice_stands_once() -> None:
    read = reading(result(("IMI", "definite", ["II"]), ("IMI", "possible", ["V1"])), evidence())
    assert [finding.certainty for finding in read.findings] == [Certainty.DEFINITE]


def test_a_reading_says_whether_the_model_was_told_the_measured_values() -> None:
    aided = msgspec.structs.replace(result(), aided=True)
    assert reading(aided, evidence()).version == "tiny 1"
    assert reading(result(), evidence()).version == "tiny 1, without measured values"


def test_a_list_that_was_cut_off_is_remarked() -> None:
    read = reading(result(listed='{"findings": [{"code": "IM'), evidence())
    assert read.findings == ()
    assert "cut off" in read.remarks[0]


# What is said to the model


def test_a_conversation_has_the_published_form() -> None:
    assert rendered("Why?", context="Measured: x.", answer="Thus.") == (
        "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n<|image|>Measured: x.\n\nWhy?<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\nThus.<|eot_id|>"
    )
    assert rendered("Why?", context="Measured: x.", answer="Thus.").startswith(rendered("Why?", context="Measured: x."))


def test_every_label_has_a_question_and_an_unknown_one_none() -> None:
    assert label_question("MI") == "Does this ECG show a myocardial infarction? Answer Yes or No."
    assert "Atrial fibrillation" in label_question("AFIB")
    with pytest.raises(KeyError):
        label_question("UNHEARD_OF")


def test_the_model_is_told_figures_and_nothing_of_the_patient() -> None:
    told = measured_values(sample.measurements())
    assert told.startswith("Measured: heart rate 75 bpm, PR 196 ms, QRS 96 ms, QT 402 ms")
    assert "T axis not measurable" in told
    assert "SAMPLE" not in told


def test_the_values_that_are_told_are_worded_as_this_version_of_the_prompt_has_them() -> None:
    wide = replace(sample.measurements(), qrs=Figure(160.0, "ms"))
    assert PROMPT_VERSION == "2"  # an adapter knows only the words of its own
    assert measured_values(sample.measurements()) == (
        "Measured: heart rate 75 bpm, PR 196 ms, QRS 96 ms, QT 402 ms, QTc (Fridericia) 433 ms, P axis 52 degrees, "
        "QRS axis 48 degrees, T axis not measurable."
    )
    assert "QTc (Fridericia, QT less 0.485 of QRS) 349 ms" in measured_values(wide)
    unmeasured = replace(sample.measurements(), qtc_fridericia=not_measurable("ms", "no T wave"))
    assert "QTc (Fridericia) not measurable" in measured_values(unmeasured)


def test_answers_to_train_on_are_of_the_form_that_is_read() -> None:
    many = [replace(claim(one.code), spans=(Span(Lead.V2, 0, 1), Span(Lead.I, 0, 1))) for one in reportable()]
    rows = json.loads(findings_answer([claim("CHILD"), *many]))["findings"]
    assert len(rows) == MOST_FINDINGS
    assert rows[0] == {"code": many[0].code, "certainty": "probable", "leads": ["I", "V2"]}
    assert LIST_FINDINGS


def test_the_model_sees_the_traces_and_not_the_print_around_them() -> None:
    plain = sample.page()
    noise = np.random.default_rng(0).integers(0, 255, plain.image.shape, dtype=np.uint8)  # no two places look alike
    page = replace(plain, image=noise)
    seen = picture(page)
    assert seen.shape[2] == 3
    assert seen.shape[0] < page.image.shape[0]
    left, top = round((12 - 4) * sample.PX_PER_MM), round((30 - 15 - 4) * sample.PX_PER_MM)
    assert (seen[0, 0] == page.image[top, left]).all()
    assert picture(replace(page, layout=replace(page.layout, strips=()))).shape == page.image.shape
