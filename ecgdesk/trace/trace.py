"""From a page to twelve leads in millivolts."""

import numpy as np

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, STANDARD_ORDER
from ecgdesk.ecg.page import Page
from ecgdesk.ecg.recording import Recording
from ecgdesk.trace.agreement import errors_in_agreement
from ecgdesk.trace.clock import on_one_clock
from ecgdesk.trace.duration import full_time_s
from ecgdesk.trace.ends import closed_up
from ecgdesk.trace.quality import expected_snr_db
from ecgdesk.trace.stretch import stretch


def trace(page: Page) -> Recording:
    """Follows every strip of the page's layout and gives the recording that the paper shows.

    Time is the strips' own clock, zero is each strip's own median; NaN where no strip is or its ink is missing.
    """
    samples = round(full_time_s(page.layout) * SAMPLING_RATE_HZ)
    strips = closed_up(page.layout.strips)
    stretches = [s for strip in strips if (s := stretch(page, strip, samples=samples)) is not None]
    signal = np.full((len(STANDARD_ORDER), samples), np.nan, np.float32)
    quality = np.full(len(STANDARD_ORDER), np.nan, np.float32)
    error = np.full_like(signal, np.nan)
    shown = np.zeros(signal.shape, bool)
    for piece in sorted(
        on_one_clock(stretches), key=lambda s: s.mv.size
    ):  # the longest has the last word, shorter ones fill it up
        row, span = piece.strip.lead.row, slice(piece.first, min(piece.first + piece.mv.size, samples))
        mv, error_mv = piece.mv[: span.stop - span.start], piece.error_mv[: span.stop - span.start]
        seen = np.isfinite(mv)
        signal[row, span][seen] = mv[seen]
        error[row, span][seen] = error_mv[seen]
        shown[row, span] = True
    error = errors_in_agreement(signal, error)
    for row in range(len(STANDARD_ORDER)):
        quality[row] = expected_snr_db(signal[row], error[row], shown=int(shown[row].sum()))
    return Recording(signal=signal, quality_db=quality)
