"""The report: a PDF in landscape, ECG to true scale, measurements, findings, and the original scan.

| page | what |
|---|---|
| first | the ECG, and under it measurements, findings and what to check |
| further | ECG rows that did not fit, then text that did not fit |
| last | the original scan, under the text where it does not become too small there |

A tall ECG takes the first page alone, with the findings' names at its foot; the tables follow on the next. A sheet
that could not be read shows its scan on the first page. The same case gives the same bytes.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ecgdesk.ecg.case import Case
from ecgdesk.ecg.lead import Lead
from ecgdesk.report import chart, fonts, frame, ink
from ecgdesk.report.canvas import CREATOR, NumberedCanvas
from ecgdesk.report.chart import Line
from ecgdesk.report.columns import check_stories, measurement_story, warning_stories
from ecgdesk.report.comparison import comparison_stories
from ecgdesk.report.flow import Story, fill, height
from ecgdesk.report.frame import Signing
from ecgdesk.report.notice import draw_notice
from ecgdesk.report.paper import CONTENT_WIDTH, MARGIN_Y, MM, Box, Paper, left_edge, seal_box
from ecgdesk.report.rows import rows
from ecgdesk.report.scan import draw_scan, size_in
from ecgdesk.report.signature import PRELIMINARY_KEYWORD
from ecgdesk.report.statements import draw_brief, finding_story

_GAP = 4 * MM
_CAPTION = 5 * MM
_STORY_GAP = 2.6 * MM
_LOWER_ZONE = 54 * MM  # the least that is kept for the tables under the ECG
_FIGURES = 62 * MM  # width of the measurements: what they do not need is the findings'
_COLUMN = (CONTENT_WIDTH - 2 * _GAP) / 3
_HALF = (CONTENT_WIDTH - 2 * _GAP) / 2
_CHART_NOTE = "25 mm/s, 10 mm/mV  ·  true to scale when printed at 100 %, not fitted to the page"
_SCAN_NOTE = "The scan is fitted to the page and not to scale."
_BOTH_NOTE = "Leads: 25 mm/s, 10 mm/mV, true to scale when printed at 100 %  ·  the scan is fitted and not to scale"
_CHECK_LATER = "Please check what a later page says of the traces before you rely on this one."
_LEAST_SCAN = 0.5  # of the size that it has on a page of its own; smaller, it could not be compared on paper


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
    with fonts.DRAWING:
        fonts.load_fonts()
        out = io.BytesIO()
        made_for = signing or Signing(CREATOR, case.created_at)
        keywords = "signed" if signing else PRELIMINARY_KEYWORD
        canvas = NumberedCanvas(out, paper.size_pt, keywords=keywords, author=made_for.name, at=made_for.at)
        _Report(case, _lines(case), signing, canvas, paper.size_pt).draw()
        canvas.save()
    return out.getvalue()


def _lines(case: Case) -> tuple[Line, ...]:
    if case.recording is None:
        return ()
    rhythm = (case.measurements.rhythm_lead if case.measurements else None) or Lead.II
    chosen = rows(case.recording, case.page.layout if case.page else None, rhythm=rhythm)
    return chart.lines(case.recording, chosen, case.findings)


@dataclass(frozen=True, eq=False)
class _Report:
    """One walk over the pages; `lines` are the rows of the ECG, `size` in points."""

    case: Case
    lines: tuple[Line, ...]
    signing: Signing | None
    canvas: NumberedCanvas
    size: tuple[float, float]

    def draw(self) -> None:
        top = self._begin()
        if self.signing is None:
            frame.draw_empty_seal(self.canvas, self._seal)
        if not self.lines:
            if self._draw_texts(self._draw_unread(top)) is not None:
                self._end()
            return
        if self._room(top) >= chart.height(self.lines) * MM:
            under = self._draw_chart(self.lines, top).y - _GAP
            texts, _ = self._draw_tables(under, floor=self._seal.top + 2 * MM)
            self._end(_CHART_NOTE)
            self._draw_rest(texts)
            return
        under, note = self._draw_charts_alone(top)
        texts, under = self._draw_tables(under, floor=frame.content_bottom() + 2 * MM)
        if not texts and self._holds_original(under - _GAP):
            self._draw_original(under - _GAP)
            self._end(_BOTH_NOTE if note else _SCAN_NOTE)
            return
        self._end(note)
        self._draw_rest(texts)

    def _room(self, top: float) -> float:
        """Points for an ECG that has its tables beneath."""
        return top - frame.content_bottom() - _LOWER_ZONE

    @property
    def _seal(self) -> Box:
        return seal_box(self.size[0])

    @property
    def _left(self) -> float:
        return left_edge(self.size[0])

    def _draw_charts_alone(self, top: float) -> tuple[float, str]:
        """Pages of the ECG, the findings' names at the foot of the first.

        Gives where the tables may begin, and the footer of the page that is open then.
        """
        lines, full = self.lines, (top - frame.content_bottom()) / MM - 2
        count = self._share_of_first(top)
        under = self._draw_chart(lines[:count], top).y - _GAP
        self._draw_brief(under)
        while lines := lines[count:]:
            self._end(_CHART_NOTE)
            top = self._begin()
            count = chart.share(lines, full)
            under = self._draw_chart(lines[:count], top).y - _GAP
            if count == len(lines) and chart.height(lines) * MM <= self._room(top):
                return under, _CHART_NOTE
        self._end(_CHART_NOTE)
        return self._begin(), ""

    def _draw_brief(self, top: float) -> None:
        """Below the ECG of the first page: the findings' names, and what to check, or that there is something."""
        seal = self._seal
        strip = Box(self._left, seal.y, seal.x - _GAP - self._left, top - seal.y)
        corner = Box(seal.x, seal.top + 2 * MM, seal.width, top - seal.top - 2 * MM)
        warnings = warning_stories(self.case, drawing=self._left_out())
        fits = height(warnings, corner.width, gap=_STORY_GAP) <= corner.height
        draw_brief(self.canvas, self.case, box=strip, remark="" if fits or not warnings else _CHECK_LATER)
        if fits:
            self._fill(warnings, corner)

    def _share_of_first(self, top: float) -> int:
        """As many rows as fit where the second page then holds the others and the tables, else a fair share."""
        room = (top - self._seal.top) / MM - 2
        most = chart.fitting(self.lines, room)
        holds_rest = chart.height(self.lines[most:]) * MM <= self._room(top)
        return most if holds_rest else chart.share(self.lines, room)

    def _draw_chart(self, lines: tuple[Line, ...], top: float) -> Box:
        return chart.draw_chart(self.canvas, lines, left=self._left, top=top)

    def _draw_tables(self, top: float, *, floor: float) -> tuple[tuple[Story, ...], float]:
        """Three columns from `top` down, the right one to `floor`; gives what did not fit, and where they end.

        What does not fit into its column goes on below the right column's text or below the measurements, where all of
        it fits there: findings in more than two places would be hard to follow.
        """
        bottom, middle = frame.content_bottom(), self._left + _FIGURES + _GAP
        found, measured, *checks = self._texts()
        width, seal = self._seal.x - _GAP - middle, self._seal
        found_left, middle_y = self._fill((found,), Box(middle, bottom, width, top - bottom))
        measured_left, left_y = self._fill((measured,), Box(self._left, bottom, _FIGURES, top - bottom))
        checks_left, right_y = self._fill(checks, Box(seal.x, floor, seal.width, top - floor))
        corners = [
            Box(seal.x, floor, seal.width, right_y - _STORY_GAP - floor),
            Box(self._left, bottom, _FIGURES, left_y - _STORY_GAP - bottom),
        ]
        left_over = [*self._fit(found_left, corners)]
        left_over += [*self._fit(measured_left, corners[:1]), *self._fit(checks_left, corners)]
        ends = (middle_y, *(corner.top + _STORY_GAP for corner in corners))
        return tuple(left_over), min(ends)

    def _fit(self, texts: tuple[Story, ...], corners: list[Box]) -> tuple[Story, ...]:
        """Sets the texts into the first corner that holds them all, and makes it smaller; else gives them back."""
        for number, corner in enumerate(corners):
            if texts and height(texts, corner.width, gap=_STORY_GAP) <= corner.height:
                _, y = self._fill(texts, corner)
                corners[number] = replace(corner, height=y - _STORY_GAP - corner.y)
                return ()
        return texts

    def _draw_unread(self, top: float) -> tuple[Story, ...]:
        """The first page of a sheet without a recording: that it was not read, its scan, what people found in it."""
        floor, right = self._seal.top + _GAP, self._left + CONTENT_WIDTH - _COLUMN
        found = (finding_story(self.case),) if self.case.findings else ()
        top = draw_notice(self.canvas, self.case, left=self._left, top=top, width=CONTENT_WIDTH) - _GAP
        left_over, _ = self._fill(found, Box(right, floor, _COLUMN, top - floor))
        width = CONTENT_WIDTH - (_COLUMN + _GAP if found else 0)
        self._draw_source(Box(self._left, floor, width, top - floor))
        self._end(_SCAN_NOTE)
        return left_over

    def _draw_texts(self, texts: tuple[Story, ...]) -> float | None:
        """Pages of two columns until all is said; gives where the last one, left open, ends, None without any."""
        bottom, under = frame.content_bottom() + 2 * MM, None
        while texts:
            if under is not None:
                self._end()
            top = under = self._begin()
            for x in (self._left, self._left + _HALF + 2 * _GAP):
                texts, y = self._fill(texts, Box(x, bottom, _HALF, top - bottom))
                under = min(under, y)
        return under

    def _fill(self, texts: Sequence[Story], box: Box) -> tuple[tuple[Story, ...], float]:
        whole = self.size[1] - 2 * frame.content_bottom() - frame.HEADER_HEIGHT
        return fill(self.canvas, texts, box, whole=whole, gap=_STORY_GAP)

    def _texts(self) -> tuple[Story, ...]:
        return (
            finding_story(self.case),
            measurement_story(self.case.measurements, width=_FIGURES),
            *comparison_stories(self.case.comparison),
            *check_stories(self.case, drawing=self._left_out()),
        )

    def _left_out(self) -> tuple[str, ...]:
        leads = ", ".join(chart.off_scale(self.lines))
        return (f"{leads}: part of the trace runs off the drawing; see the original scan.",) if leads else ()

    def _draw_rest(self, texts: tuple[Story, ...]) -> None:
        under = self._draw_texts(texts)
        if under is not None and not self._holds_original(under - _GAP):
            self._end()
            under = None
        self._draw_original(self._begin() if under is None else under - _GAP)
        self._end(_SCAN_NOTE)

    def _holds_original(self, top: float) -> bool:
        """Whether what is left of the page below `top` shows the scan large enough."""
        whole = self.size[1] - MARGIN_Y - frame.HEADER_HEIGHT
        room, full = (self._below(height) for height in (top, whole))
        least = _LEAST_SCAN * size_in(self.case.scan, full)[0]
        return room.height > _CAPTION and size_in(self.case.scan, room)[0] >= least

    def _draw_original(self, top: float) -> None:
        self._draw_source(self._below(top))

    def _below(self, top: float) -> Box:
        bottom = frame.content_bottom() + 2 * MM
        return Box(self._left, bottom, CONTENT_WIDTH, top - bottom)

    def _draw_source(self, box: Box) -> None:
        caption = f"The original scan: {self.case.source_name}, sheet {self.case.sheet_number}"
        size = fonts.fitted(caption, fonts.BOLD, 8, room=box.width, smallest=3)
        self.canvas.setFillColor(ink.TEXT)
        fonts.draw(self.canvas, box.x, box.top - 3 * MM, caption, face=fonts.BOLD, size=size)
        draw_scan(self.canvas, self.case.scan, box=Box(box.x, box.y, box.width, box.height - _CAPTION))

    def _begin(self) -> float:
        return frame.draw_header(self.canvas, self.case, self.signing, size=self.size)

    def _end(self, note: str = "") -> None:
        def footer(page: int, pages: int) -> None:
            frame.draw_footer(self.canvas, self.case, note, page=page, pages=pages, page_width=self.size[0])

        self.canvas.end_page(footer)
