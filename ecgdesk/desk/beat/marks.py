"""The beat's global marks as lines that can be dragged."""

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from ecgdesk.desk import look
from ecgdesk.desk.models import beat
from ecgdesk.desk.models.beat import PlacedMark
from ecgdesk.desk.sheet.layer import Layer
from ecgdesk.ecg.corrections import BeatMarks
from ecgdesk.ecg.measurements import MedianBeat

_FONT_PX, _PAD_PX = 12, 6
_TAG_ROWS = 2  # names of neighbours stand in two rows, so that P and QRS do not cover each other


class MarksLayer(Layer):
    """Read only where `editable` is False: a signed case."""

    moved = Signal(object, str)  # BeatMarks as a person has set them, the mark's name

    def __init__(self, median: MedianBeat, entered: BeatMarks, area: QRectF, *, editable: bool) -> None:
        super().__init__(area)
        self._beat, self._entered, self._editable = median, entered, editable
        self._marks = beat.placed_marks(median, entered)
        self._held: int | None = None
        self._off = 0.0

    @property
    def marks(self) -> tuple[PlacedMark, ...]:
        return self._marks

    def x_of(self, number: int) -> float:
        return beat.x_of(self._beat, self._marks[number].seconds)

    def press(self, place: QPointF, reach: float) -> bool:
        self._held = self._near(place, reach)
        if self._held is not None:
            self._off = self.x_of(self._held) - place.x()
            self.update()
        return self._held is not None

    def drag(self, place: QPointF) -> None:
        if self._held is not None:
            seconds = beat.seconds_at(self._beat, place.x() + self._off)
            self._marks = beat.moved_mark(self._marks, self._held, seconds)
            self.update()

    def release(self, place: QPointF) -> None:
        held, self._held = self._held, None
        self.update()
        if held is None:
            return
        mark = self._marks[held]
        before = beat.placed_marks(self._beat, self._entered)[held]
        if mark.found and (mark.seconds != before.seconds or not before.found):
            self.moved.emit(beat.entered_marks(self._entered, mark), mark.kind.label)

    def cursor_at(self, place: QPointF, reach: float) -> Qt.CursorShape | None:
        return Qt.CursorShape.SizeHorCursor if self._near(place, reach) is not None else None

    def _near(self, place: QPointF, reach: float) -> int | None:
        if not self._editable:
            return None
        far = [abs(self.x_of(number) - place.x()) for number in range(len(self._marks))]
        nearest = min(range(len(far)), key=far.__getitem__)
        return nearest if far[nearest] <= reach else None

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, mark in enumerate(self._marks):
            held = number == self._held
            pen = QPen(_colour(mark), 2.2 if held else 1.3)
            pen.setCosmetic(True)
            if not mark.found:
                pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
            x = self.x_of(number)
            painter.drawLine(QPointF(x, self._area.top()), QPointF(x, self._area.bottom()))
            name = mark.kind.label if mark.found else f"{mark.kind.label}?"
            _tag(painter, QPointF(x, self._area.top()), name, _colour(mark), row=number % _TAG_ROWS)
        line = f"{beat.intervals_line(self._marks)}   at {beat.SPEED_MM_PER_S:g} mm/s, {beat.GAIN_MM_PER_MV:g} mm/mV"
        _tag(painter, self._area.bottomLeft(), line.strip(), look.INK, row=-1)


def _colour(mark: PlacedMark) -> QColor:
    if not mark.found:
        return look.FAINT
    return look.DRAWN if mark.by_hand else look.ACCENT


def _tag(painter: QPainter, at_mm: QPointF, text: str, colour: QColor, *, row: int) -> None:
    """A name of the same size at any zoom; row -1 stands above the place, the others below each other under it."""
    if not text:
        return
    at = painter.worldTransform().map(at_mm)
    painter.save()
    painter.resetTransform()
    painter.setFont(look.font(_FONT_PX, bold=True))
    metrics = painter.fontMetrics()
    width, height = metrics.horizontalAdvance(text) + 2 * _PAD_PX, metrics.height() + 2
    left = at.x() + 8 if row < 0 else at.x() - width / 2
    tag = QRectF(left, at.y() + 4 + row * (height + 3) if row >= 0 else at.y() - height - 6, width, height)
    path = QPainterPath()
    path.addRoundedRect(tag, 4, 4)
    painter.fillPath(path, colour)
    painter.setPen(look.RAISED)
    painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
