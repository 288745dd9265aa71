"""A sheet whose file draws it: its scale, traces, pulses and texts taken from the file, not from pixels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.figure import Figure, How
from ecgdesk.ecg.page import Drawing, Page, Print, Sheet, Stroke
from ecgdesk.page.calibration import GAINS_MM_PER_MV, PULSE_MV, PULSE_S, Pulse
from ecgdesk.page.contrast import least_channel
from ecgdesk.page.flat import Flat
from ecgdesk.page.grid import find_grid, searched
from ecgdesk.page.ink import ink
from ecgdesk.page.lettered import by_their_rows, gains, lead_names, printed_speed, shows_inverted, turns_of
from ecgdesk.page.names import SPEEDS, Name
from ecgdesk.page.plotted import Plot, find_plot
from ecgdesk.page.ruling import find_ruling

F64 = NDArray[np.float64]

MM_PER_INCH = 25.4
_LEAST_NAMES = 3  # texts that name leads; with fewer the names may be drawn as outlines, and pixels are looked at
_SHOWN = 0.9  # share of a trace's points that are dark on the picture: one that is hidden is not on the paper
_DARK = 24  # grey levels below the paper
_SHIFT = 4  # binary digits of a pixel to which OpenCV draws
_PEN_MM = 0.25
_SAME_SHAPE = 0.01  # a pulse of a usual gain and speed is as wide for its height
_FITTED = 1.25  # a page was fitted to its paper by no more than that
_ON_PAPER = (
    "No grid is found: the scale rests on the page's size as the file states it; "
    "check times and voltages against the calibration pulse."
)
_ON_PULSES = "No grid is found: the scale rests on the calibration pulses; check that they stand for 1 mV and 0.2 s."
_PRECISION = 1e-5  # of a drawn grid's scale, relative


@dataclass(frozen=True, eq=False)
class Drawn:
    """What a drawn sheet says of itself.

    `ink`: uint8[h, w] of `flat.image`. `names`: candidates for the sheet's texts, one of which fits the rows; a None
    among them where the texts are not text in the file and must be read from the picture.
    """

    flat: Flat
    ink: NDArray[np.uint8]
    plot: Plot
    names: tuple[tuple[Name, ...] | None, ...]
    speed: Figure | None


def find_drawn(sheet: Sheet) -> Drawn | None:
    """None where the file draws no trace or shows other than it draws, or where its grid is in pixels."""
    if sheet.drawing is None or sheet.dpi is None:
        return None
    image, drawing, back = _upright(sheet.image, sheet.drawing)
    visible = _visible(drawing.strokes, image)
    scaled = _scaled(drawing.strokes, visible, paper=(sheet.dpi[0] / MM_PER_INCH, sheet.dpi[1] / MM_PER_INCH))
    plot = find_plot(visible, scaled.scale)
    if plot is None or (scaled.doubt and find_grid(image, searched(image)) is not None):
        return None
    scale = scaled.scale
    flat = Flat(
        image=image,
        pixels_per_mm_x=Figure(scale[0], "px/mm", scaled.how, scale[0] * _PRECISION),
        pixels_per_mm_y=Figure(scale[1], "px/mm", scaled.how, scale[1] * _PRECISION),
        to_scan=back @ np.diag([*scale, 1.0]),
        doubts=(*sheet.doubts, scaled.doubt) if scaled.doubt else sheet.doubts,
        grid_found=not scaled.doubt,
    )
    leads = lead_names(drawing.prints, scale)
    if len(leads) < _LEAST_NAMES:
        cover = ink(image, pixels_per_mm=(scale[0] * scale[1]) ** 0.5)
        return Drawn(flat, cover, plot, (None,), printed_speed(drawing.prints))
    said = gains(drawing.prints, scale)
    if shows_inverted(drawing.prints):  # its minus is looked for beside the name: that must stay where it is
        ways: tuple[tuple[Name, ...], ...] = (leads,)
    else:
        ways = (leads, by_their_rows(leads, plot.rows, below=True), by_their_rows(leads, plot.rows, below=False))
    cover = _cover(image, drawing.prints, plot, scale)
    return Drawn(flat, cover, plot, tuple((*way, *said) for way in ways), printed_speed(drawing.prints))


@dataclass(frozen=True)
class _Scaled:
    """Pixels a millimetre along x and y, where they are from, and what to tell the user of them."""

    scale: tuple[float, float]
    how: How
    doubt: str = ""


def _scaled(strokes: Sequence[Stroke], visible: Sequence[Stroke], *, paper: tuple[float, float]) -> _Scaled:
    """The drawn grid's scale; without a grid that of the calibration pulses, without them that of the paper."""
    ruled = find_ruling(strokes, pixels_per_mm=paper[0])
    if ruled is not None:
        return _Scaled(ruled, How.MEASURED)
    plot = find_plot(visible, paper)
    fitted = _fitted(plot.pulses) if plot is not None else None
    if fitted is None:
        return _Scaled(paper, How.PRINTED, _ON_PAPER)
    return _Scaled((paper[0] * fitted, paper[1] * fitted), How.MEASURED, _ON_PULSES)


def _fitted(pulses: Sequence[Pulse]) -> float | None:
    """How much larger than life a page is drawn whose pulses have a usual shape; None where they have none."""
    if not pulses:
        return None
    height = float(np.median([pulse.height_mm for pulse in pulses])) / PULSE_MV
    width = float(np.median([pulse.width_mm for pulse in pulses])) / PULSE_S
    sizes = [
        height / gain
        for gain in GAINS_MM_PER_MV
        for speed in SPEEDS.values()
        if abs((height / gain) / (width / speed) - 1) < _SAME_SHAPE
    ]
    nearest = min(sizes, key=lambda size: abs(np.log(size)), default=np.inf)
    return float(nearest) if abs(np.log(nearest)) < np.log(_FITTED) else None


def page_lines(sheet: Sheet, page: Page) -> tuple[F64, ...]:
    """The traces that the file draws (float64[n, 2], mm) on a page that was understood from the pixels."""
    if sheet.drawing is None:
        return ()
    strokes = [
        replace(one, points=np.stack(page.from_scan(one.points[:, 0], one.points[:, 1]), axis=1))
        for one in _visible(sheet.drawing.strokes, sheet.image)
    ]
    plot = find_plot(strokes, (1.0, 1.0))
    return plot.traces if plot is not None else ()


def _upright(image: NDArray[np.uint8], drawing: Drawing) -> tuple[NDArray[np.uint8], Drawing, F64]:
    """Image and drawing with their texts upright, and the map (float64[3, 3]) back to where they were."""
    turns = turns_of(drawing.prints)
    if turns == 0:
        return image, drawing, np.eye(3)
    height, width = image.shape[:2]
    turned = np.ascontiguousarray(np.rot90(image, turns))
    back = np.eye(3)
    for _ in range(turns):  # undoes quarter turns counter-clockwise, one at a time
        back = back @ np.array([[0.0, -1.0, width], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
        height, width = width, height
    to_turned = np.asarray(np.linalg.inv(back), np.float64)
    strokes = tuple(replace(one, points=_through(to_turned, one.points)) for one in drawing.strokes)
    return turned, Drawing(strokes, tuple(_turned(one, to_turned, turns) for one in drawing.prints)), back


def _turned(one: Print, to_turned: F64, turns: int) -> Print:
    corners = _through(to_turned, np.array([(one.x0, one.y0), (one.x1, one.y1)]))
    (x0, y0), (x1, y1) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return Print(one.text, x0, y0, x1, y1, (one.turns - turns) % 4)


def _through(matrix: F64, points: F64) -> F64:
    placed = points @ matrix[:2, :2].T + matrix[:2, 2]
    below = points @ matrix[2, :2] + matrix[2, 2]
    return np.asarray(placed / below[:, None], np.float64)


def _visible(strokes: Sequence[Stroke], image: NDArray[np.uint8]) -> list[Stroke]:
    """The strokes that are seen on the picture: not white, nor covered, nor switched off."""
    grey = least_channel(image)
    paper = int(np.quantile(grey[::8, ::8], 0.9))
    dark = cv2.erode(grey, np.ones((3, 3), np.uint8)) < paper - _DARK
    height, width = dark.shape
    seen = []
    for stroke in strokes:
        at = np.floor(stroke.points).astype(int)
        on = (at >= 0).all(axis=1) & (at[:, 0] < width) & (at[:, 1] < height)
        if on.any() and dark[at[on, 1], at[on, 0]].sum() >= _SHOWN * len(at):
            seen.append(stroke)
    return seen


def _cover(
    image: NDArray[np.uint8], prints: Sequence[Print], plot: Plot, scale: tuple[float, float]
) -> NDArray[np.uint8]:
    """Ink of what matters: traces and pulses drawn anew without the grid, and the texts as they are."""
    cover = np.zeros(image.shape[:2], np.uint8)
    pulses = [
        np.array([(one.x0_mm, one.foot_mm), (one.x0_mm, one.top_mm), (one.x1_mm, one.top_mm), (one.x1_mm, one.foot_mm)])
        for one in plot.pulses
    ]
    for line in (*plot.traces, *pulses):
        points = np.round((line * np.array(scale) - 0.5) * 2**_SHIFT).astype(np.int32)
        cv2.polylines(cover, [points[:, None]], False, 255, max(round(_PEN_MM * scale[1]), 1), cv2.LINE_AA, _SHIFT)
    for one in prints:
        x0, y0 = (max(int(side), 0) for side in (one.x0, one.y0))
        box = image[y0 : int(one.y1) + 1, x0 : int(one.x1) + 1]
        if box.size:
            grey = box.min(axis=2)
            part = cover[y0 : y0 + grey.shape[0], x0 : x0 + grey.shape[1]]
            np.maximum(part, grey.max() - grey, out=part)
    return cover
