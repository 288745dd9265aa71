"""Mending the open sheet: which part is in hand, what lies over the sheet for it, and what becomes of it."""

from dataclasses import replace

from PySide6.QtCore import QObject, QPoint, QPointF, QRectF, Signal
from PySide6.QtWidgets import QMenu

from ecgdesk.desk.centre import Centre
from ecgdesk.desk.mending.bar import MendBar, Part
from ecgdesk.desk.mending.boxes import BoxesLayer
from ecgdesk.desk.mending.corners import CornersLayer
from ecgdesk.desk.mending.strokes import StrokesLayer
from ecgdesk.desk.models import boxes
from ecgdesk.desk.models.boxes import Strips
from ecgdesk.desk.models.evidence import Box
from ecgdesk.desk.sheet.layer import Layer
from ecgdesk.desk.sheet.scene import UNKNOWN_WIDTH_MM, Kind
from ecgdesk.desk.workbench import Workbench
from ecgdesk.ecg.case import Case
from ecgdesk.ecg.corrections import AUTOMATIC, Corners, Corrections, Redraw
from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.page.mend import corners_of

_INSET = 0.03  # of a scan without a page, where its corners are first offered


class Mending(QObject):
    """Begins and ends with the window's action; every change goes through the workbench at once."""

    active_changed = Signal(bool)
    said = Signal(str)

    def __init__(self, workbench: Workbench, centre: Centre, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench, self._centre = workbench, centre
        self.bar: MendBar = centre.mend_bar
        self.layer: Layer | None = None
        self._part = Part.BOXES
        self._kind = Kind.GRID
        self._shown: Case | None = None
        self._connect()

    def _connect(self) -> None:
        bar, bench = self.bar, self._bench
        bar.part_chosen.connect(self.take_up)
        bar.layout_chosen.connect(self._set_layout)
        bar.speed_chosen.connect(lambda speed: self._correct("the paper speed", speed=speed))
        bar.gain_chosen.connect(lambda gain, chest: self._correct("the gain", gain=gain, chest_gain=chest))
        bar.add_wanted.connect(self._add_next)
        bar.turn_wanted.connect(self._turn)
        bar.automatic_wanted.connect(self._back)
        bar.stop_wanted.connect(bench.stop_correcting)
        bar.done_wanted.connect(lambda: self.set_active(False))
        bench.mending.connect(lambda busy: self.bar.show_busy("waiting" if busy else None))
        bench.mender.progressed.connect(self._on_progress)

    @property
    def active(self) -> bool:
        return not self.bar.isHidden()

    def set_active(self, on: bool) -> None:
        case = self._bench.case
        on = on and case is not None and case.signature is None and bool(case.scan)
        if on == self.active:
            return
        self.bar.setVisible(on)
        if on and case is not None:
            self._kind = self._centre.kind
            self._bench.mender.warm_up()
            self.take_up(Part.BOXES if case.page is not None else Part.CORNERS)
        else:
            self.layer = self._shown = None
            self._centre.end_mending(self._kind)
        self.active_changed.emit(on)

    def take_up(self, part: Part) -> None:
        """Lays the part's handles over its sheet: the scan for the corners, the page for all else."""
        case = self._bench.case
        corrections = self._bench.corrections
        if case is None or corrections is None or not self.active:
            return
        self._part = part if case.page is not None else Part.CORNERS
        scene = self._centre.show_for_mending(scan=self._part is Part.CORNERS, overlay=self._part is Part.REDRAW)
        if scene is not None:
            self.layer = self._layer(case, self._part, scene.sheet_rect)
            self._shown = case
            scene.lay_over(self.layer)
            if isinstance(self.layer, CornersLayer):
                self._centre.view.show_all_of(self.layer.seen)
            self._centre.view.use_layer(self.layer)
        self.bar.show_part(self._part, has_page=case.page is not None)
        self.bar.show_corrections(corrections, case.page)

    def _layer(self, case: Case, part: Part, area: QRectF) -> Layer:
        if part is Part.CORNERS:
            scan = self._centre.scan_size()
            corners = CornersLayer(_corners(case, scan), area, UNKNOWN_WIDTH_MM / scan[0])
            corners.changed.connect(lambda now: self._correct("moving the corners", corners=now))
            return corners
        assert case.page is not None
        if part is Part.REDRAW:
            strokes = StrokesLayer(case.page.layout.strips, case.corrections.redraws, area)
            strokes.drawn.connect(self._redraw)
            strokes.missed.connect(lambda: self.said.emit("Begin the line in the row of the lead that it belongs to."))
            return strokes
        layer = BoxesLayer(case.page.layout.strips, area)
        layer.changed.connect(lambda strips, what: self._correct(what, strips=strips))
        layer.naming.connect(self._ask_name)
        layer.drawn.connect(self._ask_new)
        return layer

    def _on_progress(self, case_id: str, stage: str, fraction: float) -> None:
        case = self._bench.case
        if case is not None and case.id == case_id and self._bench.busy:
            self.bar.show_busy(stage, fraction)

    # What becomes of it

    def _correct(self, what: str, **changes: object) -> None:
        corrections = self._bench.corrections
        if corrections is not None:
            self._bench.correct(replace(corrections, **changes), what)  # type: ignore[arg-type]  # names are the fields'

    def _set_layout(self, layout: str) -> None:
        # Boxes that were placed by hand belong to the layout that they were placed in.
        self._correct("the layout", layout=layout, strips=None)

    def _redraw(self, redraw: Redraw) -> None:
        corrections = self._bench.corrections
        if corrections is not None:
            self._correct(f"redrawing {redraw.lead}", redraws=(*corrections.redraws, redraw))

    def _back(self) -> None:
        self._bench.correct(AUTOMATIC, "going back to automatic")

    def _turn(self) -> None:
        if isinstance(self.layer, CornersLayer):
            a, b, c, d = self.layer.corners
            self._correct("turning the sheet", corners=(d, a, b, c))

    def _add_next(self) -> None:
        if isinstance(self.layer, BoxesLayer):
            self.layer.add_next()
            self.said.emit("Draw the new box around the lead’s trace.")

    def _ask_name(self, number: int, place: QPointF) -> None:
        layer = self.layer
        if not isinstance(layer, BoxesLayer):
            return
        menu, strips = self._lead_menu(strips=layer.strips), layer.strips
        menu.addSeparator()
        remove = menu.addAction("Remove this box")
        chosen = menu.exec(self._on_screen(place))
        if chosen is remove:
            layer.remove()
        elif chosen is not None:
            self._correct("naming a lead", strips=boxes.renamed(strips, number, Lead(chosen.text())))

    def _ask_new(self, box: Box, place: QPointF) -> None:
        layer, case = self.layer, self._bench.case
        if not isinstance(layer, BoxesLayer) or case is None or case.page is None:
            return
        chosen = self._lead_menu(strips=layer.strips).exec(self._on_screen(place))
        if chosen is not None:
            strips = boxes.added(layer.strips, box, Lead(chosen.text()), case.page)
            self._correct("adding a box", strips=strips)

    def _lead_menu(self, *, strips: Strips) -> QMenu:
        """All leads, those that have no box yet in bold."""
        menu = QMenu(self._centre)
        present = {strip.lead for strip in strips}
        for lead in STANDARD_ORDER:
            action = menu.addAction(lead.value)
            font = action.font()
            font.setBold(lead not in present)
            action.setFont(font)
        return menu

    def _on_screen(self, place: QPointF) -> QPoint:
        view = self._centre.view
        return view.viewport().mapToGlobal(view.mapFromScene(place))

    def show_changed(self, case: Case) -> None:
        """The open case is another one now, or a correction was refused; call it when the centre shows the case."""
        if not self.active:
            return
        if case.signature is not None:
            self.set_active(False)
        elif case is self._shown and self._part is Part.CORNERS:
            return  # refused: whoever drags goes on from where the handles are
        elif case is self._shown or self._shown is None or _sheet(case) != _sheet(self._shown):
            self.take_up(self._part)
        self._shown = case


def _sheet(case: Case) -> tuple[int, int, Corrections]:
    return id(case.page), id(case.recording), case.corrections


def _corners(case: Case, scan: tuple[int, int]) -> Corners:
    """Where they were dragged to, else where the page was found, else a little inside the scan's own; scan pixels."""
    if case.corrections.corners is not None:
        return case.corrections.corners
    if case.page is not None:
        return corners_of(case.page)
    width, height = scan
    x, y = _INSET * width, _INSET * height
    return (x, y), (width - x, y), (width - x, height - y), (x, height - y)
