"""Each strip's signal on the record's clock."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.page import Page, Strip
from ecgdesk.trace.columns import Columns, columns
from ecgdesk.trace.cut import Cut, cut
from ecgdesk.trace.ends import LONGEST_BRIDGE_S
from ecgdesk.trace.features import OUTPUTS
from ecgdesk.trace.follow import follow
from ecgdesk.trace.refine import refine
from ecgdesk.trace.scales import gain_mm_per_mv, millivolts, seconds

NEAR_MM = 22.0  # of the zero line: few waves go farther, and half the band is half the work

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Stretch:
    """Samples `first`..`first + len(mv)` of one lead at SAMPLING_RATE_HZ.

    `mv`: float32[n], zero at the stretch's median, NaN where its ink is missing. `error_mv`: float32[n], standard
    deviation of the error that is expected of each sample.
    """

    strip: Strip
    first: int
    mv: F32
    error_mv: F32


def stretches(page: Page, strips: Sequence[tuple[Strip, Strip]], *, samples: int) -> list[Stretch | None]:
    """Follows strips of the page; None for one that is off the page or outside of samples 0..`samples`.

    `strips`: each strip, and the same with what is hidden at its ends, over which its stretch is NaN.
    """
    followed = _followed(page, [strip for strip, _ in strips], reach_mm=NEAR_MM)
    return [
        None if one is None else _stretch(one, whole, samples=samples)
        for one, (_, whole) in zip(followed, strips, strict=True)
    ]


@dataclass(frozen=True, eq=False)
class _Followed:
    """A strip's ink, the path through it, and what it says."""

    piece: Cut
    path: NDArray[np.intp]
    runs: Columns

    @property
    def whole(self) -> bool:
        """Whether no wave leaves the piece."""
        return bool(self.runs.outer_top.min() > 0 and self.runs.outer_bottom.max() < len(self.piece.ink) - 1)


def _followed(page: Page, strips: Sequence[Strip], *, reach_mm: float) -> list[_Followed | None]:
    """The strips as far as `reach_mm` from their zero lines; in their whole bands where that cuts a wave off."""
    pieces = [cut(page, strip, reach_mm=reach_mm) for strip in strips]
    paths = iter(follow([piece for piece in pieces if piece is not None]))
    found = [
        None if piece is None else _Followed(piece, path := next(paths), columns(piece.ink, path)) for piece in pieces
    ]
    if reach_mm < math.inf:
        beyond = [number for number, one in enumerate(found) if one is not None and not one.whole]
        again = _followed(page, [strips[number] for number in beyond], reach_mm=math.inf)
        for number, one in zip(beyond, again, strict=True):
            found[number] = one
    return found


def _stretch(followed: _Followed, whole: Strip, *, samples: int) -> Stretch | None:
    first = max(round(whole.start_s * SAMPLING_RATE_HZ), 0)
    last = min(round(whole.end_s * SAMPLING_RATE_HZ), samples)
    if last - first < 2:
        return None
    piece, runs = followed.piece, followed.runs
    strip = piece.strip
    refined = refine(runs, followed.path, pixels_per_mm=1 / piece.mm_x)
    wanted = np.arange(first, last) / SAMPLING_RATE_HZ
    width = followed.path.size
    mv = np.interp(
        wanted, _clock(piece, (np.arange(width * OUTPUTS) + 0.5) / OUTPUTS), _millivolts(piece, refined.rows)
    )
    clock = _clock(piece, np.arange(width) + 0.5)
    error = np.interp(wanted, clock, refined.spread * piece.mm_y / gain_mm_per_mv(strip))
    begin_s, end_s = _own(piece, clock, runs.seen)
    mv[_missing(clock, runs.seen, wanted) | (wanted < begin_s) | (wanted > end_s)] = np.nan
    if np.isfinite(mv).any():
        mv -= np.nanmedian(mv)
    return Stretch(strip, first, mv.astype(np.float32), error.astype(np.float32))


def _clock(piece: Cut, places: NDArray[np.floating]) -> F64:
    """Seconds on the record's clock of places along the strip, in columns."""
    return seconds(piece.strip, piece.x0_mm + places * piece.mm_x)


def _millivolts(piece: Cut, rows: F32) -> F64:
    return millivolts(piece.strip, piece.top_mm + (rows.astype(np.float64) + 0.5) * piece.mm_y)


def _own(piece: Cut, clock: F64, seen: NDArray[np.bool_]) -> tuple[float, float]:
    """Seconds between which the path is on the strip's own ink: beyond white at an end, it is on a neighbour's."""
    begin_s, end_s = piece.strip.start_s, piece.strip.end_s
    white = clock[1:][~seen[1:] & ~seen[:-1]]
    if piece.begin > 0:
        early = white[(white > begin_s) & (white < begin_s + LONGEST_BRIDGE_S)]
        begin_s = float(early.max(initial=begin_s))
    if piece.end < seen.size:
        late = white[(white < end_s) & (white > end_s - LONGEST_BRIDGE_S)]
        end_s = float(late.min(initial=end_s))
    return begin_s, end_s


def _missing(clock: F64, seen: NDArray[np.bool_], wanted: F64) -> NDArray[np.bool_]:
    """True where the ink has a gap longer than may be bridged, or the page ends."""
    step = (clock[-1] - clock[0]) / max(clock.size - 1, 1)
    missing = np.asarray((wanted < clock[0] - LONGEST_BRIDGE_S) | (wanted > clock[-1] + LONGEST_BRIDGE_S), bool)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (~seen).astype(np.int8), [0]])))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        if (end - begin) * step > LONGEST_BRIDGE_S:
            missing |= (wanted >= clock[begin] - step / 2) & (wanted <= clock[end - 1] + step / 2)
    return missing
