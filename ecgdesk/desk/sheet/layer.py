"""What lies over a sheet and can be taken hold of."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QGraphicsObject


class Layer(QGraphicsObject):
    """Gets the left button before the hand does. Places are in the scene's millimetres; `reach` is how many of them
    the pointer may be off and still mean a thing."""

    def __init__(self, area: QRectF) -> None:
        super().__init__()
        self._area = area
        self.setZValue(8)  # over traces, under callipers

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        return self._area

    def press(self, place: QPointF, reach: float) -> bool:
        """True when something was taken hold of: `drag` and `release` follow."""
        return False

    def drag(self, place: QPointF) -> None: ...

    def release(self, place: QPointF) -> None: ...

    def double_press(self, place: QPointF, reach: float) -> bool:
        """True when it meant something; else it is one more press."""
        return False

    def key(self, key: int) -> bool:
        """True when the key meant something here."""
        return False

    def cursor_at(self, place: QPointF, reach: float) -> Qt.CursorShape | None:
        """The pointer's shape here; None where there is nothing to take hold of."""
        return None
