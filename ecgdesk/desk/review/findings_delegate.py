"""How one finding looks in the review."""

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ecgdesk.desk import look
from ecgdesk.desk.models import wording
from ecgdesk.desk.models.edits import Row
from ecgdesk.desk.queue.model import Index
from ecgdesk.desk.review.findings_model import ROW_ROLE
from ecgdesk.ecg.case import Verdict

_LEFT, _RIGHT, _ABOVE, _GAP = 18, 10, 7, 2
_FOLLOWS = 14  # by which another reader's word on the same is set in
_ELIDE = Qt.TextElideMode.ElideRight
_WRAP = Qt.TextFlag.TextWordWrap
_VERDICT = {
    Verdict.ACCEPTED: "✓ accepted",
    Verdict.REJECTED: "✕ rejected",
    Verdict.EDITED: "edited",
    Verdict.ADDED: "added by hand",
}


class FindingsDelegate(QStyledItemDelegate):
    """The statement, what has been decided on it, and its reason: one line at rest, all of it when picked."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        row = index.data(ROW_ROLE)
        width = self._view.viewport().width() - _LEFT - _RIGHT - (_FOLLOWS if row.follows else 0)
        return QSize(120, sum(height for _, _, height in self._lines(row, width, self._is_open(index))) + 2 * _ABOVE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW_ROLE)
        area: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = look.SEVERITY[row.shown.severity] if row.stands else look.FAINT
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, look.tinted(colour, 0.10))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, look.DESK)
        look.frame_focused(painter, option)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        inset = _FOLLOWS if row.follows else 0
        painter.drawRoundedRect(QRectF(area.left() + 6 + inset, area.top() + 8, 4, area.height() - 16), 2, 2)
        top = QPoint(area.left() + _LEFT + inset, area.top() + _ABOVE)
        width = area.width() - _LEFT - _RIGHT - inset
        for number, (text, font, height) in enumerate(self._lines(row, width, self._is_open(index))):
            painter.setFont(font)
            painter.setPen(look.INK if number == 0 and row.stands and not row.follows else look.MUTED)
            painter.drawText(QRect(top, QSize(width, height)), int(_WRAP), text)
            top.setY(top.y() + height)
        painter.setPen(look.tinted(look.HAIRLINE, 0.7))
        painter.drawLine(area.left() + _LEFT, area.bottom(), area.right(), area.bottom())
        painter.restore()

    def _is_open(self, index: Index) -> bool:
        return index.row() == self._view.currentIndex().row()

    def _lines(self, row: Row, width: int, opened: bool) -> list[tuple[str, QFont, int]]:
        """Text, font and height of each block."""
        title, small = look.font(12 if row.follows else 13, bold=not row.follows), look.font(12)
        title.setStrikeOut(not row.stands)
        blocks = [
            (f"{row.shown.source}: {wording.hedged(row.shown)}" if row.follows else wording.statement(row.shown), title)
        ]
        if opened:
            blocks += [(text, small) for text in (_facts(row), row.shown.why) if text]
        else:
            at_rest = "  ·  ".join(part for part in (_facts(row), row.shown.why) if part)
            blocks.append((QFontMetrics(small).elidedText(at_rest, _ELIDE, width), small))
        return [(text, font, _height(text, font, width)) for text, font in blocks]


def _facts(row: Row) -> str:
    decided = _VERDICT[row.verdict] if row.verdict is not None else ""
    if row.follows:
        return decided
    return "  ·  ".join(
        part for part in (row.shown.severity.label, row.shown.certainty.value, row.said, decided) if part
    )


def _height(text: str, font: QFont, width: int) -> int:
    return QFontMetrics(font).boundingRect(QRect(0, 0, width, 2000), int(_WRAP), text).height() + _GAP
