"""One sheet as a scene in millimetres: ground, highlights, traces, callipers."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene

from ecgdesk.desk.models.beat import beat_recording, beat_sheet, shown_leads
from ecgdesk.desk.models.callipers import Points
from ecgdesk.desk.models.evidence import evidence, found_at
from ecgdesk.desk.models.placement import PlacedSheet, all_leads_sheet, grid_sheet, page_sheet
from ecgdesk.desk.models.snapping import Snap, beat_snaps, hold, sheet_snaps
from ecgdesk.desk.sheet.callipers import Callipers
from ecgdesk.desk.sheet.highlights import Highlights, rectangle
from ecgdesk.desk.sheet.layer import Layer
from ecgdesk.desk.sheet.paper import MillimetrePaper, ScannedPage
from ecgdesk.desk.sheet.trace import Trace, lead_name
from ecgdesk.ecg.case import Case
from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.reading import Finding
from ecgdesk.ecg.recording import Recording

_AROUND_MM = 4.0
_HIGHLIGHTS_Z, _TRACES_Z, _CALLIPERS_Z = 1, 2, 10  # the paper lies at 0, names of leads at 3
UNKNOWN_WIDTH_MM = 250.0  # a scan without a millimetre grid is shown this wide; it has no scale


class Kind(StrEnum):
    """The sheets that a case can be shown on."""

    GRID = "grid"
    PAGE = "page"
    LEADS = "leads"
    BEAT = "beat"


class SheetScene(QGraphicsScene):
    """What one case looks like on one sheet. `has_scale` is False where millimetres are unknown."""

    def __init__(self, sheet: PlacedSheet, recording: Recording | None, ground: QGraphicsItem) -> None:
        super().__init__()
        self._sheet, self._recording = sheet, recording
        self.has_scale = recording is not None
        self.traces: list[QGraphicsItem] = []
        self.snaps: tuple[Snap, ...] = ()
        self._layer: Layer | None = None
        self.addItem(ground)
        self._highlights = Highlights((), sheet.width_mm, sheet.height_mm)
        self.addItem(self._highlights)
        self.callipers = Callipers(sheet)
        self.callipers.setZValue(_CALLIPERS_Z)
        self.addItem(self.callipers)
        self.setSceneRect(self.sheet_rect.adjusted(-_AROUND_MM, -_AROUND_MM, _AROUND_MM, _AROUND_MM))

    @property
    def sheet_rect(self) -> QRectF:
        return QRectF(0.0, 0.0, self._sheet.width_mm, self._sheet.height_mm)

    def draw_traces(self, *, names: bool, over_scan: bool, thin: bool = False) -> None:
        """`thin`: many traces lie over each other."""
        if self._recording is None:
            return
        for placement in self._sheet.placements:
            trace = Trace(placement, self._recording, over_scan=over_scan, thin=thin)
            trace.setZValue(_TRACES_Z)
            self.addItem(trace)
            self.traces.append(trace)
            if names:
                self.addItem(lead_name(placement, self._recording))

    def show_findings(self, findings: tuple[Finding, ...]) -> None:
        """Redraws the highlights for the findings that stand now."""
        if self._recording is None:
            return
        self.removeItem(self._highlights)
        shown = evidence(findings, self._sheet, self._recording)
        self._highlights = Highlights(shown, self._sheet.width_mm, self._sheet.height_mm)
        self._highlights.setZValue(_HIGHLIGHTS_Z)
        self.addItem(self._highlights)

    def pick(self, finding: Finding | None) -> list[QRectF]:
        """Brings the finding's evidence forward; returns its places."""
        self._highlights.pick(finding)
        return [rectangle(box) for box in self._highlights.boxes_of(finding)] if finding is not None else []

    def finding_at(self, place: QPointF, *, after: Finding | None) -> Finding | None:
        return found_at(self._highlights.shown, place.x(), place.y(), after=after)

    def show_highlights(self, on: bool) -> None:
        self._highlights.setVisible(on)

    def lay_over(self, layer: Layer | None) -> None:
        """What can be taken hold of on this sheet; None takes it away."""
        if self._layer is not None:
            self.removeItem(self._layer)
        self._layer = layer
        if layer is not None:
            self.addItem(layer)

    def hold(self, place: QPointF, reach: float) -> QPointF:
        """Where callipers set down here hold fast: on the mark or the peak within `reach` mm."""
        held = hold(self.snaps, place.x(), place.y(), reach=reach)
        return QPointF(held.x, held.y)

    def measure(self, start: QPointF, end: QPointF) -> None:
        fast = {snap.x for snap in self.snaps}
        points = Points(start.x(), start.y(), end.x(), end.y())
        self.callipers.place(points, fast=(start.x() in fast, end.x() in fast))


def sheet_scene(
    case: Case, kind: Kind, *, scan: NDArray[np.uint8] | None, beat_lead: Lead | None = None
) -> SheetScene | None:
    """The scene for a case; None when the case has nothing of this kind.

    `scan`: uint8[h, w, 3], the case's decoded scan, for a page that was not understood. `beat_lead`: the one of the
    beat's leads that is shown, None for all of them.
    """
    if kind is Kind.PAGE:
        return _page_scene(case, scan)
    if kind is Kind.BEAT:
        return _beat_scene(case, beat_lead)
    if case.recording is None or case.page is None:
        return None
    sheet = grid_sheet(case.recording, case.page) if kind is Kind.GRID else all_leads_sheet(case.recording)
    scene = SheetScene(sheet, case.recording, MillimetrePaper(sheet.width_mm, sheet.height_mm))
    scene.draw_traces(names=True, over_scan=False)
    if case.measurements is not None:
        scene.snaps = sheet_snaps(sheet, case.recording, case.measurements)
    return scene


def _beat_scene(case: Case, lead: Lead | None) -> SheetScene | None:
    median = case.measurements.median_beat if case.measurements is not None else None
    leads = shown_leads(median) if median is not None else ()
    if median is None or not leads:
        return None
    sheet = beat_sheet(median, (lead,) if lead in leads else leads)
    scene = SheetScene(sheet, beat_recording(median), MillimetrePaper(sheet.width_mm, sheet.height_mm))
    scene.draw_traces(names=lead in leads, over_scan=False, thin=lead not in leads)
    scene.snaps = beat_snaps(sheet, beat_recording(median), median)
    return scene


def _page_scene(case: Case, scan: NDArray[np.uint8] | None) -> SheetScene | None:
    if case.page is not None:
        sheet = page_sheet(case.page)
        ground = ScannedPage(case.page.image, sheet.width_mm, sheet.height_mm)
        scene = SheetScene(sheet, case.recording, ground)
        scene.draw_traces(names=False, over_scan=True)
        for trace in scene.traces:
            trace.setVisible(False)
        if case.recording is not None and case.measurements is not None:
            scene.snaps = sheet_snaps(sheet, case.recording, case.measurements)
        return scene
    return None if scan is None else scan_scene(scan)


def scan_scene(scan: NDArray[np.uint8]) -> SheetScene:
    """The scan as it came, uint8[h, w, 3], UNKNOWN_WIDTH_MM wide."""
    height = UNKNOWN_WIDTH_MM * scan.shape[0] / scan.shape[1]
    return SheetScene(PlacedSheet(UNKNOWN_WIDTH_MM, height, ()), None, ScannedPage(scan, UNKNOWN_WIDTH_MM, height))
