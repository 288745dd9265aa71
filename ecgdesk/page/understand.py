"""From a decoded sheet to a page whose every trace has a name, a place and a scale."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.corrections import AUTOMATIC, Corrections
from ecgdesk.ecg.figure import Figure, How
from ecgdesk.ecg.lead import STANDARD_ORDER
from ecgdesk.ecg.page import Layout, Page, Sheet
from ecgdesk.page.borders import pulse_boxes
from ecgdesk.page.calibration import gain_from, nominal_gain, printed_figure
from ecgdesk.page.columns import fit_columns
from ecgdesk.page.contrast import is_dark
from ecgdesk.page.drawn_scale import DOUBT, find_stretch
from ecgdesk.page.flat import Flat
from ecgdesk.page.gains import find_gains, with_gains
from ecgdesk.page.layout import GRID_S, Match
from ecgdesk.page.lines import on_lines
from ecgdesk.page.look import USUAL_SPEED, Look, look_as_it_lies, look_at, look_every_way, value_of
from ecgdesk.page.mend import at_scale, cut_out, entered, evenly_placed, name_of, with_gain
from ecgdesk.page.names import GAINS
from ecgdesk.page.plausible import doubt_of_columns, doubt_of_places, refuse_two_ecgs
from ecgdesk.page.refusals import UnreadablePage
from ecgdesk.page.rhythm import RhythmStrip, find_rhythm_strips, with_rhythm
from ecgdesk.page.rows import drawn_share
from ecgdesk.page.squared import squared
from ecgdesk.page.straighten import straighten
from ecgdesk.page.strips import make_strips
from ecgdesk.page.vector import find_drawn, page_lines

USUAL_GAIN = Figure(10.0, "mm/mV", How.ASSUMED)
_FEWEST_ROWS = 3  # without legible names only a sheet of three or more rows of trace may be assumed to be an ECG,
_FEWEST_NAMES = 2  # when so many names are read where the usual order has them,
_CLEARLY, _CLEAR_SHARE = 3.0, 0.5  # log odds of a clear name; share of those that must be where they should be
_LEAST_DRAWN = 0.3  # and only when this share of them is drawn in pieces longer than letters
_TRUE_PITCH = 0.03  # columns this close to 2.5 s (or 5 s) of paper bear the assumed speed out


def understand(sheet: Sheet, corrections: Corrections = AUTOMATIC) -> Page:
    """`sheet` straightened, its rows, lead names, calibration and layout found where `corrections` do not state them.

    Raises UnreadablePage with a sentence for the user when the sheet shows no ECG that can be read.
    """
    return replace(_understood(sheet, corrections), file_doubts=sheet.doubts)


def _understood(sheet: Sheet, corrections: Corrections) -> Page:
    """The page as its file draws it, or else as its pixels show it. Raises UnreadablePage."""
    drawn = _as_drawn(sheet, corrections) if corrections.corners is None else None
    if drawn is not None:
        return drawn
    walk = _as_scanned if corrections.corners is None else _as_cut_out
    try:
        return walk(sheet, corrections)
    except UnreadablePage as refusal:
        if not is_dark(sheet.image):
            raise
        try:
            return walk(replace(sheet, image=255 - sheet.image), corrections)
        except UnreadablePage:
            raise refusal from None


def _as_cut_out(sheet: Sheet, corrections: Corrections) -> Page:
    """The page within the corners that a person dragged, who saw which way up they are. Raises UnreadablePage."""
    assert corrections.corners is not None
    piece, to_scan = cut_out(sheet, corrections.corners)
    flat = straighten(piece, upright=True)
    bend = flat.bend and flat.bend.through(to_scan, flat.to_scan)
    flat = replace(flat, to_scan=to_scan @ flat.to_scan, bend=bend)
    return _page(look_as_it_lies(flat, corrections))


def _as_scanned(sheet: Sheet, corrections: Corrections) -> Page:
    """The page as its pixels show it. Raises UnreadablePage."""
    square, to_scan = squared(sheet)
    flat = straighten(square)
    bend = flat.bend and flat.bend.through(to_scan, flat.to_scan)
    flat = replace(flat, to_scan=to_scan @ flat.to_scan, bend=bend)
    look = look_every_way(flat, corrections)
    if not corrections.layout and corrections.strips is None:
        refuse_two_ecgs(look.names)
    page = _page(_to_scale(look))
    return _on_lines(page, page_lines(sheet, page), corrections) or page


def _to_scale(look: Look) -> Look:
    """Where neither grid nor file tells the scale, columns and pulses do; then all is looked for once more."""
    flat, match = look.flat, look.match
    if flat.pixels_per_mm_x.how is not How.ASSUMED or match is None:
        return look
    speed, gain = value_of(look.speed), value_of(_gain(look))
    pixels_per_mm = (value_of(flat.pixels_per_mm_x), value_of(flat.pixels_per_mm_y))
    columns = fit_columns(
        match,
        look.rows,
        look.pulses,
        look.working,
        speed=speed,
        cover=look.ink,
        pixels_per_mm=pixels_per_mm,
        scale_known=False,
    )
    stretch = find_stretch(match, columns, look.pulses, speed=speed, gain=gain)
    if stretch is None:
        return look
    flat = flat.stretched(along=stretch.along, across=stretch.across, doubt=DOUBT)
    again = look_at(flat, look.ink, look.corrections)
    return again if again.names_read else look


def understand_again(page: Page, corrections: Corrections) -> Page:
    """The page with its layout, names and scales found anew, as `corrections` state them; its pixels stay.

    `corrections.corners` must be those that the page was made with. Raises UnreadablePage.
    """
    flat = Flat(
        image=page.image,
        pixels_per_mm_x=page.pixels_per_mm_x,
        pixels_per_mm_y=page.pixels_per_mm_y,
        to_scan=page.to_scan,
        doubts=page.sheet_doubts,
        grid_found=page.pixels_per_mm_x.how is How.MEASURED,
        bend=page.bend,
    )
    again = replace(_page(look_at(flat, page.ink, corrections)), file_doubts=page.file_doubts)
    return _on_lines(again, page.lines, corrections) or replace(again, lines=page.lines)


def _as_drawn(sheet: Sheet, corrections: Corrections) -> Page | None:
    """The page as its file draws it; None where that leaves a doubt about any strip, and pixels must tell."""
    drawn = find_drawn(sheet)
    if drawn is None:
        return None
    looks = []
    for names in drawn.names:
        looks.append(look_at(drawn.flat, drawn.ink, corrections, drawn=drawn, names=names))
        if looks[-1].match is not None and looks[-1].match.read == len(looks[-1].match.template.order):
            break
    look = max(looks, key=lambda one: one.match.score if one.match is not None else -np.inf)
    return _on_lines(_page(look), drawn.plot.traces, corrections) if look.names_read else None


def _on_lines(page: Page, lines: Sequence[NDArray[np.float64]], corrections: Corrections) -> Page | None:
    """The page with its strips on the lines that its file draws; a person's own boxes stay where they are."""
    if not lines:
        return None
    return replace(page, lines=tuple(lines)) if corrections.strips is not None else on_lines(page, lines)


@dataclass(frozen=True)
class _Laid:
    """The layout, which rhythm strips were found for it, and where calibration pulses stand (mm, as `Page.pulses`)."""

    layout: Layout
    rhythm: tuple[RhythmStrip, ...]
    pulses: tuple[tuple[float, float, float, float], ...]


def _page(look: Look) -> Page:
    gain = _gain(look)
    laid = _laid(look, gain)
    return Page(
        image=look.flat.image,
        ink=look.ink,
        pixels_per_mm_x=look.flat.pixels_per_mm_x,
        pixels_per_mm_y=look.flat.pixels_per_mm_y,
        to_scan=look.flat.to_scan,
        layout=laid.layout,
        speed=look.speed,
        gain=gain,
        pulses=laid.pulses,
        doubts=(*look.flat.doubts, *_doubts(look, gain, laid.layout, laid.rhythm)),
        sheet_doubts=look.flat.doubts,
        bend=look.flat.bend,
    )


def _gain(look: Look) -> Figure:
    """Entered, of whole pulses, printed, or of what may be pulses that the sheet's edge cuts: in this order."""
    measured = partial(gain_from, scale_known=look.flat.grid_found)
    whole = measured([pulse for pulse in look.pulses if pulse.whole])
    return (
        entered(look.corrections.gain, "mm/mV") or whole or _printed_gain(look) or measured(look.pulses) or USUAL_GAIN
    )


def _printed_gain(look: Look) -> Figure | None:
    return printed_figure(look.names, GAINS, "mm/mV", usual=10.0)


def _laid(look: Look, gain: Figure) -> _Laid:
    """The boxes as a person placed them, or as they are found for the layout that was stated or found."""
    corrections, match, speed = look.corrections, look.match, value_of(look.speed)
    pixels_per_mm = (value_of(look.flat.pixels_per_mm_x), value_of(look.flat.pixels_per_mm_y))
    if corrections.strips is not None or (corrections.layout and match is None):
        strips = corrections.strips or evenly_placed(corrections.layout, look.flat.size_mm, speed=speed, gain=gain)
        strips = at_scale(strips, speed=speed, gain=gain, corrections=corrections)
        heights = [row.y_mm for row in look.rows]
        pulses = pulse_boxes(look.ink, look.pulses, heights, pixels_per_mm=pixels_per_mm)
        return _Laid(Layout(name_of(strips), strips, How.ENTERED), (), pulses)
    match = _surely(look)
    columns = fit_columns(
        match, look.rows, look.pulses, look.working, speed=speed, cover=look.ink, pixels_per_mm=pixels_per_mm
    )
    rhythm = find_rhythm_strips(match, look.rows, look.names)
    match = with_rhythm(match, rhythm)
    heights = [look.rows[number].y_mm for number in (*match.grid, *match.rhythm)]
    boxes = pulse_boxes(look.ink, look.pulses, heights, pixels_per_mm=pixels_per_mm)
    strips = make_strips(
        match,
        columns,
        rhythm=rhythm,
        rows=look.rows,
        pulses=look.pulses,
        boxes=boxes,
        ink=look.working,
        speed=speed,
        gain=gain,
    )
    if gain.how is not How.ENTERED:
        strips = with_gains(strips, find_gains(match, look.pulses, look.names, gain))
    strips = with_gain(strips, gain=gain, corrections=corrections)
    how = How.ENTERED if corrections.layout else How.MEASURED
    return _Laid(Layout(match.name, strips, how), rhythm, boxes)


def _surely(look: Look) -> Match:
    """The match that the page was found to have. Raises UnreadablePage where it has none to rely on."""
    if not look.rows:
        raise UnreadablePage(
            "No ECG trace was found on this page; check that it is an ECG, and scan it flat and whole."
        )
    stated = bool(look.corrections.layout)
    if look.match is None or not (stated or look.names_read or _is_surely_trace(look)):
        count = f"{len(look.rows)} row" + ("s" if len(look.rows) > 1 else "")
        raise UnreadablePage(
            f"This page shows {count} of trace whose lead names cannot be read or do not fit them; "
            "scan the whole sheet more sharply."
        )
    return look.match


def _shows_ten_seconds(look: Look) -> bool:
    """True when the columns are as wide as ten seconds at the assumed speed make them: what carts print."""
    if look.match is None or look.match.template.columns == 1 or not look.names_read:
        return False
    nominal = GRID_S / look.match.template.columns * value_of(look.speed)
    return abs(look.match.pitch_mm / nominal - 1) < _TRUE_PITCH


def _is_surely_trace(look: Look) -> bool:
    """True when rows, and what little can be read of their names, speak for the usual twelve leads and nothing else.

    Without any name three rows may as well show three leads: nine more would be invented. And where most of the
    names that can be read stand elsewhere, it is another order, or the rows are not where they seem to be.
    """
    legible = sum(max(name.odds(lead) for lead in STANDARD_ORDER) > _CLEARLY for name in look.names)
    if look.read < _CLEAR_SHARE * legible or (look.match is not None and look.match.is_contradicted):
        return False
    if not look.flat.grid_found or len(look.rows) < _FEWEST_ROWS or look.read < _FEWEST_NAMES:
        return False
    return float(np.median([drawn_share(look.working, row) for row in look.rows])) >= _LEAST_DRAWN


def _doubts(look: Look, gain: Figure, layout: Layout, rhythm: Sequence[RhythmStrip]) -> list[str]:
    doubts = []
    if not look.names_read and layout.how is not How.ENTERED:
        doubts.append("Most lead names could not be read: the usual order of leads was assumed; check every name.")
    if any(strip.lead is None for strip in rhythm):
        doubts.append("The name of a rhythm strip could not be read: lead II was assumed; check it.")
    if look.speed.how is How.ASSUMED and not _shows_ten_seconds(look):
        doubts.append("The paper speed is not stated on the page: 25 mm/s was assumed; check it.")
    elif look.speed.how is not How.ASSUMED and look.names_read and (off := doubt_of_columns(look.match, look.speed)):
        doubts.append(off)
    elif look.speed.how is How.ASSUMED and look.speed.value != USUAL_SPEED.value:
        doubts.append(f"The paper speed is not stated: columns this wide mean {look.speed.value:g} mm/s; check it.")
    if layout.how is not How.ENTERED and (uneven := doubt_of_places(look.match, layout.strips)):
        doubts.append(uneven)
    if gain.how is How.ASSUMED:
        doubts.append("The page shows no calibration pulse and no gain: 10 mm/mV was assumed; check it.")
    if gain.how is How.MEASURED and gain.value is not None and nominal_gain(gain.value) is None:
        doubts.append(f"The calibration pulses say {gain.value:.1f} mm/mV, which no cart prints: check gain and scale.")
    printed = _printed_gain(look)
    if printed and gain.how is How.MEASURED and printed.value not in {strip.gain.value for strip in layout.strips}:
        doubts.append(
            f"The calibration pulses say {gain.value:g} mm/mV, the print {printed.value:g} mm/mV: check the gain."
        )
    absent = [lead.value for lead in STANDARD_ORDER if lead not in layout.leads]
    if absent:
        doubts.append(f"The page does not show {', '.join(absent)}: what needs these leads is not assessed.")
    return doubts
