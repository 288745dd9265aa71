"""Trains the refiner of traces: a small one-dimensional network from column features to the trace's rows.

`train_tracer(signals, out)` draws its own pages on all cores, trains on one, measures on pages of other records, and
writes `tracer.onnx`, its checksum and its card to `out`. One seed, one set of installed fonts and one version of torch
give one network.

The network: residual convolutions over columns; for each column the trace's offset from the run's middle at OUTPUTS
times, and the logarithm of the variance that it expects of its own error. The loss is the logarithm of the error's
power over the signal's, strip by strip, so that a small lead counts as much as a large one.
"""

import hashlib
import logging
import sys
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ecgdesk import offline
from ecgdesk.learn.labelled_records import labelled_records
from ecgdesk.learn.tracer_data import Example, examples
from ecgdesk.trace.features import FEATURES, OUTPUTS

log = logging.getLogger(__name__)

F32 = NDArray[np.float32]

WIDTH = 48
DILATIONS = (1, 2, 4, 8, 4, 2, 1)
WINDOW = 384  # columns of a training window
BATCH = 16
PEAK_RATE = 1e-3
GRADIENT_NORM = 0.5
EVERY = 4  # a quarter of PTB-XL's training records: half an hour of two cores
SPREADS = (-6.0, 7.0)  # logarithms of the variances that can be forecast, px²: 0.05 to 33 px
LEAST_POWER_PX2 = 2e-3  # below this the error is the rounding of the ink, not worth learning
AROUND = 9  # columns over which an error's power is averaged before it is forecast
UPSIDE_DOWN = (1, 0, 2, 3, 4, 6, 5, 7, 8, 9, 10, 11, 12, 13, 14)  # order of the features in a mirrored strip
UPSIDE_DOWN_SIGN = (-1, -1, 1, 1, -1, 1, 1, -1, -1, -1, 1, 1, 1, 1, 1)
BACKWARDS = (0, 1, 2, 3, 4, 5, 6, 7, 9, 8, 10, 11, 12, 13, 14)
BACKWARDS_SIGN = (1, 1, 1, 1, 1, 1, 1, 1, -1, -1, 1, 1, 1, 1, 1)


class TracerNet(nn.Module):  # type: ignore[misc]  # the base is untyped where torch is not installed
    """float32[n, FEATURES, w] to float32[n, OUTPUTS + 1, w]; 91,000 weights, it sees 46 columns to each side."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(FEATURES, WIDTH, 5, padding=2)
        self.layers = nn.ModuleList(nn.Conv1d(WIDTH, WIDTH, 5, padding=2 * d, dilation=d) for d in DILATIONS)
        self.rows = nn.Conv1d(WIDTH, OUTPUTS, 1)
        self.spread = nn.Sequential(nn.Conv1d(WIDTH, WIDTH // 2, 5, padding=2), nn.ReLU(), nn.Conv1d(WIDTH // 2, 1, 1))
        nn.init.zeros_(self.rows.weight)

    def forward(self, seen: Tensor) -> Tensor:
        hidden = self.first(seen)
        for layer in self.layers:
            hidden = hidden + layer(torch.relu(hidden))
        hidden = torch.relu(hidden)
        # The forecast of the error reads the layers but does not shape them: it must not cost the signal.
        return torch.cat([self.rows(hidden), self.spread(hidden.detach()).clamp(*SPREADS)], dim=1)


def train_tracer(signals: Sequence[F32], out: Path, *, held_out: int = 50, seed: int = 5, epochs: int = 30) -> None:
    """Trains on pages of `signals` (float32[12, n], mV at 500 Hz) but the last `held_out`, measures on those."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    started = time.monotonic()
    made = list(examples(signals[:-held_out], seed=seed))
    tests = list(examples(signals[-held_out:], seed=seed + 1))
    log.info("%d pages in %.0f s", len(made) + len(tests), time.monotonic() - started)
    network = TracerNet()
    fit(network, [e for page in made for e in page], epochs=epochs, seed=seed)
    metrics = measure(network, [e for page in tests for e in page])
    log.info("trained in %.0f s: %s", time.monotonic() - started, metrics)
    write(network, out, metrics, pages=len(made))


def main(arguments: Sequence[str]) -> None:
    """`python -m ecgdesk.learn.train_tracer RECORDS OUT`: every fourth record of the folder RECORDS is drawn."""
    offline.guard()
    records, out = map(Path, arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    signals = [record.signal for record in islice(labelled_records(records), 0, None, EVERY)]
    train_tracer(signals, out)


def fit(network: TracerNet, strips: Sequence[Example], *, epochs: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps = epochs * (len(strips) // BATCH)
    optimiser = torch.optim.AdamW(network.parameters(), lr=PEAK_RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, total_steps=steps, pct_start=0.1)
    parts = ([p for n, p in network.named_parameters() if "spread" not in n], list(network.spread.parameters()))
    network.train()
    for epoch in range(epochs):
        order, losses = rng.permutation(len(strips)), []
        for first in range(0, len(strips) // BATCH * BATCH, BATCH):
            seen, offsets, middle = _batch([strips[i] for i in order[first : first + BATCH]], rng)
            loss = _loss(network(seen), offsets, middle)
            optimiser.zero_grad()
            loss.backward()
            for part in parts:
                nn.utils.clip_grad_norm_(part, GRADIENT_NORM)
            optimiser.step()
            schedule.step()
            losses.append(float(loss.detach()))
        log.info("epoch %d: %.3f", epoch + 1, np.mean(losses))


def _batch(strips: Sequence[Example], rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
    seen = np.zeros((len(strips), FEATURES, WINDOW), np.float32)
    offsets = np.full((len(strips), OUTPUTS, WINDOW), np.nan, np.float32)
    middle = np.zeros((len(strips), WINDOW), np.float32)
    for row, strip in enumerate(strips):
        begin = int(rng.integers(0, max(strip.seen.shape[1] - WINDOW, 0) + 1))
        part = slice(begin, begin + WINDOW)
        x, y, m = strip.seen[:, part], strip.offsets[:, part], strip.middle[part]
        if rng.random() < 0.5:
            x, y, m = x[list(UPSIDE_DOWN)] * np.array(UPSIDE_DOWN_SIGN, np.float32)[:, None], -y, -m
        if rng.random() < 0.5:
            x = x[list(BACKWARDS), ::-1] * np.array(BACKWARDS_SIGN, np.float32)[:, None]
            y, m = y[::-1, ::-1], m[::-1]
        seen[row, :, : x.shape[1]], offsets[row, :, : x.shape[1]], middle[row, : x.shape[1]] = x, y, m
    return torch.from_numpy(seen), torch.from_numpy(offsets), torch.from_numpy(middle)


def _loss(answer: Tensor, offsets: Tensor, middle: Tensor) -> Tensor:
    known = torch.isfinite(offsets)
    count = known.sum(dim=(1, 2)).clamp(min=1)

    def mean(values: Tensor) -> Tensor:
        return torch.where(known, values, 0.0).sum(dim=(1, 2)) / count

    truth = torch.where(known, offsets, 0.0)
    rows = truth + middle[:, None, :]
    error = answer[:, :OUTPUTS] - truth
    error = error - mean(error)[:, None, None]
    power = mean((rows - mean(rows)[:, None, None]) ** 2)
    signal = torch.log((mean(error**2) + LEAST_POWER_PX2) / (power + LEAST_POWER_PX2))
    return (signal + _forecast_loss(answer[:, OUTPUTS], error.detach(), known)).mean()


def _forecast_loss(spread: Tensor, error: Tensor, known: Tensor) -> Tensor:
    """Squared distance of the forecast to the logarithm of the error's power around each column, strip by strip.

    In logarithms one strip that followed the wrong ink does not outweigh all others, as it would in a likelihood.
    """
    count = known.sum(dim=1).float()
    power = torch.where(known, error**2, 0.0).sum(dim=1)
    around = [nn.functional.avg_pool1d(one[:, None], AROUND, 1, AROUND // 2)[:, 0] for one in (power, count)]
    target = torch.log(around[0] / around[1].clamp(min=1e-6) + LEAST_POWER_PX2).clamp(*SPREADS)
    here = count > 0
    return torch.where(here, (spread - target) ** 2, 0.0).sum(dim=1) / here.sum(dim=1).clamp(min=1)


def measure(network: TracerNet, strips: Sequence[Example]) -> dict[str, float]:
    """Signal-to-noise ratio over whole strips, dB, and the rank correlation of its own forecast with it."""
    network.eval()
    found, forecast = [], []
    for strip in strips:
        with torch.no_grad():
            answer = network(torch.from_numpy(strip.seen[None]))[0].numpy()
        error = answer[:OUTPUTS] - strip.offsets
        power = float(np.nanvar(strip.offsets + strip.middle))
        found.append(10 * np.log10(power / np.nanvar(error)))
        forecast.append(10 * np.log10(np.var(answer[:OUTPUTS] + strip.middle) / np.exp(answer[OUTPUTS]).mean()))
    ranks = np.corrcoef(np.argsort(np.argsort(found)), np.argsort(np.argsort(forecast)))[0, 1]
    names = ("p10_db", "median_db", "p90_db")
    return {
        **{name: float(np.quantile(found, q)) for name, q in zip(names, (0.1, 0.5, 0.9), strict=True)},
        "share_below_8_db": float(np.mean(np.array(found) < 8)),
        "forecast_rank_correlation": float(ranks),
    }


def write(network: TracerNet, out: Path, metrics: dict[str, float], *, pages: int) -> None:
    out.mkdir(parents=True, exist_ok=True)
    path = out / "tracer.onnx"
    network.eval()
    torch.onnx.export(
        network,
        (torch.zeros(1, FEATURES, 256),),
        str(path),
        input_names=["seen"],
        output_names=["rows"],
        dynamic_axes={"seen": {0: "n", 2: "w"}, "rows": {0: "n", 2: "w"}},
        dynamo=False,
    )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (out / "tracer.onnx.sha256").write_text(f"{digest}  tracer.onnx\n", encoding="utf-8")
    (out / "README.md").write_text(_card(metrics, pages), encoding="utf-8")


def _card(metrics: dict[str, float], pages: int) -> str:
    weights = sum(p.numel() for p in TracerNet().parameters())
    table = "\n".join(f"| {name} | {value:.2f} |" for name, value in metrics.items())
    return f"""# tracer.onnx

Refines a trace: from the edges of the ink in each column of a strip to the trace's rows, {OUTPUTS} a column, and the
logarithm of the variance that it expects of its error. {weights:,} weights. Made by `ecgdesk/learn/train_tracer.py`.

- Input `seen`: float32[n, {FEATURES}, w], see `ecgdesk/trace/features.py`.
- Output `rows`: float32[n, {OUTPUTS + 1}, w].

## Data
{pages} pages drawn by `ecgdesk/learn/pages.py` (mixed layouts, papers, pens, resolutions and handling) from records of
PTB-XL's folds 1 to 9: Wagner et al., "PTB-XL, a large publicly available electrocardiography dataset", Scientific
Data 7, 154 (2020), CC BY 4.0.

## Measured
On strips of pages of other records, drawn by the same page maker (which flatters):

| what | |
|---|---|
{table}

## Limits
It refines what the path through the ink found; where the path takes the wrong ink, it can only say so.
"""


if __name__ == "__main__":
    main(sys.argv[1:])
