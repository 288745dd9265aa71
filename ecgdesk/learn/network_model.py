"""The networks: residual convolutions over the average beat, beside the row of measurements; 0.4 M weights.

Each says the five superclasses first and then the statements. An `Ensemble` is the mean of the logits of several.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

F32 = NDArray[np.float32]

WIDTHS = (48, 64, 96, 128)  # channels of the first layer and of each block

HIDDEN = 64  # of the measurements' branch
LIMIT = 4.0  # standard deviations; beyond, a measurement counts as this far out
KERNEL, FIRST_KERNEL = 5, 9


class Rows(nn.Module):  # type: ignore[misc]  # the base is untyped where torch is not installed
    """A row of measurements, scaled, absent ones zero, beside the mask of those present: float32[n, 2 f]."""

    middle: Tensor
    scale: Tensor

    def __init__(self, rows: F32) -> None:
        super().__init__()
        low, middle, high = np.nanpercentile(rows.reshape(-1, rows.shape[-1]), [10, 50, 90], axis=0)
        self.register_buffer("middle", torch.tensor(middle, dtype=torch.float32))
        self.register_buffer("scale", torch.tensor(np.maximum((high - low) / 2.56, 1e-3), dtype=torch.float32))

    def forward(self, rows: Tensor) -> Tensor:
        there = ~torch.isnan(rows)
        scaled = (torch.where(there, rows, self.middle) - self.middle) / self.scale
        return torch.cat([scaled.clamp(-LIMIT, LIMIT), there.float()], dim=1)


class _Block(nn.Module):  # type: ignore[misc]
    def __init__(self, wide_in: int, wide_out: int, drop: float) -> None:
        super().__init__()
        half = KERNEL // 2
        self.first = nn.Conv1d(wide_in, wide_out, KERNEL, stride=2, padding=half, bias=False)
        self.first_norm = nn.BatchNorm1d(wide_out)
        self.second = nn.Conv1d(wide_out, wide_out, KERNEL, padding=half, bias=False)
        self.second_norm = nn.BatchNorm1d(wide_out)
        self.skip = nn.Sequential(nn.AvgPool1d(2, 2, ceil_mode=True), nn.Conv1d(wide_in, wide_out, 1, bias=False))
        self.drop = nn.Dropout(drop)

    def forward(self, seen: Tensor) -> Tensor:
        inner = torch.relu(self.first_norm(self.first(seen)))
        inner = self.second_norm(self.second(self.drop(inner)))
        return torch.relu(inner + self.skip(seen))


class _Trunk(nn.Module):  # type: ignore[misc]
    """float32[n, 24, w] to the mean and the maximum over time of its last layer: float32[n, size]."""

    def __init__(self, drop: float = 0.1) -> None:
        super().__init__()
        self.size = 2 * WIDTHS[-1]
        self.stem = nn.Sequential(
            nn.Conv1d(24, WIDTHS[0], FIRST_KERNEL, stride=2, padding=FIRST_KERNEL // 2, bias=False),
            nn.BatchNorm1d(WIDTHS[0]),
            nn.ReLU(),
        )
        self.blocks = nn.Sequential(*(_Block(a, b, drop) for a, b in pairwise(WIDTHS)))

    def forward(self, seen: Tensor) -> Tensor:
        hidden = self.blocks(self.stem(seen))
        return torch.cat([hidden.mean(dim=2), hidden.amax(dim=2)], dim=1)


class ReaderNet(nn.Module):  # type: ignore[misc]
    """Logits float32[n, outputs] from average beats float32[n, 24, w] and scaled rows (see Rows)."""

    def __init__(self, measurements: int, outputs: int, drop: float = 0.3) -> None:
        super().__init__()
        self.trunk = _Trunk()
        self.rows = nn.Sequential(
            nn.Linear(2 * measurements, HIDDEN), nn.BatchNorm1d(HIDDEN), nn.ReLU(), nn.Dropout(drop)
        )
        self.head = nn.Sequential(
            nn.Dropout(drop),
            nn.Linear(self.trunk.size + HIDDEN, 128),
            nn.ReLU(),
            nn.Dropout(drop),
            nn.Linear(128, outputs),
        )

    def forward(self, beat: Tensor, rows: Tensor) -> Tensor:
        return self.head(torch.cat([self.trunk(beat), self.rows(rows)], dim=1))


class Ensemble(nn.Module):  # type: ignore[misc]
    """The mean logits of several networks, each with the scaling of its own rows."""

    def __init__(self, members: Sequence[tuple[Rows, ReaderNet]]) -> None:
        super().__init__()
        self.scalings = nn.ModuleList(rows for rows, _ in members)
        self.networks = nn.ModuleList(network for _, network in members)

    def forward(self, beat: Tensor, rows: Tensor) -> Tensor:
        each = [net(beat, scaling(rows)) for scaling, net in zip(self.scalings, self.networks, strict=True)]
        return torch.stack(each).mean(dim=0)
