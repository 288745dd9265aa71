"""Where each stretch of a lead lies on a sheet of paper, in millimetres.

Three sheets are drawn from the same case: the straightened page as it was scanned, the lead grid redrawn from the
signal in the sheet's own layout, and all leads below each other over the full time. They differ in their placements
alone, so that highlights, picking and callipers are one piece of code for all three.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, STANDARD_ORDER, Lead
from ecgdesk.ecg.page import Page, Strip
from ecgdesk.ecg.recording import Recording

SPEED_MM_PER_S = 25.0  # of the redrawn sheets; AHA/ACC/HRS 2007, Part I
GAIN_MM_PER_MV = 10.0
BIG_SQUARE_MM = 5.0

_MARGIN_MM = 10.0
_LABEL_MM = 5.0  # room for a lead's name above the beginning of its trace
_ROW_GAP_MM = 4.0
_LEAST_HALF_ROW_MM = 7.5
_MOST_HALF_ROW_MM = 30.0  # beyond this an artefact would push the other rows off the sheet
_MOST_PITCH_MM = 40.0
_SAME_ROW_MM = 5.0  # strips whose baselines differ by less stand in one row


@dataclass(frozen=True)
class Placement:
    """One stretch of one lead on a sheet; y grows downwards.

    The sample at time t lies at x0_mm + (t - start_s) mm_per_s, and v millivolts lie at baseline_mm - v mm_per_mv;
    mm_per_mv is negative where the sheet shows the lead upside down.
    """

    lead: Lead
    start_s: float
    end_s: float
    x0_mm: float
    mm_per_s: float
    baseline_mm: float
    mm_per_mv: float
    top_mm: float
    bottom_mm: float

    @property
    def x1_mm(self) -> float:
        return self.x_mm(self.end_s)

    def x_mm(self, time_s: float) -> float:
        return self.x0_mm + (time_s - self.start_s) * self.mm_per_s

    def time_s(self, x_mm: float) -> float:
        return self.start_s + (x_mm - self.x0_mm) / self.mm_per_s

    def samples(self, recording: Recording) -> NDArray[np.float32]:
        """The stretch's own samples, float32[m] mV with NaN where the paper shows nothing."""
        first, last = (round(t * SAMPLING_RATE_HZ) for t in (self.start_s, self.end_s))
        return recording.signal[self.lead.row, max(first, 0) : max(last, 0)]


@dataclass(frozen=True)
class PlacedSheet:
    """A sheet of paper with the stretches that stand on it; sizes in mm."""

    width_mm: float
    height_mm: float
    placements: tuple[Placement, ...]


def page_sheet(page: Page) -> PlacedSheet:
    """The straightened page as it is: every stretch lies where its ink is."""
    height, width = page.image.shape[:2]
    return PlacedSheet(
        width_mm=width / _known(page.pixels_per_mm_x.value, 8.0),
        height_mm=height / _known(page.pixels_per_mm_y.value, 8.0),
        placements=tuple(_on_page(strip, page) for strip in page.layout.strips if strip.end_s > strip.start_s),
    )


def _on_page(strip: Strip, page: Page) -> Placement:
    return Placement(
        lead=strip.lead,
        start_s=strip.start_s,
        end_s=strip.end_s,
        x0_mm=strip.x0_mm,
        mm_per_s=(strip.x1_mm - strip.x0_mm) / (strip.end_s - strip.start_s),
        baseline_mm=strip.baseline_mm,
        mm_per_mv=_known(strip.gain.value, _known(page.gain.value, GAIN_MM_PER_MV)) * (-1 if strip.inverted else 1),
        top_mm=strip.top_mm,
        bottom_mm=strip.bottom_mm,
    )


def grid_sheet(recording: Recording, page: Page) -> PlacedSheet:
    """The sheet's own layout at 25 mm/s and 10 mm/mV, rows as far apart as their traces need."""
    strips = [strip for strip in page.layout.strips if strip.end_s > strip.start_s]
    if not strips:
        return all_leads_sheet(recording)
    stretch = SPEED_MM_PER_S / _known(page.speed.value, SPEED_MM_PER_S)
    left = min(strip.x0_mm for strip in strips)
    on_paper = _rows(strips)
    rows = [
        [_redrawn(strip.lead, strip.start_s, strip.end_s, _MARGIN_MM + (strip.x0_mm - left) * stretch) for strip in row]
        for row in on_paper
    ]
    return _stacked(rows, recording, pitch_mm=_pitch(on_paper))


def all_leads_sheet(recording: Recording) -> PlacedSheet:
    """Each lead that the sheet shows in a row of its own, all on the record's clock."""
    rows = [
        [_redrawn(lead, 0.0, recording.duration_s, _MARGIN_MM)]
        for lead in STANDARD_ORDER
        if np.isfinite(recording.signal[lead.row]).any()
    ]
    return _stacked(rows, recording)


def _rows(strips: Sequence[Strip]) -> list[list[Strip]]:
    rows: list[list[Strip]] = []
    for strip in sorted(strips, key=lambda strip: strip.baseline_mm):
        if rows and strip.baseline_mm - rows[-1][-1].baseline_mm < _SAME_ROW_MM:
            rows[-1].append(strip)
        else:
            rows.append([strip])
    return rows


def _pitch(rows: Sequence[Sequence[Strip]]) -> float:
    """How far apart the paper has its rows, mm; a page of two rows may leave half of itself empty."""
    baselines = [row[0].baseline_mm for row in rows]
    steps = [below - above for above, below in pairwise(baselines)]
    return min(float(np.median(steps)), _MOST_PITCH_MM) if steps else 0.0


def _redrawn(lead: Lead, start_s: float, end_s: float, x0_mm: float) -> Placement:
    return Placement(lead, start_s, end_s, x0_mm, SPEED_MM_PER_S, 0.0, GAIN_MM_PER_MV, 0.0, 0.0)


def _stacked(rows: Sequence[Sequence[Placement]], recording: Recording, *, pitch_mm: float = 0.0) -> PlacedSheet:
    """Gives the rows their heights: baselines on thick lines of the paper, no trace in its neighbour's row, and
    baselines at least `pitch_mm` apart.
    """
    placed: list[Placement] = []
    bottom = _MARGIN_MM
    for row in rows:
        above = max(_half_row(_highest(p.samples(recording)) * GAIN_MM_PER_MV + _LABEL_MM) for p in row)
        below = max(_half_row(-_lowest(p.samples(recording)) * GAIN_MM_PER_MV) for p in row)
        baseline = _whole_squares(max(bottom + above, placed[-1].baseline_mm + pitch_mm if placed else 0.0))
        placed += [replace(p, baseline_mm=baseline, top_mm=bottom, bottom_mm=baseline + below) for p in row]
        bottom = baseline + below + _ROW_GAP_MM
    width = max((p.x1_mm for p in placed), default=100.0) + _MARGIN_MM
    return PlacedSheet(_whole_squares(width), _whole_squares(bottom + _MARGIN_MM - _ROW_GAP_MM), tuple(placed))


def _half_row(needed_mm: float) -> float:
    return min(max(needed_mm, _LEAST_HALF_ROW_MM), _MOST_HALF_ROW_MM)


def _whole_squares(mm: float) -> float:
    return math.ceil(mm / BIG_SQUARE_MM) * BIG_SQUARE_MM


def _highest(samples: NDArray[np.float32]) -> float:
    return float(np.nanmax(samples)) if np.isfinite(samples).any() else 0.0


def _lowest(samples: NDArray[np.float32]) -> float:
    return float(np.nanmin(samples)) if np.isfinite(samples).any() else 0.0


def _known(value: float | None, otherwise: float) -> float:
    return value if value else otherwise
