"""The words for statuses, findings and figures, as a technician uses them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ecgdesk.ecg.case import Case
from ecgdesk.ecg.figure import Figure, How, not_measurable
from ecgdesk.ecg.lead import STANDARD_ORDER
from ecgdesk.ecg.measurements import Measurements
from ecgdesk.ecg.page import Page
from ecgdesk.ecg.reading import Certainty, Finding
from ecgdesk.ecg.recording import Recording
from ecgdesk.ecg.statements import catalogue

NO_VALUE = "—"
_LEAST_SPREAD = 0.1  # of what is shown with one digit

_SOURCE = {How.MEASURED: "measured", How.PRINTED: "printed", How.ASSUMED: "assumed", How.ENTERED: "entered"}
_LONGEST_IN_A_SENTENCE = 60  # letters


def statement(finding: Finding) -> str:
    """The finding as it is printed."""
    if finding.text:
        return finding.text
    known = catalogue().get(finding.code)
    return known.name if known is not None else finding.code


def hedged(finding: Finding) -> str:
    """The statement with its certainty, as far as it is not definite."""
    if finding.certainty is Certainty.DEFINITE:
        return statement(finding)
    return f"{statement(finding)} ({finding.certainty.value})"


def alarm(findings: Sequence[Finding]) -> str:
    """The critical findings in one line; that the ECG as a whole is critical goes without saying beside them."""
    known = catalogue()
    telling = [f for f in findings if f.code not in known or known[f.code].category != "overall"]
    return "Critical: " + "; ".join(hedged(finding) for finding in telling or findings)


@dataclass(frozen=True)
class FigureRow:
    """One line of the measurements: `value` is as short as it can be, `detail` says where it comes from."""

    name: str
    value: str
    unit: str
    spread: str
    source: str
    detail: str
    measurable: bool


def figure_row(name: str, figure: Figure) -> FigureRow:
    if figure.value is None:
        reason = figure.reason or "no reason is known"
        return FigureRow(
            name, NO_VALUE, "", f"not measurable: {reason}", "", f"{name} is not measurable: {reason}.", False
        )
    digits = 0 if figure.unit in ("ms", "bpm", "°", "deg", "degrees") else 1
    value = f"{figure.value:.{digits}f}".replace("-", "−")
    spread = "" if figure.uncertainty is None else _spread(figure.uncertainty, digits)
    unit = "°" if figure.unit in ("deg", "degrees") else figure.unit
    detail = f"{name} {value} {spread} {unit}, {_SOURCE[figure.how]}".replace("  ", " ")
    if spread:
        detail += "; ± is one standard deviation"
    return FigureRow(name, value, unit, spread, _SOURCE[figure.how], detail + ".", True)


def _spread(uncertainty: float, digits: int) -> str:
    """A small spread keeps a digit: ± 0 would claim that there is none."""
    if uncertainty < _LEAST_SPREAD:
        return f"± <{_LEAST_SPREAD}"
    return f"± {uncertainty:.{digits if uncertainty >= 1 else 1}f}"


def figure_rows(measurements: Measurements) -> tuple[FigureRow, ...]:
    m = measurements
    return tuple(
        figure_row(name, figure)
        for name, figure in (
            ("Heart rate", m.heart_rate),
            ("PR", m.pr),
            ("QRS", m.qrs),
            ("QT", m.qt),
            ("QTc Bazett", m.qtc_bazett),
            ("QTc Fridericia", m.qtc_fridericia),
            ("P axis", m.p_axis),
            ("QRS axis", m.qrs_axis),
            ("T axis", m.t_axis),
            ("RR", m.rr_mean),
            ("RR spread", m.rr_sd),
            ("P", m.p_duration),
            ("JT", m.jt),
            ("QTc Framingham", m.qtc_framingham),
            ("QTc Hodges", m.qtc_hodges),
            ("I + III − II", m.einthoven),
        )
    )


def case_rows(case: Case) -> tuple[FigureRow, ...]:
    """The measurements, and how well the traces were followed."""
    rows = figure_rows(case.measurements) if case.measurements is not None else ()
    return (*rows, _quality_row(case.recording)) if case.recording is not None else rows


def _quality_row(recording: Recording) -> FigureRow:
    known = {lead: float(recording.quality_db[lead.row]) for lead in STANDARD_ORDER}
    known = {lead: db for lead, db in known.items() if math.isfinite(db)}
    if not known:
        return figure_row("Trace quality", not_measurable("dB", "no lead has a quality figure"))
    poorest = min(known, key=lambda lead: known[lead])
    each = ", ".join(f"{lead} {db:.0f}" for lead, db in known.items())
    detail = f"Expected signal-to-noise ratio of each lead's digitisation in dB: {each}."
    return FigureRow("Trace quality", f"{known[poorest]:.0f}", "dB", f"in {poorest}", "lowest", detail, True)


def shortened(name: str) -> str:
    """A name of any length as it goes into a sentence."""
    half = _LONGEST_IN_A_SENTENCE // 2
    return name if len(name) <= 2 * half else f"{name[:half].rstrip()} … {name[-half:].lstrip()}"


def whose(case: Case) -> str:
    """Whose ECG it is, for a last look before its report is signed."""
    patient = case.patient
    name, number = " ".join(patient.name.split()), patient.patient_id.strip()
    facts = [shortened(name or case.source_name)]
    facts += [] if name else ["no patient named"]
    facts += [f"ID {shortened(number)}"] if number else []
    facts += [f"born {patient.birth_date:%Y-%m-%d}"] if patient.birth_date is not None else []
    return ", ".join(facts)


def page_line(page: Page) -> str:
    """Layout, speed and gain with their sources in one line."""
    speed, gain = page.speed, page.gain
    together = None not in (speed.value, gain.value) and speed.how is gain.how
    scales = f"{_plain(speed)}, {_with_source(gain)}" if together else f"{_with_source(speed)}   {_with_source(gain)}"
    layout = page.layout.name if page.layout.how is How.MEASURED else f"{page.layout.name} ({_SOURCE[page.layout.how]})"
    return f"{layout}   {scales}"


def _with_source(figure: Figure) -> str:
    return _plain(figure) if figure.value is None else f"{_plain(figure)} ({_SOURCE[figure.how]})"


def _plain(figure: Figure) -> str:
    return f"{NO_VALUE if figure.value is None else f'{figure.value:g}'} {figure.unit}"
