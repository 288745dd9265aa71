"""How much of each pixel is covered by trace or print.

Four steps, each with one idea:

0. *Noise.* A grainy image is smoothed before anything is cut off at black or white: averaging is fair only until then.
1. *Paper.* The local paper colour is the light mode of small blocks; dividing by it takes out shadows and tinted
   paper. What is left is the share of light that each channel loses, 0 on paper.
2. *Colour.* One weight a channel turns these three losses into ink: the weights that give full ink 1 and all that is
   not ink (grid, paper, noise) the least power. This is the minimum-variance beamformer (Capon, Proc. IEEE 1969) over
   colour channels: a red grid is invisible to it, a grey one is damped as far as the colours allow.
3. *Lines.* What remains of the grid runs straight for centimetres and comes back every 5 mm; a stretch of trace does
   one or the other, never both. The grid is taken out as a layer below the ink, so that crossings leave no bites.
"""

import itertools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.page.contrast import least_channel, ranked

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]

PAPER_BLOCK_MM = 2.5  # half a large grid box: small enough for a crease, large enough to hold paper beside any trace
PAPER_QUANTILE = 0.8
INK_SHARE = 0.002  # of a sheet is surely fully inked: a fifth of what four rows of a 0.3 mm trace cover
WINDOWS = 3  # across the sheet where its middle third does not tell what ink is
THIN_COLUMNS = 400
STRIPS = 24  # of the sheet: a trace runs through all of them, what somebody wrote through a few
THROUGHOUT = 0.8  # of the strips, at the least, hold traces
HALF_INK = 0.5
FAINTEST_INK = 0.1  # share of light that ink takes from every channel; less is a tint of the paper
RIM_PART = 12  # of the height, at the top and at the bottom: what a sheet lies on is darker than its pen
TILE_MM = 30.0  # grid lines are straight over this length even on a sheet that is not quite flat
PERIOD_MM = 5.0  # of the large grid boxes
HEAVY, HEAVY_LEFT = 0.3, 0.12  # coverage of a heavy line, and what the usual ones leave of it
LARGE_SHARE = 0.6  # of the darkest usual line's coverage, from which on a usual line is a large box's
HEAVY_SHARE = 0.75  # of the sheet on which it does
FEWEST_HEAVY = 3  # such lines: a single one may be a lead without any deflection
HEAVY_REACH_PX = 2  # from a line's middle to its edge, and from its place among the others
MARGINS_MM = (2.5, 6.0, 9.5)  # from the sheet's rim: its grid reaches into one of the two stretches between
SURE_INK = 0.25  # coverage from which a pixel cannot be noise of the paper
SPECK_MM = 0.65  # print and trace have no parts smaller than this; grid dots and scan dust do
NOISE_LEFT = 5.0  # grey levels rms that do the trace no harm: little more than the paper of a clean scan shows
WIDEST_SMOOTHING_PX = 1.2  # more would cost thin steep strokes more than noise does
LEAST_SMOOTHING_PX = 0.35  # below it a Gaussian does nothing
NOISE_BANDS, NOISE_ROWS = 12, 24  # a dozen narrow bands of a sheet tell its noise
BAND_ROWS = 512  # the image is worked on in bands, to keep memory modest at 600 dpi


def ink(image: U8, *, pixels_per_mm: float, strength: float = 1.0) -> U8:
    """Coverage of each pixel by dark trace or print, grid and paper taken out.

    `image`: uint8[h, w, 3], RGB, its grid upright to within a fraction of a degree. `pixels_per_mm`: from its grid.
    `strength`: how many times the coverage counts; 2 for a pen so pale that its traces reach half of what print does.
    Returns uint8[h, w]: 0 where there is paper or grid, 255 where a pixel is fully covered; the grey levels of edges
    are proportional to coverage.
    """
    image = _calm(image)
    paper = _paper(image, pixels_per_mm)
    weights = _ink_weights(image, paper, pixels_per_mm)
    if weights is None:
        return np.zeros(image.shape[:2], np.uint8)
    coverage = _coverage(image, paper, np.float32(strength) * weights)
    coverage = _without_grid(coverage, pixels_per_mm)
    return _without_specks(coverage, pixels_per_mm)


def _calm(image: U8) -> U8:
    """The image, smoothed just so much that its white noise falls to NOISE_LEFT."""
    # A Gaussian of this width leaves 1 / (2 sqrt(pi) sigma) of white noise's amplitude.
    sigma = min(_noise(image) / NOISE_LEFT / (2 * float(np.sqrt(np.pi))), WIDEST_SMOOTHING_PX)
    if sigma < LEAST_SMOOTHING_PX:
        return image
    return cv2.GaussianBlur(image, (0, 0), sigma).astype(np.uint8, copy=False)


def _noise(image: U8) -> float:
    """White noise of the image, grey levels rms (Immerkær 1996, by the median): its mask is blind to upright lines."""
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    rows = np.linspace(0, max(len(image) - NOISE_ROWS, 0), NOISE_BANDS).astype(int)
    green = np.concatenate([cv2.filter2D(image[y : y + NOISE_ROWS, :, 1], cv2.CV_32F, mask)[1:-1] for y in rows])
    return float(np.median(np.abs(green))) / 0.6745 / 6


def _paper(image: U8, pixels_per_mm: float) -> F32:
    """Local paper colour, float32[bh, bw, 3], one value a block."""
    height, width = image.shape[:2]
    block = max(round(PAPER_BLOCK_MM * pixels_per_mm), 4)
    rows, columns = max(height // block, 1), max(width // block, 1)
    step = max(block // 12, 1)  # every block still gives over a hundred pixels
    fitted = cv2.resize(image, (columns * block // step, rows * block // step), interpolation=cv2.INTER_NEAREST)
    side = block // step
    fitted = fitted[: rows * side, : columns * side]
    if fitted.shape[0] < rows * side or fitted.shape[1] < columns * side:
        fitted = cv2.resize(fitted, (columns * side, rows * side), interpolation=cv2.INTER_NEAREST)
    blocks = fitted.reshape(rows, side, columns, side, 3).transpose(0, 2, 4, 1, 3).reshape(rows, columns, 3, -1)
    light = ranked(blocks.astype(np.uint8, copy=False), int(PAPER_QUANTILE * (blocks.shape[-1] - 1)))
    # A block full of print or dark blot borrows its neighbours' paper.
    return np.maximum(cv2.medianBlur(np.ascontiguousarray(light), 3).astype(np.float32), 12.0)


def _losses(image: U8, paper: F32, rows: range) -> F32:
    """Share of the paper's light that each channel loses in `rows`: float32[len(rows), w, 3], 0 on paper."""
    height, width = image.shape[:2]
    scale = np.array([[paper.shape[1] / width, 0, 0], [0, paper.shape[0] / height * rows.step, 0]])
    scale[0, 2] = scale[0, 0] / 2 - 0.5
    scale[1, 2] = paper.shape[0] / height * (rows.start + 0.5) - 0.5
    local = cv2.warpAffine(
        paper,
        scale,
        (width, len(rows)),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    losses: F32 = image[rows.start : rows.stop : rows.step].astype(np.float32)
    losses /= local
    return np.subtract(1.0, losses, out=losses)


def _ink_weights(image: U8, paper: F32, pixels_per_mm: float) -> F32 | None:
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
    return _losses(thin, paper[_share(inner, len(image), len(paper))], range(step // 2, len(thin), step))


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
        losses.append(_losses(part, part_paper, range(step // 2, len(part), step)))
        for weights, shades in ((None, least), (np.full(3, 1 / 3, np.float32), mean)):
            bare = _without_grid(_coverage(part, part_paper, weights), pixels_per_mm)
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


def _coverage(image: U8, paper: F32, weights: F32 | None) -> U8:
    """uint8[h, w]: the weighted loss of light; the least loss of any channel without weights."""
    height, width = image.shape[:2]
    coverage = np.empty((height, width), np.uint8)
    for top in range(0, height, BAND_ROWS):
        bottom = min(top + BAND_ROWS, height)
        losses = _losses(image, paper, range(top, bottom))
        band = least_channel(losses) if weights is None else cv2.transform(losses, weights[None])
        coverage[top:bottom] = np.clip(band * 255.0 + 0.5, 0, 255).astype(np.uint8)
    return coverage


def _without_grid(coverage: U8, pixels_per_mm: float) -> U8:
    """Takes straight periodic lines out as a layer below the ink."""
    across = _line_layer(coverage, pixels_per_mm)
    down = _line_layer(np.ascontiguousarray(coverage.T), pixels_per_mm)
    if max(across.max(initial=0), down.max(initial=0)) < 8:
        return coverage
    height, width = coverage.shape
    result = np.empty_like(coverage)
    down_full = cv2.resize(np.ascontiguousarray(down.T), (width, height), interpolation=cv2.INTER_LINEAR)
    for top in range(0, height, BAND_ROWS):
        bottom = min(top + BAND_ROWS, height)
        grid = cv2.resize(across[top:bottom], (width, bottom - top), interpolation=cv2.INTER_LINEAR)
        grid = np.maximum(grid, down_full[top:bottom])
        seen = coverage[top:bottom].astype(np.float32)
        bare = (seen - grid) * (255.0 / np.maximum(255.0 - grid, 40.0))
        result[top:bottom] = np.clip(bare + 0.5, 0, 255).astype(np.uint8)
    return result


def _line_layer(coverage: U8, pixels_per_mm: float) -> F32:
    """Grid lines along the rows: float32[h, tiles], grey level of the line in each row of each tile of columns."""
    height, width = coverage.shape
    tiles = max(round(width / (TILE_MM * pixels_per_mm)), 1)
    bounds = np.linspace(0, width, tiles + 1).astype(int)
    step = max(int(pixels_per_mm // 4), 1)
    profile = np.empty((height, tiles), np.float32)
    for tile in range(tiles):
        columns = coverage[:, bounds[tile] : bounds[tile + 1] : step]
        profile[:, tile] = ranked(columns, columns.shape[1] // 2)
    # A flat stretch of trace fills a tile's row as a line does, but nothing stands 5 and 10 mm above and below it.
    tolerant = cv2.dilate(profile, np.ones((3, 1), np.uint8))
    shifted = []
    for boxes in (-3, -2, -1, 1, 2, 3):
        rows = np.round(np.arange(height) + boxes * PERIOD_MM * pixels_per_mm).astype(int)
        inside = (rows >= 0) & (rows < height)
        copy = np.full_like(profile, np.nan)
        copy[inside] = tolerant[rows[inside]]
        shifted.append(copy)
    stack = np.stack(shifted)
    many = np.isfinite(stack).sum(axis=0) >= 3
    usual = np.where(many, np.nan_to_num(np.nanmedian(np.where(many, stack, 0.0), axis=0)), 0.0)
    # The same line falls differently on the pixels in each box: half as dark there is as good as equal.
    grid = np.minimum(profile, 2 * usual)
    heavy = _heavy_lines(coverage, profile - grid, usual, pixels_per_mm)
    return np.asarray(np.where(heavy[:, None], np.maximum(grid, tolerant), grid), np.float32)


def _heavy_lines(coverage: U8, left: F32, usual: F32, pixels_per_mm: float) -> NDArray[np.bool_]:
    """bool[h]: rows of lines of the grid that are drawn darker or wider than the others, every 25 mm, say.

    `left`: what the usual lines leave of the profile. They lie where other boxes have lines, and run across the whole
    sheet, its margins too; no trace does all that.
    """
    reach = np.ones((2 * HEAVY_REACH_PX + 1, 1), np.uint8)
    across = (cv2.dilate(left, reach[:3]) >= HEAVY_LEFT * 255).mean(axis=1) >= HEAVY_SHARE
    strongest = usual.max(axis=1)
    large = max(HEAVY * 255, LARGE_SHARE * float(np.quantile(strongest, 0.99)))  # 5 mm lines, not those of 1 mm
    in_place = cv2.dilate(strongest[:, None], reach)[:, 0] >= large
    marks = [round(side * pixels_per_mm) for side in MARGINS_MM]
    if marks[-1] >= coverage.shape[1]:
        return np.zeros(len(coverage), bool)
    through = np.ones(len(coverage), bool)
    for side in (coverage, coverage[:, ::-1]):
        dark = np.stack([np.median(side[:, a:b], axis=1) for a, b in itertools.pairwise(marks)]).max(axis=0)
        through &= cv2.dilate(dark[:, None], reach[:3])[:, 0] >= HEAVY * 255
    heavy = across & in_place & through
    lines = np.count_nonzero(np.diff(np.concatenate([[0], heavy.astype(np.int8)])) == 1)
    return np.asarray(heavy if lines >= FEWEST_HEAVY else np.zeros_like(heavy), bool)


def _without_specks(coverage: U8, pixels_per_mm: float) -> U8:
    """Keeps the grey edges of whatever holds surely inked pixels and is larger than a speck."""
    sure = (coverage >= SURE_INK * 255).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(sure, connectivity=8, ltype=cv2.CV_32S)
    size = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    keep = (size >= SPECK_MM * pixels_per_mm).astype(np.uint8)
    keep[0] = 0
    mask = cv2.dilate(keep[labels], np.ones((3, 3), np.uint8))
    kept: U8 = np.where(mask, coverage, np.uint8(0))
    return kept
