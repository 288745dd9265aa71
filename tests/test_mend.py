"""A case after a person's corrections: what follows from them is new, all else is as it was."""

from dataclasses import replace

import numpy as np
import pytest

from ecgdesk.ecg.case import Case, Edit, Status, Verdict
from ecgdesk.ecg.corrections import AUTOMATIC, BeatMarks, Corrections, Redraw
from ecgdesk.ecg.figure import How
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.page import Page, Sheet, Strip
from ecgdesk.ecg.recording import Recording
from ecgdesk.mend import mend
from ecgdesk.page.mend import corners_of
from ecgdesk.page.refusals import UnreadablePage
from ecgdesk.pipeline import walk


@pytest.fixture
def case(sample_case: Case) -> Case:
    return sample_case


def page_of(case: Case) -> Page:
    assert case.page is not None
    return case.page


def recording_of(case: Case) -> Recording:
    assert case.recording is not None
    return case.recording


def strip_of(case: Case, lead: Lead) -> Strip:
    return next(strip for strip in page_of(case).layout.strips if strip.lead is lead)


def rate(case: Case) -> float:
    assert case.measurements is not None
    assert case.measurements.heart_rate.value is not None
    return case.measurements.heart_rate.value


def test_the_corners_as_they_were_found_give_the_same_signal(case: Case) -> None:
    mended = mend(case, Corrections(corners=corners_of(page_of(case))))
    assert mended.status is Status.READ
    np.testing.assert_allclose(recording_of(mended).signal, recording_of(case).signal, atol=0.01)


def test_corners_that_leave_the_last_column_out_leave_its_leads_out(case: Case) -> None:
    a, b, c, d = corners_of(page_of(case))
    x = strip_of(case, Lead.V4).x0_mm * (page_of(case).pixels_per_mm_x.value or 0) + a[0]
    mended = mend(case, Corrections(corners=(a, (x, b[1]), (x, c[1]), d)))
    assert not {Lead.V4, Lead.V5, Lead.V6} & page_of(mended).layout.leads
    assert page_of(mended).layout.leads >= {Lead.I, Lead.AVR, Lead.V1}


def test_corners_across_each_other_are_refused_in_one_sentence(case: Case) -> None:
    a, b, c, d = corners_of(page_of(case))
    with pytest.raises(UnreadablePage, match="four corners"):
        mend(case, Corrections(corners=(a, c, b, d)))


def test_another_paper_speed_is_another_heart_rate_and_says_that_a_person_set_it(case: Case) -> None:
    mended = mend(case, Corrections(speed=50.0))
    assert rate(mended) == pytest.approx(2 * rate(case), rel=0.01)
    assert page_of(mended).speed.how is How.ENTERED
    assert page_of(mended).image is page_of(case).image


def test_limb_and_chest_leads_may_have_gains_of_their_own(case: Case) -> None:
    mended = mend(case, Corrections(gain=20.0, chest_gain=5.0))
    for lead, times in ((Lead.II, 0.5), (Lead.V4, 2.0)):
        before = recording_of(case).signal[lead.row]
        np.testing.assert_allclose(recording_of(mended).signal[lead.row], times * before, atol=0.01)
        assert strip_of(mended, lead).gain.how is How.ENTERED


def test_a_renamed_box_gives_its_trace_to_the_other_lead(case: Case) -> None:
    other = {Lead.V1: Lead.V2, Lead.V2: Lead.V1}
    strips = tuple(
        replace(s, lead=other[s.lead], how=How.ENTERED) if s.lead in other else s for s in page_of(case).layout.strips
    )
    mended = mend(case, Corrections(strips=strips))
    np.testing.assert_allclose(
        recording_of(mended).signal[Lead.V1.row], recording_of(case).signal[Lead.V2.row], atol=0.01
    )
    assert page_of(mended).layout.how is How.ENTERED
    assert page_of(mended).layout.name == page_of(case).layout.name


def test_boxes_stay_on_their_paper_when_the_speed_changes_after_them(case: Case) -> None:
    boxed = mend(case, Corrections(strips=page_of(case).layout.strips))
    mended = mend(boxed, replace(boxed.corrections, speed=50.0))
    before, after = strip_of(case, Lead.V4), strip_of(mended, Lead.V4)
    assert (after.x0_mm, after.x1_mm) == (before.x0_mm, before.x1_mm)
    assert after.start_s == pytest.approx(before.start_s / 2)
    assert rate(mended) == pytest.approx(2 * rate(case), rel=0.01)


def test_a_stretch_drawn_by_hand_takes_the_place_of_the_trace_there_alone(case: Case) -> None:
    strip = strip_of(case, Lead.V2)
    x = np.linspace(strip.x0_mm + 20, strip.x0_mm + 30, 40)
    drawn = Redraw(Lead.V2, tuple((float(at), strip.baseline_mm - 5.0) for at in x))
    mended = mend(case, Corrections(redraws=(drawn,)))
    before, after = recording_of(case).signal[Lead.V2.row], recording_of(mended).signal[Lead.V2.row]
    stretch = recording_of(mended).redrawn[0]
    there = slice(round(stretch.start_s * 500), round(stretch.end_s * 500))
    assert stretch.end_s - stretch.start_s == pytest.approx(0.4, abs=0.005)
    assert np.ptp(after[there]) < 0.01
    assert float(after[there.start]) == pytest.approx(0.5, abs=0.03)
    np.testing.assert_array_equal(np.delete(after, there), np.delete(before, there))
    assert recording_of(mended).quality_db[Lead.V2.row] < recording_of(case).quality_db[Lead.V2.row]
    again = mend(mended, AUTOMATIC)
    np.testing.assert_array_equal(recording_of(again).signal, recording_of(case).signal)
    assert recording_of(again).redrawn == ()


def test_a_further_stroke_is_laid_over_the_trace_as_it_is(case: Case) -> None:
    def stroke(lead: Lead, up_mm: float) -> Redraw:
        strip = strip_of(case, lead)
        x = (strip.x0_mm + 20, strip.x0_mm + 30)
        return Redraw(lead, tuple((at, strip.baseline_mm - up_mm) for at in x))

    one, other = stroke(Lead.V2, 5.0), stroke(Lead.V5, 3.0)
    stages: list[str] = []
    first = mend(case, Corrections(redraws=(one,)))
    both = mend(first, Corrections(redraws=(one, other)), on_progress=lambda p: stages.append(p.stage))
    assert stages == ["measuring", "reading"]
    at_once = recording_of(mend(case, Corrections(redraws=(one, other))))
    np.testing.assert_allclose(recording_of(both).signal, at_once.signal, atol=0.01)
    assert [stretch.lead for stretch in recording_of(both).redrawn] == [Lead.V2, Lead.V5]


def test_a_stroke_over_the_rhythm_strip_lies_on_the_grids_clock(case: Case) -> None:
    strip = next(s for s in page_of(case).layout.strips if s.rhythm)
    before = recording_of(case).signal[strip.lead.row]
    peak = 1000 + int(np.argmax(before[1000:1400]))  # the stroke follows an R peak's own place on the paper
    per_s = (strip.x1_mm - strip.x0_mm) / (strip.end_s - strip.start_s)
    at = strip.x0_mm + (peak / 500 - strip.start_s) * per_s
    spike = ((at - 4.0, 0.0), (at, -8.0), (at + 4.0, 0.0))
    drawn = Redraw(strip.lead, tuple((x, strip.baseline_mm + y) for x, y in spike))
    after = recording_of(mend(case, Corrections(redraws=(drawn,)))).signal[strip.lead.row]
    assert abs(1000 + int(np.argmax(after[1000:1400])) - peak) <= 4


def test_moved_marks_leave_page_and_signal_and_decisions_as_they_are(case: Case) -> None:
    finding = case.findings[0]
    decided = replace(case, edits=(Edit(Verdict.ACCEPTED, finding, case.created_at, "sample"),))
    mended = mend(decided, Corrections(marks=BeatMarks(t_offset_s=0.45)))
    assert mended.page is case.page
    assert mended.recording is case.recording
    assert mended.measurements is not None
    assert mended.measurements.qt.how is How.ENTERED
    assert mended.edits == decided.edits


def test_boxes_are_spread_over_a_sheet_on_which_no_rows_are_found(case: Case) -> None:
    page = page_of(case)
    blank = replace(page, ink=np.zeros_like(page.ink))
    mended = mend(replace(case, page=blank), Corrections(layout="6x2"))
    assert page_of(mended).layout.name == "6x2"
    assert len(page_of(mended).layout.strips) == 12
    assert mended.status is Status.UNREADABLE
    assert mended.readings == ()


def test_new_corners_carry_boxes_and_strokes_along_on_the_scan(case: Case) -> None:
    boxed = mend(case, Corrections(strips=page_of(case).layout.strips))
    a, b, c, d = corners_of(page_of(case))
    inner = ((a[0] + 12, a[1] + 12), (b[0] - 12, b[1] + 12), c, d)
    mended = mend(boxed, replace(boxed.corrections, corners=inner))
    for lead in (Lead.I, Lead.V6):
        before, after = strip_of(boxed, lead), strip_of(mended, lead)
        points = [
            p.to_scan @ [s.x0_mm, s.baseline_mm, 1.0] for p, s in ((page_of(boxed), before), (page_of(mended), after))
        ]
        np.testing.assert_allclose(points[0][:2] / points[0][2], points[1][:2] / points[1][2], atol=1.5)
    assert mended.corrections.strips == page_of(mended).layout.strips


def test_what_is_wrong_with_the_file_itself_stays_said_after_new_corners_and_after_a_new_speed(case: Case) -> None:
    said = ("The file is cut off.",)
    cut = replace(case, page=replace(page_of(case), doubts=said, sheet_doubts=said, file_doubts=said))
    mended = mend(cut, Corrections(corners=corners_of(page_of(case))))
    again = mend(mended, replace(mended.corrections, speed=50.0))
    for one in (mended, again):
        assert one.status is Status.DOUBTFUL
        assert one.reasons.count(said[0]) == 1
        assert page_of(one).file_doubts == said


def test_a_case_that_could_not_be_read_at_first_keeps_what_is_wrong_with_its_file(case: Case) -> None:
    said = ("The file is cut off.",)
    blank = walk(Sheet(np.full((400, 600, 3), 255, np.uint8), "blank.png", doubts=said))
    assert blank.status is Status.UNREADABLE
    assert said[0] in blank.reasons
    mended = mend(replace(blank, scan=case.scan), Corrections(corners=corners_of(page_of(case))))
    assert mended.status is Status.DOUBTFUL
    assert mended.reasons.count(said[0]) == 1
