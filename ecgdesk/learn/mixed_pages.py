"""Specifications drawn at random, so that what is trained on made pages meets every kind of sheet."""

import colorsys
from dataclasses import replace

import numpy as np

from ecgdesk.ecg.lead import CHEST_LEADS, LIMB_LEADS, STANDARD_ORDER, Lead
from ecgdesk.learn.layouts import CABRERA
from ecgdesk.learn.lettering import PLOTTER, font_names
from ecgdesk.learn.marks import Marks
from ecgdesk.learn.mixed_handling import mixed_handling
from ecgdesk.learn.paper import PAPERS, Colour, Grid, Paper
from ecgdesk.learn.pens import Pen, Stroke
from ecgdesk.learn.specification import A4_MM, LETTER_MM, Names, PageSpec, Pulse, Separator
from ecgdesk.learn.spelling import Spelling

FINEST_DPI, COARSEST_DPI = 300.0, 72.0
_GRIDS = {"3x4": 0.55, "6x2": 0.2, "12x1": 0.1, "4x3": 0.04, "6x1": 0.05, "3x1": 0.03, "2x1": 0.015, "1x1": 0.015}
_USUAL_RHYTHMS = (Lead.II, Lead.V1, Lead.V5)
_HEADER = ("SAMPLE, ONE", "Vent. rate   72 bpm", "PR interval 160 ms", "QRS duration 92 ms", "QT/QTc 392/431 ms")
_GERMAN = ("SAMPLE, ONE", "HF 72 /min", "PQ 160 ms", "QRS 92 ms", "QTc 431 ms", "Sinusrhythmus", "Linkstyp")
_ABNORMAL = ("Abnormal ECG", "Sinus rhythm", "Left axis deviation", "Unconfirmed report", "ID 000000", "0.05-150 Hz")
_LINES = (_HEADER, _GERMAN, _ABNORMAL, _HEADER + _ABNORMAL)


def mixed_spec(rng: np.random.Generator) -> PageSpec:
    """One specification: layout, paper, pen, print, resolution and handling each drawn on their own."""
    dpi = float(np.exp(rng.uniform(np.log(COARSEST_DPI), np.log(FINEST_DPI)))) if rng.random() < 0.5 else 0.0
    dpi = dpi or float(rng.choice([96, 100, 120, 150, 200, 200, 240, 300]))
    grid, order, rhythm = _layout(rng)
    speed = float(rng.choice([12.5, 25.0, 50.0], p=[0.03, 0.9, 0.07]))
    spelling = Spelling(str(rng.choice([s.value for s in Spelling], p=[0.8, 0.06, 0.02, 0.05, 0.02, 0.05])))
    if spelling is Spelling.MINUS and order != CABRERA:
        spelling = Spelling.USUAL
    gain, chest_gain = _gains(rng)
    return PageSpec(
        grid=grid,
        rhythm=rhythm,
        order=order,
        dpi=dpi,
        paper=_paper(rng),
        pen=_pen(rng, dpi),
        names=replace(_names(rng), spelling=spelling),
        pulse=Pulse(str(rng.choice([p.value for p in Pulse], p=[0.6, 0.14, 0.03, 0.23]))),
        pulse_gap_mm=float(rng.choice([0.0, rng.uniform(0, 3)])),
        separator=Separator(str(rng.choice([s.value for s in Separator], p=[0.25, 0.25, 0.1, 0.1, 0.3]))),
        joined=bool(rng.random() < 0.5),
        header=_LINES[int(rng.integers(len(_LINES)))] if rng.random() < 0.5 else (),
        foot=_foot(rng, speed, gain) if chest_gain is None else (),
        tight=bool(rng.random() < 0.4),
        gain=gain,
        chest_gain=chest_gain,
        speed=speed,
        sheet_mm=_sheet(rng, grid, len(rhythm)),
        grid_phase_mm=float(rng.uniform(0, 5)),
        shuffled=not rhythm and not grid.endswith("x1") and bool(rng.random() < 0.1),
        row_pitch_mm=float(rng.uniform(11, 18)) if rng.random() < 0.12 else None,
        marks=_marks(rng),
        handling=mixed_handling(rng),
    )


def _layout(rng: np.random.Generator) -> tuple[str, tuple[Lead, ...], tuple[Lead, ...]]:
    """Grid, order of leads, and leads of the rhythm strips."""
    grid = str(rng.choice(list(_GRIDS), p=np.array(list(_GRIDS.values())) / sum(_GRIDS.values())))
    order = CABRERA if rng.random() < 0.08 else STANDARD_ORDER
    if grid == "6x1":
        return grid, LIMB_LEADS if rng.random() < 0.5 else CHEST_LEADS, ()
    if grid in ("3x1", "2x1", "1x1"):
        leads = tuple(STANDARD_ORDER[i] for i in sorted(rng.permutation(12)[: int(grid[0])]))
        return grid, STANDARD_ORDER[:3] if grid == "3x1" and rng.random() < 0.5 else leads, ()
    count = 0 if grid == "12x1" else int(rng.choice([0, 1, 2, 3], p=[0.22, 0.48, 0.1, 0.2]))
    if count == 1 and rng.random() < 0.75:
        return grid, order, (Lead.II,)
    leads = _USUAL_RHYTHMS if rng.random() < 0.7 else STANDARD_ORDER
    return grid, order, tuple(leads[i] for i in rng.permutation(len(leads))[:count])


def _sheet(rng: np.random.Generator, grid: str, strips: int) -> tuple[float, float]:
    """A whole sheet, or one cut to its rows."""
    wide, tall = A4_MM if rng.random() < 0.5 else LETTER_MM
    rows = int(grid.split("x")[0]) + strips
    if rng.random() < 0.25:
        return wide, min(tall, 34.0 + rows * float(rng.uniform(22, 38)))
    return wide, tall


def _gains(rng: np.random.Generator) -> tuple[float, float | None]:
    if rng.random() < 0.04:
        return 10.0, 5.0
    return float(rng.choice([5.0, 10.0, 20.0], p=[0.08, 0.87, 0.05])), None


def _foot(rng: np.random.Generator, speed: float, gain: float) -> tuple[str, ...]:
    """Speed and gain as carts word them; nothing: as the page maker does."""
    second = str(rng.choice(["mm/s", "mm/sec", "mm/s."]))
    styles: tuple[tuple[str, ...], ...] = (
        (),
        (f"{speed:g}{second}", f"{gain:g}mm/mV", "0.05-150 Hz"),
        (f"{speed:.1f} {second}", f"{gain / 10:g} cm/mV", "40Hz"),
        ("150 Hz", f"{speed:g} {second}", f"{gain:.1f} mm/mV", "12SL"),
    )
    return styles[int(rng.integers(len(styles)))]


def _marks(rng: np.random.Generator) -> Marks:
    if rng.random() < 0.8:
        return Marks()
    stamps, words, circles, strokes, markers = (int(n) for n in rng.poisson((0.4, 0.8, 0.5, 0.5, 0.3)))
    return Marks(stamps, words, circles, strokes, markers)


def _paper(rng: np.random.Generator) -> Paper:
    if rng.random() < 0.2:
        return _any_paper(rng)
    paper = PAPERS[int(rng.integers(len(PAPERS)))]

    def near(colour: Colour) -> Colour:
        red, green, blue = (int(np.clip(part + rng.normal(0, 8), 0, 255)) for part in colour)
        return red, green, blue

    return replace(
        paper,
        sheet=near(paper.sheet),
        minor=near(paper.minor),
        major=near(paper.major),
        minor_mm=paper.minor_mm * float(rng.uniform(0.7, 1.6)),
        major_mm=paper.major_mm * float(rng.uniform(0.7, 1.6)),
        grid=Grid.SNAPPED if paper.grid is Grid.LINES and rng.random() < 0.4 else paper.grid,
        woven=bool(rng.random() < 0.25),
    )


def _any_paper(rng: np.random.Generator) -> Paper:
    """White or tinted paper with lines of any hue, some as dark as ink."""

    def colour(lightest: float, darkest: float) -> Colour:
        red, green, blue = colorsys.hls_to_rgb(rng.random(), rng.uniform(darkest, lightest), rng.uniform(0.1, 1.0))
        return int(255 * red), int(255 * green), int(255 * blue)

    return Paper(
        "any",
        sheet=(255, 255, 255) if rng.random() < 0.6 else colour(0.98, 0.8),
        minor=colour(0.9, 0.3),
        major=colour(0.7, 0.2),
        grid=Grid.SNAPPED if rng.random() < 0.6 else Grid.LINES,
        minor_mm=float(rng.uniform(0.08, 0.25)),
        major_mm=float(rng.uniform(0.12, 0.35)),
        woven=bool(rng.random() < 0.5),
    )


def _pen(rng: np.random.Generator, dpi: float) -> Pen:
    dark = int(rng.integers(0, 60))
    colours = ((dark, dark, dark), (dark, dark, int(rng.integers(60, 150))), (dark, dark // 2 + 40, dark + 20))
    # Nothing is printed finer than half a pixel of a sensible scan.
    thinnest = max(0.12, 0.6 * 25.4 / dpi)
    return Pen(
        width_mm=max(float(np.exp(rng.uniform(np.log(0.14), np.log(0.6)))), thinnest),
        colour=colours[int(rng.choice(3, p=[0.8, 0.15, 0.05]))],
        stroke=Stroke(str(rng.choice([s.value for s in Stroke], p=[0.45, 0.3, 0.1, 0.15]))),
        faint=1.0 if rng.random() < 0.7 else float(rng.uniform(0.5, 1.0)),
        gaps=float(rng.uniform(0.5, 4)) if rng.random() < 0.1 else 0.0,
        dead_dots=int(rng.integers(1, 6)) if rng.random() < 0.08 else 0,
        uneven=bool(rng.random() < 0.08),
    )


def _names(rng: np.random.Generator) -> Names:
    fonts = font_names()
    return Names(
        right_mm=float(rng.uniform(0, 4)),
        above_mm=float(rng.choice([rng.uniform(3, 8), rng.uniform(-8, -3), rng.uniform(-3, 3)], p=[0.6, 0.3, 0.1])),
        height_mm=float(rng.uniform(1.8, 3.8)),
        font=PLOTTER if rng.random() < 0.2 else fonts[int(rng.integers(1, len(fonts)))],
    )
