"""One lead's trace with its name."""

from dataclasses import replace

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QTransform
from PySide6.QtWidgets import QGraphicsItem, QGraphicsSimpleTextItem, QStyleOptionGraphicsItem, QWidget

from ecgdesk.desk import look
from ecgdesk.desk.models.placement import Placement
from ecgdesk.desk.models.polyline import FULL, polylines, samples_a_column
from ecgdesk.ecg.recording import Recording

_WIDTH_MM = 0.3  # as a cart's print head draws it
_WIDTH_OVER_SCAN_MM = 0.15
_LEAST_PX = 1.1
_BROAD_PX = 1.8
_LABEL_OVER_MM = 1.0
_LABEL_LOOKS_MM = 8.0  # the name stands above the highest point of so much trace
_LABEL_PX = 13


class Trace(QGraphicsItem):
    """The polyline of one placement, thinned to what the screen's columns can show.

    Drawn as separate lines with square ends: Qt strokes a smooth polyline of more than one pixel's width as one path,
    which takes six times as long and looks the same at this width.
    """

    def __init__(self, placement: Placement, recording: Recording, *, over_scan: bool, thin: bool = False) -> None:
        super().__init__()
        self._placement, self._recording = placement, recording
        # Over the scan it is thinner than the ink and of another colour, so that both can be seen.
        self._colour = look.TRACE_OVER_SCAN if over_scan else look.TRACE
        self._width_mm = _WIDTH_OVER_SCAN_MM if over_scan or thin else _WIDTH_MM
        self._thinning = 0
        self._lines: list[QLineF] = []
        whole = polylines(placement, recording, a_column=FULL)
        top = min((float(piece[:, 1].min()) for piece in whole), default=placement.top_mm)
        bottom = max((float(piece[:, 1].max()) for piece in whole), default=placement.bottom_mm)
        self._rect = QRectF(placement.x0_mm - 1, top - 1, placement.x1_mm - placement.x0_mm + 2, bottom - top + 2)

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        return self._rect

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        thinning = samples_a_column(self._placement, columns_per_mm=painter.deviceTransform().m11())
        if thinning != self._thinning:
            self._thinning, self._lines = thinning, self._drawn(thinning)
        px_per_mm = painter.deviceTransform().m11()
        pen = QPen(self._colour, max(self._width_mm, _LEAST_PX / painter.worldTransform().m11()))
        # Square ends close the joints of a broad trace; on a fine one they would only thicken it.
        broad = pen.widthF() * px_per_mm >= _BROAD_PX
        pen.setCapStyle(Qt.PenCapStyle.SquareCap if broad else Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawLines(self._lines)

    def _drawn(self, a_column: int) -> list[QLineF]:
        lines = []
        for points in polylines(self._placement, self._recording, a_column=a_column):
            x, y = points.T.tolist()
            lines += [QLineF(*ends) for ends in zip(x, y, x[1:], y[1:], strict=False)]
        return lines


def lead_name(placement: Placement, recording: Recording) -> QGraphicsSimpleTextItem:
    """The lead's name just above the beginning of its trace, the same size at any zoom."""
    label = QGraphicsSimpleTextItem(placement.lead.value)
    label.setFont(look.font(_LABEL_PX, bold=True))
    label.setBrush(look.INK)
    label.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
    beginning = replace(placement, end_s=placement.start_s + _LABEL_LOOKS_MM / placement.mm_per_s)
    pieces = polylines(beginning, recording, a_column=FULL)
    highest = min((float(piece[:, 1].min()) for piece in pieces), default=placement.baseline_mm)
    label.setPos(placement.x0_mm + 0.5, min(highest, placement.baseline_mm) - _LABEL_OVER_MM)
    label.setTransform(QTransform.fromTranslate(0.0, -label.boundingRect().height()))
    return label
