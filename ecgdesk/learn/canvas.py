"""One sheet as the printer's head sees it: what the pen draws, and what is printed beside it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import CHEST_LEADS, Lead
from ecgdesk.ecg.page import Layout
from ecgdesk.learn.layouts import PULSE_MV, PULSE_S, Place, shape
from ecgdesk.learn.lettering import write
from ecgdesk.learn.paper import draw_paper
from ecgdesk.learn.pens import draw_line
from ecgdesk.learn.specification import PageSpec, Pulse, Separator

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Box = tuple[float, float, float, float]

_THICKER = 1.8  # times the pen where it lingers
_DEAD_MM = 0.125  # one dot of a thermal head


@dataclass(eq=False)
class Canvas:
    """Coverage maps of one sheet: `drawn` by the pen and `printed`, uint8[h, w]."""

    spec: PageSpec
    rng: np.random.Generator

    def __post_init__(self) -> None:
        self.ppm = self.spec.dpi / 25.4
        size = (round(self.spec.sheet_mm[1] * self.ppm), round(self.spec.sheet_mm[0] * self.ppm))
        self.drawn = np.zeros(size, np.uint8)
        self.printed = np.zeros(size, np.uint8)

    def trace(self, points_mm: F64) -> None:
        """One polyline, float64[n, 2]."""
        if len(points_mm) < 2:
            return
        pen = self.spec.pen
        self._line(self.drawn, points_mm, pen.width_mm)
        for _ in range(int(self.rng.poisson(3)) if pen.uneven else 0):
            first = int(self.rng.integers(len(points_mm)))
            piece = points_mm[first : first + int(self.rng.integers(20, 400))]
            if len(piece) > 1:
                self._line(self.drawn, piece, pen.width_mm * self.rng.uniform(1.1, _THICKER))

    def wear(self, layout: Layout) -> None:
        """Gaps in the traces where the pen skipped, and lines that the printer's dead dots leave white."""
        pen = self.spec.pen
        for strip in layout.strips:
            length = strip.x1_mm - strip.x0_mm
            for _ in range(int(self.rng.poisson(pen.gaps * length / 100.0)) if pen.gaps else 0):
                begin = strip.x0_mm + self.rng.uniform(0, length)
                end = begin + float(np.exp(self.rng.uniform(np.log(0.15), np.log(2.0))))
                self._blank((begin, strip.baseline_mm - 12), (end, strip.baseline_mm + 12))
        for _ in range(pen.dead_dots):
            y = self.rng.uniform(0, self.spec.sheet_mm[1])
            self._blank((0.0, y), (self.spec.sheet_mm[0], y + _DEAD_MM))

    def pulses(self, where: Place) -> tuple[Box, ...]:
        spec = self.spec
        if spec.pulse is Pulse.NONE:
            return ()
        width = PULSE_S * spec.speed
        left = {
            Pulse.LEFT: where.left_mm - width - spec.pulse_gap_mm,
            Pulse.RIGHT: where.left_mm + where.length_mm + where.hole_mm + spec.pulse_gap_mm,
            Pulse.MIDDLE: where.left_mm + where.length_mm / 2 + (where.hole_mm - width) / 2,
        }[spec.pulse]
        boxes = []
        for row, zero in enumerate(where.baselines_mm):
            if spec.pulse is Pulse.MIDDLE and row >= shape(spec.grid)[0]:
                continue  # the rhythm strip runs on there
            first, second = (PULSE_MV * gain for gain in self._gains(row))
            foot = min(1.2, spec.pulse_gap_mm)
            half = width / 2
            step = [(half, first), (half, second)] if first != second else []
            corners = [
                (-foot, 0.0),
                (0.0, 0.0),
                (0.0, first),
                *step,
                (width, second),
                (width, 0.0),
                (width + foot, 0.0),
            ]
            self._line(self.drawn, np.array([(left + x, zero - y) for x, y in corners]), spec.pen.width_mm)
            boxes.append((left, zero - max(first, second), left + width, zero))
        return tuple(boxes)

    def _gains(self, row: int) -> tuple[float, float]:
        """Gains that this row's pulse shows: a step from one to the other where the row has both."""
        spec = self.spec
        if spec.chest_gain is None:
            return spec.gain, spec.gain
        rows, columns = shape(spec.grid)
        leads = [spec.order[c * rows + row] for c in range(columns)] if row < rows else [spec.rhythm[row - rows]]
        gains = [spec.chest_gain if lead in CHEST_LEADS else spec.gain for lead in leads]
        return gains[0], gains[-1]

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
        names = self.spec.names
        return tuple(
            (
                strip.lead,
                self._text(
                    names.spelling.of(strip.lead), strip.x0_mm + names.right_mm, strip.baseline_mm - names.above_mm
                ),
            )
            for strip in layout.strips
        )

    def remarks(self, where: Place) -> None:
        """The header, and the line at the foot that tells speed and gain."""
        spec = self.spec
        for number, line in enumerate(spec.header):
            column, row = divmod(number, 4)
            self._text(line, 8.0 + 90.0 * column, 6.0 + 4.5 * row)
        if not spec.footer:
            return
        foot, texts = spec.sheet_mm[1] - 3.0, spec.foot or (f"{spec.speed:g} mm/s", *self._printed_gains())
        for number, text in enumerate(texts):
            self._text(text, where.left_mm + 10 + 45.0 * number, foot)

    def _printed_gains(self) -> tuple[str, ...]:
        spec = self.spec
        if spec.chest_gain is None:
            return (f"{spec.gain:g} mm/mV",)
        return f"Limb: {spec.gain:g} mm/mV", f"Chest: {spec.chest_gain:g} mm/mV"

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

    def _blank(self, begin: tuple[float, float], end: tuple[float, float]) -> None:
        (x0, y0), (x1, y1) = ((max(round(x * self.ppm), 0), max(round(y * self.ppm), 0)) for x, y in (begin, end))
        self.drawn[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)] = 0

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
