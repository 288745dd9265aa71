"""One lead's trace with its name."""

from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QGraphicsItem, QGraphicsSimpleTextItem, QStyleOptionGraphicsItem, QWidget

from ecgdesk.desk import look
from ecgdesk.desk.models.placement import Placement
from ecgdesk.desk.models.polyline import polylines
from ecgdesk.ecg.recording import Recording

_WIDTH_MM = 0.3  # as a cart's print head draws it
_LEAST_PX = 1.1
_LABEL_OVER_MM = 1.0
_LABEL_LOOKS_MM = 8.0  # the name stands above the highest point of so much trace
_LABEL_PX = 13


class Trace(QGraphicsItem):
    """The polyline of one placement, thinned to what the screen's columns can show."""

    def __init__(self, placement: Placement, recording: Recording, colour: QColor) -> None:
        super().__init__()
        self._placement, self._recording, self._colour = placement, recording, colour
        self._columns_per_mm = 0.0
        self._pieces: list[tuple[QRectF, QPolygonF]] = []
        whole = polylines(placement, recording, columns_per_mm=100.0)
        top = min((float(piece[:, 1].min()) for piece in whole), default=placement.top_mm)
        bottom = max((float(piece[:, 1].max()) for piece in whole), default=placement.bottom_mm)
        self._rect = QRectF(placement.x0_mm - 1, top - 1, placement.x1_mm - placement.x0_mm + 2, bottom - top + 2)

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        return self._rect

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        columns = painter.deviceTransform().m11()
        if columns != self._columns_per_mm:
            self._columns_per_mm, self._pieces = columns, self._thinned(columns)
        pen = QPen(self._colour, max(_WIDTH_MM, _LEAST_PX / painter.worldTransform().m11()))
        pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
        painter.setPen(pen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for _, polygon in self._pieces:
            painter.drawPolyline(polygon)

    def _thinned(self, columns_per_mm: float) -> list[tuple[QRectF, QPolygonF]]:
        pieces = []
        for points in polylines(self._placement, self._recording, columns_per_mm=columns_per_mm):
            polygon = QPolygonF([QPointF(x, y) for x, y in points.tolist()])
            pieces.append((polygon.boundingRect(), polygon))
        return pieces


def lead_name(placement: Placement, recording: Recording) -> QGraphicsSimpleTextItem:
    """The lead's name just above the beginning of its trace, the same size at any zoom."""
    label = QGraphicsSimpleTextItem(placement.lead.value)
    label.setFont(look.font(_LABEL_PX, bold=True))
    label.setBrush(look.INK)
    label.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
    beginning = replace(placement, end_s=placement.start_s + _LABEL_LOOKS_MM / placement.mm_per_s)
    pieces = polylines(beginning, recording, columns_per_mm=100.0)
    highest = min((float(piece[:, 1].min()) for piece in pieces), default=placement.baseline_mm)
    label.setZValue(3)
    label.setPos(placement.x0_mm + 0.5, min(highest, placement.baseline_mm) - _LABEL_OVER_MM)
    label.setTransform(QTransform.fromTranslate(0.0, -label.boundingRect().height()))
    return label
