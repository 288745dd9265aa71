"""Which colour ink has on this sheet: the weights of the three channels that show it best.

The weights that give full ink 1 and all that is not ink (grid, paper, noise) the least power are the minimum-variance
beamformer (Capon, Proc. IEEE 1969) over colour channels.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgdesk.page.gridlines import without_grid
from ecgdesk.page.taken_light import coverage_of, losses_of

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]

INK_SHARE = 0.002  # of a sheet is surely fully inked: a fifth of what four rows of a 0.3 mm trace cover
WINDOWS = 3  # across the sheet where its middle third does not tell what ink is
THIN_COLUMNS = 400
STRIPS = 24  # of the sheet: a trace runs through all of them, what somebody wrote through a few
THROUGHOUT = 0.8  # of the strips, at the least, hold traces
HALF_INK = 0.5
FAINTEST_INK = 0.1  # share of light that ink takes from every channel; less is a tint of the paper
RIM_PART = 12  # of the height, at the top and at the bottom: what a sheet lies on is darker than its pen


def ink_weights(image: U8, paper: F32, pixels_per_mm: float) -> F32 | None:
    """float32[3]: channel weights that give full ink 1 and everything else the least power; None without any ink.

    Ink is no straight line, as a grey grid is; and it takes light from every channel, as a coloured grid does not, or
    else (a blue pen on orange paper) from all channels together. The better separated of these two guesses is ink.
    What runs through a few strips of the sheet only is what somebody wrote on it, in a darker or another pen. Where it
    hides the traces from both guesses, the ink that has no colour is looked for.
    """
    samples, dark = _sampled(image, paper, pixels_per_mm, windows=1)
    guesses = [_separated(samples, shade) for shade in dark if shade.max(initial=0) >= FAINTEST_INK]
    best = max(guesses, key=lambda guess: guess.separation, default=None)
    if best is not None and _spread(_thinned(image, paper) @ best.weights) >= THROUGHOUT:
        return best.weights
    return _widest_spread(*_sampled(image, paper, pixels_per_mm, windows=WINDOWS))


def _widest_spread(samples: F32, dark: tuple[F32, F32]) -> F32 | None:
    """float32[3]: the weights of the ink that is in most strips down the sheet, or of the best separated such one."""
    guesses = [_separated(samples, shade) for shade in dark if shade.max(initial=0) >= FAINTEST_INK]
    if guesses and max(guess.spread for guess in guesses) < THROUGHOUT:
        colour = samples.max(axis=2) - samples.min(axis=2)
        guesses += [_separated(samples, shade) for full in dark if (shade := full - colour).max() >= FAINTEST_INK]
    widest = max((guess.spread for guess in guesses), default=0.0)
    best = max(guesses, key=lambda guess: (guess.spread >= THROUGHOUT * widest, guess.separation), default=None)
    return None if best is None else best.weights


def _thinned(image: U8, paper: F32) -> F32:
    """Losses float32[rows, columns, 3] of a few hundred rows and columns of the whole sheet."""
    inner, step = _inner(image)
    thin = np.ascontiguousarray(image[inner, :: max(image.shape[1] // THIN_COLUMNS, 1)])
    return losses_of(thin, paper[_share(inner, len(image), len(paper))], range(step // 2, len(thin), step))


def _inner(image: U8) -> tuple[slice, int]:
    """The sheet's rows without its rim, and every how manieth of them is looked at."""
    rim = len(image) // RIM_PART
    return slice(rim, len(image) - rim), max((len(image) - 2 * rim) // 300, 1)


def _sampled(image: U8, paper: F32, pixels_per_mm: float, *, windows: int) -> tuple[F32, tuple[F32, F32]]:
    """Losses float32[rows, columns, 3] of a third of the sheet, in `windows` across it, and how dark they are without
    straight lines, float32[rows, columns]: in the least of the channels, and in their mean."""
    height, width = image.shape[:2]
    inner, step = _inner(image)
    losses, least, mean = list[F32](), list[F32](), list[F32]()
    for place in range(windows):
        middle, half = width * (2 * place + 1) // (2 * windows), max(width // (6 * windows), 1)
        window = slice(max(middle - half, 0), middle + half)
        part = image[inner, window]
        part_paper = paper[_share(inner, height, len(paper)), _share(window, width, paper.shape[1])]
        losses.append(losses_of(part, part_paper, range(step // 2, len(part), step)))
        for weights, shades in ((None, least), (np.full(3, 1 / 3, np.float32), mean)):
            bare = without_grid(coverage_of(part, part_paper, weights), pixels_per_mm)
            shades.append(bare[step // 2 :: step].astype(np.float32) / np.float32(255))
    return np.concatenate(losses, axis=1), (np.concatenate(least, axis=1), np.concatenate(mean, axis=1))


@dataclass(frozen=True, eq=False)
class _Guess:
    """`weights` float32[3]; `separation` of full ink from the rest, in units of its power; `spread`: the share of the
    strips down the sheet in which there is such ink."""

    weights: F32
    separation: float
    spread: float


def _separated(samples: F32, dark: F32) -> _Guess:
    """How far the darkest samples stand out from the others, and the weights that do it."""
    separation, weights = 0.0, np.zeros(3, np.float32)
    for _ in range(2):
        limit = min(float(np.quantile(dark, 1 - INK_SHARE)), float(dark.max()))
        full = samples[dark >= max(limit, FAINTEST_INK)].mean(axis=0)
        others = samples[dark < 0.5 * limit]
        power = others.T @ others / max(len(others), 1)
        # Coloured noise of compression must not make the weights extreme: no channel is trusted beyond 1 % rms.
        solved = np.linalg.solve(power + 1e-4 * np.eye(3), full)
        separation = float(full @ solved)
        weights = (solved / max(separation, 1e-6)).astype(np.float32)
        dark = np.minimum(samples @ weights, 2 * dark + 0.2)  # what was a line stays no ink
    return _Guess(weights, separation, _spread(dark))


def _spread(dark: F32) -> float:
    """The share of the strips down `dark` float32[rows, columns] that hold ink."""
    strips = np.array_split(dark >= HALF_INK, STRIPS, axis=1)
    return float(np.mean([strip.mean() >= INK_SHARE for strip in strips if strip.size]))


def _share(part: slice, of: int, blocks: int) -> slice:
    """The same part of a row of `blocks`."""
    return slice(part.start * blocks // of, max(-(-part.stop * blocks // of), part.start * blocks // of + 1))
