"""How the desk looks: colours, type, icons. Warm paper greys, one accent, colour only where it says something."""

import re
from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QImage, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionViewItem

from ecgdesk.ecg.case import Status
from ecgdesk.ecg.reading import Severity
from ecgdesk.ecg.resources import resource

DESK = QColor("#f3f1ec")
SURFACE = QColor("#fdfcfa")
RAISED = QColor("#ffffff")
HAIRLINE = QColor("#dedad2")
INK = QColor("#22282e")
MUTED = QColor("#666c72")
FAINT = QColor("#9a9fa3")
ACCENT = QColor("#1f6470")
ACCENT_SOFT = QColor("#e3eeee")
AMBER_SOFT = QColor("#fbf2dc")
AMBER = QColor("#8a6410")
RED_SOFT = QColor("#fbe9e7")

PAPER = QColor("#fffdfb")
GRID_FINE = QColor("#f8e4de")
GRID_BOLD = QColor("#efc3b8")
TRACE = QColor("#14181d")
TRACE_OVER_SCAN = QColor("#1549c8")
DRAWN = QColor("#c2185b")  # by hand

SEVERITY = {
    Severity.NORMAL: QColor("#3d8a5c"),
    Severity.INFO: QColor("#56789a"),
    Severity.BORDERLINE: QColor("#b08212"),
    Severity.ABNORMAL: QColor("#cb6a1c"),
    Severity.URGENT: QColor("#c0392f"),
    Severity.CRITICAL: QColor("#8c1236"),
}

STATUS = {
    Status.WAITING: QColor("#9a9fa3"),
    Status.READ: QColor("#3d8a5c"),
    Status.DOUBTFUL: QColor("#b08212"),
    Status.UNREADABLE: QColor("#c0392f"),
}

_FACES = ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf")  # the report's own
_BASE_PX = 13


def tinted(colour: QColor, alpha: float) -> QColor:
    """The colour at an opacity of 0 to 1."""
    tint = QColor(colour)
    tint.setAlphaF(alpha)
    return tint


def mixed(ground: QColor, colour: QColor, share: float) -> QColor:
    """What `tinted` would look like on the ground, opaque: Qt draws that many times faster."""

    def channel(under: int, over: int) -> int:
        return round(under + (over - under) * share)

    return QColor(
        channel(ground.red(), colour.red()),
        channel(ground.green(), colour.green()),
        channel(ground.blue(), colour.blue()),
    )


def font(px: int = _BASE_PX, *, bold: bool = False) -> QFont:
    chosen = QFont(_family())
    chosen.setPixelSize(px)
    chosen.setBold(bold)
    return chosen


@cache
def _family() -> str:
    """The report's typeface, so that screen and print agree on any system."""
    loaded = [QFontDatabase.addApplicationFont(str(resource(f"fonts/{face}"))) for face in _FACES]
    families = QFontDatabase.applicationFontFamilies(loaded[0]) if loaded[0] >= 0 else []
    return families[0] if families else QGuiApplication.font().family()


@cache
def icon(name: str, *, colour: str = "#3c434a", checked: str = "") -> QIcon:
    """A line icon of resources/icons in one colour, greyed where its action is off, `checked` where it is on."""
    drawing = resource(f"icons/{name}.svg").read_text(encoding="utf-8")
    made = QIcon()
    for mode, shade in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, "#bcbab4")):
        for side in (16, 20, 24, 32, 40, 48, 64):
            made.addPixmap(_drawn(re.sub("currentColor", shade, drawing), QSize(side, side)), mode)
            if checked and mode is QIcon.Mode.Normal:
                lit = _drawn(re.sub("currentColor", checked, drawing), QSize(side, side))
                made.addPixmap(lit, mode, QIcon.State.On)
    return made


def _drawn(svg: str, size: QSize) -> QPixmap:
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(svg.encode())).render(painter)
    painter.end()
    return QPixmap.fromImage(image)


def frame_focused(painter: QPainter, option: QStyleOptionViewItem) -> None:
    """Shows which line of which list the keyboard is on."""
    on = QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_HasFocus
    if option.state & on == on:
        painter.setPen(ACCENT)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -1.5))


def dress(app: QApplication) -> None:
    """Gives the whole program its look."""
    app.setStyle("Fusion")
    app.setFont(font())
    app.setPalette(_palette())
    app.setStyleSheet(_SHEET)


def _palette() -> QPalette:
    palette = QPalette()
    for role, colour in (
        (QPalette.ColorRole.Window, DESK),
        (QPalette.ColorRole.Base, RAISED),
        (QPalette.ColorRole.AlternateBase, SURFACE),
        (QPalette.ColorRole.Text, INK),
        (QPalette.ColorRole.WindowText, INK),
        (QPalette.ColorRole.ButtonText, INK),
        (QPalette.ColorRole.Button, RAISED),
        (QPalette.ColorRole.Highlight, ACCENT),
        (QPalette.ColorRole.HighlightedText, RAISED),
        (QPalette.ColorRole.PlaceholderText, FAINT),
        (QPalette.ColorRole.ToolTipBase, RAISED),
        (QPalette.ColorRole.ToolTipText, INK),
        (QPalette.ColorRole.Mid, HAIRLINE),
    ):
        palette.setColor(role, colour)
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, FAINT)
    return palette


_SHEET = f"""
QMainWindow, QDialog {{ background: {DESK.name()}; }}
QToolTip {{ background: {RAISED.name()}; color: {INK.name()}; border: 1px solid {HAIRLINE.name()}; padding: 4px 6px; }}
QMenuBar {{ background: {DESK.name()}; }}
QMenuBar::item {{ padding: 4px 9px; background: transparent; }}
QMenuBar::item:selected {{ background: {ACCENT_SOFT.name()}; border-radius: 4px; }}
QMenu {{ background: {RAISED.name()}; border: 1px solid {HAIRLINE.name()}; padding: 4px; }}
QMenu::item {{ padding: 5px 22px 5px 12px; border-radius: 4px; }}
QMenu::item:selected {{ background: {ACCENT_SOFT.name()}; color: {INK.name()}; }}
QMenu::item:disabled {{ color: {FAINT.name()}; }}
QMenu::separator {{ height: 1px; background: {HAIRLINE.name()}; margin: 4px 8px; }}
QToolBar {{ background: {DESK.name()}; border: none; border-bottom: 1px solid {HAIRLINE.name()};
            padding: 3px 8px; spacing: 2px; }}
QToolBar::separator {{ width: 1px; background: {HAIRLINE.name()}; margin: 5px 6px; }}
QToolBar QToolButton {{ padding: 5px 6px; border: none; border-radius: 5px; color: {INK.name()}; }}
QToolBar QToolButton:hover {{ background: #e8e5de; }}
QToolBar QToolButton:checked {{ background: {ACCENT_SOFT.name()}; color: {ACCENT.name()}; }}
QToolBar QToolButton:disabled {{ color: {FAINT.name()}; }}
QStatusBar {{ background: {DESK.name()}; color: {MUTED.name()}; border-top: 1px solid {HAIRLINE.name()}; }}
QStatusBar::item {{ border: none; }}
QSplitter::handle {{ background: {HAIRLINE.name()}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}

#panel, #panel QScrollArea, #panel QScrollArea > QWidget > QWidget {{ background: {SURFACE.name()}; }}
#heading {{ color: {MUTED.name()}; font-size: 11px; font-weight: bold; letter-spacing: 0.5px; }}
#muted {{ color: {MUTED.name()}; }}
#strong {{ font-weight: bold; }}

QListView, QTreeView, QTableView {{ background: {SURFACE.name()}; border: none; outline: none; }}
#mendbar QToolButton {{ padding: 4px 9px; border: 1px solid #cfcac1; border-radius: 5px; background: {RAISED.name()}; }}
#mendbar QToolButton:focus {{ border-color: {INK.name()}; }}
#mendbar QToolButton:hover {{ background: #f6f4ef; }}
#mendbar QToolButton:checked {{ background: {ACCENT.name()}; color: white; border-color: {ACCENT.name()}; }}
#mendbar QToolButton:disabled {{ color: {FAINT.name()}; }}
QPushButton {{ background: {RAISED.name()}; border: 1px solid #cfcac1; border-radius: 5px; padding: 4px 12px; }}
QPushButton:hover {{ background: #f6f4ef; border-color: #bdb7ac; }}
QPushButton:pressed {{ background: #ece9e2; }}
QPushButton:focus {{ border-color: {ACCENT.name()}; }}
QPushButton:disabled {{ color: {FAINT.name()}; background: {DESK.name()}; border-color: {HAIRLINE.name()}; }}
QPushButton#primary {{ background: {ACCENT.name()}; color: white; border-color: {ACCENT.name()}; font-weight: bold;
                       padding: 6px 16px; }}
QPushButton#primary:focus {{ border: 2px solid {INK.name()}; padding: 5px 15px; }}
QPushButton#primary:hover {{ background: #19535d; }}
QPushButton#primary:disabled {{ background: #b9c9cb; border-color: #b9c9cb; color: #f3f6f6; }}
QPushButton#tab {{ border: none; background: transparent; padding: 2px 0; color: {FAINT.name()}; font-size: 11px;
                   font-weight: bold; letter-spacing: 0.5px; border-radius: 0; border-bottom: 2px solid transparent; }}
QPushButton#tab:checked {{ color: {MUTED.name()}; border-bottom: 2px solid {ACCENT.name()}; }}
QPushButton#tab:hover, QPushButton#tab:focus {{ color: {INK.name()}; }}
QPushButton#tab:focus {{ border-bottom: 2px solid {INK.name()}; }}
QPushButton#small {{ padding: 3px 8px; }}
QPushButton#flat {{ border: 1px solid transparent; background: transparent; color: {ACCENT.name()}; padding: 2px 4px; }}
QPushButton#flat:focus {{ border-color: {ACCENT.name()}; }}
QPushButton#flat:hover {{ text-decoration: underline; }}
QLineEdit, QComboBox, QPlainTextEdit, QDateTimeEdit {{ background: {RAISED.name()}; border: 1px solid #d8d3ca;
    border-radius: 4px; padding: 3px 6px; selection-background-color: {ACCENT.name()}; selection-color: white; }}
QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus {{ border-color: {ACCENT.name()}; }}
QLineEdit:read-only, QLineEdit:disabled, QComboBox:disabled {{ background: {DESK.name()}; color: {INK.name()}; }}
QLineEdit[wrong="true"] {{ border-color: {SEVERITY[Severity.URGENT].name()}; background: {RED_SOFT.name()}; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox::down-arrow {{ image: url("{resource("icons/down.svg").as_posix()}"); width: 12px; height: 12px; }}
QComboBox QAbstractItemView {{ background: {RAISED.name()}; border: 1px solid {HAIRLINE.name()};
    selection-background-color: {ACCENT_SOFT.name()}; selection-color: {INK.name()}; }}

QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: #cfcac1; border-radius: 4px; margin: 1px; min-width: 28px; min-height: 28px; }}
QScrollBar::handle:hover {{ background: #b3ada2; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page
    {{ background: none; border: none; width: 0; height: 0; }}
QProgressBar {{ background: #e6e2da; border: none; border-radius: 3px; max-height: 6px; }}
QProgressBar::chunk {{ background: {ACCENT.name()}; border-radius: 3px; }}
"""
