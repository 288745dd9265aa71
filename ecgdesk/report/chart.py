"""The ECG redrawn to true scale: 25 mm/s and 10 mm/mV, millimetre grid, calibration pulses, highlights under the trace.

Rows are set apart so far that no trace, name or tag of one reaches into another; what does not fit on a page goes on
to the next.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from reportlab.pdfgen.canvas import Canvas

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, Lead
from ecgdesk.ecg.reading import Finding
from ecgdesk.ecg.recording import Recording
from ecgdesk.report import fonts, ink
from ecgdesk.report.highlights import Highlight, draw_bands, draw_tags, highlights
from ecgdesk.report.paper import MM, Box
from ecgdesk.report.rows import ROW_S, Row, Segment, samples

SPEED = 25.0  # mm/s, the standard of a printed ECG (AHA/ACC/HRS 2007, Part I)
GAIN = 10.0  # mm/mV
PULSE_ZONE = 10.0  # mm left of the traces, for the calibration pulse
WIDTH = PULSE_ZONE + ROW_S * SPEED  # mm
_PULSE_MV, _PULSE_MM = 1.0, 5.0
_LABEL = 4.0  # mm above a segment for its name and tags
_NAME_S = 0.4  # of the segment lie under its name
_CLEAR = 1.0  # mm between what belongs to two rows
_LEAST = 5.0  # mm above and below a baseline, however flat the trace is
_MOST = 70.0  # mm: a trace that leaves the page on its own (an artefact) is clipped here


@dataclass(frozen=True, eq=False)
class Placed:
    """A segment with its samples and its reach above and below the baseline, mm; `name_rise` is that of its start."""

    segment: Segment
    mv: NDArray[np.float32]
    rise: float
    depth: float
    name_rise: float
    highlights: tuple[Highlight, ...]

    @property
    def above(self) -> float:
        """mm above the baseline with its name, which stands over its beginning, and with its tags, where it has any."""
        return self.rise + _LABEL if self.highlights else max(self.rise, self.name_rise + _LABEL)


@dataclass(frozen=True)
class Line:
    """One row ready to draw; `rise` and `depth` in mm include the names and tags."""

    row: Row
    placed: tuple[Placed, ...]

    @property
    def rise(self) -> float:
        return max(_PULSE_MV * GAIN, *(part.above for part in self.placed))

    @property
    def depth(self) -> float:
        return max(part.depth for part in self.placed)


def lines(recording: Recording, rows: Sequence[Row], findings: Sequence[Finding]) -> tuple[Line, ...]:
    """Every row with its samples, its reach and what is highlighted in it."""
    return tuple(Line(row, tuple(_placed(recording, segment, findings) for segment in row.segments)) for row in rows)


def off_scale(chosen: Sequence[Line]) -> tuple[Lead, ...]:
    """The leads that run off what is drawn of them: `_MOST` above or below the baseline."""
    parts = [part for line in chosen for part in line.placed]
    return tuple(dict.fromkeys(part.segment.lead for part in parts if _MOST in (part.rise, part.depth)))


def height(chosen: Sequence[Line]) -> float:
    """mm that the rows need: a multiple of 5, so that the grid ends on bold lines."""
    drops = _drops(chosen)
    return float(5 * np.ceil((drops[-1] + chosen[-1].depth + _CLEAR) / 5)) if chosen else 0.0


def share(chosen: Sequence[Line], room: float) -> int:
    """How many of the rows stand on a page of `room` mm, at least one.

    As many as fit, but where the last page would be more than half full, the rows are dealt out evenly.
    """
    counts: list[int] = []
    while (done := sum(counts)) < len(chosen):
        counts.append(fitting(chosen[done:], room))
    if len(counts) > 1 and counts[-1] > counts[0] / 2:
        return min(counts[0], -(-len(chosen) // len(counts)))
    return counts[0] if counts else 0


def draw_chart(canvas: Canvas, chosen: Sequence[Line], *, left: float, top: float) -> Box:
    """Draws the rows from (left, top) points downwards; gives the grid's box."""
    box = Box(left, top - height(chosen) * MM, WIDTH * MM, height(chosen) * MM)
    canvas.saveState()
    clip = canvas.beginPath()
    clip.rect(box.x, box.y, box.width, box.height)
    canvas.clipPath(clip, stroke=0, fill=0)
    baselines = [top - drop * MM for drop in _drops(chosen)]
    start = left + PULSE_ZONE * MM
    for line, baseline in zip(chosen, baselines, strict=True):
        for part in line.placed:
            x = start + (part.segment.start_s - line.row.origin_s) * SPEED * MM
            draw_bands(canvas, part.highlights, x=x, baseline=baseline, rise=part.rise, depth=part.depth, speed=SPEED)
    _draw_grid(canvas, box)
    for line, baseline in zip(chosen, baselines, strict=True):
        _draw_pulse(canvas, left, baseline)
        for part in line.placed:
            x = start + (part.segment.start_s - line.row.origin_s) * SPEED * MM
            if part is not line.placed[0]:
                _draw_boundary(canvas, part, x, baseline)
            _draw_trace(canvas, part, x, baseline)
            _draw_label(canvas, part, x, baseline)
    canvas.restoreState()
    canvas.setStrokeColor(ink.GRID_FRAME)
    canvas.setLineWidth(0.5)
    canvas.rect(box.x, box.y, box.width, box.height, stroke=1, fill=0)
    return box


def _placed(recording: Recording, segment: Segment, findings: Sequence[Finding]) -> Placed:
    mv = samples(recording, segment)
    beginning = mv[: round(_NAME_S * SAMPLING_RATE_HZ)]
    return Placed(
        segment,
        mv,
        rise=_reach(mv),
        depth=_reach(-mv),
        name_rise=_reach(beginning),
        highlights=highlights(findings, segment),
    )


def _reach(mv: NDArray[np.float32]) -> float:
    """mm above the baseline that these samples and a margin need."""
    seen = mv[np.isfinite(mv)]
    highest = float(seen.max()) if seen.size else 0.0
    return min(_MOST, max(_LEAST, highest * GAIN + 1))


def fitting(chosen: Sequence[Line], room: float) -> int:
    """How many of the rows fit into `room` mm, at least one."""
    count = len(chosen)
    while count > 1 and height(chosen[:count]) > room:
        count -= 1
    return count


def _drops(chosen: Sequence[Line]) -> list[float]:
    """mm from the grid's top to each baseline, whole millimetres: baselines lie on grid lines."""
    drops: list[float] = []
    for number, line in enumerate(chosen):
        above = drops[-1] + _between(chosen[number - 1], line) if drops else line.rise + _CLEAR
        drops.append(float(np.ceil(above)))
    return drops or [0.0]


def _between(upper: Line, lower: Line) -> float:
    """mm between two baselines so that nothing of one row touches what stands above or below it."""
    needed = [_LEAST + _PULSE_MV * GAIN + _CLEAR]
    for over in upper.placed:
        for under in lower.placed:
            start = over.segment.start_s - upper.row.origin_s, under.segment.start_s - lower.row.origin_s
            end = over.segment.end_s - upper.row.origin_s, under.segment.end_s - lower.row.origin_s
            if max(start) < min(end):
                needed.append(over.depth + under.above + _CLEAR)
    return max(needed)


def _draw_grid(canvas: Canvas, box: Box) -> None:
    canvas.saveState()
    across, down = round(box.width / MM), round(box.height / MM)
    for bold, colour, weight in ((False, ink.GRID_FINE, 0.25), (True, ink.GRID_BOLD, 0.5)):
        canvas.setStrokeColor(colour)
        canvas.setLineWidth(weight)
        path = canvas.beginPath()
        for mm in range(across + 1):
            if (mm % 5 == 0) == bold:
                path.moveTo(box.x + mm * MM, box.y)
                path.lineTo(box.x + mm * MM, box.top)
        for mm in range(down + 1):
            if (mm % 5 == 0) == bold:
                path.moveTo(box.x, box.top - mm * MM)
                path.lineTo(box.right, box.top - mm * MM)
        canvas.drawPath(path, stroke=1, fill=0)
    canvas.restoreState()


def _draw_pulse(canvas: Canvas, left: float, baseline: float) -> None:
    corners = ((2, 0), (3, 0), (3, _PULSE_MV), (3 + _PULSE_MM, _PULSE_MV), (3 + _PULSE_MM, 0), (9, 0))
    path = canvas.beginPath()
    for number, (mm, mv) in enumerate(corners):
        step = path.moveTo if number == 0 else path.lineTo
        step(left + mm * MM, baseline + mv * GAIN * MM)
    _pen(canvas)
    canvas.drawPath(path, stroke=1, fill=0)


def _draw_trace(canvas: Canvas, part: Placed, x: float, baseline: float) -> None:
    step = SPEED * MM / SAMPLING_RATE_HZ
    path = canvas.beginPath()
    drawing = False
    for number, mv in enumerate(part.mv.tolist()):
        if not math.isfinite(mv):
            drawing = False
            continue
        point = (x + number * step, baseline + mv * GAIN * MM)
        if drawing:
            path.lineTo(*point)
        else:
            path.moveTo(*point)
        drawing = True
    _pen(canvas)
    canvas.drawPath(path, stroke=1, fill=0)


def _pen(canvas: Canvas) -> None:
    canvas.setStrokeColor(ink.TRACE)
    canvas.setLineWidth(0.75)
    canvas.setLineJoin(1)
    canvas.setLineCap(1)
    canvas.setDash()


def _draw_label(canvas: Canvas, part: Placed, x: float, baseline: float) -> None:
    """The lead's name close above the beginning of its trace, the findings' numbers above the highest of it."""
    name = baseline + (part.name_rise + 0.8) * MM
    tags = baseline + (part.rise + 0.8) * MM
    canvas.setFillColor(ink.TEXT)
    end = fonts.draw(canvas, x + 0.8 * MM, name, part.segment.lead.value, face=fonts.BOLD, size=8.5)
    clear = tags - name > _LABEL * MM
    draw_tags(canvas, part.highlights, x=x, y=tags, after=x if clear else end + MM, speed=SPEED)


def _draw_boundary(canvas: Canvas, part: Placed, x: float, baseline: float) -> None:
    """Where one lead ends and the next begins: dots, since a stroke would look like a pacing spike."""
    canvas.setStrokeColor(ink.SOFT)
    canvas.setLineWidth(0.6)
    canvas.setDash(0.6, 1.8)
    canvas.line(x, baseline - part.depth * MM, x, baseline + part.rise * MM)
    canvas.setDash()
