"""From a decoded sheet to a page whose every trace has a name, a place and a scale."""

from ecgdesk.ecg.figure import Figure, How
from ecgdesk.ecg.page import Page, Sheet
from ecgdesk.page.calibration import find_pulses, gain_from
from ecgdesk.page.flat import Flat
from ecgdesk.page.ink import ink
from ecgdesk.page.layout import assumed_layout
from ecgdesk.page.refusals import UnreadablePage
from ecgdesk.page.rows import find_rows
from ecgdesk.page.straighten import straighten
from ecgdesk.page.working import to_working_scale


def understand(sheet: Sheet) -> Page:
    """`sheet` straightened, its rows, lead names, calibration and layout found.

    Raises UnreadablePage with a sentence for the user when the sheet shows no ECG that can be read.
    """
    return _page(straighten(sheet))


def _page(flat: Flat) -> Page:
    ppm_x, ppm_y = _value(flat.pixels_per_mm_x), _value(flat.pixels_per_mm_y)
    cover = ink(flat.image, pixels_per_mm=(ppm_x * ppm_y) ** 0.5)
    working = to_working_scale(cover, pixels_per_mm_x=ppm_x, pixels_per_mm_y=ppm_y)
    rows = find_rows(working)
    if not rows:
        raise UnreadablePage("No ECG trace was found on this page; check that it is an ECG and scan it again, flat.")
    pulses = find_pulses(working, rows)
    gain = gain_from(pulses) or Figure(10.0, "mm/mV", How.ASSUMED)
    speed = Figure(25.0, "mm/s", How.ASSUMED)
    layout = assumed_layout(rows, speed=25.0, gain=gain, page_height_mm=flat.size_mm[1])
    doubts = (*flat.doubts, "The lead names were not read: the usual order of leads was assumed; check the names.")
    boxes = tuple((pulse.x0_mm, pulse.top_mm, pulse.x1_mm, pulse.foot_mm) for pulse in pulses)
    return Page(
        image=flat.image,
        ink=cover,
        pixels_per_mm_x=flat.pixels_per_mm_x,
        pixels_per_mm_y=flat.pixels_per_mm_y,
        to_scan=flat.to_scan,
        layout=layout,
        speed=speed,
        gain=gain,
        pulses=boxes,
        doubts=doubts,
    )


def _value(figure: Figure) -> float:
    assert figure.value is not None, "straighten always gives a scale"
    return figure.value
