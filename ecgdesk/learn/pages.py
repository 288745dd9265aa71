"""The page maker: a recording drawn on a sheet as a cart prints it, with everything about it known exactly."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.figure import Figure, How
from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, Lead
from ecgdesk.ecg.page import Layout, Strip
from ecgdesk.learn.layouts import PULSE_MV, PULSE_S, Place, place, strips
from ecgdesk.learn.lettering import PLOTTER, write
from ecgdesk.learn.paper import PAPERS, Paper, draw_paper
from ecgdesk.learn.pens import Pen, draw_line
from ecgdesk.learn.photo import Handling, handle

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
GAP_MM = 1.0  # white between leads that a gap separates
Box = tuple[float, float, float, float]

A4_MM = (297.0, 210.0)
LETTER_MM = (279.4, 215.9)


class Pulse(StrEnum):
    LEFT = "left"
    RIGHT = "right"
    NONE = "none"


class Separator(StrEnum):
    """What stands between the leads of a row."""

    BAR = "bar"  # a short thick bar on the trace
    TICKS = "ticks"  # thin marks above and below it
    DOTTED = "dotted"  # a dotted line over the whole height
    GAP = "gap"
    NONE = "none"


@dataclass(frozen=True)
class Names:
    """Where a lead's name stands: its lower left corner right of the strip's begin and above its zero line, in mm."""

    right_mm: float = 1.0
    above_mm: float = 6.0
    height_mm: float = 2.6
    font: str = PLOTTER


@dataclass(frozen=True)
class PageSpec:
    """How a sheet is to look.

    `grid`: 3x4, 6x2 or 12x1; `rhythm`: leads of the strips below it. `joined`: the trace runs on from lead to lead.
    `header`: lines of print above the traces. `tight`: no room for a header. `speed` mm/s, `gain` mm/mV.
    `pulse_gap_mm`: between the pulse and the trace.
    """

    grid: str = "3x4"
    rhythm: tuple[Lead, ...] = (Lead.II,)
    dpi: float = 200.0
    paper: Paper = PAPERS[0]
    pen: Pen = field(default_factory=Pen)
    names: Names = field(default_factory=Names)
    pulse: Pulse = Pulse.LEFT
    pulse_gap_mm: float = 1.5
    separator: Separator = Separator.TICKS
    joined: bool = False
    header: tuple[str, ...] = ()
    footer: bool = True
    tight: bool = False
    speed: float = 25.0
    gain: float = 10.0
    sheet_mm: tuple[float, float] = A4_MM
    grid_phase_mm: float = 0.0
    handling: Handling = field(default_factory=Handling)


@dataclass(frozen=True, eq=False)
class MadePage:
    """A made sheet and the truth about it.

    `image`: uint8[h, w, 3], RGB. `signal`: float32[12, n], mV at 500 Hz, as shown: as long as the sheet's longest
    row, NaN where the sheet shows nothing. `layout`: its strips, in mm of the sheet. `to_scan`: float64[3, 3], from
    sheet mm (x, y, 1) to pixels of `image`, pixel centres at + 0.5. `names`: (lead, box in mm) of each printed name;
    `pulses`: boxes in mm.
    """

    image: U8
    signal: F32
    layout: Layout
    to_scan: F64
    names: tuple[tuple[Lead, Box], ...]
    pulses: tuple[Box, ...]
    spec: PageSpec

    @property
    def speed(self) -> Figure:
        return Figure(self.spec.speed, "mm/s", How.ENTERED)

    @property
    def gain(self) -> Figure:
        return Figure(self.spec.gain, "mm/mV", How.ENTERED)


def make_page(signal: F32, *, spec: PageSpec, seed: int) -> MadePage:
    """Draws `signal` (float32[12, n], mV at 500 Hz, rows in standard order) on a sheet.

    The same signal, spec and seed give the same page. Raises ValueError for a signal of another shape.
    """
    if signal.ndim != 2 or signal.shape[0] != 12 or signal.shape[1] < 2:
        raise ValueError(f"A page needs a signal of shape (12, n), not {signal.shape}.")
    rng = np.random.default_rng(seed)
    where = place(
        spec.grid,
        spec.rhythm,
        sheet_mm=spec.sheet_mm,
        speed=spec.speed,
        duration_s=signal.shape[1] / SAMPLING_RATE_HZ,
        pulse_left=spec.pulse is Pulse.LEFT,
        tight=spec.tight,
    )
    layout = strips(spec.grid, spec.rhythm, where, speed=spec.speed, gain=spec.gain)
    canvas = _Canvas(spec)
    before: F64 | None = None
    for strip in layout.strips:
        points = _points(signal, strip, spec)
        runs_on = spec.joined and before is not None and strip.start_s > 0 and spec.separator is not Separator.GAP
        canvas.trace(np.concatenate([before[-1:], points]) if runs_on and before is not None else points)
        before = points
    pulses = canvas.pulses(where)
    canvas.separators(layout)
    names = canvas.lead_names(layout)
    canvas.remarks(where)
    to_pixels = np.diag([canvas.ppm, canvas.ppm, 1.0])
    image, to_scan = handle(canvas.inked(), to_pixels, spec.handling, rng)
    return MadePage(image, _shown(signal, layout, spec), layout, to_scan, names, pulses, spec)


def _points(signal: F32, strip: Strip, spec: PageSpec) -> F64:
    """float64[n, 2] mm: the strip's polyline on the sheet."""
    first, last = round(strip.start_s * SAMPLING_RATE_HZ), round(strip.end_s * SAMPLING_RATE_HZ)
    mv = signal[strip.lead.row, first:last].astype(np.float64)
    x = strip.x0_mm + np.arange(mv.size) / SAMPLING_RATE_HZ * spec.speed
    if spec.separator is Separator.GAP and strip.start_s > 0:
        mv = np.where(x < strip.x0_mm + GAP_MM, np.nan, mv)
    seen = np.isfinite(mv)
    return np.stack([x[seen], strip.baseline_mm - mv[seen] * spec.gain], axis=1)


def _shown(signal: F32, layout: Layout, spec: PageSpec) -> F32:
    samples = round(max(strip.end_s for strip in layout.strips) * SAMPLING_RATE_HZ)
    signal = signal[:, :samples]
    shown = np.full_like(signal, np.nan)
    for strip in layout.strips:
        gap_s = GAP_MM / spec.speed if spec.separator is Separator.GAP and strip.start_s > 0 else 0.0
        span = slice(round((strip.start_s + gap_s) * SAMPLING_RATE_HZ), round(strip.end_s * SAMPLING_RATE_HZ))
        shown[strip.lead.row, span] = signal[strip.lead.row, span]
    return shown


class _Canvas:
    """Coverage maps of one sheet: what the pen drew, and what was printed."""

    def __init__(self, spec: PageSpec) -> None:
        self.spec = spec
        self.ppm = spec.dpi / 25.4
        shape = (round(spec.sheet_mm[1] * self.ppm), round(spec.sheet_mm[0] * self.ppm))
        self.drawn = np.zeros(shape, np.uint8)
        self.printed = np.zeros(shape, np.uint8)

    def trace(self, points_mm: F64) -> None:
        if len(points_mm) > 1:
            self._line(self.drawn, points_mm, self.spec.pen.width_mm)

    def pulses(self, where: Place) -> tuple[Box, ...]:
        if self.spec.pulse is Pulse.NONE:
            return ()
        width, height = PULSE_S * self.spec.speed, PULSE_MV * self.spec.gain
        left = where.left_mm - width - self.spec.pulse_gap_mm
        if self.spec.pulse is Pulse.RIGHT:
            left = where.left_mm + where.length_mm + self.spec.pulse_gap_mm
        boxes = []
        for zero in where.baselines_mm:
            foot = min(1.2, self.spec.pulse_gap_mm)
            shape = [(-foot, 0.0), (0.0, 0.0), (0.0, height), (width, height), (width, 0.0), (width + foot, 0.0)]
            self._line(self.drawn, np.array([(left + x, zero - y) for x, y in shape]), self.spec.pen.width_mm)
            boxes.append((left, zero - height, left + width, zero))
        return tuple(boxes)

    def separators(self, layout: Layout) -> None:
        heights = {
            Separator.BAR: [(-1.5, 4.0)],
            Separator.TICKS: [(-5.0, -2.0), (2.0, 5.0)],
            Separator.DOTTED: [(y, y + 0.4) for y in np.arange(-9.0, 9.0, 1.0)],
        }.get(self.spec.separator, [])
        thick = 0.7 if self.spec.separator is Separator.BAR else 0.3
        for strip in layout.strips:
            if strip.start_s > 0:
                for low, high in heights:
                    ends = [(strip.x0_mm, strip.baseline_mm + low), (strip.x0_mm, strip.baseline_mm + high)]
                    self._line(self.printed, np.array(ends), thick)

    def lead_names(self, layout: Layout) -> tuple[tuple[Lead, Box], ...]:
        where = self.spec.names
        return tuple(
            (strip.lead, self._text(strip.lead.value, strip.x0_mm + where.right_mm, strip.baseline_mm - where.above_mm))
            for strip in layout.strips
        )

    def remarks(self, where: Place) -> None:
        for number, line in enumerate(self.spec.header):
            column, row = divmod(number, 4)
            self._text(line, 8.0 + 90.0 * column, 6.0 + 4.5 * row)
        if self.spec.footer:
            foot = self.spec.sheet_mm[1] - 3.0
            self._text(f"{self.spec.speed:g} mm/s", where.left_mm + 10, foot)
            self._text(f"{self.spec.gain:g} mm/mV", where.left_mm + 45, foot)

    def inked(self) -> F32:
        """float32[h, w, 3]: the printed sheet."""
        spec = self.spec
        image = draw_paper(spec.paper, size_mm=spec.sheet_mm, pixels_per_mm=self.ppm, phase_mm=spec.grid_phase_mm)
        colour = np.asarray(spec.pen.colour, np.float32)
        for coverage, strength in ((self.drawn, spec.pen.faint), (self.printed, 1.0)):
            rows, columns = np.nonzero(coverage)
            share = (coverage[rows, columns].astype(np.float32) * np.float32(strength / 255.0))[:, None]
            image[rows, columns] += (colour - image[rows, columns]) * share
        return image

    def _line(self, coverage: U8, points_mm: F64, width_mm: float) -> None:
        draw_line(
            coverage,
            points_mm * self.ppm,
            width_px=width_mm * self.ppm,
            stroke=self.spec.pen.stroke,
            pixels_per_mm=self.ppm,
        )

    def _text(self, text: str, x_mm: float, y_mm: float) -> Box:
        names = self.spec.names
        box = write(
            self.printed,
            text,
            at_px=(x_mm * self.ppm, y_mm * self.ppm),
            height_px=names.height_mm * self.ppm,
            font=names.font,
        )
        x0, y0, x1, y1 = (side / self.ppm for side in box)
        return x0, y0, x1, y1
