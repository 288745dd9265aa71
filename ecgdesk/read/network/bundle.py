"""The reader's bundle: a folder with `bundle.toml`, the members' ONNX files and what is typical of an average beat.

| key of bundle.toml | what |
|---|---|
| `format`, `kind` | 1, "network" |
| `name`, `version` | shown to the user and kept with each reading |
| `[[member]]` | `file` (ONNX, `.xz`: compressed; a logit a label, in the order of the labels) and what it `sees` |
| `[[label]]` | one a label, in order: see Label |
| `[abstention]` | `file`, `largest_oddness`: see abstention.py |
| `[[metric]]` | `name`, `value`, and the `data` on which it was measured |
| `[files]` | SHA-256 of every file |
"""

import lzma
import tomllib
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import msgspec
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ecgdesk.ecg.refusal import Refusal
from ecgdesk.ecg.resources import resource
from ecgdesk.read.metric import Metric

F32 = NDArray[np.float32]

FORMAT, KIND = 1, "network"
BEAT, ROWS = "beat", "rows"


class NetworkRejected(Refusal):
    """The bundle of the network reader is missing, damaged or of another kind."""


@dataclass(frozen=True)
class Member:
    """One network or forest. `sees`: the inputs that it takes, of BEAT and ROWS, in order."""

    file: str
    sees: tuple[str, ...]


@dataclass(frozen=True)
class Label:
    """A superclass or an SCP statement: how its probability is made, when it is said, and how good that was.

    The probability is the logistic of `offset` plus the members' logits times `weights`. `sensitivity`, `specificity`,
    `ppv`, `auc`, `f1` at the threshold are of out-of-fold records, `examples` of them positive. A label that is not
    `trusted` has a probability, but is never said.
    """

    name: str
    weights: tuple[float, ...]
    offset: float
    threshold: float
    sensitivity: float
    specificity: float
    ppv: float
    auc: float
    f1: float
    examples: int
    trusted: bool


@dataclass(frozen=True)
class Abstention:
    file: str
    largest_oddness: float


@dataclass(frozen=True)
class Manifest:
    """The content of `bundle.toml`."""

    format: int
    kind: str
    name: str
    version: str
    member: tuple[Member, ...]
    label: tuple[Label, ...]
    abstention: Abstention
    metric: tuple[Metric, ...]
    files: dict[str, str]


@dataclass(frozen=True, eq=False)
class Bundle:
    """`sessions`: one a member. `middle` float32[m], `patterns` float32[k, m]: see abstention.py."""

    manifest: Manifest
    sessions: tuple[onnxruntime.InferenceSession, ...]
    middle: F32
    patterns: F32


@cache
def shipped() -> Bundle:
    """The bundle in `resources/models/network`, verified and loaded once a process. Raises NetworkRejected."""
    try:
        folder = resource("models/network")
    except FileNotFoundError as error:
        raise NetworkRejected("The network reader's weights are missing; install ecgdesk again.") from error
    return load(folder)


def load(folder: Path) -> Bundle:
    """Verifies every file's hash and loads nothing but what was verified. Raises NetworkRejected."""
    try:
        manifest = msgspec.convert(tomllib.loads((folder / "bundle.toml").read_text(encoding="utf-8")), type=Manifest)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise NetworkRejected(f"{folder}: bundle.toml is missing or damaged; install ecgdesk again.") from error
    if (manifest.format, manifest.kind) != (FORMAT, KIND):
        raise NetworkRejected(f"{folder} is no bundle of the network reader; install ecgdesk again.")
    unlisted = {manifest.abstention.file, *(member.file for member in manifest.member)} - set(manifest.files)
    if unlisted:
        raise NetworkRejected(f"{folder}: {min(unlisted)} has no hash in bundle.toml; install ecgdesk again.")
    content = {name: _verified(folder, name, digest) for name, digest in manifest.files.items()}
    with np.load(BytesIO(content[manifest.abstention.file]), allow_pickle=False) as typical:
        middle, patterns = typical["middle"].astype(np.float32), typical["patterns"].astype(np.float32)
    sessions = tuple(_session(_unpacked(member.file, content[member.file])) for member in manifest.member)
    return Bundle(manifest, sessions, middle, patterns)


def _verified(folder: Path, name: str, digest: str) -> bytes:
    path = folder / name
    content = path.read_bytes() if path.is_file() and path.parent == folder else b""
    if sha256(content).hexdigest() != digest:
        raise NetworkRejected(
            f"{path} is not the file that the network reader was shipped with; install ecgdesk again."
        )
    return content


def _unpacked(name: str, content: bytes) -> bytes:
    return lzma.decompress(content) if name.endswith(".xz") else content


def _session(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # networks this small gain nothing from more
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, sess_options=options, providers=["CPUExecutionProvider"])
