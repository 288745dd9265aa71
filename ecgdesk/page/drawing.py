"""What a PDF page draws by lines and text: its paths and its characters, by PDFium's page objects.

| of the PDF | read as |
|---|---|
| stroked path | a `Stroke` an unbroken line; what goes on where the last one ended, in the same pen, is joined |
| Bézier curve | straight pieces, BEZIER_STEPS of them |
| filled rectangle thinner than RULE_MM | a `Stroke` along its middle: some carts fill their grid's lines |
| form XObject | its content, in its own place |
| clipping path | its box: what lies outside of it is not on the paper and is left out |
| characters | a `Print` for each piece of one line of text |

Images, shadings, patterns and other fills are no lines. A page of more than MOST_POINTS, or one that takes longer than
MOST_SECONDS, is read from its pixels like a scan.
"""

import ctypes
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from ecgdesk.ecg.page import Drawing, Stroke
from ecgdesk.page.prints import find_prints

MOST_POINTS = 600_000  # twelve leads of a minute at 500 Hz and a grid are half of it
MOST_OBJECTS = 120_000
MOST_SECONDS = 4.0  # of this thread's own time
CLOCK_EVERY = 64  # objects: to ask for the time takes longer than to read one
MOST_NESTED = 8  # forms within forms
BEZIER_STEPS = 8
LEAST_LINE, MANY_LINES = 30, 60  # points of a stroke, or strokes, from which on a page may hold a drawn trace
RULE_MM = 0.6
JOINED_PX = 0.02  # how far apart two ends may be to be one point

F64 = NDArray[np.float64]
Box = tuple[float, float, float, float]


class _TooMuch(Exception):
    """The page draws more than is read as lines."""


@dataclass(frozen=True)
class _Pen:
    width: float
    colour: tuple[int, int, int]


@dataclass
class _Lines:
    """The strokes so far, and the one that may still go on. `size`: of the picture, pixels."""

    size: tuple[int, int]
    pixels_per_mm: float
    strokes: list[Stroke] = field(default_factory=list)
    deadline: float = field(default_factory=lambda: time.thread_time() + MOST_SECONDS)
    points: int = 0
    objects: int = 0
    _last: list[F64] = field(default_factory=list)
    _pen: _Pen | None = None
    _placed_as: tuple[float, ...] = ()
    _placement: tuple[F64, float] = field(default_factory=lambda: (np.eye(3), 1.0))

    def add(self, points: F64, pen: _Pen) -> None:
        """One subpath, in sheet pixels."""
        goes_on = False
        if pen == self._pen:
            (x, y), (last_x, last_y) = points[0].tolist(), self._last[-1][-1].tolist()
            goes_on = abs(x - last_x) <= JOINED_PX and abs(y - last_y) <= JOINED_PX
        if not goes_on:
            self.finish()
        self._last.append(points[1:] if goes_on else points)
        self._pen = pen

    def finish(self) -> None:
        if self._pen is not None:
            self.strokes.append(Stroke(np.concatenate(self._last), self._pen.width, self._pen.colour))
        self._last, self._pen = [], None

    def count(self, *, points: int = 0) -> None:
        self.objects += 1
        self.points += points
        late = self.objects % CLOCK_EVERY == 0 and time.thread_time() > self.deadline
        if late or self.points > MOST_POINTS or self.objects > MOST_OBJECTS:
            raise _TooMuch

    def placement(self, item: object, to_pixels: F64) -> tuple[F64, float]:
        """From an object's own units to pixels, and how much larger that makes a pen; most objects share theirs."""
        m = pdfium_c.FS_MATRIX()
        if not pdfium_c.FPDFPageObj_GetMatrix(item, ctypes.byref(m)):
            m.a = m.d = 1.0
        key = (id(to_pixels), m.a, m.b, m.c, m.d, m.e, m.f)
        if self._placed_as != key:
            own = np.array([[m.a, m.c, m.e], [m.b, m.d, m.f], [0.0, 0.0, 1.0]])
            self._placement = (to_pixels @ own, math.sqrt(abs(float(np.linalg.det((to_pixels @ own)[:2, :2])))))
            self._placed_as = key
        return self._placement


def find_drawing(page: pdfium.PdfPage, *, size: tuple[int, int], pixels_per_mm: float) -> Drawing | None:
    """Lines and texts of the page in pixels of its picture of `size` (width, height).

    None where it draws no lines, as a scan does, or too many.
    """
    to_pixels = _to_pixels(page, size)
    lines = _Lines(size, pixels_per_mm)
    try:
        _read(page.raw, to_pixels, lines)
        lines.finish()
        if not any(len(stroke.points) >= LEAST_LINE for stroke in lines.strokes) and len(lines.strokes) < MANY_LINES:
            return None
        prints = find_prints(page, to_pixels)
    except _TooMuch:
        return None
    return Drawing(tuple(lines.strokes), prints)


def _to_pixels(page: pdfium.PdfPage, size: tuple[int, int]) -> F64:
    """float64[3, 3]: from the page's own units to pixels; crop and rotation are in it."""
    width, height = size
    places = []
    for device in ((0, 0), (width, 0), (0, height)):
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium_c.FPDF_DeviceToPage(page.raw, 0, 0, width, height, 0, *device, ctypes.byref(x), ctypes.byref(y))
        places.append((x.value, y.value))
    (ox, oy), (ax, ay), (bx, by) = places
    to_page = np.array([[(ax - ox) / width, (bx - ox) / height, ox], [(ay - oy) / width, (by - oy) / height, oy]])
    return np.linalg.inv(np.vstack([to_page, [0.0, 0.0, 1.0]]))


def _read(container: object, to_pixels: F64, lines: _Lines, *, depth: int = 0) -> None:
    """Reads all objects of a page (depth 0) or of a form."""
    for item in _objects(container, is_form=depth > 0):
        kind = pdfium_c.FPDFPageObj_GetType(item)
        if kind == pdfium_c.FPDF_PAGEOBJ_FORM and depth < MOST_NESTED:
            lines.count()
            _read(item, lines.placement(item, to_pixels)[0], lines, depth=depth + 1)
        elif kind == pdfium_c.FPDF_PAGEOBJ_PATH:
            _read_path(item, to_pixels, lines)


def _objects(container: object, *, is_form: bool) -> Iterator[object]:
    if is_form:
        for index in range(pdfium_c.FPDFFormObj_CountObjects(container)):
            yield pdfium_c.FPDFFormObj_GetObject(container, index)
    else:
        for index in range(pdfium_c.FPDFPage_CountObjects(container)):
            yield pdfium_c.FPDFPage_GetObject(container, index)


def _read_path(item: object, to_pixels: F64, lines: _Lines) -> None:
    count = pdfium_c.FPDFPath_CountSegments(item)
    lines.count(points=max(count, 0))
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDFPath_GetDrawMode(item, ctypes.byref(fill), ctypes.byref(stroke))
    if count < 2 or not (stroke.value or fill.value):
        return
    colour = _colour(item, stroke=bool(stroke.value))
    if colour is None:
        return
    matrix, scale = lines.placement(item, to_pixels)
    subpaths = [_placed(points, matrix) for points in _subpaths(item, count)]
    if stroke.value:
        width = ctypes.c_float()
        pdfium_c.FPDFPageObj_GetStrokeWidth(item, ctypes.byref(width))
        pen = _Pen(width.value * scale, colour)
        drawn = [(points, pen) for points in subpaths]
    else:
        drawn = [
            (rule[0], _Pen(rule[1], colour))
            for points in subpaths
            if (rule := _rule(points, lines.pixels_per_mm)) is not None
        ]
    clip = _clip(item, to_pixels, (0.0, 0.0, *lines.size))
    for points, pen in drawn:
        for piece in _inside(points, clip):
            if len(piece) > 1:
                lines.add(piece, pen)


def _colour(item: object, *, stroke: bool) -> tuple[int, int, int] | None:
    """R, G, B; None for what is fully transparent."""
    r, g, b, a = (ctypes.c_uint() for _ in range(4))
    get = pdfium_c.FPDFPageObj_GetStrokeColor if stroke else pdfium_c.FPDFPageObj_GetFillColor
    if not get(item, *(ctypes.byref(part) for part in (r, g, b, a))):
        return 0, 0, 0
    return (r.value, g.value, b.value) if a.value else None


def _subpaths(item: object, count: int) -> list[F64]:
    """The path's unbroken lines in its own units, curves as BEZIER_STEPS straight pieces."""
    x, y = ctypes.c_float(), ctypes.c_float()
    at_x, at_y = ctypes.byref(x), ctypes.byref(y)
    places: list[tuple[float, float]] = []
    kinds: list[int] = []
    begins: list[int] = []
    for index in range(count):
        segment = pdfium_c.FPDFPath_GetPathSegment(item, index)
        kind = pdfium_c.FPDFPathSegment_GetType(segment)
        pdfium_c.FPDFPathSegment_GetPoint(segment, at_x, at_y)
        if kind == pdfium_c.FPDF_SEGMENT_MOVETO or not places:
            begins.append(len(places))
        places.append((x.value, y.value))
        kinds.append(kind)
        if pdfium_c.FPDFPathSegment_GetClose(segment):
            places.append(places[begins[-1]])
            kinds.append(pdfium_c.FPDF_SEGMENT_LINETO)
    points = np.array(places)
    ends = [*begins[1:], len(points)]
    lines = [points[one:end] for one, end in zip(begins, ends, strict=True)]
    if pdfium_c.FPDF_SEGMENT_BEZIERTO in kinds:
        curved = np.array(kinds) == pdfium_c.FPDF_SEGMENT_BEZIERTO
        curves = [curved[one:end] for one, end in zip(begins, ends, strict=True)]
        lines = [_straightened(line, curve) for line, curve in zip(lines, curves, strict=True)]
    return [line for line in lines if len(line) > 1]


def _straightened(points: F64, curved: NDArray[np.bool_]) -> F64:
    """The points of one unbroken line, those of its curves replaced by points on the curves."""
    ends = np.flatnonzero(curved)[2::3]
    if not len(ends):
        return points
    t = np.arange(1, BEZIER_STEPS + 1) / BEZIER_STEPS
    weights = np.stack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3], axis=1)
    corners = np.stack([points[ends - back] for back in (3, 2, 1, 0)], axis=1)
    on_curve = np.einsum("ts,nsd->ntd", weights, corners).reshape(-1, 2)
    place = np.concatenate([np.flatnonzero(~curved), (ends[:, None] + (t - 1)[None]).ravel()])
    return np.concatenate([points[~curved], on_curve])[np.argsort(place, kind="stable")]


def _placed(points: F64, matrix: F64) -> F64:
    return np.asarray(points @ matrix[:2, :2].T + matrix[:2, 2], np.float64)


def _rule(points: F64, pixels_per_mm: float) -> tuple[F64, float] | None:
    """The middle line of a filled thin rectangle, and its thickness; None for another shape."""
    low, high = points.min(axis=0), points.max(axis=0)
    size = high - low
    thin = int(np.argmin(size))
    if len(points) > 6 or size[thin] > RULE_MM * pixels_per_mm or size[1 - thin] < 4 * size[thin]:
        return None
    middle = (low + high) / 2
    ends = np.array([middle, middle])
    ends[0, 1 - thin], ends[1, 1 - thin] = low[1 - thin], high[1 - thin]
    return ends, float(size[thin])


def _clip(item: object, to_pixels: F64, box: Box) -> Box:
    """Left, top, right, bottom of what the object's clipping paths leave of `box`, in pixels."""
    clip = pdfium_c.FPDFPageObj_GetClipPath(item)
    if not clip:
        return box
    x, y = ctypes.c_float(), ctypes.c_float()
    for path in range(pdfium_c.FPDFClipPath_CountPaths(clip)):
        corners = []
        for index in range(min(pdfium_c.FPDFClipPath_CountPathSegments(clip, path), MOST_POINTS)):
            segment = pdfium_c.FPDFClipPath_GetPathSegment(clip, path, index)
            pdfium_c.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
            corners.append((x.value, y.value))
        if corners:
            placed = _placed(np.array(corners), to_pixels)
            (left, top), (right, bottom) = placed.min(axis=0), placed.max(axis=0)
            box = (max(box[0], left), max(box[1], top), min(box[2], right), min(box[3], bottom))
    return box


def _inside(points: F64, box: Box) -> list[F64]:
    """The pieces of a polyline that lie within a box, cut exactly at its sides."""
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    if left >= box[0] and top >= box[1] and right <= box[2] and bottom <= box[3]:
        return [points]
    low, high = np.array(box[:2]), np.array(box[2:])
    start, step = points[:-1], np.diff(points, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (low - start) / step, (high - start) / step
    flat = step == 0.0
    within = (start >= low) & (start <= high)
    enter = np.where(flat, np.where(within, -np.inf, np.inf), np.minimum(one, other)).max(axis=1).clip(min=0.0)
    leave = np.where(flat, np.where(within, np.inf, -np.inf), np.maximum(one, other)).min(axis=1).clip(max=1.0)
    pieces: list[F64] = []
    for index in np.flatnonzero(enter <= leave):
        ends = start[index] + np.array([[enter[index]], [leave[index]]]) * step[index]
        if pieces and enter[index] == 0.0 and np.array_equal(pieces[-1][-1], ends[0]):
            pieces[-1] = np.concatenate([pieces[-1], ends[1:]])
        else:
            pieces.append(ends)
    return pieces
