"""How one network learns: few records, so much is varied and nothing is believed too firmly.

Each record is seen as it is or as one of its sheets; gain, noise, moments and leads vary; age and sex are hidden in
part, as on most sheets; records are mixed in pairs (mixup, Zhang et al., ICLR 2018). Statements are learned beside the
superclasses, where a record tells them. What is kept is the running mean of the weights.
"""

import copy
import logging
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from ecgdesk.learn.network_data import SUPERCLASSES, VARIANTS, Material
from ecgdesk.learn.network_model import ReaderNet, Rows
from ecgdesk.read.network.features import AGE, MALE

log = logging.getLogger(__name__)

F32 = NDArray[np.float32]

BATCH = 64
PEAK_RATE = 2e-3
WEIGHT_DECAY = 0.02
MIXUP = 0.2
STATEMENT_WEIGHT = 1.0
WHOLE_SHARE = 0.35  # of the records seen as they are, not as a sheet
HIDDEN_SHARE = 0.4  # of the records seen without age and sex
LOST_MEASUREMENTS = 0.05
GRADIENT_NORM = 1.0
MEMORY = 0.99  # of the running mean, a step
EPOCHS = 16
SHIFT = 5  # samples by which a beat may be moved


def fit(material: Material, train: NDArray[np.intp], seed: int, *, epochs: int = EPOCHS) -> tuple[Rows, ReaderNet]:
    """One network, trained on the records `train`; on one core, the same for the same seed."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    scaling = Rows(material.rows[train])
    network = ReaderNet(material.rows.shape[2], len(SUPERCLASSES) + len(material.codes))
    mean = copy.deepcopy(network)
    steps = len(train) // BATCH
    optimiser = torch.optim.AdamW(network.parameters(), lr=PEAK_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, total_steps=epochs * steps, pct_start=0.2)
    done = 0
    for epoch in range(epochs):
        network.train()
        order, losses = rng.permutation(train), []
        for step in range(steps):
            loss = _loss(network, scaling, _batch(material, order[step * BATCH : (step + 1) * BATCH], rng))
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), GRADIENT_NORM)
            optimiser.step()
            schedule.step()
            done += 1
            _remember(mean, network, min(MEMORY, 1 - 1 / done))
            losses.append(float(loss.detach()))
        log.info("epoch %d: %.3f", epoch + 1, np.mean(losses))
    return scaling, mean.eval()


def answers(member: tuple[Rows, ReaderNet], material: Material, records: NDArray[np.intp]) -> F32:
    """Logits float32[len(records), VARIANTS, labels] of every variant."""
    scaling, network = member
    said = []
    with torch.no_grad():
        for record in records:
            rows = scaling(torch.from_numpy(material.rows[record]))
            said.append(network(torch.from_numpy(material.beat[record].astype(np.float32)), rows).numpy())
    return np.stack(said)


@dataclass(frozen=True, eq=False)
class _Batch:
    beats: Tensor
    rows: Tensor
    superclasses: Tensor
    statements: Tensor
    told: Tensor
    weight: Tensor
    partner: NDArray[np.intp]  # with whom each record is mixed
    share: float  # of the record itself in the mixture


def _batch(material: Material, records: NDArray[np.intp], rng: np.random.Generator) -> _Batch:
    size = len(records)
    variant = np.where(rng.random(size) < WHOLE_SHARE, 0, rng.integers(1, VARIANTS, size))
    rows = material.rows[records, variant].copy()
    hidden = rng.random(size) < HIDDEN_SHARE
    for column in (AGE, MALE):
        rows[hidden, column] = np.nan
    rows[rng.random(rows.shape) < LOST_MEASUREMENTS] = np.nan
    share = float(rng.beta(MIXUP, MIXUP))
    return _Batch(
        torch.from_numpy(varied(material.beat[records, variant].astype(np.float32), rng)),
        torch.from_numpy(rows),
        torch.from_numpy(material.superclasses[records]),
        torch.from_numpy(material.statements[records]),
        torch.from_numpy(material.told[records].astype(np.float32)),
        torch.from_numpy(material.weight[records]),
        rng.permutation(size),
        max(share, 1 - share),
    )


def varied(beats: F32, rng: np.random.Generator) -> F32:
    """Other gains (8 % a sheet, 4 % a lead), noise up to 30 uV, lost leads, moved by up to SHIFT samples."""
    size, _, length = beats.shape
    gain = (1 + rng.normal(0, 0.08, (size, 1, 1))) * (1 + rng.normal(0, 0.04, (size, 12, 1)))
    noise = rng.standard_normal((size, 12, length), dtype=np.float32) * (0.03 * rng.random((size, 1, 1)) ** 2)
    lost = rng.random((size, 12, 1)) < 0.1 * (rng.random((size, 1, 1)) < 0.5)
    mask = np.where(lost, 0.0, beats[:, 12:])
    made = np.concatenate([(beats[:, :12] * gain + noise) * mask, mask], axis=1).astype(np.float32)
    padded = np.pad(made, ((0, 0), (0, 0), (SHIFT, SHIFT)))
    starts: list[int] = rng.integers(0, 2 * SHIFT + 1, size=(size,)).tolist()
    return np.stack([padded[place, :, start : start + length] for place, start in enumerate(starts)])


def _loss(network: ReaderNet, scaling: Rows, batch: _Batch) -> Tensor:
    def mixed(values: Tensor) -> Tensor:
        return batch.share * values + (1 - batch.share) * values[batch.partner]

    said = network(mixed(batch.beats), mixed(scaling(batch.rows)))
    count = len(SUPERCLASSES)
    weight = mixed(batch.weight)
    told = batch.told * batch.told[batch.partner] * weight
    statements = cross_entropy(said[:, count:], mixed(batch.statements), reduction="none").mean(dim=1)
    told_loss = (statements * told).sum() / told.sum().clamp(min=1)
    classes = cross_entropy(said[:, :count], mixed(batch.superclasses), reduction="none").mean(dim=1)
    return (classes * weight).mean() + STATEMENT_WEIGHT * told_loss


def _remember(mean: nn.Module, network: nn.Module, share: float) -> None:
    with torch.no_grad():
        for kept, new in zip(mean.state_dict().values(), network.state_dict().values(), strict=True):
            if kept.dtype.is_floating_point:
                kept.mul_(share).add_(new, alpha=1 - share)
            else:
                kept.copy_(new)
