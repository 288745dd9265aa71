import csv
import io
import json
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from ecgdesk.ecg.case import Status
from ecgdesk.ecg.corrections import BeatMarks, Corrections
from ecgdesk.ecg.figure import Figure, How, not_measurable
from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.ecg.reading import Severity, Span
from ecgdesk.ecg.recording import Recording, Redrawn
from ecgdesk.ecg.statements import Statement
from ecgdesk.report import statements, summary
from ecgdesk.report.by_hand import by_hand
from ecgdesk.report.summary import to_json
from ecgdesk.report.table import to_csv
from tests.report import builders as make


@pytest.fixture(autouse=True)
def small_catalogue(monkeypatch):
    one = Statement("LBBB", "Complete left bundle branch block", "conduction", Severity.ABNORMAL, scp=("CLBBB",))
    for module in (summary, statements):
        monkeypatch.setattr(module, "catalogue", lambda: MappingProxyType({"LBBB": one}))


def test_a_read_case_is_described_in_full():
    case = make.case(make.finding("LBBB", spans=(Span(Lead.V1, 7.6, 7.8125),)), reasons=("Check V3.",))

    read = json.loads(to_json(case))

    assert read["schema_version"] == 1
    assert (read["status"], read["reasons"]) == ("read", ["Check V3."])
    assert read["page"] == {
        "corners": {"value": None, "how": "measured"},
        "layout": {"value": "3x4+1", "how": "measured"},
        "speed_mm_per_s": {"value": 25.0, "how": "printed"},
        "gain_mm_per_mv": {"value": 10.0, "how": "measured"},
        "pixels_per_mm": {"value": 7.87, "how": "measured"},
    }
    assert read["leads"]["V1"] == {
        "spans_s": [[5.0, 7.5]],
        "quality_db": 24.0,
        "how": "measured",
        "redrawn_s": [],
    }
    assert read["leads"]["II"]["spans_s"] == [[0.0, 10.0]]
    assert read["findings"] == [
        {
            "code": "LBBB",
            "scp": ["CLBBB"],
            "name": "Complete left bundle branch block",
            "severity": "abnormal",
            "certainty": "probable",
            "reader": "criteria",
            "why": make.finding().why,
            "spans": [{"lead": "V1", "start_s": 7.6, "end_s": 7.8125}],
        }
    ]


def test_every_measurement_has_value_unit_source_and_uncertainty():
    measured = make.measurements(
        qt=Figure(388.0, "ms", How.ENTERED), p_axis=not_measurable("°", "no P wave"), pr=Figure(float("nan"), "ms")
    )

    read = json.loads(to_json(make.case(measurements=measured)))["measurements"]

    assert read["heart_rate"] == {"value": 72.0, "unit": "bpm", "how": "measured", "uncertainty": 0.6}
    assert read["qt"] == {"value": 388.0, "unit": "ms", "how": "entered", "uncertainty": None}
    assert read["p_axis"] == {"value": None, "unit": "°", "how": "measured", "uncertainty": None, "reason": "no P wave"}
    assert read["pr"]["value"] is None
    assert {"pr", "qrs", "qtc_bazett", "qtc_fridericia", "qrs_axis", "t_axis"} <= read.keys()


def test_a_lead_that_the_paper_does_not_show_is_left_out():
    recording = make.three_by_four(make.signal())
    recording.signal[Lead.AVR.row] = np.nan

    assert "aVR" not in json.loads(to_json(make.case(recording=recording)))["leads"]


def test_an_unreadable_case_has_its_reason_and_nothing_else():
    case = make.case(
        status=Status.UNREADABLE, reasons=("No grid.",), page=None, recording=None, measurements=None, readings=()
    )

    read = json.loads(to_json(case))

    assert read == {
        "schema_version": 1,
        "status": "unreadable",
        "reasons": ["No grid."],
        "page": None,
        "leads": {},
        "measurements": {},
        "findings": [],
        "comparison": None,
    }


def test_a_finding_outside_the_catalogue_keeps_its_own_words():
    found = json.loads(to_json(make.case(make.finding("OWN", text="In own words"))))["findings"][0]

    assert (found["name"], found["scp"]) == ("In own words", [])


def test_the_patient_is_not_in_the_summary():
    assert "SAMPLE" not in to_json(make.case(make.finding()))


def test_the_table_has_a_row_a_sample_and_nothing_where_the_paper_shows_nothing():
    recording = make.three_by_four(make.signal())

    text = to_csv(recording)

    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == [lead.value for lead in STANDARD_ORDER]
    assert len(rows) == 1 + recording.signal.shape[1]
    assert text.endswith("\n")
    assert "nan" not in text
    back = np.array([[float(cell) if cell else np.nan for cell in row] for row in rows[1:]]).T
    np.testing.assert_allclose(back, recording.signal, atol=5.1e-5, equal_nan=True)


def test_an_empty_recording_is_a_header_alone():
    empty = Recording(np.empty((12, 0), np.float32), np.full(12, np.nan, np.float32))

    assert to_csv(empty).count("\n") == 1


def test_what_a_person_set_says_so():
    page = make.page(make.grid_layout())
    strips = tuple(replace(s, how=How.ENTERED) if s.lead is Lead.V1 else s for s in page.layout.strips)
    page = replace(
        page, layout=replace(page.layout, strips=strips, how=How.ENTERED), speed=Figure(50.0, "mm/s", How.ENTERED)
    )
    corners = ((1.0, 2.0), (90.0, 2.0), (90.0, 60.0), (1.0, 60.0))
    case = make.case(page=page)
    case = replace(
        case,
        corrections=Corrections(corners=corners, speed=50.0, marks=BeatMarks(t_offset_s=0.4)),
        recording=replace(case.recording, redrawn=(Redrawn(Lead.V2, 5.5, 5.75),)),
    )
    told = json.loads(to_json(case))
    assert told["page"]["corners"] == {"value": [list(corner) for corner in corners], "how": "entered"}
    assert told["page"]["layout"]["how"] == told["page"]["speed_mm_per_s"]["how"] == "entered"
    assert told["page"]["gain_mm_per_mv"]["how"] == "measured"
    assert (told["leads"]["V1"]["how"], told["leads"]["V2"]["how"]) == ("entered", "measured")
    assert told["leads"]["V2"]["redrawn_s"] == [[5.5, 5.75]]
    sentence = by_hand(case)
    for words in ("corners", "V1", "paper speed", "V2 (5.50 to 5.75 s)", "T end"):
        assert words in sentence
    assert by_hand(make.case()) == ""
