"""Lock-in on the grid: how far, in mm, each part of the sheet lies from where the present map says.

The contrast image is multiplied by exp(-2 pi i order u / 5 mm), u being the map's own millimetres at each pixel, and
averaged over a few squares: what remains is one slowly turning phase, the map's error there. All lines within the
average take part, so that the phase is good to a hundredth of a line spacing on a grid that the eye hardly sees.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree

from ecgdesk.page.gridmap import GridMap

SQUARE_MM = 5.0
FAINT = 0.2  # of the strongest tenth of the cells
COHERENT = 0.5  # cells whose neighbours agree less on the phase show no grid (noise alone gives about 0.2)

Array = NDArray[np.float32]
Complex = NDArray[np.complex64]
Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shift:
    """On cells of `cell` pixels from the image's origin: `mm` float64[rows, columns, 2], what to add to the map's
    (u, v), sure but for a constant; `weight` float64[rows, columns, 2], 0 where no grid is seen to 1."""

    mm: Matrix
    weight: Matrix
    cell: int

    @property
    def centres(self) -> tuple[Matrix, Matrix]:
        """Pixel positions x [1, columns], y [rows, 1] of the cells' middles."""
        rows, columns = self.weight.shape[:2]
        across, down = np.arange(columns, dtype=np.float64), np.arange(rows, dtype=np.float64)
        return (across[None, :] + 0.5) * self.cell, (down[:, None] + 0.5) * self.cell


def shift(contrast: Array, to_mm: GridMap, *, order: int, cell: int, average: float, unwrap: bool) -> Shift:
    """The map's error by the `order`-th harmonic of the 5 mm spacing, for both families of lines.

    `average`: standard deviation of the average in cells. With `unwrap` an error of several spacings is followed from
    cell to cell; without it, errors lie within half a spacing of the families' common offset.
    """
    height, width = contrast.shape
    padded = cv2.copyMakeBorder(contrast, 0, -height % cell, 0, -width % cell, cv2.BORDER_CONSTANT, value=0)
    x = np.arange(padded.shape[1], dtype=np.float32)[None, :] + 0.5
    y = np.arange(padded.shape[0], dtype=np.float32)[:, None] + 0.5
    turns = np.float32(2 * np.pi * order / SQUARE_MM)
    mm, weight = [], []
    for family in to_mm.at(x, y):
        wave = _averaged(padded.astype(np.float32, copy=False), family * turns, cell)
        mean = _blurred(wave, average)
        agreement = np.abs(mean) / (cv2.GaussianBlur(np.abs(wave), (0, 0), average) + 1e-6)
        trust = np.clip((agreement - COHERENT) / (1.0 - COHERENT), 0.0, 1.0)
        # The average carries the phase a little way off the sheet, where it agrees with itself but is faint.
        trust[np.abs(mean) < FAINT * float(np.quantile(np.abs(mean), 0.9))] = 0.0
        phase = _unwrapped(mean, trust) if unwrap else _about_mean(mean, trust)
        # The phase of the lines grows with u: a pixel further along than the map says shows a larger phase.
        mm.append(phase / turns)
        weight.append(trust)
    return Shift(
        mm=np.stack(mm, axis=-1).astype(np.float64), weight=np.stack(weight, axis=-1).astype(np.float64), cell=cell
    )


def _averaged(contrast: Array, phase: Array, cell: int) -> Complex:
    size = (contrast.shape[1] // cell, contrast.shape[0] // cell)
    real = cv2.resize(contrast * np.cos(phase), size, interpolation=cv2.INTER_AREA)
    imaginary = cv2.resize(contrast * np.sin(phase), size, interpolation=cv2.INTER_AREA)
    return (real - 1j * imaginary).astype(np.complex64)


def _blurred(wave: Complex, average: float) -> Complex:
    real = cv2.GaussianBlur(np.ascontiguousarray(wave.real), (0, 0), average)
    imaginary = cv2.GaussianBlur(np.ascontiguousarray(wave.imag), (0, 0), average)
    return (real + 1j * imaginary).astype(np.complex64)


def _about_mean(mean: Complex, trust: Array) -> Array:
    """Phase relative to the sheet's own, radians."""
    common = (mean * trust).sum()
    return np.asarray(np.angle(mean * np.conj(common)), np.float32)


def _unwrapped(mean: Complex, trust: Array) -> Array:
    """Phase followed from cell to cell over the surest neighbours; parts that hang together by no sure cell are each
    taken about the sheet's own phase."""
    rows, columns = mean.shape
    index = np.arange(rows * columns).reshape(rows, columns)
    pairs = np.concatenate(
        [
            np.stack([index[:, :-1].ravel(), index[:, 1:].ravel()]),
            np.stack([index[:-1].ravel(), index[1:].ravel()]),
        ],
        axis=1,
    )
    sure = np.minimum(trust.ravel()[pairs[0]], trust.ravel()[pairs[1]])
    pairs, sure = pairs[:, sure > 0], sure[sure > 0]
    graph = coo_matrix((2.0 - sure, (pairs[0], pairs[1])), shape=(index.size, index.size))
    tree = minimum_spanning_tree(graph)
    phase = np.angle(mean).ravel().astype(np.float64)
    _, part = connected_components(tree, directed=False)
    before = np.arange(phase.size)
    for label in np.unique(part[pairs[0]]):
        members = np.flatnonzero(part == label)
        start = int(members[np.argmax(trust.ravel()[members])])
        order, parents = breadth_first_order(tree, start, directed=False)
        before[order[1:]] = parents[order[1:]]
    turns = -np.round((phase - phase[before]) / (2 * np.pi))
    while (turns[before] != 0).any():  # of each cell and all before it: the way to look back doubles each time
        turns, before = turns + turns[before], before[before]
    phase += 2 * np.pi * turns
    return phase.reshape(rows, columns).astype(np.float32)
