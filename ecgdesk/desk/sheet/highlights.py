"""The places of the findings' evidence, as washes of colour behind the trace."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from ecgdesk.desk import look
from ecgdesk.desk.models.evidence import Box, Evidence
from ecgdesk.ecg.reading import Finding

_ROUND_MM = 1.0
_WIDE_MM = 30.0  # more than a beat at 25 mm/s
_UNDERLINE_MM = 0.7


class Highlights(QGraphicsItem):
    """All findings' boxes; the picked one is brought forward and the others step back.

    A place that several findings rest on is washed once, in the colour of the most severe of them: layers of alpha
    would make a colour that stands for none.
    """

    def __init__(self, shown: tuple[Evidence, ...], width_mm: float, height_mm: float) -> None:
        super().__init__()
        self.shown = shown
        self._picked: Finding | None = None
        self._rect = QRectF(0.0, 0.0, width_mm, height_mm)
        worst_first = sorted(shown, key=lambda one: -one.finding.severity)
        self._once: dict[Box, Finding] = {}
        for one in worst_first:
            for box in one.boxes:
                self._once.setdefault(box, one.finding)

    def pick(self, finding: Finding | None) -> None:
        self._picked = finding
        self.update()

    def boxes_of(self, finding: Finding) -> tuple[Box, ...]:
        return next((one.boxes for one in self.shown if one.finding == finding), ())

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        return self._rect

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for box, finding in self._once.items():
            self._rest(painter, box, finding)
        if self._picked is not None:
            self._bring_forward(painter, self._picked)

    def _rest(self, painter: QPainter, box: Box, finding: Finding) -> None:
        colour = look.SEVERITY[finding.severity]
        if box.x1 - box.x0 > _WIDE_MM:
            # A finding on the whole strip says little by covering it: a line under it is enough.
            painter.setBrush(look.tinted(colour, 0.15 if self._picked else 0.4))
            painter.drawRect(QRectF(box.x0, box.y1 - _UNDERLINE_MM, box.x1 - box.x0, _UNDERLINE_MM))
        else:
            painter.setBrush(look.tinted(colour, 0.06 if self._picked else 0.17))
            painter.drawRoundedRect(rectangle(box), _ROUND_MM, _ROUND_MM)

    def _bring_forward(self, painter: QPainter, finding: Finding) -> None:
        colour = look.SEVERITY[finding.severity]
        edge = QPen(look.tinted(colour, 0.85), 1.5)
        edge.setCosmetic(True)
        painter.setPen(edge)
        for box in self.boxes_of(finding):
            painter.setBrush(look.tinted(colour, 0.10 if box.x1 - box.x0 > _WIDE_MM else 0.24))
            painter.drawRoundedRect(rectangle(box), _ROUND_MM, _ROUND_MM)


def rectangle(box: Box) -> QRectF:
    return QRectF(box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0)
