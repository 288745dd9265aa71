"""From a page to twelve leads in millivolts."""

import numpy as np

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, STANDARD_ORDER
from ecgdesk.ecg.page import Page
from ecgdesk.ecg.recording import Recording
from ecgdesk.trace.agreement import in_agreement
from ecgdesk.trace.bridge import bridged
from ecgdesk.trace.clock import on_one_clock
from ecgdesk.trace.duration import full_time_s
from ecgdesk.trace.ends import closed_up
from ecgdesk.trace.polylines import drawn_stretch
from ecgdesk.trace.quality import expected_snr_db
from ecgdesk.trace.renamed import by_their_waves
from ecgdesk.trace.step import in_step
from ecgdesk.trace.stretch import stretches


def trace(page: Page) -> Recording:
    """Follows every strip of the page's layout and gives the recording that the paper shows; see `traced`."""
    return traced(page)[1]


def traced(page: Page) -> tuple[Page, Recording]:
    """The recording that the paper shows, and the page with its rhythm strips under the leads that their waves show.

    Time is the strips' own clock, zero is each strip's own median; NaN where no strip is or its ink is missing.
    """
    full_s = full_time_s(page.layout)
    samples = round(full_s * SAMPLING_RATE_HZ)
    whole = closed_up(page.layout.strips, full_s=full_s)
    drawn = [drawn_stretch(page, strip, samples=samples) for strip in page.layout.strips]
    inked = [pair for pair, one in zip(zip(page.layout.strips, whole, strict=True), drawn, strict=True) if one is None]
    followed = [*drawn, *stretches(page, inked, samples=samples)]
    page, named = by_their_waves(page, [one for one in followed if one is not None])
    pieces = bridged(on_one_clock(in_step(named)))
    signal = np.full((len(STANDARD_ORDER), samples), np.nan, np.float32)
    quality = np.full(len(STANDARD_ORDER), np.nan, np.float32)
    error = np.full_like(signal, np.nan)
    shown = np.zeros(signal.shape, bool)
    for piece in sorted(pieces, key=lambda s: s.mv.size):  # the longest has the last word, shorter ones fill it up
        row, span = piece.strip.lead.row, slice(piece.first, min(piece.first + piece.mv.size, samples))
        mv, error_mv = piece.mv[: span.stop - span.start], piece.error_mv[: span.stop - span.start]
        seen = np.isfinite(mv)
        signal[row, span][seen] = mv[seen]
        error[row, span][seen] = error_mv[seen]
        shown[row, span] = True
    signal, error = in_agreement(signal, error)
    for row in range(len(STANDARD_ORDER)):
        quality[row] = expected_snr_db(signal[row], error[row], shown=int(shown[row].sum()))
    return page, Recording(signal=signal, quality_db=quality)
