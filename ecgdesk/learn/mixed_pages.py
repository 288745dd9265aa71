"""Specifications drawn at random, so that what is trained on made pages meets every kind of sheet."""

from dataclasses import replace

import numpy as np

from ecgdesk.ecg.lead import Lead
from ecgdesk.learn.lettering import PLOTTER, font_names
from ecgdesk.learn.pages import A4_MM, LETTER_MM, Names, PageSpec, Pulse, Separator
from ecgdesk.learn.paper import PAPERS, Colour, Grid, Paper
from ecgdesk.learn.pens import Pen, Stroke
from ecgdesk.learn.photo import Handling

FINEST_DPI, COARSEST_DPI = 300.0, 72.0
_RHYTHMS = (Lead.II, Lead.V1, Lead.V5)
_HEADER = ("SAMPLE, ONE", "Vent. rate   72 bpm", "PR interval 160 ms", "QRS duration 92 ms", "QT/QTc 392/431 ms")


def mixed_spec(rng: np.random.Generator) -> PageSpec:
    """One specification: layout, paper, pen, print, resolution and handling each drawn on their own."""
    grid = str(rng.choice(["3x4", "6x2", "12x1"], p=[0.6, 0.25, 0.15]))
    count = 0 if grid == "12x1" else int(rng.choice([0, 1, 2, 3], p=[0.2, 0.5, 0.1, 0.2]))
    dpi = float(np.exp(rng.uniform(np.log(COARSEST_DPI), np.log(FINEST_DPI)))) if rng.random() < 0.5 else 0.0
    dpi = dpi or float(rng.choice([96, 100, 120, 150, 200, 200, 240, 300]))
    return PageSpec(
        grid=grid,
        rhythm=tuple(_RHYTHMS[i] for i in rng.permutation(3)[:count]) if count != 1 else (Lead.II,),
        dpi=dpi,
        paper=_paper(rng),
        pen=_pen(rng, dpi),
        names=_names(rng),
        pulse=Pulse(str(rng.choice([p.value for p in Pulse], p=[0.6, 0.15, 0.25]))),
        pulse_gap_mm=float(rng.choice([0.0, rng.uniform(0, 3)])),
        separator=Separator(str(rng.choice([s.value for s in Separator], p=[0.25, 0.25, 0.1, 0.1, 0.3]))),
        joined=bool(rng.random() < 0.5),
        header=_HEADER if rng.random() < 0.5 else (),
        tight=bool(rng.random() < 0.4),
        gain=float(rng.choice([5.0, 10.0, 20.0], p=[0.08, 0.87, 0.05])),
        speed=float(rng.choice([25.0, 50.0], p=[0.93, 0.07])),
        sheet_mm=A4_MM if rng.random() < 0.5 else LETTER_MM,
        grid_phase_mm=float(rng.uniform(0, 5)),
        handling=_handling(rng),
    )


def _paper(rng: np.random.Generator) -> Paper:
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
    )


def _pen(rng: np.random.Generator, dpi: float) -> Pen:
    dark = int(rng.integers(0, 60))
    colour = (dark, dark, dark) if rng.random() < 0.8 else (dark, dark, int(rng.integers(60, 130)))
    # Nothing is printed finer than half a pixel of a sensible scan.
    thinnest = max(0.12, 0.6 * 25.4 / dpi)
    return Pen(
        width_mm=max(float(np.exp(rng.uniform(np.log(0.14), np.log(0.6)))), thinnest),
        colour=colour,
        stroke=Stroke(str(rng.choice([s.value for s in Stroke], p=[0.45, 0.3, 0.1, 0.15]))),
        faint=1.0 if rng.random() < 0.7 else float(rng.uniform(0.55, 1.0)),
    )


def _names(rng: np.random.Generator) -> Names:
    fonts = font_names()
    return Names(
        right_mm=float(rng.uniform(0, 4)),
        above_mm=float(rng.choice([rng.uniform(3, 8), rng.uniform(-8, -3), rng.uniform(-3, 3)], p=[0.6, 0.3, 0.1])),
        height_mm=float(rng.uniform(1.8, 3.8)),
        font=PLOTTER if rng.random() < 0.2 else fonts[int(rng.integers(1, len(fonts)))],
    )


def _handling(rng: np.random.Generator) -> Handling:
    jpeg = int(rng.integers(55, 96)) if rng.random() < 0.6 else None
    kind = rng.choice(["render", "scan", "photo", "wrinkle", "copy"], p=[0.3, 0.35, 0.2, 0.1, 0.05])
    if kind == "render":
        return Handling(jpeg=jpeg)
    blur, noise = float(rng.uniform(0.2, 0.9)), float(np.exp(rng.uniform(np.log(0.5), np.log(12))))
    if kind == "scan":
        return Handling(rotation_deg=float(rng.normal(0, 1.0)), blur_px=blur, noise=noise, jpeg=jpeg)
    if kind == "copy":
        return Handling(rotation_deg=float(rng.normal(0, 0.5)), blur_px=blur, copied=True)
    if kind == "wrinkle":
        return Handling(wrinkle=float(rng.uniform(0.3, 1)), blur_px=0.5 * blur, noise=0.5 * noise, jpeg=jpeg)
    return Handling(
        rotation_deg=float(rng.normal(0, 3)),
        perspective=float(rng.uniform(0, 0.05)),
        border_mm=float(rng.uniform(0, 15)),
        shadow=float(rng.uniform(0, 0.8)),
        warmth=float(rng.uniform(-1, 1)),
        blur_px=blur + 0.3,
        noise=0.6 * noise,
        jpeg=jpeg or 90,
    )
