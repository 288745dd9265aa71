"""Looking at a sheet: zoom, pan, fit, pick, measure."""

from enum import Enum, auto
from functools import reduce

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsView, QWidget

from ecgdesk.desk import look
from ecgdesk.desk.sheet.layer import Layer
from ecgdesk.desk.sheet.scene import SheetScene
from ecgdesk.ecg.reading import Finding

ZOOM_STEP = 1.25
_LEAST_PX_PER_MM = 0.5
_MOST_PX_PER_MM = 60.0
_WHEEL_NOTCH = 120.0  # eighths of a degree, Qt's unit
_DRAG_PX = 4
_GRIP_PX = 6.0
_AROUND_PX = 40


class Tool(Enum):
    HAND = auto()
    CALLIPERS = auto()


class SheetView(QGraphicsView):
    """Shows one SheetScene.

    With the hand a drag pans and a click picks the finding under it; with the callipers a drag, or two clicks,
    measures. The middle button always pans.
    """

    finding_picked = Signal(object)  # Finding or None
    measured = Signal(str)  # the callipers' reading as text, empty when they are taken off

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picked: Finding | None = None
        self._tool = Tool.HAND
        self._fitted = True
        self._pressed_at: QPointF | None = None  # viewport px
        self._dragged = False
        self._by_hand = True  # what the pressed button does: pan or pick, not measure
        self._first_leg: QPointF | None = None  # mm; waits for the second one
        self._sets_first_leg = False
        self._layer: Layer | None = None
        self._layer_holds = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setBackgroundBrush(look.DESK)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)  # zoom() keeps its own place
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setMouseTracking(True)
        self.setMinimumSize(QSize(280, 200))
        self._show_tool()

    @property
    def sheet(self) -> SheetScene | None:
        scene = self.scene()
        return scene if isinstance(scene, SheetScene) else None

    @property
    def tool(self) -> Tool:
        return self._tool

    def show_sheet(self, scene: SheetScene | None, *, stay: bool = False) -> None:
        """`stay`: it is the same sheet, changed; zoom and place stay."""
        if scene is not self.sheet:
            self._lift_callipers()
        self.use_layer(None)
        kept = self.mapToScene(self.viewport().rect().center())
        self.setScene(scene)
        if stay and not self._fitted:
            self.centerOn(kept)
        else:
            self.fit()

    def show_all_of(self, area: QRectF) -> None:
        """Makes the sheet's surroundings as large as this; all of it is seen where the whole sheet was."""
        if self.sheet is not None and self.sheet.sceneRect() != area:
            self.sheet.setSceneRect(area)
            if self._fitted:
                self.fit()

    def use_layer(self, layer: Layer | None) -> None:
        """What gets the left button before the hand does; it lies over the sheet that is shown."""
        self._layer, self._layer_holds = layer, False

    def use(self, tool: Tool) -> None:
        self._tool = tool
        self._first_leg = None
        if tool is Tool.HAND:
            self._lift_callipers()
        self._show_tool()

    def _show_tool(self) -> None:
        hand = self._tool is Tool.HAND
        self.viewport().setCursor(Qt.CursorShape.OpenHandCursor if hand else Qt.CursorShape.CrossCursor)

    # Zoom and fit

    def fit(self) -> None:
        """The whole sheet, as large as the view allows."""
        self._fitted = True
        if self.sheet is not None:
            self.fitInView(self.sheet.sceneRect(), Qt.AspectRatioMode.KeepAspectRatio)

    def zoom(self, factor: float, *, about: QPoint | None = None) -> None:
        """Zooms about a place of the viewport, its centre unless told; what is there stays there."""
        place = about if about is not None else self.viewport().rect().center()
        kept = self.mapToScene(place)
        now = self.transform().m11()
        wanted = min(max(now * factor, _LEAST_PX_PER_MM), _MOST_PX_PER_MM)
        self._fitted = False
        self.scale(wanted / now, wanted / now)
        self._scroll(self.mapFromScene(kept) - place)

    def true_size(self) -> None:
        """One millimetre of paper is one millimetre of the screen, as far as the screen knows its own size."""
        px_per_mm = self.logicalDpiX() / 25.4
        self.zoom(px_per_mm / self.transform().m11())

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            super().wheelEvent(event)
            return
        self.zoom(ZOOM_STEP ** (event.angleDelta().y() / _WHEEL_NOTCH), about=event.position().toPoint())
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        if self._fitted:
            self.fit()

    # Findings

    def pick(self, finding: Finding | None) -> None:
        """Brings a finding's evidence forward and scrolls there when it is out of sight."""
        self._picked = finding
        if self.sheet is None:
            return
        places = self.sheet.pick(finding)
        if not places:
            return
        seen = self.mapToScene(self.viewport().rect()).boundingRect()
        all_of_it = reduce(QRectF.united, places)
        if seen.contains(all_of_it):
            return
        if all_of_it.width() <= seen.width() and all_of_it.height() <= seen.height():
            self.ensureVisible(all_of_it, _AROUND_PX, _AROUND_PX)
        elif not any(seen.contains(place) for place in places):
            self.ensureVisible(places[0], _AROUND_PX, _AROUND_PX)

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if self.sheet is None or event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            return
        self._pressed_at, self._dragged = event.position(), False
        hand = self._tool is Tool.HAND  # with the callipers in hand a mark is measured, not moved
        if self._layer is not None and hand and event.button() is Qt.MouseButton.LeftButton:
            self._layer_holds = self._layer.press(self._mm(event), self._reach())
            if self._layer_holds:
                return
        self._by_hand = self._tool is Tool.HAND or event.button() is Qt.MouseButton.MiddleButton
        if self._by_hand:
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self.sheet.has_scale:
            self._sets_first_leg = self._first_leg is None
            self._measure(self._first_leg or self._leg(event), self._leg(event))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        left = event.button() is Qt.MouseButton.LeftButton and self._tool is Tool.HAND
        if self._layer is not None and left and self._layer.double_press(self._mm(event), self._reach()):
            return
        self.mousePressEvent(event)  # two quick clicks are two clicks

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if self.sheet is None:
            return
        pressed = self._pressed_at
        if pressed is not None and (event.position() - pressed).manhattanLength() >= _DRAG_PX:
            self._dragged = True
        if self._layer_holds and self._layer is not None:
            self._layer.drag(self._mm(event))
            return
        if pressed is not None and self._by_hand:
            if self._dragged:
                self._pan(event.position() - pressed)
                self._pressed_at = event.position()
        elif self._first_leg is not None:
            self._measure(self._first_leg, self._leg(event))
        elif self._tool is Tool.HAND:
            self._point_out(self._mm(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if self._pressed_at is None or self.sheet is None:
            return
        self._pressed_at = None
        if self._layer_holds and self._layer is not None:
            self._layer_holds = False
            self._layer.release(self._mm(event))
            return
        if not self._by_hand:
            # A click sets the first leg and waits for the second; a drag, or the second click, is complete.
            if self._dragged or not self._sets_first_leg:
                self._first_leg = None
            return
        self._show_tool()
        if not self._dragged and self._tool is Tool.HAND and self._layer is None:
            self.finding_picked.emit(self.sheet.finding_at(self._mm(event), after=self._picked))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if self._layer is not None and self._layer.key(event.key()):
            return
        if event.key() == Qt.Key.Key_Escape and self.sheet is not None:
            self._lift_callipers()
            return
        super().keyPressEvent(event)

    def _lift_callipers(self) -> None:
        self._first_leg = None
        if self.sheet is not None:
            self.sheet.callipers.place(None)
        self.measured.emit("")

    def _reach(self) -> float:
        """Millimetres by which the pointer may be off a thing that it means."""
        return _GRIP_PX / self.transform().m11()

    def _leg(self, event: QMouseEvent) -> QPointF:
        """Where a leg of the callipers stands: on a mark or peak nearby, but with Alt just here."""
        free = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        assert self.sheet is not None
        return self._mm(event) if free else self.sheet.hold(self._mm(event), self._reach())

    def _mm(self, event: QMouseEvent) -> QPointF:
        return self.mapToScene(event.position().toPoint())

    def _measure(self, first: QPointF, second: QPointF) -> None:
        assert self.sheet is not None
        self._first_leg = first
        self.sheet.measure(first, second)
        reading = self.sheet.callipers.reading
        self.measured.emit(reading.text if reading else "")

    def _pan(self, by: QPointF) -> None:
        self._fitted = False
        self._scroll(-by.toPoint())

    def _scroll(self, by: QPoint) -> None:
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() + by.x())
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + by.y())

    def _point_out(self, place: QPointF) -> None:
        assert self.sheet is not None
        if self._layer is not None:
            cursor = self._layer.cursor_at(place, self._reach())
            self.viewport().setCursor(cursor if cursor is not None else Qt.CursorShape.OpenHandCursor)
            return
        here = self.sheet.finding_at(place, after=None) is not None
        shape = Qt.CursorShape.PointingHandCursor if here else Qt.CursorShape.OpenHandCursor
        self.viewport().setCursor(shape)
