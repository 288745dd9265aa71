"""Examples for the refiner of traces: what it will see, and the rows that it should say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.page import Page, Strip
from ecgdesk.learn.crew import crew
from ecgdesk.learn.mixed_pages import mixed_spec
from ecgdesk.learn.pages import MadePage, make_page
from ecgdesk.learn.specification import Separator
from ecgdesk.learn.true_page import true_page
from ecgdesk.trace.columns import columns
from ecgdesk.trace.cut import Cut, cut
from ecgdesk.trace.features import OUTPUTS, features
from ecgdesk.trace.follow import follow

F32 = NDArray[np.float32]

MISPLACED_MM = 0.4  # how far the layout room may miss a strip's ends (one sigma),
SEPARATED_MM = 0.08  # and where separators show them
HIDDEN_MM = 0.45  # of a strip's end below a bar (half of its 0.7 mm, and blur)
MISPLACED_BASELINE_MM = 1.0


@dataclass(frozen=True, eq=False)
class Example:
    """One strip. `seen`: float32[FEATURES, w]. `offsets`: float32[OUTPUTS, w], the true rows at OUTPUTS times in each
    column less the run's middle, NaN where the sheet shows nothing. `middle`: float32[w]."""

    seen: F32
    offsets: F32
    middle: F32


def examples(signals: Sequence[F32], *, seed: int) -> Iterator[list[Example]]:
    """The strips of one made page for each signal (float32[12, n], mV at 500 Hz), drawn on all cores."""
    with crew() as pool:
        yield from pool.map(_page_examples, [(signal, seed, number) for number, signal in enumerate(signals)])


def _page_examples(task: tuple[F32, int, int]) -> list[Example]:
    signal, seed, number = task
    rng = np.random.default_rng((seed, number))
    made = make_page(signal, spec=mixed_spec(rng), seed=int(rng.integers(2**31)))
    page = true_page(made)
    return [e for strip in page.layout.strips if (e := _example(page, made, strip, rng)) is not None]


def _example(page: Page, made: MadePage, strip: Strip, rng: np.random.Generator) -> Example | None:
    found = _as_found(made, strip, rng)
    piece = cut(page, found)
    if piece is None or piece.ink.shape[1] < 40:
        return None
    (path,) = follow([piece])
    runs = columns(piece.ink, path)
    truth = _true_rows(made, strip, piece)
    truth[:, : max(piece.begin, 0)] = np.nan  # what a bar or a pulse hides is not to be guessed from its ink
    truth[:, max(piece.end, 0) :] = np.nan
    if np.isfinite(truth).mean() < 0.5 or np.nanstd(truth) < 0.3:
        return None
    seen = features(runs, path, pixels_per_mm=1 / piece.mm_x)
    return Example(seen, truth - runs.middle, runs.middle)


def _as_found(made: MadePage, strip: Strip, rng: np.random.Generator) -> Strip:
    """The strip as the layout room might find it: without what a bar or a pulse hides, a little misplaced."""
    separator = made.spec.separator
    apart = separator in (Separator.BAR, Separator.TICKS, Separator.DOTTED)
    begin, end = rng.normal(0, SEPARATED_MM if apart else MISPLACED_MM, 2)
    if separator is Separator.BAR:
        row = [s for s in made.layout.strips if s.baseline_mm == strip.baseline_mm]
        begin += HIDDEN_MM if strip.x0_mm > min(s.x0_mm for s in row) else 0.0
        end -= HIDDEN_MM if strip.x1_mm < max(s.x1_mm for s in row) else 0.0
    own = [x1 for _, _, x1, foot in made.pulses if abs(foot - strip.baseline_mm) < 1 and x1 < strip.x1_mm]
    begin = max([begin, *(x1 + made.spec.pen.width_mm / 2 + SEPARATED_MM - strip.x0_mm for x1 in own)])
    shift = rng.normal(0, MISPLACED_BASELINE_MM)
    return replace(strip, x0_mm=strip.x0_mm + begin, x1_mm=strip.x1_mm + end, baseline_mm=strip.baseline_mm + shift)


def _true_rows(made: MadePage, strip: Strip, piece: Cut) -> F32:
    """float32[OUTPUTS, w]: the drawn polyline's rows in the piece."""
    width = piece.ink.shape[1]
    places = np.arange(width)[None, :] + (np.arange(OUTPUTS)[:, None] + 0.5) / OUTPUTS
    seconds = strip.start_s + (piece.x0_mm + places * piece.mm_x - strip.x0_mm) / made.spec.speed
    first, last = round(strip.start_s * SAMPLING_RATE_HZ), round(strip.end_s * SAMPLING_RATE_HZ)
    mv = made.signal[strip.lead.row, first:last]
    clock = np.arange(first, last) / SAMPLING_RATE_HZ
    drawn = np.interp(seconds, clock, mv, left=np.nan, right=np.nan)
    gain = (strip.gain.value or made.spec.gain) * (-1.0 if strip.inverted else 1.0)
    heights = strip.baseline_mm - drawn * gain
    return ((heights - piece.top_mm) / piece.mm_y - 0.5).astype(np.float32)
