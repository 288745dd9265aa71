"""Which of a page's strokes are traces and which are calibration pulses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.page import Stroke
from ecgdesk.page.calibration import Pulse
from ecgdesk.page.rows import Row

F64 = NDArray[np.float64]

MOST_TRACES = 400
_LEAST_POINTS = 30
_LEAST_WHOLE = 4  # of a pulse
_MANY_PIECES = 60  # of forward strokes shorter than a trace: then traces are drawn in pieces
_NEXT_STEPS, _NEXT_MM = 3.0, 8.0  # where the next piece begins: so many steps on, so far up or down at most
_LEAST_LENGTH_MM = 10.0  # 0.4 s at 25 mm/s
_STEP_MM = 0.8  # median step along the paper: 31 points a second at 25 mm/s; coarser is a drawing, not a recording
_BACK_MM = 0.3  # a pen that moves back farther has begun another line
_PULSE_WIDTHS_MM, _PULSE_HEIGHTS_MM = (1.5, 12.0), (4.2, 23.0)
_UPRIGHT_MM = 0.6  # the sides of a pulse drawn from samples lean by a step or two
_LEVEL_MM = 0.4  # roof and feet of a pulse are this level
_FOOT_STEPS = 8.0  # a straight piece behind a pulse that is longer than so many steps is its foot
_FOOT_CORNERS = 3
_ROW_MM = 9.0  # leads of one row stand within this of its height
_OVERLAP_MM = 2.0  # traces of one row overlap by no more


@dataclass(frozen=True, eq=False)
class Plot:
    """Traces (float64[n, 2], mm, from left to right), the rows that they make, and the pulses on those rows."""

    traces: tuple[F64, ...]
    rows: tuple[Row, ...]
    pulses: tuple[Pulse, ...]


def find_plot(strokes: Sequence[Stroke], scale: tuple[float, float]) -> Plot | None:
    """`strokes` in pixels, `scale` in pixels a millimetre; None where nothing is drawn as a recording would be."""
    lines = [stroke.points / np.array(scale) for stroke in strokes if len(stroke.points) >= _LEAST_WHOLE]
    lines += _chained(strokes, scale)
    boxes = [box for line in lines if (box := _pulse(line)) is not None]
    traces = [
        kept for line in lines for piece in _forwards(line) if _is_trace(kept := _without_pulse(piece, _pulse(piece)))
    ]
    if not traces or len(traces) > MOST_TRACES:
        return None
    rows = _rows(traces)
    return Plot(tuple(traces), rows, tuple(_on_row(box, rows) for box in boxes))


def _chained(strokes: Sequence[Stroke], scale: tuple[float, float]) -> list[F64]:
    """Traces that are drawn in pieces, in whatever order of leads: each goes on where its last piece ended."""
    placed = (stroke.points / np.array(scale) for stroke in strokes)
    pieces = [line for line in placed if 0 < line[-1, 0] - line[0, 0] < _LEAST_LENGTH_MM and np.ptp(line[:, 1]) < 60]
    if len(pieces) < _MANY_PIECES:
        return []
    chains: list[list[F64]] = []
    ends = np.empty((len(pieces), 2))
    for piece in pieces:
        reach = _NEXT_STEPS * float(np.median(np.diff(piece[:, 0])))
        way = np.abs(piece[0] - ends[: len(chains)])
        way[(piece[0, 0] < ends[: len(chains), 0] - 1e-3) | (way[:, 0] > reach)] = np.inf
        nearest = int(np.argmin(way[:, 1])) if len(way) else 0
        if not len(way) or way[nearest, 1] > _NEXT_MM:
            nearest = len(chains)
            chains.append([])
        chains[nearest].append(piece)
        ends[nearest] = piece[-1]
    return [np.concatenate(chain) for chain in chains if len(chain) > 1]


def _forwards(line: F64) -> list[F64]:
    """The line cut where its pen goes back to begin another row; drawn from right to left it is turned."""
    if line[-1, 0] < line[0, 0] and float(np.median(np.diff(line[:, 0]))) < 0:
        line = line[::-1]
    cuts = np.flatnonzero(np.diff(line[:, 0]) < -_BACK_MM) + 1
    return [piece for piece in np.split(line, cuts) if len(piece) >= _LEAST_POINTS]


def _is_trace(line: F64) -> bool:
    if len(line) < _LEAST_POINTS:
        return False
    steps = np.diff(line[:, 0])
    length = float(line[-1, 0] - line[0, 0])
    back = float(-steps[steps < 0].sum())
    forward = steps[steps > 1e-6]
    return bool(
        length >= _LEAST_LENGTH_MM and back <= 0.01 * length and forward.size and np.median(forward) <= _STEP_MM
    )


def _pulse(line: F64) -> Pulse | None:
    """The calibration pulse at the beginning or the end of a line, or alone; its row is not known yet."""
    for part in (line, line[::-1]):
        corners = _corners(part[:400])
        for at in range(len(corners) - 3):
            foot, left, right, other = corners[at : at + 4]
            width, height = abs(right[0] - left[0]), foot[1] - left[1]
            if (
                _PULSE_WIDTHS_MM[0] <= width <= _PULSE_WIDTHS_MM[1]
                and _PULSE_HEIGHTS_MM[0] <= height <= _PULSE_HEIGHTS_MM[1]
                and abs(left[0] - foot[0]) <= _UPRIGHT_MM
                and abs(other[0] - right[0]) <= _UPRIGHT_MM
                and abs(left[1] - right[1]) <= _LEVEL_MM
                and abs(other[1] - foot[1]) <= _LEVEL_MM
            ):
                sides = sorted(((foot[0] + left[0]) / 2, (right[0] + other[0]) / 2))
                return Pulse(0, float(sides[0]), float(sides[1]), float(left[1]), float(foot[1]))
    return None


def _corners(line: F64) -> F64:
    """The line without the points that lie on straight pieces of it."""
    steps = np.diff(line, axis=0)
    line = line[np.concatenate([[True], np.abs(steps).max(axis=1) > 1e-4])]
    if len(line) < 3:
        return line
    ways = np.diff(line, axis=0)
    ways = ways / np.maximum(np.hypot(ways[:, 0], ways[:, 1])[:, None], 1e-9)
    turns = np.abs(ways[:-1, 0] * ways[1:, 1] - ways[:-1, 1] * ways[1:, 0]) > 0.02
    return np.asarray(line[np.concatenate([[True], turns, [True]])], np.float64)


def _without_pulse(line: F64, pulse: Pulse | None) -> F64:
    """The line behind its pulse (or before it), without the pulse's foot."""
    if pulse is None:
        return line
    is_first = pulse.x0_mm - line[0, 0] < line[-1, 0] - pulse.x1_mm
    kept = line[line[:, 0] >= pulse.x1_mm] if is_first else line[line[:, 0] <= pulse.x0_mm][::-1]
    kept = kept[int(np.argmax(np.abs(kept[:, 1] - pulse.foot_mm) < _LEVEL_MM)) :] if len(kept) else kept
    steps = np.abs(np.diff(kept[:, 0]))
    sparse = steps[:_FOOT_CORNERS] > _FOOT_STEPS * float(np.median(steps)) if steps.size else np.zeros(0, bool)
    if sparse.any():
        kept = kept[int(np.flatnonzero(sparse)[-1]) + 1 :]
    return kept if is_first else kept[::-1]


def _rows(traces: Sequence[F64]) -> tuple[Row, ...]:
    """Traces that stand side by side at one height make a row; the nearest in height come together first."""
    heights = np.array([np.median(line[:, 1]) for line in traces])
    spans = np.array([(line[0, 0], line[-1, 0]) for line in traces])
    groups = [[number] for number in range(len(traces))]
    first, second = np.triu_indices(len(traces), 1)
    apart = np.abs(heights[first] - heights[second])
    for pair in np.argsort(apart, kind="stable"):
        if apart[pair] > _ROW_MM:
            break
        one = next(group for group in groups if first[pair] in group)
        other = next(group for group in groups if second[pair] in group)
        if one is not other and not _overlap(spans[one], spans[other]):
            one += other
            groups.remove(other)
    rows = [
        Row(
            y_mm=float(np.median(np.concatenate([traces[number][:, 1] for number in group]))),
            x0_mm=float(spans[group, 0].min()),
            x1_mm=float(spans[group, 1].max()),
            fill=float((spans[group, 1] - spans[group, 0]).sum() / np.ptp(spans[group])),
        )
        for group in groups
    ]
    return tuple(sorted(rows, key=lambda row: row.y_mm))


def _overlap(one: F64, other: F64) -> bool:
    shared = np.minimum(one[:, None, 1], other[None, :, 1]) - np.maximum(one[:, None, 0], other[None, :, 0])
    return bool((shared > _OVERLAP_MM).any())


def _on_row(pulse: Pulse, rows: Sequence[Row]) -> Pulse:
    row = min(range(len(rows)), key=lambda number: abs(rows[number].y_mm - pulse.foot_mm))
    return Pulse(row, pulse.x0_mm, pulse.x1_mm, pulse.top_mm, pulse.foot_mm)
