"""The boxes of the leads on the page: picked, moved, made longer or shorter, named, added, removed."""

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from ecgdesk.desk import look
from ecgdesk.desk.models import boxes
from ecgdesk.desk.models.boxes import Side, Strips
from ecgdesk.desk.models.evidence import Box
from ecgdesk.desk.sheet.highlights import rectangle
from ecgdesk.desk.sheet.layer import Layer
from ecgdesk.ecg.figure import How

_TAG_PX, _TAG_FONT_PX = 6, 12
_LEAST_MOVE_MM = 0.5  # less is a shaky click


class BoxesLayer(Layer):
    """A click picks a box; the picked one can be dragged, and every box by its left and right edge."""

    changed = Signal(object, str)  # all strips, what was done
    naming = Signal(int, object)  # number of the box whose lead is asked for, place (mm)
    drawn = Signal(object, object)  # Box of one to be added, place (mm)

    def __init__(self, strips: Strips, area: QRectF) -> None:
        super().__init__(area)
        self._strips = self._before = strips
        self._picked: int | None = None
        self._side: Side | None = None
        self._from: QPointF | None = None
        self._adds = False
        self._new: QRectF | None = None

    @property
    def strips(self) -> Strips:
        return self._strips

    @property
    def picked(self) -> int | None:
        return self._picked

    def pick(self, number: int | None) -> None:
        self._picked = number
        self.update()

    def add_next(self) -> None:
        """The next drag draws a new box."""
        self._adds = True

    def press(self, place: QPointF, reach: float) -> bool:
        self._before, self._from, self._side = self._strips, place, None
        if self._adds:
            self._new = QRectF(place, place)
            return True
        edge = boxes.edge_at(self._strips, place.x(), place.y(), reach=reach)
        if edge is not None:
            self._picked, self._side = edge
            self.update()
            return True
        there = boxes.box_at(self._strips, place.x(), place.y())
        holds = there is not None and there == self._picked
        self.pick(there)
        return holds

    def drag(self, place: QPointF) -> None:
        if self._new is not None and self._from is not None:
            self._new = QRectF(self._from, place).normalized()
        elif self._picked is not None and self._from is not None:
            if self._side is not None:
                self._strips = boxes.resized(self._before, self._picked, self._side, place.x())
            else:
                by = place - self._from
                self._strips = boxes.moved(self._before, self._picked, by.x(), by.y())
        self.update()

    def release(self, place: QPointF) -> None:
        if self._new is not None:
            new, self._new, self._adds = self._new, None, False
            self.update()
            if new.width() >= boxes.LEAST_WIDTH_MM:
                self.drawn.emit(Box(new.left(), new.top(), new.right(), new.bottom()), place)
            return
        if self._from is None or (place - self._from).manhattanLength() < _LEAST_MOVE_MM:
            self._strips = self._before
        elif self._strips is not self._before:
            self.changed.emit(self._strips, "resizing a box" if self._side is not None else "moving a box")
        self._from = None
        self.update()

    def double_press(self, place: QPointF, reach: float) -> bool:
        there = boxes.box_at(self._strips, place.x(), place.y())
        if there is None or self._adds:
            return False
        self.pick(there)
        self.naming.emit(there, place)
        return True

    def key(self, key: int) -> bool:
        if self._picked is None:
            return False
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            box = boxes.frames(self._strips)[self._picked]
            self.naming.emit(self._picked, QPointF(box.x0, box.y0))
            return True
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove()
            return True
        step = {
            Qt.Key.Key_Left: (-1.0, 0.0),
            Qt.Key.Key_Right: (1.0, 0.0),
            Qt.Key.Key_Up: (0.0, -1.0),
            Qt.Key.Key_Down: (0.0, 1.0),
        }.get(Qt.Key(key))
        if step is not None:
            self._strips = boxes.moved(self._strips, self._picked, *step)
            self.update()
            self.changed.emit(self._strips, "moving a box")
        return step is not None

    def remove(self) -> None:
        if self._picked is not None and len(self._strips) > 1:
            self._strips = boxes.removed(self._strips, self._picked)
            self.pick(None)
            self.changed.emit(self._strips, "removing a box")

    def cursor_at(self, place: QPointF, reach: float) -> Qt.CursorShape | None:
        if self._adds:
            return Qt.CursorShape.CrossCursor
        if boxes.edge_at(self._strips, place.x(), place.y(), reach=reach) is not None:
            return Qt.CursorShape.SizeHorCursor
        there = boxes.box_at(self._strips, place.x(), place.y())
        if there is None:
            return None
        return Qt.CursorShape.SizeAllCursor if there == self._picked else Qt.CursorShape.PointingHandCursor

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, (strip, box) in enumerate(zip(self._strips, boxes.frames(self._strips), strict=True)):
            picked = number == self._picked
            pen = QPen(look.ACCENT if picked else look.tinted(look.ACCENT, 0.75), 2.2 if picked else 1.2)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.setBrush(look.tinted(look.ACCENT, 0.14 if picked else 0.03))
            painter.drawRect(rectangle(box))
            line = QPen(look.tinted(look.ACCENT, 0.6), 1.0, Qt.PenStyle.DotLine)
            line.setCosmetic(True)
            painter.setPen(line)
            painter.drawLine(QPointF(box.x0, strip.baseline_mm), QPointF(box.x1, strip.baseline_mm))
            name = f"{strip.lead} · by hand" if strip.how is How.ENTERED else strip.lead.value
            _tag(painter, QPointF(box.x0, box.y0), name, strong=picked)
        if self._new is not None:
            pen = QPen(look.ACCENT, 1.6, Qt.PenStyle.DashLine)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.setBrush(look.tinted(look.ACCENT, 0.1))
            painter.drawRect(self._new)


def _tag(painter: QPainter, corner_mm: QPointF, text: str, *, strong: bool) -> None:
    corner = painter.worldTransform().map(corner_mm)
    painter.save()
    painter.resetTransform()  # a name keeps its size at any zoom
    painter.setFont(look.font(_TAG_FONT_PX, bold=True))
    metrics = painter.fontMetrics()
    tag = QRectF(corner.x() + 3, corner.y() + 3, metrics.horizontalAdvance(text) + 2 * _TAG_PX, metrics.height() + 2)
    path = QPainterPath()
    path.addRoundedRect(tag, 4, 4)
    painter.fillPath(path, look.ACCENT if strong else look.tinted(look.ACCENT, 0.82))
    painter.setPen(look.RAISED)
    painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
