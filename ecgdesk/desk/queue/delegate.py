"""How one case looks in the list."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ecgdesk.desk import look
from ecgdesk.desk.models.queue import Entry
from ecgdesk.desk.queue.model import ENTRY_ROLE, Index
from ecgdesk.ecg.case import Status

_HEIGHT = 50
_BAR = 4
_INSET = 14


class QueueDelegate(QStyledItemDelegate):
    """A bar in the colour of the worst finding, the title, and a line on how far the case is."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        return QSize(160, _HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry = index.data(ENTRY_ROLE)
        assert isinstance(entry, Entry)
        area: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, look.ACCENT_SOFT)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, look.DESK)
        look.frame_focused(painter, option)
        bar = QRectF(area.left() + 5, area.top() + 9, _BAR, area.height() - 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_bar_colour(entry))
        painter.drawRoundedRect(bar, 2, 2)
        self._lines(painter, area.adjusted(_INSET + 3, 6, -10, -6), entry)
        painter.setPen(look.tinted(look.HAIRLINE, 0.7))
        painter.drawLine(area.left() + _INSET, area.bottom(), area.right(), area.bottom())
        painter.restore()

    def _lines(self, painter: QPainter, area: QRect, entry: Entry) -> None:
        half = area.height() // 2
        upper, lower = area.adjusted(0, 0, 0, -half), area.adjusted(0, half, 0, 0)
        painter.setFont(look.font(13, bold=True))
        painter.setPen(look.INK)
        title = painter.fontMetrics().elidedText(entry.title, Qt.TextElideMode.ElideMiddle, upper.width())
        painter.drawText(upper, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(look.font(12))
        if entry.in_work:
            lower = self._progress(painter, lower, entry)
        painter.setPen(_status_colour(entry))
        text = ("✓ " if entry.signed else "") + entry.status_line
        line = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, lower.width())
        painter.drawText(lower, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, line)

    def _progress(self, painter: QPainter, area: QRect, entry: Entry) -> QRect:
        """Draws the bar at the right; returns what is left of the area."""
        width = area.width() * 2 // 5
        groove = QRectF(area.right() - width, area.center().y() - 2, width, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.HAIRLINE)
        painter.drawRoundedRect(groove, 2, 2)
        painter.setBrush(look.ACCENT)
        groove.setWidth(width * min(max(entry.fraction, 0.02), 1.0))
        painter.drawRoundedRect(groove, 2, 2)
        return area.adjusted(0, 0, -width - 8, 0)


def _bar_colour(entry: Entry) -> QColor:
    if entry.status in (Status.WAITING, Status.UNREADABLE) or entry.severity is None:
        return look.HAIRLINE if entry.status is Status.WAITING else look.FAINT
    return look.SEVERITY[entry.severity]


def _status_colour(entry: Entry) -> QColor:
    if entry.in_work:
        return look.ACCENT
    if entry.signed or entry.status is Status.READ:
        return look.STATUS[Status.READ] if entry.signed else look.MUTED
    return look.AMBER if entry.status is Status.DOUBTFUL else look.STATUS.get(entry.status, look.MUTED)
