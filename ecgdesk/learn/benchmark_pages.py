"""How well the page room understands made sheets, kind by kind: layout, names, speed, gain, scale and geometry.

`python -m ecgdesk.learn.benchmark_pages OUT --each 3` measures it on simulated recordings.
"""

import argparse
import csv
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import Lead
from ecgdesk.ecg.page import Page, Sheet, Strip
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.learn.page_kinds import KINDS, ordinary
from ecgdesk.learn.pages import MadePage, make_page
from ecgdesk.learn.simulator import EcgSpec, simulate
from ecgdesk.page.understand import understand

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

_RATES = (48.0, 60.0, 72.0, 90.0, 115.0)  # bpm of the simulated recordings
_SAME_PLACE = 0.5  # of a strip's length: a found strip that overlaps a true one by so much is meant to be it
_SAME_ROW_MM = 6.0
_GAIN_TRUE = 0.02
_KNOWN_POINTS_MM = 15.0  # spacing of the known points


@dataclass(frozen=True)
class Judgement:
    """One made sheet. `names`: share of its strips found in their place under their name. `invented`: found leads that
    the sheet does not show. `ends_mm`: median distance of found strips' beginnings from the true ones. `scale`:
    relative error of the time scale. `off_mm`, `off95_mm`: distance of known points of the paper from where the page
    has them, once page and paper are laid on each other by shift and turn alone: median, 95th percentile."""

    kind: str
    number: int
    refused: str
    layout: bool
    names: float
    invented: int
    speed: bool
    gain: bool
    ends_mm: float
    scale: float
    off_mm: float
    off95_mm: float


def benchmark_pages(signals: Sequence[F32], out: Path, *, each: int = 3, kinds: Iterable[str] = KINDS) -> None:
    """Writes `out/pages.csv`, a line a sheet, and `out/kinds.txt`, a line a kind. `signals`: float32[12, n], mV."""
    judged = [judge(kind, number, made_page(kind, number, signals)) for kind in kinds for number in range(each)]
    out.mkdir(parents=True, exist_ok=True)
    with (out / "pages.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Judgement)])
        writer.writeheader()
        writer.writerows(asdict(one) for one in judged)
    (out / "kinds.txt").write_text(table(judged), encoding="utf-8")


def made_page(kind: str, number: int, signals: Sequence[F32]) -> MadePage:
    """The `number`-th sheet of a kind; the same for the same signals."""
    rng = np.random.default_rng((zlib.crc32(kind.encode()), number))
    spec = KINDS[kind](ordinary(rng), rng)
    signal = signals[int(rng.integers(len(signals)))]
    return make_page(signal, spec=spec, seed=int(rng.integers(2**31)))


def judge(kind: str, number: int, made: MadePage) -> Judgement:
    """What the page room makes of a made sheet, against the truth."""
    try:
        page = understand(Sheet(made.image, kind))
    except Refusal as refusal:
        nan = float("nan")
        return Judgement(kind, number, str(refusal), False, 0.0, 0, False, False, nan, nan, nan, nan)
    to_sheet, scale, off = _laid_on(page, made)
    pairs = [(true, found) for true in made.layout.strips if (found := _found(true, page, to_sheet)) is not None]
    named = [(true, found) for true, found in pairs if true.lead is found.lead and true.rhythm == found.rhythm]
    begins = [abs(_place(found, to_sheet)[0] - true.x0_mm) for true, found in named]
    return Judgement(
        kind=kind,
        number=number,
        refused="",
        layout=page.layout.name == made.layout.name and _order(page.layout.strips) == _order(made.layout.strips),
        names=len(named) / len(made.layout.strips),
        invented=len(page.layout.leads - made.layout.leads),
        speed=page.speed.value == made.spec.speed,
        gain=bool(named) and all(_same_gain(true, found) for true, found in named),
        ends_mm=float(np.median(begins)) if begins else float("nan"),
        scale=scale,
        off_mm=float(np.median(off)),
        off95_mm=float(np.quantile(off, 0.95)),
    )


def table(judged: Sequence[Judgement]) -> str:
    """A line a kind: counts of sheets right, medians of what is measured in millimetres."""
    head = f"{'kind':26}{'n':>4}{'refused':>8}{'layout':>7}{'names':>7}{'invented':>9}{'speed':>6}{'gain':>5}"
    lines = [head + f"{'begin mm':>9}{'scale %':>9}{'off mm':>8}{'95 %':>7}"]
    for kind in [*dict.fromkeys(one.kind for one in judged), ""]:
        some = [one for one in judged if kind in ("", one.kind)]
        read = [one for one in some if not one.refused]
        counts = (len(some), len(some) - len(read), sum(o.layout for o in some))
        lines.append(
            f"{kind or 'all':26}{counts[0]:4}{counts[1]:8}{counts[2]:7}{np.mean([o.names for o in some]):7.0%}"
            f"{sum(o.invented > 0 for o in some):9}{sum(o.speed for o in some):6}{sum(o.gain for o in some):5}"
            f"{_median([o.ends_mm for o in read]):9.2f}{100 * _median([abs(o.scale) for o in read]):9.4f}"
            f"{_median([o.off_mm for o in read]):8.3f}{_median([o.off95_mm for o in read]):7.3f}"
        )
    return "\n".join(lines) + "\n"


def _median(values: Sequence[float]) -> float:
    finite = [value for value in values if np.isfinite(value)]
    return float(np.median(finite)) if finite else float("nan")


def _laid_on(page: Page, made: MadePage) -> tuple[F64, float, F64]:
    """(float64[2, 3] from page mm to sheet mm by shift and turn alone, relative error of the time scale, distances of
    known points in mm)."""
    width, height = made.spec.sheet_mm
    x, y = np.meshgrid(np.arange(10, width - 5, _KNOWN_POINTS_MM), np.arange(10, height - 5, _KNOWN_POINTS_MM))
    sheet = np.stack([x.ravel(), y.ravel()])
    seen_x, seen_y = made.to_pixels(sheet[0], sheet[1])
    found = np.stack(page.from_scan(seen_x, seen_y))
    middle_page, middle_sheet = (points.mean(axis=1, keepdims=True) for points in (found, sheet))
    u, _, v = np.linalg.svd((sheet - middle_sheet) @ (found - middle_page).T)
    turn = u @ np.diag([1.0, np.linalg.det(u @ v)]) @ v
    to_sheet = np.concatenate([turn, middle_sheet - turn @ middle_page], axis=1)
    laid = to_sheet[:, :2] @ found + to_sheet[:, 2:]
    slope = float(np.polyfit(sheet[0], laid[0], 1)[0])
    return to_sheet, slope - 1.0, np.hypot(*(laid - sheet))


def _place(strip: Strip, to_sheet: F64) -> tuple[float, float, float]:
    """Begin, end and height of a found strip on the sheet."""
    x0, y0 = to_sheet @ np.array([strip.x0_mm, strip.baseline_mm, 1.0])
    x1, _ = to_sheet @ np.array([strip.x1_mm, strip.baseline_mm, 1.0])
    return float(x0), float(x1), float(y0)


def _found(true: Strip, page: Page, to_sheet: F64) -> Strip | None:
    for strip in page.layout.strips:
        x0, x1, y = _place(strip, to_sheet)
        common = min(x1, true.x1_mm) - max(x0, true.x0_mm)
        alike = common > _SAME_PLACE * max(true.x1_mm - true.x0_mm, x1 - x0)
        if alike and abs(y - true.baseline_mm) < _SAME_ROW_MM:
            return strip
    return None


def _order(strips: Sequence[Strip]) -> list[tuple[Lead, bool, bool]]:
    return [(strip.lead, strip.rhythm, strip.inverted) for strip in strips]


def _same_gain(true: Strip, found: Strip) -> bool:
    return abs((found.gain.value or 0.0) / (true.gain.value or 1.0) - 1) < _GAIN_TRUE


def main() -> None:
    """Measures all kinds, or those that are named, and prints the table."""
    parser = argparse.ArgumentParser(description="how well made sheets of many kinds are understood")
    parser.add_argument("out", type=Path)
    parser.add_argument("--each", type=int, default=3, help="sheets of each kind")
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    options = parser.parse_args()
    signals = [simulate(EcgSpec(rate=rate, noise_uv=5.0, wander_mv=0.05, seed=1)).signal for rate in _RATES]
    benchmark_pages(signals, options.out, each=options.each, kinds=options.kinds)
    print((options.out / "kinds.txt").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
