"""Cases made by hand: a plain synthetic heart beat, twelve leads, the sheet's usual layouts."""

import io
from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ecgdesk.ecg.case import Case, Status
from ecgdesk.ecg.figure import Figure, How, not_measurable
from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, STANDARD_ORDER, Lead
from ecgdesk.ecg.measurements import Measurements
from ecgdesk.ecg.page import Layout, Page, Strip
from ecgdesk.ecg.patient import Patient, Sex
from ecgdesk.ecg.reading import Certainty, Finding, Reading, Severity, Span
from ecgdesk.ecg.recording import Recording

_GAINS = dict(
    zip(STANDARD_ORDER, (0.7, 1.1, 0.4, -0.9, 0.3, 0.75, -0.9, -1.2, -0.3, 1.1, 1.4, 1.0), strict=True)
)  # R or S, mV


def signal(*, seconds: float = 10.0, rate: float = 72.0, scale: float = 1.0) -> NDArray[np.float32]:
    """float32[12, n], mV: P, QRS and T as Gaussian bumps."""
    t = np.arange(round(seconds * SAMPLING_RATE_HZ)) / SAMPLING_RATE_HZ
    phase = np.mod(t - 0.4, 60 / rate)

    def bump(centre: float, width: float) -> NDArray[np.float64]:
        return np.exp(-0.5 * ((phase - centre) / width) ** 2)

    beat = 0.12 * bump(0.10, 0.022) - 0.1 * bump(0.235, 0.008) + bump(0.262, 0.011) - 0.2 * bump(0.29, 0.01)
    wave = 0.28 * bump(0.53, 0.05)
    return np.stack([scale * (gain * beat + abs(gain) * wave) for gain in _GAINS.values()]).astype(np.float32)


def three_by_four(whole: NDArray[np.float32]) -> Recording:
    """The recording that a 3x4 sheet with lead II below would give."""
    shown = np.full_like(whole, np.nan)
    quarter = whole.shape[1] // 4
    for row in range(12):
        column = row // 3
        shown[row, column * quarter : (column + 1) * quarter] = whole[row, column * quarter : (column + 1) * quarter]
    shown[Lead.II.row] = whole[Lead.II.row]
    return Recording(shown, np.full(12, 24.0, np.float32))


def grid_layout() -> Layout:
    strips = [_strip(lead, row % 3, 2.5 * (row // 3), 2.5) for row, lead in enumerate(STANDARD_ORDER)]
    return Layout("3x4+1", (*strips, _strip(Lead.II, 3, 0.0, 10.0, rhythm=True)))


def rows_layout(rows: int, columns: int) -> Layout:
    """6x2 and 12x1 over 10 s."""
    seconds = 10.0 / columns
    strips = [_strip(lead, n % rows, seconds * (n // rows), seconds) for n, lead in enumerate(STANDARD_ORDER)]
    return Layout(f"{rows}x{columns}", tuple(strips))


def page(layout: Layout, *, doubts: tuple[str, ...] = ()) -> Page:
    return Page(
        image=np.full((200, 280, 3), 255, np.uint8),
        ink=np.zeros((200, 280), np.uint8),
        pixels_per_mm_x=Figure(7.87, "px/mm"),
        pixels_per_mm_y=Figure(7.86, "px/mm"),
        to_scan=np.eye(3),
        layout=layout,
        speed=Figure(25.0, "mm/s", How.PRINTED),
        gain=Figure(10.0, "mm/mV", How.MEASURED),
        doubts=doubts,
    )


def measurements(**changed: Figure) -> Measurements:
    values = {
        "heart_rate": Figure(72.0, "bpm", uncertainty=0.6),
        "rr_mean": Figure(833.0, "ms", uncertainty=7.0),
        "rr_sd": Figure(4.0, "ms"),
        "p_duration": Figure(104.0, "ms", uncertainty=9.0),
        "pr": Figure(158.0, "ms", uncertainty=8.0),
        "qrs": Figure(92.0, "ms", How.ENTERED),
        "qt": Figure(388.0, "ms", How.PRINTED),
        "jt": Figure(296.0, "ms", uncertainty=12.0),
        "qtc_bazett": Figure(425.0, "ms", uncertainty=12.0),
        "qtc_fridericia": Figure(412.0, "ms", uncertainty=12.0),
        "qtc_framingham": Figure(414.0, "ms", uncertainty=12.0),
        "qtc_hodges": Figure(409.0, "ms", uncertainty=12.0),
        "p_axis": not_measurable("°", "the P wave is too small in the limb leads"),
        "qrs_axis": Figure(-12.0, "°", uncertainty=4.0),
        "t_axis": Figure(38.0, "°", uncertainty=6.0),
        "einthoven": Figure(3.4, "%"),
    }
    return Measurements(**(values | changed))


def finding(
    code: str = "LBBB",
    severity: Severity = Severity.ABNORMAL,
    spans: tuple[Span, ...] = (Span(Lead.V1, 7.6, 7.8),),
    *,
    why: str = "QRS 148 ms (120 ms or more); broad R in I, aVL, V5 and V6 without q; rS in V1.",
    text: str = "",
) -> Finding:
    return Finding(code, severity, Certainty.PROBABLE, spans, "criteria", why, text)


def findings(count: int) -> tuple[Finding, ...]:
    severities = tuple(Severity)
    return tuple(
        finding(
            f"CODE{number}",
            severities[number % len(severities)],
            tuple(
                Span(lead, 0.6 + 0.83 * beat, 0.85 + 0.83 * beat)
                for lead in STANDARD_ORDER[number % 12 :][:2]
                for beat in range(11)
            ),
            text=f"Synthetic statement number {number}",
        )
        for number in range(count)
    )


def scan(width: int = 1100, height: int = 850, *, kind: str = "PNG") -> bytes:
    image = Image.new("RGB", (width, height), (250, 240, 238))
    for x in range(0, width, 20):
        image.paste((230, 180, 180), (x, 0, x + 1, height))
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def patient(name: str = "SAMPLE, ONE") -> Patient:
    return Patient(name, "TEST-0001", date(1960, 2, 29), Sex.FEMALE, None, datetime(2026, 11, 24, 9, 30))


def case(*found: Finding, **changed: object) -> Case:
    """A read 3x4 case; keyword arguments replace fields of the Case."""
    given: dict[str, object] = {
        "id": "0123456789abcdef0123456789abcdef",
        "source_name": "sample_sheet.png",
        "sheet_number": 1,
        "created_at": datetime(2026, 11, 24, 10, 0, tzinfo=UTC),
        "scan": scan(),
        "status": Status.READ,
        "patient": patient(),
        "page": page(grid_layout()),
        "recording": three_by_four(signal()),
        "measurements": measurements(),
        "readings": (Reading("criteria", "1", tuple(found)),),
    }
    return Case(**(given | changed))  # type: ignore[arg-type]


def _strip(lead: Lead, row: int, start_s: float, seconds: float, *, rhythm: bool = False) -> Strip:
    baseline = 40.0 + 30.0 * row
    x = 10.0 + 25.0 * start_s
    return Strip(
        lead=lead,
        x0_mm=x,
        x1_mm=x + 25.0 * seconds,
        baseline_mm=baseline,
        top_mm=baseline - 15,
        bottom_mm=baseline + 15,
        start_s=start_s,
        end_s=start_s + seconds,
        gain=Figure(10.0, "mm/mV"),
        rhythm=rhythm,
    )


def single_strip(lead: Lead, *, seconds: float = 10.0) -> Layout:
    return Layout("1x1", (_strip(lead, 0, 0.0, seconds),))
