"""What a person's corrections mean for a page: the sheet by its four corners, boxes at an entered speed and gain."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.corrections import Corners, Corrections, Point, Redraw
from ecgdesk.ecg.figure import Figure, How
from ecgdesk.ecg.lead import CHEST_LEADS
from ecgdesk.ecg.page import Page, Sheet, Strip
from ecgdesk.page.layout import GRID_S
from ecgdesk.page.refusals import UnreadablePage
from ecgdesk.page.templates import TEMPLATES, Template

Matrix = NDArray[np.float64]

LEAST_SIDE = 100.0  # pixels of a sheet's edge
MOST_PIXELS = 60_000_000  # of a sheet cut out; more than its scan could hold is a mistake of the hand
STRAIGHT_PIXELS = 0.5  # corners this close to an upright rectangle leave the scan's own pixels as they are
SAME_ROW_MM = 5.0  # strips whose zero lines differ by less stand in one row
MARGIN = 0.04  # of the sheet left free around boxes that nothing on it could place

_NOT_A_SHEET = "These four corners do not frame a sheet: drag each to its own corner of the paper, none across another."


def layout_names() -> tuple[str, ...]:
    """The layouts that a person can choose, as `Corrections.layout` names them, usual ones first."""
    usual_first = sorted(TEMPLATES, key=lambda template: -template.usual)
    return tuple(dict.fromkeys(template.name for template in usual_first))


def cut_out(sheet: Sheet, corners: Corners) -> tuple[Sheet, Matrix]:
    """The sheet within its corners as an image of its own, and the map float64[3, 3] from its pixels to the scan's.

    Raises UnreadablePage when the corners cross each other or lie too close together.
    """
    frame = np.array(corners, dtype=np.float64)
    edges = np.roll(frame, -1, axis=0) - frame
    turns = edges[:, 0] * np.roll(edges, -1, axis=0)[:, 1] - edges[:, 1] * np.roll(edges, -1, axis=0)[:, 0]
    top, right, bottom, left = np.hypot(edges[:, 0], edges[:, 1])
    width, height = max(top, bottom), max(right, left)
    if turns.min() <= 0 or min(top, right, bottom, left) < LEAST_SIDE or width * height > MOST_PIXELS:
        raise UnreadablePage(_NOT_A_SHEET)
    size = (round(float(width)), round(float(height)))
    straight = _straight(sheet, frame)
    if straight is not None:
        return straight
    target = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    to_scan = cv2.getPerspectiveTransform(target, frame.astype(np.float32)).astype(np.float64)
    half = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])
    image = cv2.warpPerspective(
        sheet.image,
        np.linalg.inv(half) @ to_scan @ half,
        size,
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=[float(level) for level in np.median(sheet.image[::8, ::8].reshape(-1, 3), axis=0)],  # bare paper
    )
    return replace(sheet, image=np.asarray(image, np.uint8), drawing=None), to_scan


def _straight(sheet: Sheet, frame: Matrix) -> tuple[Sheet, Matrix] | None:
    """A pure crop, where the corners stand as upright as the scan itself."""
    left, top = frame.min(axis=0)
    right, bottom = frame.max(axis=0)
    upright = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    height, width = sheet.image.shape[:2]
    inside = left > -STRAIGHT_PIXELS and top > -STRAIGHT_PIXELS
    inside = inside and right < width + STRAIGHT_PIXELS and bottom < height + STRAIGHT_PIXELS
    if not inside or np.abs(frame - upright).max() > STRAIGHT_PIXELS:
        return None
    x0, y0 = max(round(float(left)), 0), max(round(float(top)), 0)
    x1, y1 = min(round(float(right)), width), min(round(float(bottom)), height)
    to_scan = np.array([[1.0, 0.0, x0], [0.0, 1.0, y0], [0.0, 0.0, 1.0]])
    return replace(sheet, image=np.ascontiguousarray(sheet.image[y0:y1, x0:x1]), drawing=None), to_scan


def corners_of(page: Page) -> Corners:
    """Where the page's own corners lie on the scan: what a person begins to drag."""
    height, width = page.image.shape[:2]
    x, y = width / _known(page.pixels_per_mm_x), height / _known(page.pixels_per_mm_y)
    across, down = page.on_scan(np.array([0.0, x, x, 0.0]), np.array([0.0, 0.0, y, y]))
    a, b, c, d = zip(across.tolist(), down.tolist(), strict=True)
    return a, b, c, d


def entered(value: float | None, unit: str) -> Figure | None:
    """A figure that a person set; None where nobody did."""
    return None if value is None else Figure(value, unit, How.ENTERED)


def at_scale(strips: Sequence[Strip], *, speed: float, gain: Figure, corrections: Corrections) -> tuple[Strip, ...]:
    """Boxes that a person placed, on the clock of this speed (mm/s) and with the gains of `with_gain`."""
    return with_gain([_at_speed(strip, speed) for strip in strips], gain=gain, corrections=corrections)


def with_gain(strips: Sequence[Strip], *, gain: Figure, corrections: Corrections) -> tuple[Strip, ...]:
    """The strips with the entered gain; `gain` is the page's own, for those on which one is no longer entered."""
    return tuple(_with_gain(strip, gain, corrections) for strip in strips)


def _at_speed(strip: Strip, speed: float) -> Strip:
    """The same paper: all of its times shrink or grow alike."""
    own = (strip.x1_mm - strip.x0_mm) / max(strip.end_s - strip.start_s, 1e-9)
    return replace(strip, start_s=strip.start_s * own / speed, end_s=strip.end_s * own / speed)


def _with_gain(strip: Strip, gain: Figure, corrections: Corrections) -> Strip:
    chest = corrections.chest_gain if strip.lead in CHEST_LEADS else None
    own = entered(chest if chest is not None else corrections.gain, "mm/mV")
    if own is None and strip.gain.how is How.ENTERED:
        own = gain  # it was entered once and is automatic again
    return strip if own is None else replace(strip, gain=own)


def name_of(strips: Sequence[Strip]) -> str:
    """Rows x columns + rhythm strips of boxes that a person placed."""
    rows: list[list[Strip]] = []
    for strip in sorted((s for s in strips if not s.rhythm), key=lambda strip: strip.baseline_mm):
        if rows and strip.baseline_mm - rows[-1][-1].baseline_mm < SAME_ROW_MM:
            rows[-1].append(strip)
        else:
            rows.append([strip])
    extra = sum(strip.rhythm for strip in strips)
    return f"{len(rows)}x{max((len(row) for row in rows), default=0)}" + (f"+{extra}" if extra else "")


def evenly_placed(layout: str, size_mm: tuple[float, float], *, speed: float, gain: Figure) -> tuple[Strip, ...]:
    """Boxes of a layout spread over a sheet on which no rows could be found: a beginning for a person to drag."""
    template = named(layout)
    if template is None:
        return ()
    width, height = size_mm
    left, top = MARGIN * width, MARGIN * height
    tall = (height - 2 * top) / template.rows
    wide = min((width - 2 * left) / template.columns, GRID_S / template.columns * speed)
    return tuple(
        Strip(
            lead=template.lead(row, column),
            x0_mm=left + column * wide,
            x1_mm=left + (column + 1) * wide,
            baseline_mm=top + (row + 0.5) * tall,
            top_mm=top + row * tall,
            bottom_mm=top + (row + 1) * tall,
            start_s=column * wide / speed,
            end_s=(column + 1) * wide / speed,
            gain=gain,
        )
        for row in range(template.rows)
        for column in range(template.columns)
    )


def named(layout: str) -> Template | None:
    return next((template for template in TEMPLATES if template.name == layout), None)


def moved(corrections: Corrections, *, before: Page, after: Page) -> Corrections:
    """Boxes and strokes where they lie on the scan, now that its page has other corners."""

    def move(point: Point) -> Point:
        x, y = after.from_scan(*before.on_scan(np.array([point[0]]), np.array([point[1]])))
        return float(x[0]), float(y[0])

    strips = None
    if corrections.strips is not None:
        strips = tuple(_moved_strip(strip, move) for strip in corrections.strips)
    redraws = tuple(Redraw(one.lead, tuple(sorted(move(point) for point in one.points))) for one in corrections.redraws)
    return replace(corrections, strips=strips, redraws=redraws)


def _moved_strip(strip: Strip, move: Callable[[Point], Point]) -> Strip:
    x0, y = move((strip.x0_mm, strip.baseline_mm))
    x1, y1 = move((strip.x1_mm, strip.baseline_mm))
    _, top = move(((strip.x0_mm + strip.x1_mm) / 2, strip.top_mm))
    _, bottom = move(((strip.x0_mm + strip.x1_mm) / 2, strip.bottom_mm))
    stretch = (x1 - x0) / max(strip.x1_mm - strip.x0_mm, 1e-9)
    return replace(
        strip,
        x0_mm=x0,
        x1_mm=x1,
        baseline_mm=(y + y1) / 2,
        top_mm=top,
        bottom_mm=bottom,
        start_s=strip.start_s * stretch,
        end_s=strip.end_s * stretch,
    )


def _known(figure: Figure) -> float:
    return figure.value or 1.0
