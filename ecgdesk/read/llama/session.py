"""A loaded model and what it is asked about each page."""

import logging
import time
from collections.abc import Callable

import numpy as np
import torch
from transformers.utils import logging as transformers_logging

from ecgdesk.read.llama.bundle import Bundle, Label
from ecgdesk.read.llama.conversation import (
    LIST_FINDINGS,
    PROMPT_VERSION,
    WRITE_REPORT,
    findings_schema,
    rendered,
)
from ecgdesk.read.llama.decoding import answer
from ecgdesk.read.llama.likelihood import label_margin, probability
from ecgdesk.read.llama.loading import Loaded, load
from ecgdesk.read.llama.machine import Seat, seat
from ecgdesk.read.llama.messages import FromWorker, Progress, Read, Ready, Result, Said, Token
from ecgdesk.read.llama.refusals import BundleRejected, ModelFailed, Stopped
from ecgdesk.read.llama.sight import Sight

Say = Callable[[FromWorker], None]
MOST_NARRATIVE_TOKENS = 400
_AFTER_SIGHT, _AFTER_LABELS, _AFTER_LISTING = 0.15, 0.4, 0.7  # shares of a page's work, for the progress bar


class Session:
    """Holds the model; reads one page after the other."""

    def __init__(self, loaded: Loaded, where: Seat, *, seconds: float) -> None:
        self._loaded = loaded
        used = torch.cuda.memory_allocated() if loaded.device.type == "cuda" else 0
        manifest = loaded.bundle.manifest
        self.ready = Ready(
            loaded.bundle.title, where.name, manifest.measured_values, where.need.total, float(used), seconds
        )

    def read(self, order: Read, *, say: Say, stopped: Callable[[], bool]) -> Result:
        """Everything about one page, the narrative as it comes. Raises Stopped once `stopped()` is true."""
        began = time.monotonic()
        _go_on(stopped)
        say(Progress(order.request, "seeing the page", 0.0))
        pixels = np.frombuffer(order.pixels, np.uint8).reshape(order.height, order.width, 3)
        sight = Sight(self._loaded, pixels.copy())
        seen = time.monotonic() - began
        labels = self._labels(sight, order, say, stopped)
        listed = self._listed(sight, order, say, stopped)
        narrative = self._narrative(sight, order, say, stopped)
        peak = torch.cuda.max_memory_allocated() if self._loaded.device.type == "cuda" else 0
        return Result(
            order.request,
            self._loaded.bundle.title,
            labels,
            listed,
            narrative,
            seconds=time.monotonic() - began,
            vision_seconds=seen,
            aided=bool(order.context),
            peak_bytes=float(peak),
        )

    def _labels(self, sight: Sight, order: Read, say: Say, stopped: Callable[[], bool]) -> tuple[Said, ...]:
        labels = self._loaded.bundle.manifest.label
        said = []
        for number, label in enumerate(labels):
            _go_on(stopped)
            share = _AFTER_SIGHT + (_AFTER_LABELS - _AFTER_SIGHT) * number / len(labels)
            say(Progress(order.request, "weighing labels", share))
            said.append(self._said(sight, label, order.context))
        return tuple(said)

    def _said(self, sight: Sight, label: Label, context: str) -> Said:
        margin = label_margin(sight, label.name, context=context)
        return Said(label.name, probability(margin, label), label.threshold, margin)

    def _listed(self, sight: Sight, order: Read, say: Say, stopped: Callable[[], bool]) -> str:
        say(Progress(order.request, "listing findings", _AFTER_LABELS))
        prompt = rendered(LIST_FINDINGS, context=order.context)
        pieces = answer(
            sight,
            self._loaded,
            prompt,
            most_tokens=self._room(sight, prompt),
            schema=findings_schema(),
            stopped=stopped,
        )
        return "".join(pieces)

    def _narrative(self, sight: Sight, order: Read, say: Say, stopped: Callable[[], bool]) -> str:
        say(Progress(order.request, "writing the report", _AFTER_LISTING))
        prompt = rendered(WRITE_REPORT, context=order.context)
        most = min(MOST_NARRATIVE_TOKENS, self._room(sight, prompt))
        pieces = []
        for piece in answer(sight, self._loaded, prompt, most_tokens=most, stopped=stopped):
            say(Token(order.request, piece))
            pieces.append(piece)
        return "".join(pieces).strip()

    def _room(self, sight: Sight, prompt: str) -> int:
        """Tokens that the context leaves for the answer."""
        room = self._loaded.bundle.manifest.context_tokens - len(sight.tokens_of(prompt))
        if room < 1:
            raise ModelFailed("The question is longer than this model's context; use a bundle with a larger one.")
        return room


def load_session(bundle: Bundle, *, on_progress: Callable[[str, float], None]) -> Session:
    """Loads a verified bundle. Raises BundleRejected and ModelUnavailable."""
    began = time.monotonic()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # it would tell of kernels that could be downloaded
    if bundle.manifest.prompt_version != PROMPT_VERSION:
        raise BundleRejected(
            f"{bundle.title} was trained with prompts of version {bundle.manifest.prompt_version} and this program "
            f"asks with version {PROMPT_VERSION}; use a bundle that was made for it."
        )
    where = seat(bundle, torch.cuda)
    if where.device == "cpu":
        torch.set_num_threads(1)  # only small models run here, and on small matrices threads wait for each other
    loaded = load(
        bundle,
        device=torch.device(where.device),
        on_stage=lambda stage, fraction: on_progress(stage, fraction),
    )
    return Session(loaded, where, seconds=time.monotonic() - began)


def _go_on(stopped: Callable[[], bool]) -> None:
    if stopped():
        raise Stopped
