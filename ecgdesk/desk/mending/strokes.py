"""A stretch of trace drawn by hand over the page."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from ecgdesk.desk import look
from ecgdesk.desk.models import boxes
from ecgdesk.desk.models.boxes import Strips
from ecgdesk.desk.sheet.layer import Layer
from ecgdesk.ecg.corrections import Redraw

_WIDTH_PX = 2.0


class StrokesLayer(Layer):
    """What is being drawn, and what has been drawn before."""

    drawn = Signal(object)  # Redraw
    missed = Signal()  # a stroke that began beside all leads

    def __init__(self, strips: Strips, redraws: Sequence[Redraw], area: QRectF) -> None:
        super().__init__(area)
        self._strips, self._redraws = strips, tuple(redraws)
        self._points: list[tuple[float, float]] = []

    def press(self, place: QPointF, reach: float) -> bool:
        self._points = [(place.x(), place.y())]
        return True

    def drag(self, place: QPointF) -> None:
        self._points.append((place.x(), place.y()))
        self.update()

    def release(self, place: QPointF) -> None:
        redraw = boxes.stroke(self._points, self._strips)
        moved = len(self._points) > 1
        self._points = []
        self.update()
        if redraw is not None:
            self._redraws = (*self._redraws, redraw)  # seen until the trace itself is there
            self.drawn.emit(redraw)
        elif moved:
            self.missed.emit()

    def cursor_at(self, place: QPointF, reach: float) -> Qt.CursorShape | None:
        return Qt.CursorShape.CrossCursor

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for points, colour in (
            *((redraw.points, look.tinted(look.DRAWN, 0.8)) for redraw in self._redraws),
            (self._points, look.DRAWN),
        ):
            pen = QPen(colour, _WIDTH_PX, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))
