"""A plainly synthetic case: twelve leads of Gaussian waves on a 3x4+1 sheet, drawn by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime

import cv2
import numpy as np

from ecgdesk.ecg.case import Case, Status
from ecgdesk.ecg.figure import Figure, How, not_measurable
from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, STANDARD_ORDER, Lead
from ecgdesk.ecg.measurements import Measurements
from ecgdesk.ecg.page import Layout, Page, Strip
from ecgdesk.ecg.patient import Patient, Sex
from ecgdesk.ecg.reading import Certainty, Finding, Reading, Severity, Span
from ecgdesk.ecg.recording import Recording

PX_PER_MM = 6
RR_S = 0.8
R_MV = dict(zip(STANDARD_ORDER, (0.6, 1.1, 0.5, -0.8, 0.2, 0.8, -0.5, 0.4, 0.9, 1.4, 1.3, 1.0), strict=True))
COLUMNS = (
    (Lead.I, Lead.II, Lead.III),
    (Lead.AVR, Lead.AVL, Lead.AVF),
    (Lead.V1, Lead.V2, Lead.V3),
    (Lead.V4, Lead.V5, Lead.V6),
)


def signal() -> np.ndarray:
    t = np.arange(10 * SAMPLING_RATE_HZ) / SAMPLING_RATE_HZ
    beat = np.zeros_like(t)
    for r in np.arange(0.4, 10.0, RR_S):
        for at, width, height in ((-0.16, 0.022, 0.12), (0.0, 0.011, 1.0), (0.26, 0.045, 0.28)):
            beat += height * np.exp(-(((t - r - at) / width) ** 2) / 2)
    return np.stack([R_MV[lead] * beat for lead in STANDARD_ORDER]).astype(np.float32)


def layout() -> Layout:
    gain = Figure(10.0, "mm/mV")
    strips = []
    for column, leads in enumerate(COLUMNS):
        for row, lead in enumerate(leads):
            x, y = 12 + 62.5 * column, 30 + 32 * row
            strips.append(Strip(lead, x, x + 62.5, y, y - 15, y + 15, 2.5 * column, 2.5 * column + 2.5, gain))
    strips.append(Strip(Lead.II, 12, 262, 126, 111, 141, 0.0, 10.0, gain, rhythm=True))
    return Layout("3x4+1", tuple(strips))


def recording() -> Recording:
    full = signal()
    shown = np.full_like(full, np.nan)
    for strip in layout().strips:
        a, b = round(strip.start_s * SAMPLING_RATE_HZ), round(strip.end_s * SAMPLING_RATE_HZ)
        shown[strip.lead.row, a:b] = full[strip.lead.row, a:b]
    shown[Lead.V5.row, 4200:4260] = np.nan
    return Recording(shown, np.full(12, 22.0, dtype=np.float32))


def page() -> Page:
    image = np.full((155 * PX_PER_MM, 275 * PX_PER_MM, 3), 255, dtype=np.uint8)
    for mm in range(0, 276, 5):
        image[:, min(mm * PX_PER_MM, image.shape[1] - 1)] = (240, 190, 190)
        if mm < 155:
            image[mm * PX_PER_MM, :] = (240, 190, 190)
    full = signal()
    for strip in layout().strips:
        n = np.arange(round(strip.start_s * 500), round(strip.end_s * 500))
        x = (strip.x0_mm + (n / 500 - strip.start_s) * 25) * PX_PER_MM
        y = (strip.baseline_mm - full[strip.lead.row, n] * 10) * PX_PER_MM
        points = np.column_stack([x, y]).round().astype(np.int32)
        cv2.polylines(image, [points], isClosed=False, color=(20, 20, 30), thickness=2)
        cv2.putText(image, strip.lead.value, (int(x[0]) + 6, int(y[0]) - 60), 0, 0.8, (20, 20, 30), 2)
    ppm = Figure(float(PX_PER_MM), "px/mm")
    return Page(
        image=image,
        ink=np.zeros(image.shape[:2], dtype=np.uint8),
        pixels_per_mm_x=ppm,
        pixels_per_mm_y=ppm,
        to_scan=np.diag([PX_PER_MM, PX_PER_MM, 1.0]).astype(np.float64),
        layout=layout(),
        speed=Figure(25.0, "mm/s", How.PRINTED),
        gain=Figure(10.0, "mm/mV"),
    )


def measurements() -> Measurements:
    ms = {name: not_measurable("ms", "not simulated here") for name in ("rr_sd", "p_duration", "jt")}
    return Measurements(
        heart_rate=Figure(75.0, "bpm", uncertainty=0.4),
        rr_mean=Figure(800.0, "ms", uncertainty=2.0),
        pr=Figure(196.0, "ms", uncertainty=6.0),
        qrs=Figure(96.0, "ms", uncertainty=4.0),
        qt=Figure(402.0, "ms", uncertainty=8.0),
        qtc_bazett=Figure(449.0, "ms", uncertainty=9.0),
        qtc_fridericia=Figure(433.0, "ms", uncertainty=9.0),
        qtc_framingham=Figure(433.0, "ms", uncertainty=9.0),
        qtc_hodges=Figure(428.0, "ms", uncertainty=9.0),
        p_axis=Figure(52.0, "°", uncertainty=5.0),
        qrs_axis=Figure(48.0, "°", uncertainty=3.0),
        t_axis=not_measurable("°", "the T wave is too low in the limb leads"),
        einthoven=Figure(3.1, "%"),
        rr_sd=ms["rr_sd"],
        p_duration=ms["p_duration"],
        jt=ms["jt"],
    )


STEMI = Finding(
    "ISCHAEMIA_STEMI_ANTERIOR",
    Severity.CRITICAL,
    Certainty.PROBABLE,
    (Span(Lead.V2, 5.42, 5.60), Span(Lead.V3, 5.42, 5.60), Span(Lead.V4, 7.82, 8.0)),
    "criteria",
    "ST at J+60 ms is +0.26 mV in V2 and +0.31 mV in V3; limit 0.20 mV for men of 40 years and more.",
    "ST elevation, anterior: consider acute infarction",
)
BORDERLINE_PR = Finding(
    "CONDUCTION_PR_BORDERLINE",
    Severity.BORDERLINE,
    Certainty.DEFINITE,
    tuple(Span(Lead.II, r - 0.21, r) for r in np.arange(0.4, 10, RR_S).round(3).tolist()),
    "criteria",
    "PR 196 ms ± 6 ms; the limit is 200 ms.",
    "PR interval at the upper limit",
)
SINUS = Finding(
    "RHYTHM_SINUS",
    Severity.NORMAL,
    Certainty.DEFINITE,
    (Span(Lead.II, 0.0, 10.0),),
    "criteria",
    "A P wave of the same shape before each of 12 QRS complexes, 75 bpm, RR spread 2 ms.",
    "Sinus rhythm",
)
AXIS = Finding(
    "AXIS_NORMAL",
    Severity.NORMAL,
    Certainty.DEFINITE,
    (),
    "criteria",
    "QRS axis +48°, between −30° and +90°.",
    "Normal QRS axis",
)


def case(*, number: int = 1, findings: tuple[Finding, ...] = (BORDERLINE_PR, SINUS, AXIS)) -> Case:
    done, scan = cv2.imencode(".png", page().image[:, :, ::-1])
    assert done
    return Case(
        id=f"{number:032x}",
        source_name=f"sample-{number}.png",
        sheet_number=1,
        created_at=datetime(2024, 3, 1, 9, number % 60, tzinfo=UTC),
        scan=scan.tobytes(),
        status=Status.READ,
        patient=Patient(name="SAMPLE, ONE", patient_id="0000", birth_date=date(1960, 2, 29), sex=Sex.FEMALE),
        page=page(),
        recording=recording(),
        measurements=measurements(),
        readings=(Reading("criteria", "1", findings),),
    )


def critical_case(*, number: int = 2) -> Case:
    return case(number=number, findings=(STEMI, BORDERLINE_PR, SINUS, AXIS))


def doubtful_case(*, number: int = 3) -> Case:
    return replace(
        case(number=number),
        status=Status.DOUBTFUL,
        reasons=("The trace of V5 is of low quality: compare it with the paper before you rely on it.",),
    )
