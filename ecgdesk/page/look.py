"""What a flat sheet shows: rows, names, pulses, speed and the layout that fits them, whichever way up it lies."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.corrections import Corrections
from ecgdesk.ecg.figure import Figure, How
from ecgdesk.page.calibration import Pulse, find_pulses, printed_figure, speed_from
from ecgdesk.page.flat import Flat
from ecgdesk.page.ink import ink
from ecgdesk.page.layout import Match, best_match, lone_match
from ecgdesk.page.mend import entered
from ecgdesk.page.named_rows import rows_by_names, with_named_strips
from ecgdesk.page.names import SPEEDS, Name, find_names
from ecgdesk.page.refusals import UnreadablePage
from ecgdesk.page.rows import Row, find_rows, solid_rows, with_missing
from ecgdesk.page.slow_paper import speed_of_columns
from ecgdesk.page.vector import Drawn
from ecgdesk.page.working import WORKING_PPM, to_working_scale

USUAL_SPEED = Figure(25.0, "mm/s", How.ASSUMED)
_DROPPED = 2.5  # log odds that a layout must gain for each row that is dropped for it
_CHANCE = 1  # a name more may be read by chance,
_CHANCE_ODDS = 3.0  # and names of so much log odds together
_PALE = 2.0  # a pen that leaves half as much ink as the sheet's print is still plain to the eye
_SURELY_UPRIGHT = 7  # upside down, I, II, III and single letters of other words still read as names; so many do not


@dataclass(frozen=True, eq=False)
class Look:
    """What was found on one side up of a sheet. `match` is None where nothing fits. `corrections`: a person's."""

    flat: Flat
    ink: NDArray[np.uint8]
    working: NDArray[np.uint8]
    rows: tuple[Row, ...]
    names: tuple[Name, ...]
    pulses: tuple[Pulse, ...]
    speed: Figure
    match: Match | None
    corrections: Corrections

    @property
    def names_read(self) -> bool:
        return self.match is not None and self.match.is_read

    @property
    def read(self) -> int:
        """How many names of the grid were read."""
        return self.match.read if self.match is not None else 0

    @property
    def odds(self) -> float:
        """Log odds of these names together."""
        return self.match.odds if self.match is not None else 0.0


def look_at(
    flat: Flat,
    cover: NDArray[np.uint8],
    corrections: Corrections,
    *,
    drawn: Drawn | None = None,
    names: Sequence[Name] | None = None,
) -> Look:
    """What is found on the sheet; rows and pulses are taken from what is `drawn`, and its text from `names`, if any."""
    working = to_working_scale(
        cover, pixels_per_mm_x=value_of(flat.pixels_per_mm_x), pixels_per_mm_y=value_of(flat.pixels_per_mm_y)
    )
    rows = drawn.plot.rows if drawn else find_rows(working)
    if names is None:
        names = find_names(working) if rows else ()
    pulses = drawn.plot.pulses if drawn else find_pulses(working, rows)
    found = (
        (drawn.speed if drawn else None)
        or printed_figure(names, SPEEDS, "mm/s", usual=25.0)
        or speed_from(pulses)
        or USUAL_SPEED
    )
    speed = entered(corrections.speed, "mm/s") or found
    width = working.shape[1] / WORKING_PPM
    fit = partial(_match, names=names, width_mm=width, speed=value_of(speed), layout=corrections.layout)
    match = fit(rows)
    solid = solid_rows(rows)
    if len(solid) < len(rows) and not drawn:  # what is left of a copied grid's lines looks like rows, but broken ones
        other = fit(solid)
        if other is not None and (match is None or other.score > match.score + _DROPPED * (len(rows) - len(solid))):
            rows, match, pulses = solid, other, find_pulses(working, solid)
    if (match is None or match.read < len(match.template.order)) and not drawn:
        whole = with_missing(rows)
        other = fit(whole)
        if other is not None and other.is_read and (match is None or other.read > match.read + _CHANCE):
            rows, match, pulses = whole, other, find_pulses(working, whole)
    if (match is None or match.read < len(match.template.order)) and not drawn and not corrections.layout:
        named = rows_by_names(rows, names, working, width_mm=width, speed=value_of(speed))
        other = fit(named) if named else None
        if other is not None and other.is_read and (match is None or other.read > match.read + _CHANCE):
            rows, match, pulses = named, other, find_pulses(working, named)
    if match is not None and match.is_read and not drawn:
        whole = with_named_strips(rows, match, names, working)
        other = fit(whole) if len(whole) > len(rows) else None
        if other is not None and other.read >= match.read:
            rows, match, pulses = whole, other, find_pulses(working, whole)
    if speed.how is How.ASSUMED and match is not None:
        speed = speed_of_columns(match, pulses) or speed
    return Look(flat, cover, working, rows, tuple(names), pulses, speed, match, corrections)


def _match(rows: Sequence[Row], *, names: Sequence[Name], width_mm: float, speed: float, layout: str) -> Match | None:
    """The best layout; where its names cannot be read, the likeliest of those that hold all twelve leads.

    Where a person has said which `layout` it is, no other is tried.
    """
    if layout:
        return best_match(rows, names, width_mm=width_mm, speed=speed, layout=layout)
    found = [best_match(rows, names, width_mm=width_mm, speed=speed), lone_match(rows, names)]
    best = max((match for match in found if match is not None), key=lambda match: match.score, default=None)
    if best is not None and best.is_read:
        return best
    return best_match(rows, names, width_mm=width_mm, speed=speed, whole=True)


def look_as_it_lies(flat: Flat, corrections: Corrections) -> Look:
    """What the sheet shows this way up."""
    look = look_at(flat, _ink(flat), corrections)
    if look.read >= _SURELY_UPRIGHT:
        return look
    return _surest(look, look_at(flat, _ink(flat, strength=_PALE), corrections))


def look_every_way(flat: Flat, corrections: Corrections) -> Look:
    """What the sheet shows the way up in which its names read best. Raises UnreadablePage for a mirrored sheet."""
    look = _whichever_way_up(flat, _ink(flat), corrections)
    if look.read < _SURELY_UPRIGHT:
        look = _surest(look, _whichever_way_up(flat, _ink(flat, strength=_PALE), corrections))
    if look.read < _SURELY_UPRIGHT:
        _refuse_mirrored(look)
    return look


def _surest(look: Look, *others: Look) -> Look:
    """The look, or another whose names are clearly more than chance reads into any sheet."""
    best = max(others, key=lambda one: one.odds)
    return best if best.odds > look.odds + _CHANCE_ODDS else look


def _whichever_way_up(flat: Flat, cover: NDArray[np.uint8], corrections: Corrections) -> Look:
    look = look_at(flat, cover, corrections)
    if look.read < _SURELY_UPRIGHT:
        look = _surest(look, look_at(flat.turned(), np.ascontiguousarray(cover[::-1, ::-1]), corrections))
    if not look.names_read:
        look = _surest(look, *_on_its_sides(flat, cover, corrections))
    return look


def _on_its_sides(flat: Flat, cover: NDArray[np.uint8], corrections: Corrections) -> tuple[Look, Look]:
    """The sheet a quarter turn to either side: tall complexes can make traces look as if they ran down the sheet."""
    width_mm, _ = flat.size_mm
    quarter = replace(
        flat,
        image=np.ascontiguousarray(np.rot90(flat.image)),
        pixels_per_mm_x=flat.pixels_per_mm_y,
        pixels_per_mm_y=flat.pixels_per_mm_x,
        to_scan=flat.to_scan @ np.array([[0.0, -1.0, width_mm], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
        bend=flat.bend and flat.bend.quarter(),
    )
    one = np.ascontiguousarray(np.rot90(cover))
    other = np.ascontiguousarray(one[::-1, ::-1])
    return look_at(quarter, one, corrections), look_at(quarter.turned(), other, corrections)


def _refuse_mirrored(look: Look) -> None:
    """Raises UnreadablePage where the sheet's names read well in a mirror: its times would run backwards."""
    for mirrored in (look.ink[:, ::-1], look.ink[::-1]):
        if look_at(look.flat, np.ascontiguousarray(mirrored), look.corrections).read >= _SURELY_UPRIGHT:
            raise UnreadablePage(
                "This page is mirrored: its lead names read from the back; scan it from the front, or flip the image."
            )


def _ink(flat: Flat, *, strength: float = 1.0) -> NDArray[np.uint8]:
    pixels_per_mm = (value_of(flat.pixels_per_mm_x) * value_of(flat.pixels_per_mm_y)) ** 0.5
    return ink(flat.image, pixels_per_mm=pixels_per_mm, strength=strength)


def value_of(figure: Figure) -> float:
    assert figure.value is not None, "straighten always gives a scale, and a speed always has a value"
    return figure.value
