"""What stands beside the drawn ECG, as flowing text: measurements, findings, and what to check."""

from collections.abc import Sequence
from typing import Any

from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, Spacer, Table, TableStyle

from ecgdesk.ecg.case import Case, Status, Verdict
from ecgdesk.ecg.figure import Figure, How
from ecgdesk.ecg.lead import STANDARD_ORDER
from ecgdesk.ecg.measurements import Measurements
from ecgdesk.ecg.page import Page
from ecgdesk.ecg.reading import Finding, Severity
from ecgdesk.ecg.recording import Recording
from ecgdesk.ecg.statements import catalogue
from ecgdesk.report import fonts, ink
from ecgdesk.report.highlights import TAG, draw_tag
from ecgdesk.report.paper import MM

HEADING = ParagraphStyle("heading", fontName=fonts.BOLD, fontSize=8, leading=10, textColor=ink.TEXT, spaceAfter=2)
TEXT = ParagraphStyle("text", fontName=fonts.REGULAR, fontSize=7, leading=8.8, textColor=ink.TEXT)
SMALL = ParagraphStyle("small", fontName=fonts.REGULAR, fontSize=6.4, leading=8, textColor=ink.SOFT)
WARNING = ParagraphStyle("warning", parent=TEXT, leftIndent=2.6 * MM, bulletIndent=0, spaceAfter=1)
FINDING = ParagraphStyle("finding", parent=TEXT, fontName=fonts.BOLD, fontSize=7.6, leading=9.4)

_NAMES: tuple[tuple[str, str], ...] = (
    ("heart_rate", "Heart rate"),
    ("rr_mean", "RR interval"),
    ("rr_sd", "RR, standard deviation"),
    ("p_duration", "P duration"),
    ("pr", "PR interval"),
    ("qrs", "QRS duration"),
    ("qt", "QT interval"),
    ("jt", "JT interval"),
    ("qtc_bazett", "QTc (Bazett)"),
    ("qtc_fridericia", "QTc (Fridericia)"),
    ("qtc_framingham", "QTc (Framingham)"),
    ("qtc_hodges", "QTc (Hodges)"),
    ("p_axis", "P axis"),
    ("qrs_axis", "QRS axis"),
    ("t_axis", "T axis"),
    ("einthoven", "I + III \N{MINUS SIGN} II, residue"),
)
_SHOWN_UNITS = {"bpm": "/min", "deg": "°", "degrees": "°"}


def measurement_column(measurements: Measurements | None, *, width: float) -> list[Flowable]:
    """The table of measurements: name, value with unit, uncertainty, how it was had."""
    story: list[Flowable] = [_heading("Measurements")]
    if measurements is None:
        return [*story, _paragraph("Nothing was measured: there is no digitised signal.", TEXT)]
    cells: list[list[object]] = []
    style: list[Any] = [
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
        ("TOPPADDING", (0, 0), (-1, -1), 0.35),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0.35),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, ink.RULE),
    ]
    for row, (field, name) in enumerate(_NAMES):
        figure: Figure = getattr(measurements, field)
        if figure.value is None:
            text = f"not measurable: {figure.reason}" if figure.reason else "not measurable"
            cells.append([_paragraph(name, TEXT), _paragraph(text, SMALL), "", ""])
            style.append(("SPAN", (1, row), (3, row)))
        else:
            doubt = "" if figure.uncertainty is None else f"± {_value(figure.uncertainty, figure.unit)}"
            cells.append(
                [
                    _paragraph(name, TEXT),
                    Paragraph(
                        f"<b>{fonts.markup(_value(figure.value, figure.unit), fonts.BOLD)}</b> {_unit(figure.unit)}",
                        _right(TEXT),
                    ),
                    _paragraph(doubt, SMALL),
                    _paragraph(figure.how.value, SMALL),
                ]
            )
    shares = (0.41, 0.25, 0.14, 0.20)
    table = Table(cells, colWidths=[share * width for share in shares], splitInRow=1)
    table.setStyle(TableStyle(style))
    return [*story, table]


def finding_column(case: Case) -> list[Flowable]:
    """Every standing finding: number, statement, severity, certainty, who says so, and why."""
    story: list[Flowable] = [_heading("Findings")]
    if case.status is Status.UNREADABLE:
        return [*story, _paragraph("None: this sheet could not be read. See the original scan.", TEXT)]
    findings = case.findings
    if not findings:
        story.append(_paragraph("No finding stands in this report.", TEXT))
    for number, finding in enumerate(findings, start=1):
        story += _finding(number, finding, _decision(case, finding))
    return story


def check_column(case: Case) -> list[Flowable]:
    """What a person should check, and how the sheet was understood."""
    warnings = [*case.reasons, *(case.page.doubts if case.page else ())]
    remarks = [remark for reading in case.readings for remark in reading.remarks]
    story: list[Flowable] = []
    if warnings:
        story.append(_heading("Please check"))
        story += [_bullet(text) for text in dict.fromkeys(warnings)]
        story.append(Spacer(1, 2 * MM))
    if remarks:
        story.append(_heading("Not assessed"))
        story += [_bullet(text) for text in dict.fromkeys(remarks)]
        story.append(Spacer(1, 2 * MM))
    if case.page is not None:
        story += [_heading("The sheet"), _paragraph(_sheet(case.page), TEXT), Spacer(1, 2 * MM)]
    if case.recording is not None:
        story += [_heading("Digitisation, expected signal to noise"), _paragraph(_quality(case.recording), TEXT)]
    return story


def _decision(case: Case, finding: Finding) -> str:
    """Who stands behind a finding besides its reader: `accepted by NAME`; empty when nobody has decided yet."""
    for edit in reversed(case.edits):
        if finding in (edit.finding, edit.replacement) and edit.verdict is not Verdict.REJECTED:
            return f"{edit.verdict.value} by {edit.by}"
    return ""


def statement_text(finding: Finding) -> str:
    """The finding as printed."""
    if finding.text:
        return finding.text
    statement = catalogue().get(finding.code)
    return statement.name if statement else finding.code


class _Tag(Flowable):
    """A finding's number, as in the drawing."""

    def __init__(self, number: int, severity: Severity) -> None:
        super().__init__()
        self._number, self._severity = number, severity
        self.width = self.height = TAG

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        return TAG, TAG

    def draw(self) -> None:
        canvas: Canvas = self.canv
        draw_tag(canvas, self._number, self._severity, x=0, y=0.2 * MM)


def _finding(number: int, finding: Finding, decision: str) -> list[Flowable]:
    tone = ink.TONES[finding.severity]
    grade = f'<font color="#{tone.strong.hexval()[2:]}">{finding.severity.label.upper()}</font>'
    facts = [finding.certainty.value, f"reader {finding.source}" if not decision.startswith("added") else "", decision]
    tail = " · ".join(fonts.markup(fact) for fact in facts if fact)
    head = Paragraph(
        f'{fonts.markup(statement_text(finding), fonts.BOLD)}<font name="{fonts.REGULAR}" size="6.2"> '
        f"  <b>{grade}</b> · {tail}</font>",
        FINDING,
    )
    body: list[Flowable] = [head]
    if finding.why:
        body.append(_paragraph(finding.why, SMALL))
    table = Table([[_Tag(number, finding.severity), body]], colWidths=[TAG + 1.4 * MM, None], splitInRow=1)
    table.setStyle(
        TableStyle(
            [
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.2),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return [table]


def _heading(text: str) -> Paragraph:
    return Paragraph(fonts.markup(text, fonts.BOLD), HEADING)


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(fonts.markup(text, style.fontName), style)


def _bullet(text: str) -> Paragraph:
    return Paragraph(fonts.markup(text), WARNING, bulletText="•")


def _right(style: ParagraphStyle) -> ParagraphStyle:
    return ParagraphStyle(f"{style.name}-right", parent=style, alignment=2)


def _value(value: float, unit: str) -> str:
    return ink.number(value, digits=1 if unit == "%" else 0)


def _unit(unit: str) -> str:
    return _SHOWN_UNITS.get(unit, unit)


def _sheet(page: Page) -> str:
    facts = [
        f"layout {page.layout.name}",
        _sourced(page.speed, "mm/s"),
        _sourced(page.gain, "mm/mV"),
        f"{_sourced(page.pixels_per_mm_x, 'pixels/mm')}",
    ]
    return "; ".join(facts) + "."


def _sourced(figure: Figure, unit: str) -> str:
    if figure.value is None:
        return f"{unit} unknown"
    note = " (assumed)" if figure.how is How.ASSUMED else f" ({figure.how.value})"
    return f"{figure.value:.4g} {unit}{note}"


def _quality(recording: Recording) -> str:
    parts: Sequence[str] = [
        f"{lead.value} {ink.number(float(recording.quality_db[lead.row]))}"
        for lead in STANDARD_ORDER
        if recording.spans_s(lead) and recording.quality_db[lead.row] == recording.quality_db[lead.row]
    ]
    return f"{', '.join(parts)} dB" if parts else "not known"
