"""A pair of callipers on the paper with their reading."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from ecgdesk.desk import look
from ecgdesk.desk.models.callipers import Points, Reading, read
from ecgdesk.desk.models.placement import PlacedSheet

_TAG_PX = 13
_FAST_PX = 4.0


class Callipers(QGraphicsItem):
    """Two upright legs from the first point to the second, a beam between them, and a tag that reads them."""

    def __init__(self, sheet: PlacedSheet) -> None:
        super().__init__()
        self._sheet = sheet
        self._points: Points | None = None
        self._fast = (False, False)

    @property
    def points(self) -> Points | None:
        return self._points

    @property
    def reading(self) -> Reading | None:
        return None if self._points is None else read(self._points, self._sheet)

    def place(self, points: Points | None, *, fast: tuple[bool, bool] = (False, False)) -> None:
        """`fast`: which of the two points lie on a mark or a peak."""
        self.prepareGeometryChange()
        self._points, self._fast = points, fast
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        # The tag keeps its size in pixels, so its size in mm is not known here: the whole sheet is safe.
        return QRectF(0.0, 0.0, self._sheet.width_mm, self._sheet.height_mm)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        points, reading = self._points, self.reading
        if points is None or reading is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        a, b = QPointF(points.x0, points.y0), QPointF(points.x1, points.y1)
        area = QRectF(a, b).normalized()
        painter.fillRect(area, look.tinted(look.ACCENT, 0.07))
        self._legs(painter, area)
        painter.setBrush(look.ACCENT)
        radius = _FAST_PX / painter.worldTransform().m11()
        for point, fast in zip((a, b), self._fast, strict=True):
            if fast:
                painter.drawEllipse(point, radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        seen = QRectF(widget.rect()) if widget is not None else painter.worldTransform().mapRect(self.boundingRect())
        self._tag(painter, area, reading.text, seen)

    def _legs(self, painter: QPainter, area: QRectF) -> None:
        leg = QPen(look.ACCENT, 1.4)
        leg.setCosmetic(True)
        painter.setPen(leg)
        painter.drawLine(QPointF(area.left(), 0), QPointF(area.left(), self._sheet.height_mm))
        painter.drawLine(QPointF(area.right(), 0), QPointF(area.right(), self._sheet.height_mm))
        level = QPen(look.ACCENT, 1.0, Qt.PenStyle.DashLine)
        level.setCosmetic(True)
        painter.setPen(level)
        painter.drawLine(area.topLeft(), area.topRight())
        painter.drawLine(area.bottomLeft(), area.bottomRight())

    def _tag(self, painter: QPainter, area: QRectF, text: str, seen: QRectF) -> None:
        corner = painter.worldTransform().map(area.topRight())
        painter.save()
        painter.resetTransform()  # the tag is laid out in pixels of the window
        painter.setFont(look.font(_TAG_PX, bold=True))
        width = painter.fontMetrics().horizontalAdvance(text) + 16
        height = painter.fontMetrics().height() + 8
        left = max(min(corner.x() + 8, seen.right() - width - 4), seen.left() + 4)
        top = max(min(corner.y() - height - 6, seen.bottom() - height - 4), seen.top() + 4)
        tag = QRectF(left, top, width, height)
        path = QPainterPath()
        path.addRoundedRect(tag, 5, 5)
        painter.fillPath(path, look.ACCENT)
        painter.setPen(look.RAISED)
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()
