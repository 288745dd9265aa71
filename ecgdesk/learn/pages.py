"""The page maker: a recording drawn on a sheet as a cart prints it, with everything about it known exactly."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.figure import Figure, How
from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, Lead
from ecgdesk.ecg.page import Layout, Strip
from ecgdesk.learn.bend import Bend
from ecgdesk.learn.canvas import Box, Canvas
from ecgdesk.learn.layouts import PULSE_ROOM_MM, Place, place, shape, strips
from ecgdesk.learn.marks import leave_marks
from ecgdesk.learn.photo import handle
from ecgdesk.learn.specification import A4_MM, GAP_MM, LETTER_MM, Names, PageSpec, Pulse, Separator

__all__ = ["A4_MM", "LETTER_MM", "MadePage", "Names", "PageSpec", "Pulse", "Separator", "make_page"]

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MadePage:
    """A made sheet and the truth about it.

    `image`: uint8[h, w, 3], RGB. `signal`: float32[12, n], mV at 500 Hz, as shown: as long as the sheet's longest
    row, NaN where the sheet shows nothing. `layout`: its strips, in mm of the sheet; a strip that is `inverted` is
    drawn upside down. `to_scan`: float64[3, 3], from sheet mm (x, y, 1) to pixels of `image`, pixel centres at + 0.5,
    and `bend` what the sheet's shape adds to it (see `to_pixels`). `names`: (lead, box in mm) of each printed name;
    `pulses`: boxes in mm. `marks`: uint8[h, w], how much of each pixel of the flat sheet (at the spec's dpi) hand and
    stamp cover.
    """

    image: U8
    signal: F32
    layout: Layout
    to_scan: F64
    names: tuple[tuple[Lead, Box], ...]
    pulses: tuple[Box, ...]
    spec: PageSpec
    marks: U8
    bend: Bend | None = None

    @property
    def speed(self) -> Figure:
        return Figure(self.spec.speed, "mm/s", How.ENTERED)

    @property
    def gain(self) -> Figure:
        return Figure(self.spec.gain, "mm/mV", How.ENTERED)

    def to_pixels(self, x_mm: F64, y_mm: F64) -> tuple[F64, F64]:
        """Where points of the sheet lie in `image`: (x, y) in pixels, of the points' shape."""
        if self.bend is not None:
            dx, dy = self.bend.at(x_mm, y_mm)
            x_mm, y_mm = x_mm + dx, y_mm + dy
        h = self.to_scan
        below = h[2, 0] * x_mm + h[2, 1] * y_mm + h[2, 2]
        x = (h[0, 0] * x_mm + h[0, 1] * y_mm + h[0, 2]) / below
        y = (h[1, 0] * x_mm + h[1, 1] * y_mm + h[1, 2]) / below
        return x, y


def make_page(signal: F32, *, spec: PageSpec, seed: int) -> MadePage:
    """Draws `signal` (float32[12, n], mV at 500 Hz, rows in standard order) on a sheet.

    The same signal, spec and seed give the same page. Raises ValueError for a signal of another shape, and for
    shuffled columns above a rhythm strip, which would show a lead at two times at once.
    """
    if signal.ndim != 2 or signal.shape[0] != 12 or signal.shape[1] < 2:
        raise ValueError(f"A page needs a signal of shape (12, n), not {signal.shape}.")
    if spec.shuffled and spec.rhythm:
        raise ValueError("Shuffled columns cannot stand above a rhythm strip.")
    rng = np.random.default_rng(seed)
    where, layout = _laid_out(spec, duration_s=signal.shape[1] / SAMPLING_RATE_HZ)
    signal = _on_the_sheet(signal, layout, spec)
    canvas = Canvas(spec, rng)
    _draw_traces(canvas, signal, layout, spec)
    canvas.wear(layout)
    pulses = canvas.pulses(where)
    canvas.separators(layout)
    names = canvas.lead_names(layout)
    canvas.remarks(where)
    image = canvas.inked()
    marks = leave_marks(image, spec.marks, pixels_per_mm=canvas.ppm, rng=rng)
    handled = handle(image, np.diag([canvas.ppm, canvas.ppm, 1.0]), spec.handling, rng)
    return MadePage(
        image=handled.image,
        signal=_shown(signal, layout, spec),
        layout=layout,
        to_scan=handled.to_pixels,
        names=names,
        pulses=pulses,
        spec=spec,
        marks=marks,
        bend=handled.bend,
    )


def _laid_out(spec: PageSpec, *, duration_s: float) -> tuple[Place, Layout]:
    where = place(
        spec.grid,
        spec.rhythm,
        sheet_mm=spec.sheet_mm,
        speed=spec.speed,
        duration_s=duration_s,
        pulse_left=spec.pulse is Pulse.LEFT,
        tight=spec.tight,
        hole_mm=PULSE_ROOM_MM if spec.pulse is Pulse.MIDDLE else 0.0,
        row_pitch_mm=spec.row_pitch_mm,
    )
    layout = strips(
        spec.grid,
        spec.rhythm,
        where,
        speed=spec.speed,
        gain=spec.gain,
        chest_gain=spec.chest_gain,
        order=spec.order,
    )
    inverts = spec.names.spelling.inverts
    return where, replace(layout, strips=tuple(replace(s, inverted=inverts(s.lead)) for s in layout.strips))


def _draw_traces(canvas: Canvas, signal: F32, layout: Layout, spec: PageSpec) -> None:
    before: tuple[Strip, F64] | None = None
    for strip in layout.strips:
        points = _points(signal, strip, spec)
        runs_on = (
            spec.joined
            and before is not None
            and strip.start_s > 0
            and spec.separator is not Separator.GAP
            and abs(before[0].x1_mm - strip.x0_mm) < GAP_MM
        )
        canvas.trace(np.concatenate([before[1][-1:], points]) if runs_on and before is not None else points)
        before = (strip, points)


def _on_the_sheet(signal: F32, layout: Layout, spec: PageSpec) -> F32:
    """The recording on the sheet's own clock: shuffled columns show what was recorded at another time."""
    if not spec.shuffled:
        return signal
    _, columns = shape(spec.grid)
    moved = signal.copy()
    width = max(strip.end_s - strip.start_s for strip in layout.strips)
    samples = round(width * SAMPLING_RATE_HZ)
    for strip in layout.strips:
        column = round(strip.start_s / width)
        source = (columns - 1 - column) * samples
        first = round(strip.start_s * SAMPLING_RATE_HZ)
        length = min(samples, signal.shape[1] - max(first, source))
        moved[strip.lead.row, first : first + length] = signal[strip.lead.row, source : source + length]
    return moved


def _points(signal: F32, strip: Strip, spec: PageSpec) -> F64:
    """float64[n, 2] mm: the strip's polyline on the sheet."""
    first, last = round(strip.start_s * SAMPLING_RATE_HZ), round(strip.end_s * SAMPLING_RATE_HZ)
    mv = signal[strip.lead.row, first:last].astype(np.float64) * (-1.0 if strip.inverted else 1.0)
    x = strip.x0_mm + np.arange(mv.size) / SAMPLING_RATE_HZ * spec.speed
    if spec.separator is Separator.GAP and strip.start_s > 0:
        mv = np.where(x < strip.x0_mm + GAP_MM, np.nan, mv)
    seen = np.isfinite(mv)
    return np.stack([x[seen], strip.baseline_mm - mv[seen] * (strip.gain.value or spec.gain)], axis=1)


def _shown(signal: F32, layout: Layout, spec: PageSpec) -> F32:
    samples = round(max(strip.end_s for strip in layout.strips) * SAMPLING_RATE_HZ)
    signal = signal[:, :samples]
    shown = np.full_like(signal, np.nan)
    for strip in layout.strips:
        gap_s = GAP_MM / spec.speed if spec.separator is Separator.GAP and strip.start_s > 0 else 0.0
        span = slice(round((strip.start_s + gap_s) * SAMPLING_RATE_HZ), round(strip.end_s * SAMPLING_RATE_HZ))
        shown[strip.lead.row, span] = signal[strip.lead.row, span]
    return shown
