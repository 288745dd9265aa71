"""`ecgdesk learn llama-proof -o OUT`: does a model learn to read by this code at all?

A small Mllama with random weights learns two questions about simple made pages (see `llama_proof_pages`): is this sinus
tachycardia, is this paced. The samples, the words of the prompts, the batches with their loss on the answers alone, the
loading of a bundle, the likelihoods of yes and no, and the AUC are those of the real training and reading. Other than
there, every weight is trained, in 32 bits on the CPU: there is no base that LoRA could lie on. So it shows that these
parts fit together, and nothing of how well a Llama reads.

| file | what |
|---|---|
| `OUT/training`, `OUT/held_back` | the pages, of two sets without a page in common |
| `OUT/samples.jsonl` | a question a line about the training pages |
| `OUT/untrained`, `OUT/trained` | the bundles |
| `OUT/held_back.csv` | page, rate; for each label whether it holds, and its margin before and after training |
| `OUT/proof.json` | the figures, written last |

The same seed gives the same figures on the same machine. A run that was stopped is begun again.
"""

import csv
import json
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from transformers import Trainer, TrainingArguments

from ecgdesk.learn.llama_batches import Collator, Conversations
from ecgdesk.learn.llama_proof_pages import LABELS, ProofPage, proof_pages
from ecgdesk.learn.llama_samples import Sample, Turn, lines, read_samples
from ecgdesk.learn.llama_small import Size, make_small
from ecgdesk.learn.network_calibration import auc
from ecgdesk.read.llama.bundle import KIND, Bundle, Label, Licence, Manifest, Picture, write_bundle
from ecgdesk.read.llama.conversation import PROMPT_VERSION, label_answer, label_question
from ecgdesk.read.llama.likelihood import label_margin
from ecgdesk.read.llama.loading import Loaded, Precision, load
from ecgdesk.read.llama.sight import Sight

F64 = NDArray[np.float64]

TRAINING, HELD_BACK, SAMPLES, PROOF = "training", "held_back", "samples.jsonl", "proof.json"
UNTRAINED, TRAINED = "untrained", "trained"
ENOUGH = 0.9  # AUC from which a label counts as learnt
RESAMPLES = 1000
WARM_UP = 0.03  # share of the steps
STEADY = 0.98  # Adam's memory of squared slopes: in a thousand steps the usual 0.999 still holds those of the first
MOST_TOKENS = 128
NO_LICENCE = Licence("no licence needed", "Trained on simulated pages alone, as a proof. Not for reading ECGs.")


@dataclass(frozen=True)
class Plan:
    """Pages of both sets, and how the model learns: `rate` after the warm-up, then a cosine to zero."""

    training: int = 1000
    held_back: int = 400
    epochs: float = 8.0
    batch: int = 16
    rate: float = 1.5e-3
    decay: float = 0.05
    seed: int = 0
    size: Size = field(default_factory=lambda: Size(layers=2, cross_layers=(1,), words=400, spread=0.06))


@dataclass(frozen=True)
class Learnt:
    """One label on the held-back pages: AUC `before` training, and `after` it with its 95 % interval (bootstrap).

    The random model is not blind: its margins follow the ink, rightly or wrongly, so `before` may lie on either side of
    0.5. `right_before`, `right_after`: share of pages where the likelier of yes and no is true.
    """

    label: str
    pages: int
    pages_with_it: int
    before: float
    after: float
    low: float
    high: float
    right_before: float
    right_after: float


@dataclass(frozen=True)
class Proof:
    """`seconds`: wall time of each part. `weights`: how many numbers the model has, all of them trained."""

    labels: tuple[Learnt, ...]
    training_pages: int
    weights: int
    steps: int
    seed: int
    seconds: dict[str, float]

    @property
    def holds(self) -> bool:
        return all(one.after >= ENOUGH for one in self.labels)


def prove(out: Path, plan: Plan = Plan()) -> Proof:
    """Makes the pages, trains, and asks before and after about pages that were held back; writes all of it."""
    torch.set_num_threads(1)  # a model so small loses more by sharing out than it gains
    cv2.setNumThreads(1)
    out.mkdir(parents=True, exist_ok=True)
    (out / PROOF).unlink(missing_ok=True)
    clock = _Clock()
    write_samples(proof_pages(plan.training, seed=plan.seed, part=0), out)
    pages = write_pages(proof_pages(plan.held_back, seed=plan.seed, part=1), out / HELD_BACK)
    clock.lap("pages")
    make_small(out / UNTRAINED / "base", size=plan.size, seed=plan.seed, texts=map(label_question, LABELS))
    learner = _loaded(_bundle(out / UNTRAINED, plan.size))
    before = margins(learner, pages)
    clock.lap("evaluation before")
    steps = _train(learner, out, plan)
    clock.lap("training")
    learner.model.save_pretrained(out / TRAINED / "base")
    learner.processor.save_pretrained(out / TRAINED / "base")
    after = margins(_loaded(_bundle(out / TRAINED, plan.size)), pages)
    clock.lap("evaluation after")
    _write_table(out / f"{HELD_BACK}.csv", pages, before, after)
    labels = tuple(_learnt(label, pages, before[label], after[label], seed=plan.seed) for label in LABELS)
    proof = Proof(labels, plan.training, learner.model.num_parameters(), steps, plan.seed, clock.laps)
    (out / PROOF).write_text(json.dumps(asdict(proof), indent=2) + "\n", encoding="utf-8")
    return proof


def write_samples(pages: Iterable[ProofPage], out: Path) -> None:
    """The training pages, and a sample for each label of each."""
    kept = write_pages(pages, out / TRAINING)
    told = [
        Sample(
            f"{page.number:05d}-{label}",
            f"{TRAINING}/{_name(page)}",
            (Turn(label_question(label), label_answer(label in page.holds)),),
        )
        for page in kept
        for label in LABELS
    ]
    (out / SAMPLES).write_text(lines(told), encoding="utf-8")


def write_pages(pages: Iterable[ProofPage], folder: Path) -> list[ProofPage]:
    folder.mkdir(exist_ok=True)
    kept = []
    for page in pages:
        Image.fromarray(page.image).save(folder / _name(page))
        kept.append(page)
        print(f"\r{folder.name}: {len(kept)} pages", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return kept


def margins(loaded: Loaded, pages: Sequence[ProofPage]) -> dict[str, F64]:
    """float64[pages] of each label: ln P(yes) - ln P(no), as the reader asks for it."""
    rows = []
    for page in pages:
        sight = Sight(loaded, page.image)
        rows.append([label_margin(sight, label) for label in LABELS])
    return dict(zip(LABELS, np.array(rows).T, strict=True))


def interval(truth: NDArray[np.bool_], score: F64, *, seed: int) -> tuple[float, float]:
    """The middle 95 % of the AUC over pages drawn anew, with replacement (Efron's percentile bootstrap)."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(RESAMPLES):
        drawn = rng.integers(len(truth), size=len(truth))
        if truth[drawn].any() and not truth[drawn].all():
            found.append(auc(truth[drawn], score[drawn]))
    low, high = np.percentile(found, (2.5, 97.5))
    return float(low), float(high)


def _bundle(folder: Path, size: Size) -> Bundle:
    manifest = Manifest(
        format=1,
        kind=KIND,
        name=f"llama-proof-{folder.name}",
        version="1",
        base="base",
        prompt_version=PROMPT_VERSION,
        licence=NO_LICENCE,
        files={},
        context_tokens=MOST_TOKENS,
        measured_values=False,
        image=Picture(size.tile, size.tiles),
        label=tuple(Label(label) for label in LABELS),
    )
    return write_bundle(folder, manifest)


def _loaded(bundle: Bundle) -> Loaded:
    return load(bundle, device=torch.device("cpu"), precision=Precision.PLAIN)


def _train(learner: Loaded, out: Path, plan: Plan) -> int:
    """Trains every weight of the model where it is; returns the number of steps."""
    samples = read_samples(out / SAMPLES)
    data = Conversations(samples, out, learner.processor.tokenizer, most_tokens=MOST_TOKENS)
    arguments = TrainingArguments(
        output_dir=str(out),  # nothing goes there: no step is saved
        num_train_epochs=plan.epochs,
        per_device_train_batch_size=plan.batch,
        learning_rate=plan.rate,
        lr_scheduler_type="cosine",
        warmup_steps=WARM_UP,
        weight_decay=plan.decay,
        adam_beta2=STEADY,
        use_cpu=True,
        save_strategy="no",
        logging_steps=50,
        seed=plan.seed,
        data_seed=plan.seed,
        remove_unused_columns=False,
        report_to=[],
        dataloader_pin_memory=False,
    )
    trainer: Any = Trainer(
        model=learner.model, args=arguments, train_dataset=data, data_collator=Collator(learner.processor)
    )
    trainer.train()
    learner.model.eval()
    return int(trainer.state.global_step)


def _learnt(label: str, pages: Sequence[ProofPage], before: F64, after: F64, *, seed: int) -> Learnt:
    truth = np.array([label in page.holds for page in pages])
    low, high = interval(truth, after, seed=seed)
    right = (float(((margin > 0) == truth).mean()) for margin in (before, after))
    figures = (round(value, 4) for value in (auc(truth, before), auc(truth, after), low, high, *right))
    return Learnt(label, len(pages), int(truth.sum()), *figures)


def _write_table(path: Path, pages: Sequence[ProofPage], before: dict[str, F64], after: dict[str, F64]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["page", "rate", *(f"{what}_{label}" for label in LABELS for what in ("holds", "before", "after"))]
        )
        for place, page in enumerate(pages):
            row: list[object] = [_name(page), round(page.rate, 1)]
            for label in LABELS:
                row += [int(label in page.holds), round(before[label][place], 6), round(after[label][place], 6)]
            writer.writerow(row)


def _name(page: ProofPage) -> str:
    return f"{page.number:05d}.png"


class _Clock:
    """Wall time from lap to lap, in seconds."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(now - self._since, 1)
        self._since = now
