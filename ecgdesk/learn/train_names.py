"""Trains the reader of lead names, speed and gain: a fully convolutional network over working ink.

`train_names(out)` draws its own training tiles (`name_tiles.py`), trains for a few minutes on one core, measures on
tiles of another seed, and writes `names.onnx`, its checksum and its card to `out`. One seed, one set of installed
fonts and one version of torch give one network.

Output of the network for every 4 x 4 working pixels: float32[1, len(PRINTED) + 1 + 4, h/4, w/4]: logits (the last
is "nothing"), then where the text's place (`Label`) is relative to this cell's (x, y, in cells) and the natural
logarithm of the text's width and height in working pixels.
"""

import hashlib
import logging
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ecgdesk.learn.name_tiles import TILE_H, TILE_W, Label, Tile, make_tile
from ecgdesk.learn.name_words import fonts
from ecgdesk.page.names import PRINTED, STRIDE

log = logging.getLogger(__name__)

NOTHING = len(PRINTED)
_NEAR_CELLS = 0.9  # cells this close to a text's centre must name it
_RING_CELLS = 2.0  # cells up to here may do as they like
_BATCH = 16
_PEAK_RATE = 3e-3
_GRADIENT_NORM = 1.0
_NOTHING_FIRST = 6.0  # logit of "nothing" before training: it is right for 99 cells in 100


class NameNet(nn.Module):  # type: ignore[misc]
    """52,000 weights; it sees 18 mm around each cell, enough for a whole "25 mm/sec"."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *_layer(1, 16, stride=2),
            *_layer(16, 32, stride=2),
            *_layer(32, 32),
            *_layer(32, 32),
            *_layer(32, 32, dilation=2),
            *_layer(32, 32, dilation=3),
            *_layer(32, 32, dilation=2),
            nn.Conv2d(32, len(PRINTED) + 1 + 4, 1),
        )
        with torch.no_grad():
            self.body[-1].bias[NOTHING] = _NOTHING_FIRST

    def forward(self, ink: Tensor) -> Tensor:
        """`ink`: float32[n, 1, h, w], 0..1, h and w multiples of STRIDE."""
        answer: Tensor = self.body(ink)
        return answer


def _layer(inputs: int, outputs: int, *, stride: int = 1, dilation: int = 1) -> tuple[nn.Module, ...]:
    conv = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=dilation, dilation=dilation, bias=False)
    return conv, nn.BatchNorm2d(outputs), nn.ReLU()


def train_names(out: Path, *, seed: int = 3, tiles: int = 20_000, epochs: int = 4) -> None:
    """Trains and writes `names.onnx`, `names.onnx.sha256` and `README.md` to the folder `out`."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    started = time.monotonic()
    rng = np.random.default_rng(seed)
    made = [make_tile(rng) for _ in range(tiles)]
    log.info("%d tiles in %.0f s, %d fonts", tiles, time.monotonic() - started, len(fonts()))
    network = NameNet()
    _fit(network, made, epochs=epochs, rng=rng)
    held_out_rng = np.random.default_rng(seed + 1)
    metrics = _measure(network, [make_tile(held_out_rng) for _ in range(1000)])
    log.info("trained in %.0f s: %s", time.monotonic() - started, metrics)
    out.mkdir(parents=True, exist_ok=True)
    _export(network, out / "names.onnx")
    digest = hashlib.sha256((out / "names.onnx").read_bytes()).hexdigest()
    (out / "names.onnx.sha256").write_text(f"{digest}  names.onnx\n", encoding="utf-8")
    (out / "README.md").write_text(_card(metrics, seed=seed, tiles=tiles, epochs=epochs), encoding="utf-8")


def _fit(network: NameNet, tiles: Sequence[Tile], *, epochs: int, rng: np.random.Generator) -> None:
    steps = epochs * (len(tiles) // _BATCH)
    optimiser = torch.optim.AdamW(network.parameters(), lr=_PEAK_RATE, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=_PEAK_RATE, total_steps=steps)
    network.train()
    for step in range(steps):
        if step % (len(tiles) // _BATCH) == 0:
            order = rng.permutation(len(tiles))
        first = step * _BATCH % (len(tiles) // _BATCH * _BATCH)
        batch = [tiles[i] for i in order[first : first + _BATCH]]
        ink = torch.from_numpy(np.stack([tile.image for tile in batch])[:, None].astype(np.float32) / 255)
        targets = [_target(tile.labels) for tile in batch]
        kinds = torch.from_numpy(np.stack([kind for kind, _ in targets]))
        boxes = torch.from_numpy(np.stack([box for _, box in targets]))
        with torch.autocast("cpu", dtype=torch.bfloat16):  # twice as fast on one core
            answer = network(ink)
        loss = _loss(answer.float(), kinds, boxes)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), _GRADIENT_NORM)
        optimiser.step()
        schedule.step()
        if step % 100 == 0:
            log.info("step %d of %d: loss %.3f", step, steps, loss.item())
    network.eval()


def _target(labels: Sequence[Label]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Kind of each cell (-1: it does not matter) and, near a text, its box as the network gives it."""
    height, width = TILE_H // STRIDE, TILE_W // STRIDE
    kinds = np.full((height, width), NOTHING, np.int64)
    boxes = np.zeros((4, height, width), np.float32)
    ys, xs = np.mgrid[:height, :width].astype(np.float32) + 0.5
    for label in labels:
        dx, dy = label.x / STRIDE - xs, label.y / STRIDE - ys
        distance = np.hypot(dx, dy)
        kinds[(distance < _RING_CELLS) & (kinds == NOTHING)] = -1
        near = distance < _NEAR_CELLS
        kinds[near] = label.kind
        size = np.full_like(dx, np.log(label.width)), np.full_like(dx, np.log(label.height))
        boxes[:, near] = np.stack([dx, dy, *size])[:, near]
    return kinds, boxes


def _loss(answer: Tensor, kinds: Tensor, boxes: Tensor) -> Tensor:
    logits, guess = answer[:, : NOTHING + 1], answer[:, NOTHING + 1 :]
    each = functional.cross_entropy(logits, kinds, ignore_index=-1, reduction="none")
    named = (kinds >= 0) & (kinds != NOTHING)
    # nothing is by far the most common answer: what is easy there counts little (focal loss, Lin et al. 2017)
    easy = 1 - torch.exp(-each.detach())
    nothing = (each * easy)[kinds == NOTHING].sum()
    total = (each[named].sum() + nothing) / named.sum().clamp(min=1)
    apart = functional.smooth_l1_loss(guess, boxes, reduction="none").sum(dim=1)
    return total + 0.5 * apart[named].sum() / named.sum().clamp(min=1)


def _measure(network: NameNet, tiles: Sequence[Tile]) -> dict[str, float]:
    """Share of printed names read right at their centre, read as another, missed; and false names a tile."""
    right = wrong = missed = false = 0
    with torch.no_grad():
        for tile in tiles:
            ink = torch.from_numpy(tile.image[None, None].astype(np.float32) / 255)
            best = network(ink)[0, : NOTHING + 1].argmax(dim=0).numpy()
            kinds, _ = _target(tile.labels)
            for label in tile.labels:
                row, column = int(label.y // STRIDE), int(label.x // STRIDE)
                if not (0 <= row < best.shape[0] and 0 <= column < best.shape[1]):
                    continue
                said = best[row, column]
                right += int(said == label.kind)
                missed += int(said == NOTHING)
                wrong += int(said not in (label.kind, NOTHING))
            false += int(((best != NOTHING) & (kinds == NOTHING)).sum())
    total = right + wrong + missed
    return {
        "right": right / total,
        "another": wrong / total,
        "missed": missed / total,
        "false_cells_a_tile": false / len(tiles),
    }


def _export(network: NameNet, path: Path) -> None:
    sample = torch.zeros(1, 1, TILE_H, TILE_W)
    torch.onnx.export(
        network,
        (sample,),
        str(path),
        input_names=["ink"],
        output_names=["answer"],
        dynamic_axes={"ink": {2: "height", 3: "width"}, "answer": {2: "rows", 3: "columns"}},
        opset_version=17,
        dynamo=False,
    )


def _card(metrics: dict[str, float], *, seed: int, tiles: int, epochs: int) -> str:
    version = torch.__version__.split("+")[0]
    return f"""# The reader of names

Reads lead names (I to V6), paper speed (25, 50 mm/s) and gain (5, 10, 20 mm/mV) in working ink of a page.

- Data: {tiles} tiles drawn by `ecgdesk/learn/name_tiles.py` in {len(fonts())} font files of Debian 12 (DejaVu,
  Liberation, FreeFont, URW base 35, Roboto, Open Sans, Carlito, Caladea, Inconsolata, Courier Prime, Anonymous Pro,
  3270, TeX Gyre) and six Hershey stroke fonts. No patient's data and no real scan is in it.
- Made by: `ecgdesk.learn.train_names.train_names(out)`, seed {seed}, {epochs} epochs, torch {version}, one core.
- On 1000 made tiles of another seed, at the centre of each printed text: read right {metrics["right"]:.1%}, read as
  another {metrics["another"]:.1%}, missed {metrics["missed"]:.1%}; false cells a tile of 32 x 38 mm:
  {metrics["false_cells_a_tile"]:.2f}. Many made names are fainter, smaller or more cut up than any on a fair scan.
"""
