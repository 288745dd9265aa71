import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from pypdf import PdfReader

from ecgdesk.ecg.case import Edit, Signature, Status, Verdict
from ecgdesk.ecg.figure import Figure, How, not_measurable
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.reading import Reading, Severity, Span
from ecgdesk.ecg.recording import Recording
from ecgdesk.report.paper import Paper
from ecgdesk.report.pdf import render
from tests.report import builders as make
from tests.report import look

AT = datetime(2026, 11, 24, 23, 5, tzinfo=timezone(timedelta(hours=1)))


def test_the_same_case_gives_the_same_bytes():
    case = make.case(*make.findings(5))

    assert render(case) == render(case)


def test_every_font_is_embedded():
    reader = PdfReader(io.BytesIO(render(make.case(*make.findings(3), reasons=("Check V3.",)))))

    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]

    assert fonts
    assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts)


def test_reports_drawn_at_the_same_time_do_not_disturb_each_other():
    cases = [make.case(*make.findings(count), patient=make.patient(f"SAMPLE, É{count}")) for count in range(4)]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(render, cases))

    assert together == [render(case) for case in cases]


def test_the_document_is_dated_by_its_case():
    metadata = PdfReader(io.BytesIO(render(make.case()))).metadata

    assert metadata.creation_date == make.case().created_at


def test_an_unsigned_report_says_so_on_every_page():
    for page in look.pages(render(make.case(*make.findings(30)))):
        assert "PRELIMINARY, NOT SIGNED" in page


def test_a_report_for_signing_says_who_and_when_and_no_longer_preliminary():
    text = look.text(render(make.case(), signed_by="SAMPLE, Signer", signed_at=AT))

    assert "SIGNED by SAMPLE, Signer" in text
    assert "24 Nov 2026, 23:05 (UTC+01:00)" in text
    assert "PRELIMINARY" not in text


def test_a_signer_without_a_time_is_a_mistake():
    with pytest.raises(ValueError, match="together"):
        render(make.case(), signed_by="SAMPLE, Signer")


def test_a_copy_of_a_signed_case_says_that_it_is_a_copy():
    text = look.text(render(make.case(signature=Signature("SAMPLE, Signer", AT, b""))))

    assert "COPY, NOT SIGNED" in text
    assert "SAMPLE, Signer" in text


def test_an_amended_report_names_the_one_that_it_replaces():
    text = look.text(render(make.case(superseded=(Signature("SAMPLE, Signer", AT, b""),))))

    assert "replaces the one that SAMPLE, Signer signed on 24 Nov 2026" in text


def test_patient_fields_stand_at_the_top():
    first = look.pages(render(make.case()))[0]

    for field in ("SAMPLE, ONE", "TEST-0001", "29 Feb 1960", "66 years", "female", "24 Nov 2026, 09:30"):
        assert field in first


def test_measurements_show_value_unit_uncertainty_and_source():
    shown = make.measurements(
        pr=Figure(158.0, "ms", How.PRINTED, 8.0),
        qt=Figure(388.0, "ms", How.ENTERED),
        qrs_axis=Figure(-12.0, "°", uncertainty=0.02),
    )

    first = look.pages(render(make.case(measurements=shown)))[0]

    assert "PR interval 158 ms ± 8 printed" in first
    assert "QT interval 388 ms entered" in first
    assert "QRS axis \N{MINUS SIGN}12° ± <0.1 measured" in first


def test_what_is_not_measurable_says_why():
    shown = make.measurements(p_axis=not_measurable("°", "no P wave was found"))

    assert "P axis not measurable: no P wave was found" in look.text(render(make.case(measurements=shown)))


def test_a_finding_shows_severity_certainty_reader_and_reason():
    found = make.finding(text="Synthetic block", why="QRS 148 ms ≥ 120 ms.")

    text = look.text(render(make.case(found)))

    assert "Synthetic block ABNORMAL · probable · criteria" in text
    assert "QRS 148 ms ≥ 120 ms." in text


def test_a_persons_decisions_are_shown_with_the_name():
    kept, changed, gone = make.findings(3)
    edits = (
        Edit(Verdict.ACCEPTED, kept, AT, "SAMPLE, Reader"),
        Edit(Verdict.EDITED, changed, AT, "SAMPLE, Reader", replace(changed, text="Reworded statement")),
        Edit(Verdict.REJECTED, gone, AT, "SAMPLE, Reader"),
        Edit(Verdict.ADDED, make.finding(text="Added statement"), AT, "SAMPLE, Reader"),
    )

    text = look.text(render(make.case(kept, changed, gone, edits=edits)))

    assert "accepted by SAMPLE, Reader" in text
    assert "Reworded statement" in text
    assert "edited by SAMPLE, Reader" in text
    assert "added by SAMPLE, Reader" in text
    assert gone.text not in text


def test_doubts_and_remarks_are_listed():
    remark = Reading("criteria", "1", (), ("Hypertrophy was not assessed: no age.",))
    case = make.case(
        reasons=("Lead V3 is faint: check it.",),
        page=make.page(make.grid_layout(), doubts=("The paper speed was assumed.",)),
        readings=(remark,),
    )

    first = look.pages(render(case))[0]

    assert "Lead V3 is faint: check it." in first
    assert "The paper speed was assumed." in first
    assert "Hypertrophy was not assessed: no age." in first


@pytest.mark.parametrize("paper", list(Paper))
def test_thirty_findings_are_all_there_and_in_order(paper):
    found = make.findings(30)
    case = make.case(*found)

    text = look.text(render(case, paper=paper))

    places = [text.index(f"{finding.text} {finding.severity.label.upper()}") for finding in case.findings]
    assert len(places) == 30
    assert places == sorted(places)


@pytest.mark.parametrize("paper", list(Paper))
def test_what_two_readers_find_on_a_usual_sheet_stands_on_its_first_page(paper):
    criteria = (
        "QRS in most leads 137 ms ≥ 120 ms; R' V1 0.76 mV ≥ 0.10 mV; R' V1 0.76 mV > R V1 0.09 mV; S I 58 ms > 40"
    )
    network = (
        "IRBBB: probability 0.78, said from 0.38 on; there, on records kept out of training, sensitivity 0.64, "
        "specificity 0.98, positive predictive value 0.65; rests most on QRS in V1, QRS in V2, QRS in II"
    )
    whys = (criteria, "most severe statement", criteria, network, network, criteria, network, network)
    found = tuple(replace(one, why=why) for one, why in zip(make.findings(len(whys)), whys, strict=True))

    pages = look.pages(render(make.case(*found), paper=paper))

    assert len(pages) == 2
    assert all(one.text in pages[0] for one in found)


def test_what_does_not_fit_under_its_heading_goes_on_where_the_first_page_has_room_for_all_of_it():
    reason = "A reason of two lines, as most of them are when they are printed. " * 3
    found = tuple(replace(one, why=reason) for one in make.findings(9))

    pages = look.pages(render(make.case(*found)))

    assert len(pages) == 2
    assert "Findings (continued)" in pages[0]
    assert all(one.text in pages[0] for one in found)


def test_a_reason_longer_than_a_page_is_given_in_full():
    words = [f"word{number}" for number in range(3000)]

    text = look.text(render(make.case(make.finding(why=" ".join(words)), *make.findings(2))))

    assert all(f"{word} " in f"{text} " for word in words)


def test_a_long_name_stays_beside_the_status():
    name = "SAMPLE " + " ".join(f"Longname{number}" for number in range(25))

    first = look.pages(render(make.case(patient=make.patient(name))))[0]

    assert all(word in first for word in name.split())


@pytest.mark.parametrize("name", ["Ñandú Łukasz", "Ωμέγα", "Юлия", "Nguyễn", "山田太郎", "김철수", "Հայ", "≥ ≤ → −"])
def test_names_of_many_scripts_are_printed(name):
    assert name.split()[0] in look.text(render(make.case(patient=make.patient(f"SAMPLE {name}"))))


def test_markup_in_a_text_is_printed_as_it_is():
    text = look.text(render(make.case(make.finding(why="R < S & <b>T</b>"), source_name="<x>&.png")))

    assert "R < S & <b>T</b>" in text
    assert "<x>&.png" in text


def test_the_scan_is_the_last_page_with_its_files_name():
    last = look.pages(render(make.case()))[-1]

    assert "The original scan: sample_sheet.png, sheet 1" in last
    assert "25 mm/s, 10 mm/mV" not in last  # it is not to scale


@pytest.mark.parametrize("size", [(600, 3000), (9000, 400), (20, 20)])
def test_a_scan_of_any_shape_fits(size):
    assert len(look.pages(render(make.case(scan=make.scan(*size))))) == 2


def test_a_jpeg_scan_goes_in_as_it_is():
    scan = make.scan(kind="JPEG")

    assert scan in render(make.case(scan=scan))


def test_an_unreadable_sheet_says_why_and_shows_its_scan_first():
    case = make.case(
        status=Status.UNREADABLE,
        reasons=("No millimetre grid was found; scan the sheet again at 200 dpi.",),
        page=None,
        recording=None,
        measurements=None,
        readings=(),
    )

    pages = look.pages(render(case))

    assert len(pages) == 1
    assert "This sheet could not be read" in pages[0]
    assert "No millimetre grid was found; scan the sheet again at 200 dpi." in pages[0]
    assert "The original scan" in pages[0]


def test_what_a_person_adds_to_an_unreadable_sheet_is_printed():
    added = Edit(Verdict.ADDED, make.finding(text="Seen by eye"), datetime.now(UTC), "SAMPLE, Reader")
    case = make.case(status=Status.UNREADABLE, page=None, recording=None, measurements=None, edits=(added,))

    assert "Seen by eye" in look.text(render(case))


def test_a_tall_ecg_has_its_key_figures_and_its_findings_names_on_the_first_page():
    spans = (Span(Lead.V1, 7.0, 7.2),)
    found = make.finding(severity=Severity.URGENT, spans=spans, text="Synthetic block")
    tall = make.three_by_four(make.signal(scale=2.0))

    pages = look.pages(render(make.case(found, recording=tall)))

    assert "Synthetic block" in pages[0]
    assert "Heart rate 72 /min PR 158 ms QRS duration 92 ms QT 388 ms QTc (Fridericia) 412 ms" in pages[0]
    assert "Measurements" not in pages[0]
    assert "Measurements" in pages[1]


@pytest.mark.parametrize(("scale", "said"), [(2.0, "The trace of V5 is poor"), (1.0, "Please check what a later")])
def test_a_first_page_without_tables_says_what_to_check_or_that_there_is_something(scale, said):
    page = make.page(make.rows_layout(8, 1))
    doubtful = make.case(
        recording=whole(scale), page=page, status=Status.DOUBTFUL, reasons=("The trace of V5 is poor.",)
    )

    pages = look.pages(render(doubtful))

    assert "Measurements" not in pages[0]
    assert said in pages[0]
    assert any("The trace of V5 is poor" in page for page in pages[1:])


def test_what_two_readers_say_is_named_once_where_the_findings_are_only_named():
    both = [replace(make.finding(text="Synthetic block"), source=source) for source in ("criteria", "network")]
    tall = make.three_by_four(make.signal(scale=2.0))

    pages = look.pages(render(make.case(*both, recording=tall)))

    assert pages[0].count("Synthetic block") == 1
    assert pages[1].count("Synthetic block") == 2


def whole(scale=1.0):
    return Recording(make.signal(scale=scale), np.full(12, 24.0, np.float32))


@pytest.mark.parametrize("paper", list(Paper))
def test_a_tall_ecg_that_fits_takes_two_pages_with_tables_and_scan_on_the_second(paper):
    page = make.page(make.rows_layout(6, 2))

    pages = look.pages(render(make.case(*make.findings(4), recording=whole(1.2), page=page), paper=paper))

    assert len(pages) == 2
    assert "Measurements" in pages[1]
    assert "The original scan: sample_sheet.png, sheet 1" in pages[1]
    assert "not to scale" in pages[1]


def test_twelve_rows_fill_the_first_page_so_that_the_second_holds_the_others_and_the_tables():
    page = make.page(make.rows_layout(12, 1))

    pages = look.pages(render(make.case(*make.findings(4), recording=whole(), page=page)))

    assert len(pages) == 3
    assert "Measurements" in pages[1]
    assert "25 mm/s, 10 mm/mV" in pages[1]
    assert "The original scan" in pages[2]


@pytest.mark.parametrize(
    "signal",
    [np.empty((12, 0)), np.full((12, 5000), np.nan), np.ones((12, 1)), np.zeros((12, 30_000)), make.signal(seconds=1)],
    ids=["no sample", "no lead", "one sample", "a minute", "a second"],
)
@pytest.mark.parametrize("page", [None, make.page(make.grid_layout()), make.page(make.rows_layout(12, 1))])
def test_whatever_was_digitised_can_be_reported(signal, page):
    spans = (Span(Lead.II, float("nan"), 1.0), Span(Lead.V1, -5.0, 500.0), Span(Lead.V2, 6.4, 6.2))
    recording = Recording(signal.astype(np.float32), np.full(12, np.nan, np.float32))

    assert "SAMPLE, ONE" in look.text(render(make.case(make.finding(spans=spans), recording=recording, page=page)))


def test_a_trace_that_runs_off_the_drawing_is_named():
    whole = make.signal()
    whole[Lead.V5.row, 4000:4010] = 9.0

    assert "V5: part of the trace runs off the drawing" in look.text(
        render(make.case(recording=make.three_by_four(whole)))
    )


def test_of_a_proposed_reading_only_what_a_person_accepted_is_printed():
    (offered,) = make.findings(1)
    offered = replace(offered, source="llama", text="An infarct that a model claims")
    proposal = Reading("llama", "tiny 1", (offered,), remarks=("The model claims something else.",), proposed=True)
    plain = make.case()
    silent = replace(plain, readings=(*plain.readings, proposal))
    accepted = replace(silent, edits=(Edit(Verdict.ACCEPTED, offered, AT, "SAMPLE, Signer"),))

    before, after = look.text(render(silent)), look.text(render(accepted))

    assert "llama" not in before
    assert "An infarct that a model claims" in after
    assert "Read by: llama tiny 1" in after
    assert "something else" not in before + after
