"""Instruction samples in the layout of LLaVA, which PULSE's ECGInstruct has too: a page and a conversation about it.

One sample is `{"id", "image", "conversations": [{"from": "human", "value"}, {"from": "gpt", "value"}, …]}`; `image` is
a path beside the file or below another root, and the first question holds the mark `<image>`. A file is either one
JSON list (`.json`, as ECGInstruct is published) or a sample a line (`.jsonl`).

The learner and the reader must see the same words: `asked` takes the mark away, and what is left stands in the
conversation of `read.llama.conversation` as it stands when a page is read.
Source: Liu et al., Visual Instruction Tuning (2023); Liu et al., Teach Multimodal LLMs to Comprehend ECG (2024).
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ecgdesk.ecg.refusal import Refusal
from ecgdesk.read.llama.conversation import BEGIN, rendered

IMAGE_MARK = "<image>"


class BadSamples(Refusal):
    """The file is not one of instruction samples."""


@dataclass(frozen=True)
class Turn:
    """A question and its answer."""

    asked: str
    answer: str


@dataclass(frozen=True)
class Sample:
    """`image`: path of the page, relative to the root of the images."""

    id: str
    image: str
    turns: tuple[Turn, ...]


class _Said(msgspec.Struct):
    speaker: str = msgspec.field(name="from")
    value: str


class _Row(msgspec.Struct):
    id: str | int
    conversations: list[_Said]
    image: str = ""


def read_samples(path: Path) -> tuple[Sample, ...]:
    """Every sample of a `.json` or `.jsonl` file. Raises BadSamples, which names the first that is not one."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadSamples(f"{path} cannot be read ({error.strerror}); name the file of samples.") from error
    try:
        if path.suffix == ".jsonl":
            rows = [msgspec.json.decode(line, type=_Row) for line in data.splitlines()]
        else:
            rows = msgspec.json.decode(data, type=list[_Row])
    except msgspec.MsgspecError as error:
        raise BadSamples(f"{path} holds no instruction samples ({error}); use a file in LLaVA's layout.") from error
    return tuple(_sample(row, path) for row in rows)


def lines(samples: Iterable[Sample]) -> str:
    """The samples as JSONL."""
    return "".join(json.dumps(_plain(sample), ensure_ascii=False) + "\n" for sample in samples)


def texts(sample: Sample) -> Iterator[tuple[str, str]]:
    """(what is given, what is to be answered) turn by turn; put together they are the whole conversation."""
    for place, turn in enumerate(sample.turns):
        given = rendered(turn.asked, image=place == 0)
        whole = rendered(turn.asked, answer=turn.answer, image=place == 0)
        yield (given if place == 0 else given.removeprefix(BEGIN)), whole[len(given) :]


def _sample(row: _Row, path: Path) -> Sample:
    said = row.conversations
    turns = zip(said[::2], said[1::2], strict=False)
    if len(said) < 2 or len(said) % 2 or any((a.speaker, b.speaker) != ("human", "gpt") for a, b in turns):
        raise BadSamples(f"{path}: sample {row.id} is no talk of human and gpt by turns; take it out of the file.")
    if not row.image:
        raise BadSamples(f"{path}: sample {row.id} has no image; take it out of the file.")
    pairs = zip(said[::2], said[1::2], strict=True)
    turned = tuple(Turn(question.value.replace(IMAGE_MARK, "").strip(), answer.value) for question, answer in pairs)
    return Sample(str(row.id), row.image, turned)


def _plain(sample: Sample) -> dict[str, object]:
    said = []
    for place, turn in enumerate(sample.turns):
        said.append({"from": "human", "value": f"{IMAGE_MARK}\n{turn.asked}" if place == 0 else turn.asked})
        said.append({"from": "gpt", "value": turn.answer})
    return {"id": sample.id, "image": sample.image, "conversations": said}
