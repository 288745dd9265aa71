"""Looking at a report as a reader does: its text, and its pages as pixels."""

import numpy as np
import pypdfium2
from numpy.typing import NDArray

PIXELS_PER_MM = 10


def pages(pdf: bytes) -> list[str]:
    """The text of each page, white space as single spaces."""
    document = pypdfium2.PdfDocument(pdf)
    return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]


def text(pdf: bytes) -> str:
    return " ".join(pages(pdf))


def size_mm(pdf: bytes, page: int = 0) -> tuple[float, float]:
    width, height = pypdfium2.PdfDocument(pdf)[page].get_size()
    return width * 25.4 / 72, height * 25.4 / 72


def pixels(pdf: bytes, page: int = 0) -> NDArray[np.int16]:
    """int16[h, w, 3], RGB, PIXELS_PER_MM."""
    scale = PIXELS_PER_MM * 25.4 / 72
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()  # else the signature's field stays invisible
    image = document[page].render(scale=scale)
    return np.asarray(image.to_pil().convert("RGB"), dtype=np.int16)


def grid_lines(image: NDArray[np.int16]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centres of the bold grid lines in px: of the upright ones (x) and of the level ones (y)."""
    pink = (image[..., 0] > 200) & (image[..., 0] - image[..., 1] > 30) & (abs(image[..., 1] - image[..., 2]) < 12)
    top, bottom = np.flatnonzero(pink.sum(axis=1) > 1000)[[0, -1]]
    inside = pink[top : bottom + 1]
    return _centres(inside.mean(axis=0) > 0.6), top + _centres(inside.mean(axis=1) > 0.25)


def chart(image: NDArray[np.int16]) -> NDArray[np.int16]:
    """The picture within the grid's outer lines."""
    upright, level = grid_lines(image)
    return image[round(level[0]) : round(level[-1]) + 1, round(upright[0]) : round(upright[-1]) + 1]


def trace(image: NDArray[np.int16]) -> NDArray[np.bool_]:
    """bool[h, w]: the nearly black of traces, pulses and lead names."""
    return image.max(axis=2) < 60


def _centres(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return (edges[::2] + edges[1::2]) / 2.0
