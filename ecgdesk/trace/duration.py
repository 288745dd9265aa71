"""How long a sheet's record is."""

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.page import Layout

RECORD_S = 10.0  # what carts record and print on a sheet (AHA/ACC/HRS 2007, Part I)
RECORD_TOLERANCE = 0.02  # the ends of a row are seen to a millimetre or two: a pulse or a cut edge hides more


def full_time_s(layout: Layout) -> float:
    """The record's own ten seconds when the rows are about that long, else as long as the rows are.

    The ends of a row are hidden by pulses and cut edges; whoever spreads the samples over the nominal time would
    stretch the signal by as much.
    """
    end_s = max((strip.end_s for strip in layout.strips), default=0.0)
    if abs(end_s - RECORD_S) <= RECORD_TOLERANCE * RECORD_S:
        return RECORD_S
    return max(end_s, 1 / SAMPLING_RATE_HZ)
