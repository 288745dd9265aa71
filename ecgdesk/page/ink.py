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

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.page.contrast import ranked
from ecgdesk.page.gridlines import without_grid
from ecgdesk.page.ink_colour import ink_weights
from ecgdesk.page.taken_light import coverage_of

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]

PAPER_BLOCK_MM = 2.5  # half a large grid box: small enough for a crease, large enough to hold paper beside any trace
PAPER_QUANTILE = 0.8
SURE_INK = 0.25  # coverage from which a pixel cannot be noise of the paper
SPECK_MM = 0.65  # print and trace have no parts smaller than this; grid dots and scan dust do
NOISE_LEFT = 5.0  # grey levels rms that do the trace no harm: little more than the paper of a clean scan shows
WIDEST_SMOOTHING_PX = 1.2  # more would cost thin steep strokes more than noise does
LEAST_SMOOTHING_PX = 0.35  # below it a Gaussian does nothing
NOISE_BANDS, NOISE_ROWS = 12, 24  # a dozen narrow bands of a sheet tell its noise


def ink(image: U8, *, pixels_per_mm: float, strength: float = 1.0) -> U8:
    """Coverage of each pixel by dark trace or print, grid and paper taken out.

    `image`: uint8[h, w, 3], RGB, its grid upright to within a fraction of a degree. `pixels_per_mm`: from its grid.
    `strength`: how many times the coverage counts; 2 for a pen so pale that its traces reach half of what print does.
    Returns uint8[h, w]: 0 where there is paper or grid, 255 where a pixel is fully covered; the grey levels of edges
    are proportional to coverage.
    """
    image = _calm(image)
    paper = _paper(image, pixels_per_mm)
    weights = ink_weights(image, paper, pixels_per_mm)
    if weights is None:
        return np.zeros(image.shape[:2], np.uint8)
    coverage = coverage_of(image, paper, np.float32(strength) * weights)
    coverage = without_grid(coverage, pixels_per_mm)
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
