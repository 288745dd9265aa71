"""The report: a PDF in landscape, ECG to true scale, measurements, findings, and the original scan.

Order of pages: the ECG with what fits beside it, what did not fit, the scan. The same case gives the same bytes.
"""

import io
from dataclasses import dataclass
from datetime import datetime

from reportlab.platypus import Flowable, Frame

from ecgdesk.ecg.case import Case
from ecgdesk.ecg.lead import Lead
from ecgdesk.report import chart, columns, fonts, frame
from ecgdesk.report.canvas import NumberedCanvas
from ecgdesk.report.chart import Line
from ecgdesk.report.frame import Signing
from ecgdesk.report.paper import MARGIN, MM, Box, Paper, seal_box
from ecgdesk.report.rows import rows
from ecgdesk.report.scan import draw_scan
from ecgdesk.report.signature import PRELIMINARY_KEYWORD

_GAP = 4 * MM
_LOWER_ZONE = 50 * MM  # the least that is kept for the tables under the ECG
_MEASUREMENTS_WIDTH = 84 * MM
_SCALE_NOTE = "25 mm/s and 10 mm/mV in print at 100 %"


def render(
    case: Case, *, paper: Paper = Paper.A4, signed_by: str | None = None, signed_at: datetime | None = None
) -> bytes:
    """The report as a PDF.

    Without `signed_by` and `signed_at` (timezone-aware) it says PRELIMINARY, NOT SIGNED; with both it says who signs
    and when, and leaves the seal's place free for sign().
    """
    if (signed_by is None) != (signed_at is None):
        raise ValueError("signed_by and signed_at go together")
    signing = Signing(signed_by, signed_at) if signed_by is not None and signed_at is not None else None
    fonts.load_fonts()
    out = io.BytesIO()
    canvas = NumberedCanvas(out, paper.size_pt, keywords="signed" if signing else PRELIMINARY_KEYWORD)
    _Report(case, paper, signing, canvas).draw()
    canvas.save()
    return out.getvalue()


@dataclass(frozen=True, eq=False)
class _Report:
    case: Case
    paper: Paper
    signing: Signing | None
    canvas: NumberedCanvas

    def draw(self) -> None:
        lines = self._lines()
        top = self._begin()
        bottom = frame.content_bottom()
        together = top - bottom - _LOWER_ZONE
        if lines and chart.height(lines) * MM > together:
            lines = self._draw_full_charts(lines, top)
            stories = self._stories()
            self._end()
            self._draw_tables(stories)
        else:
            if lines:
                top = self._draw_chart(lines, top).y - _GAP
            leftover = self._draw_columns(self._stories(), top=top, seal=True)
            self._end()
            self._draw_tables(leftover)
        self._draw_original()

    def _lines(self) -> tuple[Line, ...]:
        case = self.case
        if case.recording is None:
            return ()
        rhythm = case.measurements.rhythm_lead if case.measurements else None
        chosen = rows(case.recording, case.page.layout if case.page else None, rhythm=rhythm or Lead.II)
        return chart.lines(case.recording, chosen, case.findings)

    def _draw_full_charts(self, lines: tuple[Line, ...], top: float) -> tuple[Line, ...]:
        """ECG pages with nothing but the ECG; the seal keeps its place on the first."""
        floor = seal_box(self.paper.size_pt[0]).top + _GAP
        while True:
            count = chart.fitting(lines, (top - floor) / MM)
            self._draw_chart(lines[:count], top)
            lines = lines[count:]
            if not lines:
                return ()
            self._end()
            top = self._begin()
            floor = frame.content_bottom() + 2 * MM

    def _draw_chart(self, lines: tuple[Line, ...], top: float) -> Box:
        left = (self.paper.size_pt[0] - chart.WIDTH * MM) / 2
        return chart.draw_chart(self.canvas, lines, left=left, top=top)

    def _stories(self) -> tuple[list[Flowable], ...]:
        case = self.case
        return (
            columns.measurement_column(case.measurements, width=_MEASUREMENTS_WIDTH),
            columns.finding_column(case),
            columns.check_column(case),
        )

    def _draw_columns(
        self, stories: tuple[list[Flowable], ...], *, top: float, seal: bool
    ) -> tuple[list[Flowable], ...]:
        """Fills three columns from `top` down; gives what did not fit."""
        bottom = frame.content_bottom()
        place = seal_box(self.paper.size_pt[0])
        middle = MARGIN + _MEASUREMENTS_WIDTH + _GAP
        boxes = (
            Box(MARGIN, bottom, _MEASUREMENTS_WIDTH, top - bottom),
            Box(middle, bottom, place.x - _GAP - middle, top - bottom),
            Box(place.x, place.top + 2 * MM if seal else bottom, place.width, 0),
        )
        left = []
        for story, box in zip(stories, boxes, strict=True):
            place_frame = Frame(
                box.x, box.y, box.width, top - box.y, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0
            )
            remaining = list(story)
            place_frame.addFromList(remaining, self.canvas)
            left.append(remaining)
        return tuple(left)

    def _draw_tables(self, stories: tuple[list[Flowable], ...]) -> None:
        while any(stories):
            top = self._begin()
            stories = self._draw_columns(stories, top=top, seal=False)
            self._end()

    def _draw_original(self) -> None:
        top = self._begin()
        source = f"Original: {self.case.source_name}, sheet {self.case.sheet_number}"
        box = Box(MARGIN, frame.content_bottom() + 2 * MM, self.paper.size_pt[0] - 2 * MARGIN, 0)
        self.canvas.setFillColorRGB(0.1, 0.12, 0.16)
        fonts.draw(self.canvas, MARGIN, top - 3 * MM, source, face=fonts.BOLD, size=8)
        draw_scan(self.canvas, self.case.scan, box=Box(box.x, box.y, box.width, top - 6 * MM - box.y))
        self._end()

    def _begin(self) -> float:
        return frame.draw_header(self.canvas, self.case, self.signing, size=self.paper.size_pt)

    def _end(self) -> None:
        self.canvas.end_page(
            lambda page, pages: frame.draw_footer(
                self.canvas, self.case, _SCALE_NOTE, page=page, pages=pages, width=self.paper.size_pt[0]
            )
        )
