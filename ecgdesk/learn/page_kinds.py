"""Kinds of sheets, one feature at a time on an otherwise ordinary sheet: what the page room is measured on."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ecgdesk.ecg.lead import CHEST_LEADS, LIMB_LEADS, STANDARD_ORDER, Lead
from ecgdesk.learn.copying import Copy
from ecgdesk.learn.layouts import CABRERA
from ecgdesk.learn.marks import Marks
from ecgdesk.learn.mixed_handling import handled_as
from ecgdesk.learn.mixed_pages import mixed_spec
from ecgdesk.learn.paper import PAPERS, Paper
from ecgdesk.learn.photo import Handling
from ecgdesk.learn.specification import A4_MM, LETTER_MM, PageSpec, Pulse, Separator
from ecgdesk.learn.spelling import Spelling

Change = Callable[[PageSpec, np.random.Generator], PageSpec]


def ordinary(rng: np.random.Generator) -> PageSpec:
    """3x4+1 at 25 mm/s and 10 mm/mV, scanned at 150 to 240 dpi; paper, pen, print and separators as they come."""
    spec = mixed_spec(rng)
    return replace(
        spec,
        grid="3x4",
        order=STANDARD_ORDER,
        rhythm=(Lead.II,),
        dpi=float(rng.uniform(150, 240)),
        pen=replace(spec.pen, width_mm=max(spec.pen.width_mm, 0.18), gaps=0.0),
        paper=PAPERS[int(rng.integers(11))],
        names=replace(spec.names, spelling=Spelling.USUAL, height_mm=max(spec.names.height_mm, 2.0)),
        pulse=Pulse.LEFT,
        speed=25.0,
        gain=10.0,
        chest_gain=None,
        foot=(),
        shuffled=False,
        sheet_mm=A4_MM if spec.sheet_mm[0] > LETTER_MM[0] else LETTER_MM,
        row_pitch_mm=None,
        marks=Marks(),
        handling=handled_as("render" if rng.random() < 0.5 else "scan", rng),
    )


def _with(**changes: Any) -> Change:
    return lambda spec, rng: replace(spec, **changes)


def _named(spelling: Spelling, **changes: Any) -> Change:
    return lambda spec, rng: replace(spec, names=replace(spec.names, spelling=spelling), **changes)


def _rhythms(count: int) -> Change:
    return lambda spec, rng: replace(spec, rhythm=tuple(STANDARD_ORDER[i] for i in rng.permutation(12)[:count]))


def _few(count: int) -> Change:
    def change(spec: PageSpec, rng: np.random.Generator) -> PageSpec:
        order = tuple(STANDARD_ORDER[i] for i in sorted(rng.permutation(12)[:count]))
        return replace(spec, grid=f"{count}x1", order=order, rhythm=())

    return change


def _six(spec: PageSpec, rng: np.random.Generator) -> PageSpec:
    return replace(spec, grid="6x1", order=LIMB_LEADS if rng.random() < 0.5 else CHEST_LEADS, rhythm=())


def _paper(name: str) -> Change:
    return _with(paper=next(paper for paper in PAPERS if paper.name == name))


def _handled(kind: str) -> Change:
    return lambda spec, rng: replace(spec, handling=handled_as(kind, rng))


def _copied(how: Copy) -> Change:
    def change(spec: PageSpec, rng: np.random.Generator) -> PageSpec:
        handling = Handling(rotation_deg=float(rng.normal(0, 0.5)), blur_px=0.5, copy=how, grain=rng.uniform(0, 10))
        return replace(spec, handling=handling)

    return change


def _any_paper(spec: PageSpec, rng: np.random.Generator) -> PageSpec:
    paper = next(paper for _ in range(1000) if _is_any(paper := mixed_spec(rng).paper))
    return replace(spec, paper=paper)


def _is_any(paper: Paper) -> bool:
    return paper.name == "any"


KINDS: Mapping[str, Change] = {
    "ordinary 3x4+1": lambda spec, rng: spec,
    "3x4": _with(rhythm=()),
    "3x4+1 of any lead": _rhythms(1),
    "3x4+2": _rhythms(2),
    "3x4+3": _rhythms(3),
    "4x3+1": _with(grid="4x3"),
    "6x2": _with(grid="6x2", rhythm=()),
    "6x2+1": _with(grid="6x2"),
    "12x1": _with(grid="12x1", rhythm=()),
    "6x1": _six,
    "3 leads": _few(3),
    "2 leads": _few(2),
    "1 lead": _few(1),
    "Cabrera 3x4+1": _with(order=CABRERA),
    "Cabrera 6x2, -aVR": _named(Spelling.MINUS, order=CABRERA, grid="6x2", rhythm=()),
    "shuffled columns": _with(rhythm=(), shuffled=True),
    "12.5 mm/s": _with(speed=12.5),
    "12.5 mm/s, not printed": _with(speed=12.5, footer=False),
    "50 mm/s": _with(speed=50.0),
    "50 mm/s, not printed": _with(speed=50.0, footer=False),
    "5 mm/mV": _with(gain=5.0),
    "20 mm/mV": _with(gain=20.0),
    "chest 5 mm/mV": _with(chest_gain=5.0),
    "chest 5 mm/mV, 12x1": _with(chest_gain=5.0, grid="12x1", rhythm=(), footer=False),
    "chest 5 mm/mV, no pulse": _with(chest_gain=5.0, pulse=Pulse.NONE),
    "pulse right": _with(pulse=Pulse.RIGHT),
    "pulse in the middle": _with(pulse=Pulse.MIDDLE),
    "no pulse": _with(pulse=Pulse.NONE),
    "nothing between": _with(separator=Separator.NONE, joined=True),
    "gaps between": _with(separator=Separator.GAP),
    "crowded rows": _with(row_pitch_mm=13.0, grid="6x2"),
    "AVR": _named(Spelling.CAPITALS),
    "C1": _named(Spelling.WILSON),
    "Abl.": _named(Spelling.NUMBERED),
    "broken trace": lambda spec, rng: replace(spec, pen=replace(spec.pen, gaps=3.0, dead_dots=3)),
    "stamps and writing": _with(marks=Marks(stamps=1, words=2, circles=1, strokes=1, markers=1)),
    "any grid colours": _any_paper,
    "black boxes": _paper("black boxes"),
    "black lines": _paper("black lines"),
    "no grid": _paper("plain"),
    "75 dpi": _with(dpi=75.0),
    "600 dpi": _with(dpi=600.0),
    "noise": _handled("noise"),
    "photo": _handled("photo"),
    "wrinkled": _handled("wrinkle"),
    "curled": _handled("curled"),
    "photocopy": _copied(Copy.GREY),
    "1 bit": _copied(Copy.LEVEL),
    "1 bit, local": _copied(Copy.LOCAL),
    "dithered": _copied(Copy.DITHERED),
    "fax": _copied(Copy.FAX),
    "coarse fax": _copied(Copy.FAX_COARSE),
}
