"""The made pages of the learning proof: 5 s of lead II on a strip of paper, of nobody.

| what | drawn at random from |
|---|---|
| rhythm | half sinus above 100 a minute (to 150), a quarter sinus from 50 to 100, a quarter paced from 50 to 100 |
| beat | QRS 80 to 110 ms, axis -20 to 80 degrees, R and T 0.7 to 1.4 of their usual size, PR 130 to 190 ms |
| disturbance | noise up to 15 uV rms, a baseline that wanders by up to 0.08 mV |
| paper and pen | five papers with their grids, a pen of 0.4 to 0.7 mm |

It is much less than a page of twelve leads: the small model sees it at 1.5 pixels a millimetre, at which whole sheets
could not be read, hence one strip and a pen thicker than a cart's 0.3 mm.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, Lead
from ecgdesk.learn.pages import make_page
from ecgdesk.learn.paper import PAPERS
from ecgdesk.learn.pens import Pen
from ecgdesk.learn.rhythms import Rhythm
from ecgdesk.learn.simulator import NORMAL, PACED_SHAPE, EcgSpec, Qrst, Simulated, simulate
from ecgdesk.learn.specification import PageSpec
from ecgdesk.learn.true_page import true_page
from ecgdesk.read.llama.picture import picture

FAST, PACED = "STACH", "PACE"
LABELS = (FAST, PACED)
SLOWEST, TACHYCARDIA, FASTEST = 50.0, 100.0, 150.0  # 1/min
SHOWN_S = 5.0
SHEET_MM = (142.0, 36.0)  # four times as wide as tall, as four tiles in a row are
DPI = 60.0
_PAPERS = PAPERS[:5]


@dataclass(frozen=True, eq=False)
class ProofPage:
    """`image`: uint8[h, w, 3], RGB, as the reader shows a page to the model. `holds`: the labels that are true."""

    number: int
    rate: float
    holds: frozenset[str]
    image: NDArray[np.uint8]


def proof_pages(count: int, *, seed: int, part: int) -> Iterator[ProofPage]:
    """The pages of one `part` of the proof; two parts have no page in common."""
    for number in range(count):
        yield _page(number, np.random.default_rng([seed, part, number]))


def _page(number: int, rng: np.random.Generator) -> ProofPage:
    fast, paced = number % 2 == 0, number % 4 == 1
    ecg = _heart(rng, fast=fast, paced=paced)
    begin = int(rng.integers(SAMPLING_RATE_HZ))
    spec = PageSpec(
        grid="1x1",
        rhythm=(),
        order=(Lead.II,),
        dpi=DPI,
        sheet_mm=SHEET_MM,
        tight=True,
        footer=False,
        paper=_PAPERS[int(rng.integers(len(_PAPERS)))],
        pen=Pen(width_mm=float(rng.uniform(0.4, 0.7))),
    )
    end = begin + round(SHOWN_S * SAMPLING_RATE_HZ)
    made = make_page(ecg.signal[:, begin:end], spec=spec, seed=int(rng.integers(2**31)))
    holds = frozenset(label for label, true in ((FAST, fast), (PACED, paced)) if true)
    return ProofPage(number, ecg.spec.rate, holds, picture(true_page(made)))


def _heart(rng: np.random.Generator, *, fast: bool, paced: bool) -> Simulated:
    slowest, fastest = (TACHYCARDIA, FASTEST) if fast else (SLOWEST, TACHYCARDIA)
    return simulate(
        EcgSpec(
            rate=float(rng.uniform(slowest, fastest)),
            duration_s=SHOWN_S + 1.0,
            rhythm=Rhythm.PACED if paced else Rhythm.SINUS,
            shape=_beat(rng),
            ventricular=PACED_SHAPE,
            pr_ms=float(rng.uniform(130, 190)),
            noise_uv=float(rng.uniform(0, 15)),
            wander_mv=float(rng.uniform(0, 0.08)),
            seed=int(rng.integers(2**31)),
        )
    )


def _beat(rng: np.random.Generator) -> Qrst:
    size = float(rng.uniform(0.7, 1.4))
    return replace(
        NORMAL,
        qrs_ms=float(rng.uniform(80, 110)),
        qrs_axis=float(rng.uniform(-20, 80)),
        r=NORMAL.r.times(size),
        s=NORMAL.s.times(size),
        t=NORMAL.t.times(float(rng.uniform(0.7, 1.4))),
    )
