"""Where the findings are: soft bands under the trace, each finding's number above the first of its spans.

Everything is drawn from the findings' spans alone. The band of the most severe finding lies on top; the edge under a
band tells the severities apart in grey print.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas

from ecgdesk.ecg.reading import Finding, Severity
from ecgdesk.report import fonts, ink
from ecgdesk.report.paper import MM
from ecgdesk.report.rows import Segment

_NARROWEST_S = 0.04  # a narrower span is drawn this wide, else it cannot be seen
TAG = 3.1 * MM
_TAG_GAP = 0.4 * MM


@dataclass(frozen=True)
class Highlight:
    """One finding's spans within one segment, seconds from the segment's start; `number` counts the findings from 1."""

    number: int
    severity: Severity
    spans: tuple[tuple[float, float], ...]


def highlights(findings: Sequence[Finding], segment: Segment) -> tuple[Highlight, ...]:
    """What of the findings' evidence lies in this segment, in the findings' order."""
    found = []
    for number, finding in enumerate(findings, start=1):
        spans = tuple(
            (max(span.start_s, segment.start_s) - segment.start_s, min(span.end_s, segment.end_s) - segment.start_s)
            for span in finding.spans
            if span.lead is segment.lead and span.start_s < segment.end_s and span.end_s > segment.start_s
        )
        if spans:
            found.append(Highlight(number, finding.severity, tuple(sorted(spans))))
    return tuple(found)


def draw_bands(
    canvas: Canvas, shown: Sequence[Highlight], *, x: float, baseline: float, rise: float, depth: float, speed: float
) -> None:
    """`x`, `baseline` in points, `rise` and `depth` in mm, `speed` in mm/s."""
    bottom, top = baseline - depth * MM, baseline + rise * MM
    for highlight in sorted(shown, key=lambda highlight: highlight.severity):
        tone = ink.TONES[highlight.severity]
        for start, end in highlight.spans:
            left = x + start * speed * MM
            width = max(end - start, _NARROWEST_S) * speed * MM
            canvas.setFillColor(tone.fill)
            canvas.rect(left, bottom, width, top - bottom, stroke=0, fill=1)
            canvas.setStrokeColor(tone.strong)
            canvas.setLineWidth(tone.edge_width)
            canvas.setDash(*((list(tone.edge_dash), 0) if tone.edge_dash else ()))
            canvas.line(left, bottom, left + width, bottom)
    canvas.setDash()


def draw_tags(canvas: Canvas, shown: Sequence[Highlight], *, x: float, y: float, after: float, speed: float) -> None:
    """The numbers on one line at height `y`, each at its first span or as near behind it as the others leave room."""
    free = after
    for highlight in sorted(shown, key=lambda highlight: (highlight.spans[0], highlight.number)):
        left = max(free, x + highlight.spans[0][0] * speed * MM)
        draw_tag(canvas, highlight.number, highlight.severity, x=left, y=y)
        free = left + TAG + _TAG_GAP


def draw_tag(canvas: Canvas, number: int, severity: Severity, *, x: float, y: float) -> None:
    """A finding's number, white on its severity's strong colour, `TAG` wide and high from (x, y - 0.5 mm)."""
    canvas.setFillColor(ink.TONES[severity].strong)
    canvas.roundRect(x, y - 0.5 * MM, TAG, TAG, 0.7 * MM, stroke=0, fill=1)
    canvas.setFillColor(ink.WHITE)
    text = str(number)
    canvas.setFont(fonts.BOLD, 6 if len(text) < 3 else 4.5)
    canvas.drawCentredString(x + TAG / 2, y + 0.32 * MM, text)
