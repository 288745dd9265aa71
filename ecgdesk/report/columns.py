"""What stands beside the drawn ECG, as flowing text: measurements, findings, and what to check."""

from collections.abc import Sequence
from typing import Any

from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, Paragraph, Table, TableStyle

from ecgdesk.ecg.case import Case
from ecgdesk.ecg.figure import Figure, How
from ecgdesk.ecg.lead import STANDARD_ORDER
from ecgdesk.ecg.measurements import Measurements
from ecgdesk.ecg.page import Page
from ecgdesk.ecg.reading import Reading
from ecgdesk.ecg.recording import Recording
from ecgdesk.report import fonts, ink
from ecgdesk.report.by_hand import by_hand
from ecgdesk.report.flow import Block, Story
from ecgdesk.report.paper import MM

TEXT = ParagraphStyle("text", fontName=fonts.REGULAR, fontSize=7, leading=8, textColor=ink.TEXT)
SMALL = ParagraphStyle("small", parent=TEXT, fontSize=6.4, leading=7.4, textColor=ink.SOFT)
STRONG = ParagraphStyle("strong", parent=TEXT, fontName=fonts.BOLD)
_HEADING = ParagraphStyle("heading", parent=TEXT, fontName=fonts.BOLD, fontSize=8, leading=10, spaceAfter=1.6)
_BULLET = ParagraphStyle("bullet", parent=TEXT, leftIndent=3.2 * MM, bulletFontName=fonts.REGULAR, spaceAfter=1)
_VALUE = ParagraphStyle("value", parent=TEXT, alignment=2)

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
)
_NOT_ASSESSED = "Not assessable: "  # so begin the criteria what stands under a heading of its own here
_SHOWN_UNITS = {"bpm": " /min", "deg": "°", "degrees": "°", "°": "°"}
_SHARES = (0.49, 0.19, 0.13, 0.19)  # of the table's width: name, value, uncertainty, how
_ROW = TableStyle(
    [
        ("FONTNAME", (0, 0), (-1, -1), fonts.REGULAR),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2.5),
        ("TOPPADDING", (0, 0), (-1, -1), 0.1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0.5),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, ink.RULE),
    ]
)
_SPANNING = TableStyle([("SPAN", (1, 0), (3, 0))], parent=_ROW)


def story(title: str, blocks: tuple[Block, ...]) -> Story:
    """The blocks under a title, which is repeated where they go on."""
    return Story(paragraph(title, _HEADING), paragraph(f"{title} (continued)", _HEADING), blocks)


def paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    """Plain text as a paragraph, in whatever faces its characters need."""
    return Paragraph(fonts.markup(text, style.fontName), style)


def measurement_story(measurements: Measurements | None, *, width: float) -> Story:
    """The table of measurements: name, value with unit, uncertainty, how it was had."""
    if measurements is None:
        nothing = paragraph("Nothing was measured: there is no digitised signal.", TEXT)
        return story("Measurements", ((nothing,),))
    figures: list[tuple[str, Figure]] = [(name, getattr(measurements, field)) for field, name in _NAMES]
    return story("Measurements", tuple((_row(name, figure, width),) for name, figure in figures))


def key_measures(measurements: Measurements) -> str:
    """The figures that a reader looks for first, on one line."""
    chosen = ("heart_rate", "pr", "qrs", "qt", "qtc_fridericia", "qrs_axis")
    names = dict(_NAMES)
    return "   ".join(
        f"{names[field].split(' interval')[0]} {_short(getattr(measurements, field))}" for field in chosen
    )


def check_stories(case: Case, *, drawing: Sequence[str] = ()) -> list[Story]:
    """What a person should check, and how the sheet was understood. `drawing`: what the drawing itself leaves out."""
    remarks = [remark for reading in case.readings if not reading.proposed for remark in reading.remarks]
    amended = [
        f"This report replaces the one that {old.signer} signed on {ink.moment(old.at)}." for old in case.superseded
    ]
    stories = [
        *_lists(("Amended", amended)),
        *warning_stories(case, drawing=drawing),
        *_lists(("Not assessed", [remark.removeprefix(_NOT_ASSESSED) for remark in remarks])),
    ]
    about: list[Flowable] = []
    if entered := by_hand(case):
        about.append(paragraph(entered, TEXT))
    if case.page is not None:
        about.append(paragraph(_sheet(case.page), SMALL))
    if case.recording is not None:
        about.append(paragraph(_quality(case.recording), SMALL))
    if case.measurements is not None:
        about.append(paragraph(_einthoven(case.measurements.einthoven), SMALL))
    about += [paragraph(f"Read by: {reading.reader} {reading.version}", SMALL) for reading in _heard(case)]
    return [*stories, story("Digitisation", (tuple(about),))] if about else stories


def warning_stories(case: Case, *, drawing: Sequence[str] = ()) -> list[Story]:
    """What must be checked before anybody relies on the report; one story or none."""
    return _lists(("Please check", [*drawing, *case.reasons, *(case.page.doubts if case.page else ())]))


def _lists(*lists: tuple[str, list[str]]) -> list[Story]:
    return [story(title, tuple((_bullet(text),) for text in dict.fromkeys(texts))) for title, texts in lists if texts]


def _heard(case: Case) -> tuple[Reading, ...]:
    """The readings that the report rests on: of a proposed one a person must have accepted something."""
    sources = {finding.source for finding in case.findings}
    return tuple(reading for reading in case.readings if not reading.proposed or reading.reader in sources)


def _short(figure: Figure) -> str:
    if figure.value is None:
        return "–"
    return f"{ink.number(figure.value)}{_SHOWN_UNITS.get(figure.unit, f' {figure.unit}')}"


def _row(name: str, figure: Figure, width: float) -> Table:
    sizes = [share * width for share in _SHARES]
    if figure.value is None:
        reason = f"not measurable: {figure.reason}" if figure.reason else "not measurable"
        return _table([paragraph(name, TEXT), paragraph(reason, SMALL), "", ""], sizes, _SPANNING)
    value = fonts.markup(ink.number(figure.value, digits=1 if figure.unit == "%" else 0), fonts.BOLD)
    unit = fonts.markup(_SHOWN_UNITS.get(figure.unit, f" {figure.unit}"))
    cells = [
        paragraph(name, TEXT),
        Paragraph(f'<font name="{fonts.BOLD}">{value}</font>{unit}', _VALUE),
        paragraph(_doubt(figure.uncertainty), SMALL),
        paragraph(figure.how.value, SMALL if figure.how is How.MEASURED else TEXT),
    ]
    return _table(cells, sizes, _ROW)


def _table(cells: list[Any], sizes: list[float], style: TableStyle) -> Table:
    table = Table([cells], colWidths=sizes, splitInRow=1, hAlign="LEFT")
    table.setStyle(style)
    return table


def _bullet(text: str) -> Paragraph:
    return Paragraph(fonts.markup(text), _BULLET, bulletText="•")


def _doubt(uncertainty: float | None) -> str:
    """One standard deviation; a decimal where a whole number would round it away."""
    if uncertainty is None:
        return ""
    if uncertainty < 0.05:
        return "± <0.1"
    return f"± {ink.number(uncertainty, digits=1 if uncertainty < 2 else 0)}"


def _sheet(page: Page) -> str:
    facts = (
        f"Layout {page.layout.name} ({page.layout.how.value})",
        _sourced(page.speed, "mm/s"),
        _sourced(page.gain, "mm/mV"),
        _sourced(page.pixels_per_mm_x, "pixels/mm"),
    )
    return "; ".join(facts) + "."


def _sourced(figure: Figure, unit: str) -> str:
    return f"{unit} unknown" if figure.value is None else f"{figure.value:.4g} {unit} ({figure.how.value})"


def _quality(recording: Recording) -> str:
    known = {lead: float(recording.quality_db[lead.row]) for lead in STANDARD_ORDER if recording.spans_s(lead)}
    parts = [f"{lead.value}\N{NO-BREAK SPACE}{ink.number(value)}" for lead, value in known.items() if value == value]
    return f"Expected signal to noise, dB: {', '.join(parts)}." if parts else "Expected signal to noise: not known."


def _einthoven(figure: Figure) -> str:
    if figure.value is None:
        return f"Einthoven's law (I + III = II): not checked{f', {figure.reason}' if figure.reason else ''}."
    return f"Departure from Einthoven's law (I + III = II): {ink.number(figure.value, digits=1)} % of II."
