"""The four corners of the sheet on its scan, to be dragged."""

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from ecgdesk.desk import look
from ecgdesk.desk.sheet.layer import Layer
from ecgdesk.ecg.corrections import Corners

HANDLE_PX = 9.0
_GRIP = 3.0  # times the pointer's reach: easier to hit than to see
_BESIDE = 0.25  # of the scan's longer side: so far beside it a corner may be dragged
_AROUND_MM = 6.0
_OUTSIDE = 0.35  # of darkness over what is not the sheet


class CornersLayer(Layer):
    """`scan`: the scan's own place; a corner may lie beside it, where the paper goes on. `scale`: scene millimetres a
    scan pixel. `changed` gives the corners in scan pixels once one is let go."""

    changed = Signal(object)

    def __init__(self, corners: Corners, scan: QRectF, scale: float) -> None:
        points = [QPointF(x * scale, y * scale) for x, y in corners]
        beside = _BESIDE * max(scan.width(), scan.height())
        around = scan.adjusted(-beside, -beside, beside, beside)
        super().__init__(around.united(QPolygonF(points).boundingRect()))
        self._points, self._scan, self._scale = points, scan, scale
        self._held: int | None = None
        self._off = QPointF()

    @property
    def corners(self) -> Corners:
        a, b, c, d = ((p.x() / self._scale, p.y() / self._scale) for p in self._points)
        return a, b, c, d

    @property
    def handles(self) -> list[QPointF]:
        """Upper left, upper right, lower right, lower left of the sheet; mm of the scene."""
        return list(self._points)

    @property
    def seen(self) -> QRectF:
        """What must be in sight: the scan, and the corners with their handles."""
        around = QPolygonF(self._points).boundingRect().united(self._scan)
        return around.adjusted(-_AROUND_MM, -_AROUND_MM, _AROUND_MM, _AROUND_MM)

    def press(self, place: QPointF, reach: float) -> bool:
        self._held = self._near(place, reach)
        if self._held is not None:
            self._off = self._points[self._held] - place
        return self._held is not None

    def drag(self, place: QPointF) -> None:
        if self._held is not None:
            wanted, area = place + self._off, self._area
            self._points[self._held] = QPointF(
                min(max(wanted.x(), area.left()), area.right()), min(max(wanted.y(), area.top()), area.bottom())
            )
            self.update()

    def release(self, place: QPointF) -> None:
        if self._held is not None:
            self._held = None
            self.update()
            self.changed.emit(self.corners)

    def cursor_at(self, place: QPointF, reach: float) -> Qt.CursorShape | None:
        return Qt.CursorShape.SizeAllCursor if self._near(place, reach) is not None else None

    def _near(self, place: QPointF, reach: float) -> int | None:
        far = [(p - place).manhattanLength() for p in self._points]
        nearest = min(range(4), key=far.__getitem__)
        return nearest if far[nearest] <= _GRIP * reach else None

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outside, sheet = QPainterPath(), QPainterPath()
        outside.addRect(self._scan)
        sheet.addPolygon(QPolygonF([*self._points, self._points[0]]))
        painter.fillPath(outside.subtracted(sheet), look.tinted(look.INK, _OUTSIDE))
        edge = QPen(look.ACCENT, 2.0)
        edge.setCosmetic(True)
        painter.setPen(edge)
        painter.drawPolygon(QPolygonF(self._points))
        radius = HANDLE_PX / painter.worldTransform().m11()
        painter.setBrush(QBrush(look.RAISED))
        for number, point in enumerate(self._points):
            grown = radius * (1.25 if number == self._held else 1.0)
            painter.drawEllipse(point, grown, grown)
            painter.drawPoint(point)
