"""Cases to keep, as full as they come."""

from datetime import UTC, date, datetime

import numpy as np

from ecgdesk.ecg.case import Case, Edit, Signature, Status, Verdict
from ecgdesk.ecg.figure import Figure, How, not_measurable
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.measurements import Beat, BeatKind, LeadMeasures, Mark, Measurements, MedianBeat, Rhythm, Wave
from ecgdesk.ecg.page import Layout, Page, Strip
from ecgdesk.ecg.patient import Patient, Sex
from ecgdesk.ecg.reading import Certainty, Finding, Reading, Severity, Span
from ecgdesk.ecg.recording import Recording

NAME = "SAMPLE, ONE"
AT = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)


def page(*, width: int = 60, height: int = 40, seed: int = 0) -> Page:
    """A page of paper-like noise with a dark trace on it."""
    chance = np.random.default_rng(seed)
    image = np.clip(chance.normal(235, 4, (height, width, 3)), 0, 255).astype(np.uint8)
    columns = np.arange(width)
    rows = (height * (0.5 + 0.3 * np.sin(columns / 7))).astype(int)
    image[rows, columns] = 20
    ink = np.zeros((height, width), np.uint8)
    ink[rows, columns] = 255
    ppm = Figure(7.87, "px/mm", How.MEASURED, 0.01)
    strip = Strip(Lead.II, 5.0, 255.0, 100.0, 80.0, 120.0, 0.0, 10.0, Figure(10.0, "mm/mV", How.PRINTED), True)
    return Page(
        image=image,
        ink=ink,
        pixels_per_mm_x=ppm,
        pixels_per_mm_y=ppm,
        to_scan=np.eye(3),
        layout=Layout("3x4+1", (strip,)),
        speed=Figure(25.0, "mm/s", How.PRINTED),
        gain=Figure(10.0, "mm/mV", How.ASSUMED),
        pulses=((1.0, 2.0, 3.0, 4.0),),
        doubts=("The right edge is torn: check V6.",),
    )


def recording(*, samples: int = 5000) -> Recording:
    signal = np.full((12, samples), np.nan, np.float32)
    signal[1] = np.sin(np.arange(samples) / 9).astype(np.float32)
    quality = np.full(12, np.nan, np.float32)
    quality[1] = 21.5
    return Recording(signal, quality, simultaneous=False)


def measurements() -> Measurements:
    ms = Figure(412.0, "ms", How.MEASURED, 6.0)
    degrees = not_measurable("degrees", "No T wave could be found.")
    return Measurements(
        heart_rate=Figure(72.0, "bpm"),
        rr_mean=ms,
        rr_sd=ms,
        p_duration=ms,
        pr=ms,
        qrs=ms,
        qt=ms,
        jt=ms,
        qtc_bazett=ms,
        qtc_fridericia=ms,
        qtc_framingham=ms,
        qtc_hodges=ms,
        p_axis=degrees,
        qrs_axis=degrees,
        t_axis=degrees,
        einthoven=Figure(3.2, "%"),
        beats=(Beat(0.4), Beat(1.1, BeatKind.VENTRICULAR, qrs_onset_s=1.0)),
        leads=(LeadMeasures(Lead.II, beats=2, r_mv=1.2),),
        marks=(Mark(Lead.II, Wave.QRS, 0.36, 0.4, float("nan")),),
        rhythm=Rhythm(rr_s=(0.7,), p_share=0.5),
        median_beat=MedianBeat(np.zeros((12, 600), np.float32), 250),
        rhythm_lead=Lead.II,
    )


def finding(code: str = "IAVB", severity: Severity = Severity.ABNORMAL) -> Finding:
    return Finding(code, severity, Certainty.PROBABLE, (Span(Lead.II, 0.2, 0.41),), "criteria", "PR 214 ms > 200 ms")


def case(
    case_id: str = "c0ffee",
    *,
    name: str = NAME,
    of_page: Page | None = None,
    signed: bool = False,
    created_at: datetime = AT,
) -> Case:
    found = finding()
    return Case(
        id=case_id,
        source_name=f"{name}.png",
        sheet_number=2,
        created_at=created_at,
        scan=b"\x89PNG " + name.encode() * 50,
        status=Status.DOUBTFUL,
        reasons=("The right edge is torn: check V6.",),
        patient=Patient(name, "0042", date(1950, 2, 28), Sex.FEMALE, None, datetime(2024, 2, 29, 8, 0)),
        page=of_page if of_page is not None else page(),
        recording=recording(),
        measurements=measurements(),
        readings=(Reading("criteria", "1", (found, finding("SR", Severity.NORMAL)), ("V6 was not assessed.",)),),
        edits=(Edit(Verdict.EDITED, found, AT, "technician", finding("IAVB", Severity.BORDERLINE)),),
        signature=Signature("Dr. Sample", AT, b"%PDF " + name.encode() * 50) if signed else None,
    )
