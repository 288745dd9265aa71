"""Looking at the sheet: views, zoom, pan, callipers, speed."""

import time

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QPainter, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ecgdesk.desk.sheet.scene import Kind, sheet_scene
from ecgdesk.desk.sheet.view import SheetView
from ecgdesk.desk.window import DeskWindow
from tests.desk import sample
from tests.desk.conftest import OpenDesk

# A frame of a 60 Hz screen. Of a dozen frames the fastest counts: the machine may be busy with something else.
FRAME_S = 0.0167


def drag(view: SheetView, start: QPoint, end: QPoint, qtbot: QtBot) -> None:
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(view.viewport(), (start + end) / 2)
    qtbot.mouseMove(view.viewport(), end)
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=end)


def at(view: SheetView, x_mm: float, y_mm: float) -> QPoint:
    return view.mapFromScene(QPointF(x_mm, y_mm))


def callipers_text(window: DeskWindow) -> str:
    return window.calliper_reading.text()


def test_callipers_by_a_drag_and_by_two_clicks_read_the_same(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(sample.case())
    view = window.centre.view
    window.actions_table["callipers"].trigger()
    view.zoom(4.0)
    QApplication.processEvents()  # the scroll bars appear, and the viewport gives way
    view.centerOn(60, 60)
    start, end = at(view, 50, 60), at(view, 70, 50)
    drag(view, start, end, qtbot)
    dragged = callipers_text(window)
    view.use(view.tool)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(view.viewport(), end)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=end)
    clicked = callipers_text(window)
    assert dragged == clicked
    milliseconds, rate, millivolts = dragged.split(" · ")
    assert abs(float(milliseconds.split()[0]) - 800) <= 8
    assert abs(float(rate.split()[0]) - 75) <= 1
    assert abs(float(millivolts.split()[0]) - 1.0) <= 0.02


def test_callipers_follow_no_more_after_the_second_click(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(sample.case())
    view = window.centre.view
    window.actions_table["callipers"].trigger()
    for x in (50, 70):
        qtbot.mouseMove(view.viewport(), at(view, x, 60))
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at(view, x, 60))
    reading = callipers_text(window)
    qtbot.mouseMove(view.viewport(), at(view, 100, 60))
    assert callipers_text(window) == reading
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert callipers_text(window) == ""


def test_wheel_zooms_about_the_pointer_and_f_fits_again(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(sample.case())
    view = window.centre.view
    fitted = view.transform().m11()
    place = QPointF(300, 250)
    before = view.mapToScene(place.toPoint())
    for _ in range(4):
        wheel = QWheelEvent(
            place,
            view.viewport().mapToGlobal(place),
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(view.viewport(), wheel)
    after = view.mapToScene(place.toPoint())
    assert view.transform().m11() > 2 * fitted
    assert abs(after.x() - before.x()) < 1.0
    qtbot.keyClick(window, Qt.Key.Key_F)
    assert view.transform().m11() == fitted


def test_a_drag_pans_the_sheet_and_picks_nothing(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(sample.case())
    view = window.centre.view
    view.zoom(5.0)
    before = view.mapToScene(QPoint(0, 0))
    drag(view, QPoint(300, 200), QPoint(200, 150), qtbot)
    after = view.mapToScene(QPoint(0, 0))
    assert after.x() > before.x() + 5
    assert after.y() > before.y() + 2
    assert window.workbench.picked_finding is None


def test_the_three_sheets_of_a_case_can_be_switched(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(sample.case())
    for key, kind in ((Qt.Key.Key_S, Kind.PAGE), (Qt.Key.Key_L, Kind.LEADS), (Qt.Key.Key_G, Kind.GRID)):
        qtbot.keyClick(window, key)
        assert window.centre.kind is kind
        assert window.centre.view.sheet is window.centre.scene


def test_the_trace_can_be_laid_over_the_scan(open_desk: OpenDesk, qtbot: QtBot) -> None:
    window = open_desk(sample.case())
    qtbot.keyClick(window, Qt.Key.Key_T)
    scene = window.centre.scene
    assert window.centre.kind is Kind.PAGE
    assert scene is not None
    assert all(trace.isVisible() for trace in scene.traces)


def test_the_digitised_trace_is_drawn_on_the_ink_of_the_scan(qapp: QApplication) -> None:
    scene = sheet_scene(sample.case(), Kind.PAGE, scan=None)
    assert scene is not None
    px = sample.PX_PER_MM
    bare = _painted(scene, px)
    for trace in scene.traces:
        trace.setVisible(True)
    laid = _painted(scene, px)
    ink = bare[..., :3].max(axis=2) < 90
    trace_pixels = np.abs(laid.astype(int) - bare).max(axis=2) > 60
    near_ink = ink.copy()
    for dy in (-2, -1, 1, 2):
        near_ink |= np.roll(ink, dy, axis=0)
    assert trace_pixels.sum() > 1000
    assert (trace_pixels & near_ink).sum() / trace_pixels.sum() > 0.98


def _painted(scene, px_per_mm):  # type: ignore[no-untyped-def]
    rect = scene.sheet_rect
    width, height = round(rect.width() * px_per_mm), round(rect.height() * px_per_mm)
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    scene.render(painter, source=rect)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(height, width, 4).copy()


def test_a_frame_while_panning_is_fast(open_desk: OpenDesk) -> None:
    window = open_desk(sample.critical_case())
    view = window.centre.view
    for factor in (1.0, 3.0):
        view.zoom(factor)
        frames = []
        for step in range(12):
            view.horizontalScrollBar().setValue(view.horizontalScrollBar().minimum() + 15 * step)
            start = time.process_time()  # not the clock on the wall: the machine may be busy with something else
            view.viewport().repaint()
            frames.append(time.process_time() - start)
        assert min(frames) < FRAME_S
