"""The sheet's ground: millimetre paper, or the straightened page as it was scanned."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QImage, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from ecgdesk.desk import look
from ecgdesk.desk.models.placement import BIG_SQUARE_MM

_FINE_FROM_PX_PER_MM = 2.4  # below this, single millimetres would be a pink fog; they come in gradually
_FINE_FULL_PX_PER_MM = 5.0
_HALVINGS = 4


class MillimetrePaper(QGraphicsItem):
    """Ruled paper of a size in mm; only the exposed part is drawn."""

    def __init__(self, width_mm: float, height_mm: float) -> None:
        super().__init__()
        self._rect = QRectF(0.0, 0.0, width_mm, height_mm)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        return self._rect

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        exposed = option.exposedRect.intersected(self._rect)
        painter.fillRect(exposed, look.PAPER)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        px_per_mm = painter.worldTransform().m11()
        if px_per_mm >= _FINE_FROM_PX_PER_MM:
            share = (px_per_mm - _FINE_FROM_PX_PER_MM) / (_FINE_FULL_PX_PER_MM - _FINE_FROM_PX_PER_MM)
            self._rule(
                painter, exposed, 1.0, QPen(look.mixed(look.PAPER, look.GRID_FINE, min(0.3 + 0.7 * share, 1.0)), 0.0)
            )
        bold = QPen(look.GRID_BOLD, 0.0 if px_per_mm < 8 else 0.2)
        self._rule(painter, exposed, BIG_SQUARE_MM, bold)

    def _rule(self, painter: QPainter, exposed: QRectF, every: float, pen: QPen) -> None:
        painter.setPen(pen)
        columns = np.arange(np.floor(exposed.left() / every), np.ceil(exposed.right() / every) + 1) * every
        rows = np.arange(np.floor(exposed.top() / every), np.ceil(exposed.bottom() / every) + 1) * every
        painter.drawLines([QLineF(x, exposed.top(), x, exposed.bottom()) for x in columns.tolist()])
        painter.drawLines([QLineF(exposed.left(), y, exposed.right(), y) for y in rows.tolist()])


class ScannedPage(QGraphicsItem):
    """An image laid over a rectangle in mm.

    Halved copies are made when they are first needed: shrinking a 600 dpi page afresh for each frame would make
    panning jerk.
    """

    def __init__(self, image: NDArray[np.uint8], width_mm: float, height_mm: float) -> None:
        super().__init__()
        self._rect = QRectF(0.0, 0.0, width_mm, height_mm)
        self._levels = [image]
        self._drawn: dict[int, QImage] = {}
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        return self._rect

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        exposed = option.exposedRect.intersected(self._rect)
        image = self._at(painter.deviceTransform().m11())
        across, down = image.width() / self._rect.width(), image.height() / self._rect.height()
        source = QRectF(exposed.x() * across, exposed.y() * down, exposed.width() * across, exposed.height() * down)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(exposed, image, source)

    def _at(self, device_px_per_mm: float) -> QImage:
        wanted = device_px_per_mm * self._rect.width()
        level = 0
        while level < _HALVINGS and self._levels[0].shape[1] / 2 ** (level + 1) >= wanted:
            level += 1
        if level not in self._drawn:
            self._drawn[level] = _as_qimage(self._level(level))
        return self._drawn[level]

    def _level(self, level: int) -> NDArray[np.uint8]:
        while len(self._levels) <= level:
            last = self._levels[-1]
            size = (max(last.shape[1] // 2, 1), max(last.shape[0] // 2, 1))
            self._levels.append(np.asarray(cv2.resize(last, size, interpolation=cv2.INTER_AREA), dtype=np.uint8))
        return self._levels[level]


def _as_qimage(rgb: NDArray[np.uint8]) -> QImage:
    height, width = rgb.shape[:2]
    image = QImage(np.ascontiguousarray(rgb).data, width, height, 3 * width, QImage.Format.Format_RGB888)
    # Converted, hence copied: the array may go, and Qt draws its own format several times faster.
    return image.convertToFormat(QImage.Format.Format_RGB32)
