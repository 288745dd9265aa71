"""A recording as it really comes back from paper: drawn on an ordinary sheet, and digitised by the program itself.

Slower by far than its likeness (`learn.network_paper`), and true: what the network is told of paper, its weights and
its thresholds rest on the errors that the digitiser makes.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.page import Sheet
from ecgdesk.ecg.recording import Recording
from ecgdesk.learn.network_paper import LAYOUTS, drawn
from ecgdesk.learn.page_kinds import ordinary
from ecgdesk.learn.pages import make_page
from ecgdesk.pipeline import digitise

F32 = NDArray[np.float32]

DPI = (150.0, 200.0)


def from_sheet(signal: F32, rng: np.random.Generator) -> Recording:
    """`signal`: float32[12, n], mV at 500 Hz. Raises Refusal for a sheet that the program cannot read."""
    (rows, columns), dpi = drawn(LAYOUTS, rng), float(rng.uniform(*DPI))
    plain = ordinary(rng)
    spec = replace(plain, grid=f"{rows}x{columns}", rhythm=plain.rhythm if columns > 1 else (), dpi=dpi)
    made = make_page(signal, spec=spec, seed=int(rng.integers(2**31)))
    _, recording = digitise(Sheet(made.image, name="sheet", dpi=(dpi, dpi)))
    return recording
