"""PDFs that draw an ECG by lines, in the ways in which carts and programs do, of a signal that a test knows."""

import io
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfgen.canvas import Canvas

from ecgdesk.ecg.resources import resource

MM = 72 / 25.4
LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
CABRERA = ("aVL", "I", "-aVR", "II", "aVF", "III")
RATE = 500
SHEET_MM = (297.0, 210.0)
LEFT_MM, TOP_MM, FOOT_MM = 20.0, 30.0, 16.0

_TYPE = 200  # size of the type whose outlines are traced

Points = NDArray[np.float64]


class Way(StrEnum):
    """How the traces are put into paths."""

    LEADS = "a path a lead"
    SEGMENTS = "a path a segment"
    ONE = "one path for all"
    ROWS = "a line a row"
    PIECES = "a path for fifty samples"
    CURVES = "curves"


class Grid(StrEnum):
    LINES = "lines"
    COARSE = "5 mm lines only"
    BARS = "filled bars"
    NONE = "none"


@dataclass(frozen=True)
class Plot:
    """`fitted`: the page is printed at this size; `stretch_x`: as programs plot that know no paper. `turned`: quarter
    turns clockwise of the content; `rotate`: degrees that the page says to turn it by."""

    layout: str = "3x4"
    rhythm: tuple[str, ...] = ("II",)
    way: Way = Way.LEADS
    grid: Grid = Grid.LINES
    speed: float = 25.0
    gain: float = 10.0
    pulse: str = "apart"  # joined, none
    says: tuple[str, ...] = ("25 mm/s", "10 mm/mV", "HR 68 bpm  PR 160 ms", "Technician: I")
    fitted: float = 1.0
    stretch_x: float = 1.0
    turned: int = 0
    rotate: int = 0
    flipped: bool = False  # the unit's y grows downwards
    cropped: bool = False
    overlong: bool = False  # lines run on beyond their box and are clipped to it
    outlined: bool = False  # names are shapes, not text
    nested: bool = False
    digits: int = 3
    names_below: bool = False
    separators: bool = False
    hidden: bool = False  # a second, white set of traces lies above the first
    row_mm: float = 0.0  # apart; 0: spread over the sheet
    cabrera: bool = False


def plotted(signal: NDArray[np.float32], plot: Plot) -> bytes:
    """A PDF of `signal` (float32[12, n], mV at 500 Hz)."""
    width, height = (side * MM for side in SHEET_MM)
    out = io.BytesIO()
    canvas = Canvas(
        out, pagesize=(height, width) if plot.turned % 2 and not plot.rotate else (width, height), pageCompression=1
    )
    if plot.turned == 1:
        canvas.transform(0, -1, 1, 0, 0, width)
    elif plot.turned == 2:
        canvas.transform(-1, 0, 0, -1, width, height)
    elif plot.turned == 3:
        canvas.transform(0, 1, -1, 0, height, 0)
    if plot.nested:
        canvas.beginForm("inner", 0, 0, width, height)
        _Drawer(canvas, plot, signal).draw()
        canvas.endForm()
        canvas.beginForm("outer", 0, 0, width, height)
        canvas.doForm("inner")
        canvas.endForm()
        canvas.doForm("outer")
    else:
        _Drawer(canvas, plot, signal).draw()
    if plot.rotate:
        canvas.setPageRotation(plot.rotate)
    if plot.cropped:
        canvas.setCropBox((8 * MM, 5 * MM, width - 3 * MM, height - 6 * MM))
    canvas.save()
    return out.getvalue()


class _Drawer:
    def __init__(self, canvas: Canvas, plot: Plot, signal: NDArray[np.float32]) -> None:
        self.canvas, self.plot, self.signal = canvas, plot, signal
        rows, columns = (int(number) for number in plot.layout.split("x"))
        self.columns = columns
        leads = (*CABRERA, *LEADS[6:]) if plot.cabrera else LEADS
        names = [[leads[column * rows + row] for column in range(columns)] for row in range(rows)]
        self.rows = [*names, *([lead] for lead in plot.rhythm)]
        self.pitch = plot.row_mm or (SHEET_MM[1] - TOP_MM - FOOT_MM) / len(self.rows)
        self.length = signal.shape[1] / RATE * plot.speed

    def draw(self) -> None:
        canvas, plot = self.canvas, self.plot
        canvas.saveState()
        canvas.scale(plot.fitted * plot.stretch_x, plot.fitted)
        if plot.flipped:
            canvas.transform(1, 0, 0, -1, 0, SHEET_MM[1] * MM)
            canvas.scale(MM / 100, MM / 100)  # hundredths of a millimetre, y downwards
        else:
            canvas.scale(MM, MM)
        self._grid()
        if plot.hidden:
            self._traces((1, 1, 1), shift=7.0)
        self._traces((0, 0, 0))
        self._pulses()
        canvas.restoreState()
        self._texts()

    def _at(self, x: float, y: float) -> tuple[float, float]:
        """From mm of the sheet, y downwards, to the unit in which is drawn."""
        if self.plot.flipped:
            return round(x * 100, self.plot.digits), round(y * 100, self.plot.digits)
        return round(x, self.plot.digits), round(SHEET_MM[1] - y, self.plot.digits)

    def _width(self, mm: float) -> None:
        self.canvas.setLineWidth(mm * (100 if self.plot.flipped else 1))

    def _baseline(self, row: int) -> float:
        return TOP_MM + (row + 0.6) * self.pitch

    def _grid(self) -> None:
        x0, y0, x1, y1 = 5, 20, 290, 200
        if self.plot.grid is Grid.NONE:
            return
        for step, width, colour in ((1, 0.1, (1, 0.8, 0.8)), (5, 0.2, (1, 0.6, 0.6))):
            if step == 1 and self.plot.grid is Grid.COARSE:
                continue
            self.canvas.setStrokeColorRGB(*colour)
            self.canvas.setFillColorRGB(*colour)
            self._width(width)
            lines = [((x, y0), (x, y1)) for x in range(x0, x1 + 1, step)]
            lines += [((x0, y), (x1, y)) for y in range(y0, y1 + 1, step)]
            for (ax, ay), (bx, by) in lines:
                if self.plot.grid is Grid.BARS:
                    (px, py), (qx, qy) = (
                        self._at(ax - width / 2, ay - width / 2),
                        self._at(bx + width / 2, by + width / 2),
                    )
                    self.canvas.rect(px, py, qx - px, qy - py, stroke=0, fill=1)
                else:
                    self.canvas.line(*self._at(ax, ay), *self._at(bx, by))

    def _traces(self, colour: tuple[int, int, int], shift: float = 0.0) -> None:
        plot = self.plot
        self.canvas.setStrokeColorRGB(*colour)
        self._width(0.25)
        drawn: list[Points] = []
        for row, names in enumerate(self.rows):
            parts = [self._points(lead, row, column, len(names)) for column, lead in enumerate(names)]
            if plot.pulse == "joined":
                x, y = LEFT_MM, self._baseline(row)
                pulse = [
                    (x - 9, y),
                    (x - 7, y),
                    (x - 7, y - plot.gain),
                    (x - 2, y - plot.gain),
                    (x - 2, y),
                    (x - 0.5, y),
                ]
                parts[0] = np.concatenate([pulse, parts[0]])
            drawn += [np.concatenate(parts)] if plot.way is Way.ROWS else parts
            if plot.separators:
                for column in range(1, len(names)):
                    x, y = LEFT_MM + column * self.length / len(names), self._baseline(row)
                    self.canvas.line(*self._at(x, y - 6), *self._at(x, y - 3))
                    self.canvas.line(*self._at(x, y + 3), *self._at(x, y + 6))
        self._paths([points + np.array([0.0, shift]) for points in drawn])

    def _points(self, lead: str, row: int, column: int, columns: int) -> Points:
        count = self.signal.shape[1]
        first, last = column * count // columns, (column + 1) * count // columns
        if self.plot.overlong:
            first, last = max(first - 200, 0), min(last + 300, count)
        mv = self.signal[LEADS.index(lead.lstrip("-")), first:last].astype(float) * (-1 if lead[0] == "-" else 1)
        x = LEFT_MM + np.arange(first, last) / RATE * self.plot.speed
        return np.stack([x, self._baseline(row) - mv * self.plot.gain], axis=1)

    def _paths(self, lines: list[Points]) -> None:
        canvas, way = self.canvas, self.plot.way
        path = canvas.beginPath()
        for number, points in enumerate(lines):
            places = [self._at(*point) for point in points]
            if way is Way.SEGMENTS:
                for one, other in pairwise(places):
                    canvas.line(*one, *other)
                continue
            if way is Way.PIECES:
                for begin in range(0, len(places), 50):
                    piece = canvas.beginPath()
                    piece.moveTo(*places[begin])
                    for place in places[begin + 1 : begin + 50]:
                        piece.lineTo(*place)
                    canvas.drawPath(piece, stroke=1, fill=0)
                continue
            if way is not Way.ONE:
                path = canvas.beginPath()
            path.moveTo(*places[0])
            if way is Way.CURVES:
                for one, other in pairwise(places):
                    third = [(one[0] * (1 - t) + other[0] * t, one[1] * (1 - t) + other[1] * t) for t in (1 / 3, 2 / 3)]
                    path.curveTo(*third[0], *third[1], *other)
            else:
                for place in places[1:]:
                    path.lineTo(*place)
            if way is not Way.ONE:
                canvas.saveState()
                if self.plot.overlong:
                    self._clip(number)
                canvas.drawPath(path, stroke=1, fill=0)
                canvas.restoreState()
        if way is Way.ONE:
            canvas.drawPath(path, stroke=1, fill=0)

    def _clip(self, number: int) -> None:
        """The box of the lead that is drawn as number `number`."""
        row, column = divmod(number, self.columns)
        row, column = (row, column) if row < len(self.rows) - len(self.plot.rhythm) else (len(self.rows) - 1, 0)
        width = self.length / len(self.rows[row])
        x, y = LEFT_MM + column * width, self._baseline(row)
        (ax, ay), (bx, by) = self._at(x, y - 40), self._at(x + width, y + 40)
        box = self.canvas.beginPath()
        box.rect(ax, ay, bx - ax, by - ay)
        self.canvas.clipPath(box, stroke=0, fill=0)

    def _pulses(self) -> None:
        if self.plot.pulse != "apart":
            return
        self._width(0.25)
        self.canvas.setStrokeColorRGB(0, 0, 0)
        for row in range(len(self.rows)):
            x, y, height = LEFT_MM - 8, self._baseline(row), self.plot.gain
            corners = [(x - 1, y), (x, y), (x, y - height), (x + 5, y - height), (x + 5, y), (x + 6, y)]
            path = self.canvas.beginPath()
            for number, corner in enumerate(corners):
                (path.moveTo if number == 0 else path.lineTo)(*self._at(*corner))
            self.canvas.drawPath(path, stroke=1, fill=0)

    def _texts(self) -> None:
        for number, text in enumerate(self.plot.says):
            self._text(text, LEFT_MM + 60 * number, 12.0)
        for row, names in enumerate(self.rows):
            for column, lead in enumerate(names):
                x = LEFT_MM + column * self.length / len(names) + 1
                y = self._baseline(row) + (6.0 if self.plot.names_below else -5.5)
                self._text(lead, x, y)

    def _text(self, text: str, x_mm: float, y_mm: float) -> None:
        canvas, plot = self.canvas, self.plot
        x = x_mm * MM * plot.fitted * plot.stretch_x
        y = (SHEET_MM[1] - y_mm) * MM * plot.fitted
        if not plot.outlined:
            canvas.setFont("Helvetica", 9)
            canvas.setFillColorRGB(0, 0, 0)
            canvas.drawString(x, y, text)
            return
        canvas.setFillColorRGB(0, 0, 0)
        path = canvas.beginPath()
        for corners in _outlines(text):
            for number, (px, py) in enumerate(corners):
                (path.moveTo if number == 0 else path.lineTo)(x + px * 9 / _TYPE, y - py * 9 / _TYPE)
            path.close()
        canvas.drawPath(path, stroke=0, fill=1, fillMode=0)


def _outlines(text: str) -> list[Points]:
    """Contours of the text in a type of _TYPE units, y downwards from its base line."""
    font = ImageFont.truetype(str(resource("fonts/NotoSans-Regular.ttf")), _TYPE)
    image = Image.new("L", (int(font.getlength(text)) + 40, 2 * _TYPE))
    ImageDraw.Draw(image).text((20, _TYPE), text, fill=255, font=font, anchor="ls")
    contours, _ = cv2.findContours(np.asarray(image), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    return [contour[:, 0].astype(float) - (20, _TYPE) for contour in contours]
