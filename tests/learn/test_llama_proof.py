"""The learning proof: its model, its pages, and a run too short to learn. Needs the extra [llama]."""

import json
from dataclasses import replace
from math import tanh

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra [llama] (pip install 'ecgdesk[llama]')")
pytest.importorskip("transformers", reason="needs the extra [llama] (pip install 'ecgdesk[llama]')")

import torch
from transformers import MllamaForConditionalGeneration

from ecgdesk.learn.llama_proof import HELD_BACK, PROOF, SAMPLES, TRAINED, TRAINING, Plan, interval, margins, prove
from ecgdesk.learn.llama_proof_pages import FAST, FASTEST, LABELS, PACED, SLOWEST, TACHYCARDIA, proof_pages
from ecgdesk.learn.llama_samples import read_samples
from ecgdesk.learn.llama_small import GATES, OPEN, Size, make_small
from ecgdesk.read.llama.bundle import read_bundle
from ecgdesk.read.llama.conversation import label_question
from ecgdesk.read.llama.loading import Precision, load
from ecgdesk.read.llama.sight import Sight
from ecgdesk.read.llama.verify import verify

CPU = torch.device("cpu")
SHORT = Plan(training=8, held_back=12, epochs=1, batch=8)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    out = tmp_path_factory.mktemp("proof")
    return out, prove(out, SHORT)


def test_the_gates_of_the_small_model_are_open_and_its_weights_spread_as_told(tmp_path):
    size = Size(layers=2, cross_layers=(1,), words=400, spread=0.06)
    model = MllamaForConditionalGeneration.from_pretrained(make_small(tmp_path, size=size))
    gates = {name: weight for name, weight in model.named_parameters() if name.endswith(GATES)}
    assert {name.rsplit(".", 1)[-1] for name in gates} >= {
        "cross_attn_attn_gate",
        "cross_attn_mlp_gate",
        "gate",
        "gate_attn",
        "gate_ffn",
    }
    assert all(torch.all(weight == OPEN) for weight in gates.values())
    assert tanh(OPEN) > 0.4
    for name in ("vision_model.patch_embedding", "language_model.layers.0.self_attn.q_proj"):
        assert model.get_parameter(f"model.{name}.weight").std().item() == pytest.approx(0.06, rel=0.1)


def test_the_answer_of_an_untrained_model_hangs_on_the_picture(run):
    loaded = load(read_bundle(run[0] / "untrained"), device=CPU, precision=Precision.PLAIN)
    pictures = [page.image for page in proof_pages(2, seed=0, part=1)]
    tokens = loaded.tokenizer.encode("<|begin_of_text|><|image|>Yes", add_special_tokens=False)
    one, other = (Sight(loaded, picture).after(tokens) for picture in pictures)
    assert not torch.allclose(one, other, atol=1e-3)


def test_a_run_writes_its_figures_before_and_after_training(run):
    out, proof = run
    written = json.loads((out / PROOF).read_text())
    assert [one["label"] for one in written["labels"]] == list(LABELS)
    assert [(one["pages"], one["pages_with_it"]) for one in written["labels"]] == [(12, 6), (12, 3)]
    for one in written["labels"]:
        assert 0 <= one["low"] <= one["after"] <= one["high"] <= 1
        assert 0 <= one["before"] <= 1
    assert written["steps"] == proof.steps == 2
    assert (out / f"{HELD_BACK}.csv").read_text().count("\n") == 13
    verify(read_bundle(out / TRAINED))


def test_the_trained_bundle_gives_the_margins_of_the_table(run):
    out, _ = run
    loaded = load(read_bundle(out / TRAINED), device=CPU, precision=Precision.PLAIN)
    again = margins(loaded, list(proof_pages(2, seed=0, part=1)))
    head, *rows = ((out / f"{HELD_BACK}.csv").read_text()).splitlines()
    place = head.split(",").index(f"after_{FAST}")
    assert again[FAST] == pytest.approx([float(row.split(",")[place]) for row in rows[:2]], abs=1e-5)


def test_held_back_pages_are_none_of_those_trained_on(run):
    out, _ = run
    trained = {path.read_bytes() for path in (out / TRAINING).iterdir()}
    held_back = {path.read_bytes() for path in (out / HELD_BACK).iterdir()}
    assert (len(trained), len(held_back)) == (8, 12)
    assert not trained & held_back
    samples = read_samples(out / SAMPLES)
    assert len(samples) == 8 * len(LABELS)
    assert all((out / sample.image).is_file() and sample.image.startswith(TRAINING) for sample in samples)


def test_the_answers_of_the_samples_are_those_of_the_simulated_hearts(run):
    told = {sample.id: sample.turns[0] for sample in read_samples(run[0] / SAMPLES)}
    for page in proof_pages(8, seed=0, part=0):
        for label in LABELS:
            turn = told[f"{page.number:05d}-{label}"]
            assert turn.asked == label_question(label)
            assert turn.answer == ("Yes" if label in page.holds else "No")


def test_pages_hold_what_their_rate_says_and_are_the_same_from_the_same_seed():
    pages = list(proof_pages(8, seed=3, part=0))
    assert all((page.rate > TACHYCARDIA) == (FAST in page.holds) for page in pages)
    assert all(SLOWEST <= page.rate <= FASTEST for page in pages)
    assert sum(PACED in page.holds for page in pages) == 2
    again = list(proof_pages(8, seed=3, part=0))
    assert all(np.array_equal(one.image, other.image) for one, other in zip(pages, again, strict=True))


def test_the_interval_holds_the_auc_and_is_narrow_where_nothing_is_confused():
    truth = np.arange(200) % 2 == 0
    assert interval(truth, truth.astype(float), seed=0) == (1.0, 1.0)
    low, high = interval(truth, np.random.default_rng(0).normal(size=200), seed=0)
    assert low < 0.5 < high
    assert high - low < 0.2


def test_a_proof_holds_only_when_every_label_is_learnt(run):
    good = replace(run[1].labels[0], after=0.95)
    assert replace(run[1], labels=(good, good)).holds
    assert not replace(run[1], labels=(good, replace(good, after=0.89))).holds
