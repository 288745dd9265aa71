"""The findings as they stand in the report: number, statement, severity, certainty, who says so, and why."""

from collections.abc import Sequence
from dataclasses import replace

from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph

from ecgdesk.ecg.case import Case, Verdict
from ecgdesk.ecg.reading import Finding, Severity
from ecgdesk.ecg.statements import catalogue
from ecgdesk.report import columns, fonts, ink
from ecgdesk.report.flow import Block, Story
from ecgdesk.report.highlights import TAG, draw_tag
from ecgdesk.report.paper import MM, Box

_NAME_LEADING = 3.8 * MM
_INDENT = TAG + 1.4 * MM
_TAG_STEP = TAG + 0.5 * MM
_HEAD = ParagraphStyle("finding", parent=columns.TEXT, fontName=fonts.BOLD, fontSize=7.6, leading=9, leftIndent=_INDENT)
_WHY = ParagraphStyle("why", parent=columns.SMALL, fontSize=6.2, leading=7, leftIndent=_INDENT, spaceAfter=1.8)


def finding_story(case: Case) -> Story:
    """Every finding that stands, numbered as in the drawing."""
    blocks: list[Block] = [
        _block(number, finding, _decision(case, finding)) for number, finding in enumerate(case.findings, start=1)
    ]
    if not blocks:
        blocks.append((columns.paragraph("No finding stands in this report.", columns.TEXT),))
    return columns.story("Findings", tuple(blocks))


def statement_text(finding: Finding) -> str:
    """The finding as printed."""
    if finding.text:
        return finding.text
    statement = catalogue().get(finding.code)
    return statement.name if statement else finding.code


class _Tag(Flowable):
    """A finding's number, as in the drawing, beside the line that follows."""

    def __init__(self, number: int, severity: Severity) -> None:
        super().__init__()
        self._number, self._severity = number, severity

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        return TAG, 0.0

    def draw(self) -> None:
        canvas: Canvas = self.canv
        draw_tag(canvas, self._number, self._severity, x=0, y=-TAG + 0.3 * MM)


def _block(number: int, finding: Finding, decision: str) -> Block:
    tone = ink.TONES[finding.severity]
    grade = f'<font name="{fonts.BOLD}" color="#{tone.strong.hexval()[2:]}">{finding.severity.label.upper()}</font>'
    said_by = "" if decision.startswith(Verdict.ADDED) else finding.source
    facts = [finding.certainty.value, *(fact for fact in (said_by, decision) if fact)]
    tail = "".join(f" · {fonts.markup(fact)}" for fact in facts)
    head = Paragraph(
        f"{fonts.markup(statement_text(finding), fonts.BOLD)}"
        f'<font name="{fonts.REGULAR}" size="6.2">&nbsp;&nbsp; {grade}{tail}</font>',
        _HEAD,
    )
    return (_Tag(number, finding.severity), head, columns.paragraph(finding.why, _WHY))


def _decision(case: Case, finding: Finding) -> str:
    """Who stands behind a finding besides its reader: `accepted by NAME`; empty when nobody has decided yet."""
    for edit in reversed(case.edits):
        if finding in (edit.finding, edit.replacement) and edit.verdict is not Verdict.REJECTED:
            return f"{edit.verdict.value} by {edit.by}"
    return ""


def draw_brief(canvas: Canvas, case: Case, *, box: Box, remark: str = "") -> None:
    """For a page whose tables stand on a later one: the key figures on one line, under it the findings' names.

    `remark`: one line at the foot.
    """
    canvas.setFillColor(ink.TEXT)
    fonts.draw(canvas, box.x, box.top - 3 * MM, "Findings (in full on a later page)", face=fonts.BOLD, size=8)
    if case.measurements is not None:
        line = columns.key_measures(case.measurements)
        start = box.right - fonts.width(line, fonts.REGULAR, 7)
        fonts.draw(canvas, start, box.top - 3 * MM, line, face=fonts.REGULAR, size=7)
    if remark:
        canvas.setFillColor(ink.TEXT)
        fonts.draw(canvas, box.x, box.y, remark, face=fonts.BOLD, size=7)
        box = replace(box, y=box.y + _NAME_LEADING, height=box.height - _NAME_LEADING)
    _draw_names(canvas, case.findings, box=box)


def _draw_names(canvas: Canvas, findings: Sequence[Finding], *, box: Box) -> None:
    """The statements alone, as many as the box holds, and how many more there are; what two readers say stands once."""
    named: dict[str, list[int]] = {}
    for number, finding in enumerate(findings, start=1):
        named.setdefault(statement_text(finding), []).append(number)
    lines, across = int((box.height - 4.5 * MM) / _NAME_LEADING), 3
    width = (box.width - (across - 1) * 2 * MM) / across
    shown = len(named) if len(named) <= lines * across else lines * across - 1
    for place, (text, numbers) in enumerate(list(named.items())[: lines * across]):
        x = box.x + (place // lines) * (width + 2 * MM)
        y = box.top - 7.4 * MM - (place % lines) * _NAME_LEADING
        if place == shown:
            canvas.setFillColor(ink.SOFT)
            fonts.draw(canvas, x, y, f"and {len(named) - shown} more", face=fonts.REGULAR, size=7)
            return
        indent = _INDENT + (len(numbers) - 1) * _TAG_STEP
        for step, number in enumerate(numbers):
            draw_tag(canvas, number, findings[number - 1].severity, x=x + step * _TAG_STEP, y=y)
        size = fonts.fitted(text, fonts.REGULAR, 7, room=width - indent, smallest=3)
        canvas.setFillColor(ink.TEXT)
        fonts.draw(canvas, x + indent, y, text, face=fonts.REGULAR, size=size)
