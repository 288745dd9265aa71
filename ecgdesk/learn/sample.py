"""The sample sheet that comes with the program: a simulated ECG on a made page, of nobody.

`resources/sample/sample.png` is this function's output; it is committed, since the running desk imports nothing from
here.
"""

import io
from pathlib import Path

from PIL import Image

from ecgdesk.learn.pages import PageSpec, make_page
from ecgdesk.learn.simulator import RBBB, EcgSpec, simulate

DPI = 200.0
HEADER = ("SAMPLE, ONE     ID 000001     simulated, no patient",)


def write_sample(out: Path) -> None:
    """Writes the sample sheet as PNG: sinus rhythm at 72 bpm, PR 230 ms, QT 410 ms, right bundle branch block."""
    ecg = simulate(EcgSpec(rate=72.0, pr_ms=230.0, qt_ms=410.0, shape=RBBB, noise_uv=4.0, wander_mv=0.03, seed=1))
    page = make_page(ecg.signal, spec=PageSpec(dpi=DPI, header=HEADER), seed=1)
    encoded = io.BytesIO()
    Image.fromarray(page.image).save(encoded, "PNG", dpi=(DPI, DPI), optimize=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(encoded.getvalue())
