"""A sheet without a visible grid: its scale from the file's resolution or the paper's size, its skew from the rows."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.figure import How
from ecgdesk.page.contrast import least_channel, reduced
from ecgdesk.page.gridmap import GridMap

MM_PER_INCH = 25.4
SCREEN_DPI = 96.0  # programs write 72 or 96 when they know nothing of the paper
PAPER_MM = ((297.0, 210.0), (279.4, 215.9))  # A4, Letter, lying
ASPECT_REACH = 0.03
USUAL_STRIP_MM = 265.0  # 10 s at 25 mm/s, the pulse and a margin
SKEW_DEGREES = np.arange(-8.0, 8.01, 0.25)
SKEW_SIDE = 800  # pixels

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Guess:
    """`to_mm`: from scan pixels; `how`: from where the scale comes; `doubt`: what to tell the user."""

    to_mm: GridMap
    how: How
    doubt: str


def guess(image: NDArray[np.uint8], dpi: tuple[float, float] | None) -> Guess:
    """The likeliest map of a sheet uint8[h, w, 3] on which no grid is found."""
    height, width = image.shape[:2]
    if dpi is not None and min(dpi) > SCREEN_DPI:
        scale = np.array([dpi[0], dpi[1]]) / MM_PER_INCH
        how = How.PRINTED
        doubt = (
            f"No grid is found: the scale rests on the {dpi[0]:.0f} dpi that the file states; "
            "check times and voltages against the calibration pulse."
        )
    else:
        scale = np.full(2, _assumed(width, height))
        how = How.ASSUMED
        doubt = (
            "No grid is found and the file states no resolution: the scale is assumed from the sheet's size; "
            "check times and voltages against the calibration pulse."
        )
    angle = np.deg2rad(_skew(image))
    turn = np.array([[np.cos(angle), np.sin(angle), 0.0], [-np.sin(angle), np.cos(angle), 0.0], [0.0, 0.0, 1.0]])
    return Guess(GridMap(np.diag([1 / scale[0], 1 / scale[1], 1.0]) @ turn), how, doubt)


def _assumed(width: int, height: int) -> float:
    """Pixels per mm if this were a whole sheet of a usual size, else a usual strip."""
    long, short = max(width, height), min(width, height)
    for paper_long, paper_short in PAPER_MM:
        if abs(long / short / (paper_long / paper_short) - 1.0) < ASPECT_REACH:
            return long / paper_long
    return long / USUAL_STRIP_MM


def _skew(image: NDArray[np.uint8]) -> float:
    """Degrees by which the rows, of traces and of print, fall to the right; 0 where that is not clear."""
    small = least_channel(reduced(image, scale=SKEW_SIDE / max(image.shape)))
    dark = 255 - small
    ink = cv2.subtract(dark, cv2.blur(dark, (25, 25)))
    height, width = ink.shape
    energy = []
    for angle in SKEW_DEGREES:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(angle), 1.0)
        rows = cv2.warpAffine(ink, turn, (width, height)).sum(axis=1, dtype=np.float64)
        energy.append(float((np.diff(rows) ** 2).sum()))
    best = int(np.argmax(energy))
    clear = energy[best] > 1.2 * energy[int(np.argmin(np.abs(SKEW_DEGREES)))]
    return float(SKEW_DEGREES[best]) if clear else 0.0
