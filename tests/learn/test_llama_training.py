"""LoRA on a tiny Mllama: the loss falls, a label is learnt, the reader reads the bundle. Needs the extra [llama]."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch", reason="needs the extra [llama] (pip install 'ecgdesk[llama]')")
pytest.importorskip("transformers", reason="needs the extra [llama] (pip install 'ecgdesk[llama]')")
pytest.importorskip("peft", reason="needs the extra [llama] (pip install 'ecgdesk[llama]')")
pytest.importorskip("accelerate", reason="needs the extra [llama] (pip install 'ecgdesk[llama]')")

import torch
from transformers import AutoProcessor, MllamaForConditionalGeneration

from ecgdesk.learn.llama_batches import IGNORED, Collator, Conversations, encode
from ecgdesk.learn.llama_lora import Lora, check_trained, targets, with_adapter
from ecgdesk.learn.llama_samples import BadSamples, Sample, Turn, lines
from ecgdesk.learn.llama_train import CHECKPOINTS, Recipe, Untrainable, train
from ecgdesk.read.llama.bundle import Licence, read_bundle
from ecgdesk.read.llama.conversation import label_question
from ecgdesk.read.llama.likelihood import label_margin
from ecgdesk.read.llama.loading import load
from ecgdesk.read.llama.sight import Sight
from ecgdesk.read.llama.verify import verify
from tests.read.llama.tiny import Size, make_tiny

CPU = torch.device("cpu")
FREE = Licence("a licence of the tests", "Random numbers; do as you like.")
DARK, BRIGHT = np.zeros((56, 56, 3), np.uint8), np.full((56, 56, 3), 255, np.uint8)
RECIPE = Recipe(epochs=30, batch=2, accumulate=1, rate=1e-2, lora=Lora(16, 32, 0.0), save_steps=10, most_tokens=512)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Tiny, with an output layer that can tell words apart as a trained one does: it stays as it is."""
    torch.set_num_threads(1)
    folder = make_tiny(tmp_path_factory.mktemp("base"), size=Size(layers=2, cross_layers=(1,), tiles=1, words=400))
    model = MllamaForConditionalGeneration.from_pretrained(folder)
    with torch.no_grad():
        model.get_output_embeddings().weight.mul_(20.0)
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """A set to be learnt by heart: the dark page is normal, the bright one is not."""
    folder = tmp_path_factory.mktemp("samples")
    for name, pixels in (("dark", DARK), ("bright", BRIGHT)):
        Image.fromarray(pixels).save(folder / f"{name}.png")
    told = [Sample(n, f"{n}.png", (Turn(label_question("NORM"), a),)) for n, a in (("dark", "Yes"), ("bright", "No"))]
    (folder / "samples.jsonl").write_text(lines(told))
    return folder / "samples.jsonl"


@pytest.fixture(scope="module")
def trained(base, samples, tmp_path_factory):
    out = tmp_path_factory.mktemp("trained")
    return out, train(samples, out, base=base, recipe=RECIPE, licence=FREE, measured_values=False)


def losses(out):
    last = max((out / CHECKPOINTS).iterdir(), key=lambda path: int(path.name.split("-")[1]))
    return [row["loss"] for row in json.loads((last / "trainer_state.json").read_text())["log_history"]]


def test_a_set_is_learnt_by_heart_and_the_reader_reproduces_its_labels(trained):
    out, result = trained
    found = losses(out)
    assert found[-1] < 0.2 * found[0]
    verify(result.bundle)
    loaded = load(result.bundle, device=CPU)
    assert label_margin(Sight(loaded, DARK), "NORM") > 0 > label_margin(Sight(loaded, BRIGHT), "NORM")


def test_the_adapter_does_not_tell_where_its_base_lay(trained, base):
    out, _ = trained
    assert str(base.parent) not in (out / "adapter" / "adapter_config.json").read_text()


def test_a_bundle_that_is_there_is_not_trained_over(trained, base, samples):
    with pytest.raises(Untrainable, match="already"):
        train(samples, trained[0], base=base, recipe=RECIPE, licence=FREE)


def test_a_stopped_training_goes_on_to_the_same_weights(trained, base, samples, tmp_path):
    (tmp_path / CHECKPOINTS).mkdir()
    whole = trained[0]
    halfway = whole / CHECKPOINTS / "checkpoint-20"
    halfway.rename(tmp_path / CHECKPOINTS / halfway.name)
    (tmp_path / CHECKPOINTS / "checkpoint-25").mkdir()  # the stop came while it was written
    (tmp_path / CHECKPOINTS / "checkpoint-25" / "adapter_config.json").write_text("{")
    again = train(samples, tmp_path, base=base, recipe=RECIPE, licence=FREE, measured_values=False)
    name = "adapter/adapter_model.safetensors"
    assert (tmp_path / name).read_bytes() == (whole / name).read_bytes()
    assert again.bundle.manifest.files == trained[1].bundle.manifest.files


def test_a_stopped_packing_is_begun_again_without_training_anew(trained, base, samples, tmp_path):
    whole, first = trained
    shutil.copytree(whole, tmp_path / "out")
    shutil.rmtree(tmp_path / "out" / "bundle" / "adapter")
    (tmp_path / "out" / "bundle" / "bundle.toml").unlink()
    again = train(samples, tmp_path / "out", base=base, recipe=RECIPE, licence=FREE, measured_values=False)
    assert again.bundle.manifest == first.bundle.manifest
    verify(again.bundle)


def test_two_processes_share_the_samples(base, samples, tmp_path):
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    command = [*launcher, "-m", "ecgdesk.cli", "learn", "llama-train", str(samples), "--base", str(base)]
    root = str(Path(__file__).parents[2])
    own = os.environ | {"PYTHONPATH": root, "OMP_NUM_THREADS": "1"}
    subprocess.run(
        [*command, "-o", str(tmp_path), "--accumulate", "1", "--epochs", "3", "--unaided"], env=own, check=True
    )
    (last,) = (tmp_path / CHECKPOINTS).iterdir()
    assert last.name == "checkpoint-3"  # two samples a step
    assert read_bundle(tmp_path / "bundle").manifest.trained_on


def test_qlora_takes_its_steps_over_a_base_in_4_bits(base, samples, tmp_path):
    pytest.importorskip("bitsandbytes", reason="needs the extra [llama] (pip install 'ecgdesk[llama]')")
    recipe = replace(RECIPE, epochs=10, qlora=True)
    result = train(samples, tmp_path, base=base, recipe=recipe, licence=FREE)
    found = losses(tmp_path)
    assert found[-1] < found[0] or len(found) == 1
    verify(result.bundle)


def test_the_adapter_lies_on_all_linear_layers_but_the_output_and_the_words(base):
    model = MllamaForConditionalGeneration.from_pretrained(base)
    wanted = targets(model)
    adapted = with_adapter(model, Lora())
    factors = [name for name, weight in adapted.named_parameters() if weight.requires_grad]
    own = {name.split(".lora_")[0].split("base_model.model.")[1] for name in factors}
    assert own == set(wanted)
    kinds = {name.rsplit(".", 2)[-2] for name in own}
    assert kinds == {"self_attn", "cross_attn", "mlp"}
    assert any(name.startswith("model.vision_model.global_transformer") for name in own)
    assert not any("lm_head" in name or "embed_tokens" in name for name in own)


def test_a_trained_output_layer_is_noticed(base):
    adapted = with_adapter(MllamaForConditionalGeneration.from_pretrained(base), Lora())
    adapted.get_output_embeddings().weight.requires_grad_(True)
    with pytest.raises(ValueError, match="lm_head"):
        check_trained(adapted)


def test_the_loss_sees_the_answers_alone(base, samples):
    processor = AutoProcessor.from_pretrained(base)
    sample = Sample("1", "dark.png", (Turn("Is it?", "Yes"), Turn("And now?", "No")))
    one = encode(sample, samples.parent, processor.tokenizer)
    answered = processor.tokenizer.decode([token for token in one.wanted if token != IGNORED])
    assert answered == "Yes<|eot_id|>No<|eot_id|>"
    assert all(b in (IGNORED, a) for a, b in zip(one.tokens, one.wanted, strict=True))
    longer = replace(one, tokens=one.tokens * 2, wanted=one.wanted * 2)
    batch = Collator(processor)([one, longer])
    assert batch["attention_mask"].sum(dim=1).tolist() == [len(one.tokens), len(longer.tokens)]
    assert (batch["labels"][0, len(one.tokens) :] == IGNORED).all()


def test_tokens_see_the_tiles_of_the_page_from_its_place_on(tmp_path):
    folder = make_tiny(tmp_path / "base", size=Size(layers=2, cross_layers=(1,), tiles=4, words=400))
    processor = AutoProcessor.from_pretrained(folder)
    for name, shape in (("small", (40, 40, 3)), ("large", (112, 112, 3))):
        Image.fromarray(np.zeros(shape, np.uint8)).save(tmp_path / f"{name}.png")
    samples = (
        Sample("1", "small.png", (Turn("Is it?", "Yes"),)),
        Sample("2", "large.png", (Turn("Is it?", "Yes"), Turn("And now?", "No"))),
    )
    short, long = (encode(sample, tmp_path, processor.tokenizer) for sample in samples)
    sees = Collator(processor)([short, long])["cross_attention_mask"]
    place = short.tokens.index(processor.tokenizer.convert_tokens_to_ids("<|image|>"))
    assert place > 0
    assert sees.shape == (2, len(long.tokens), 1, 4)
    for row, one, tiles in ((0, short, [1, 0, 0, 0]), (1, long, [1, 1, 1, 1])):
        expected = torch.zeros(len(long.tokens), 4, dtype=torch.int64)
        expected[place : len(one.tokens)] = torch.tensor(tiles)
        assert torch.equal(sees[row, :, 0], expected)


def test_samples_that_are_too_long_are_left_out(base, samples):
    tokenizer = AutoProcessor.from_pretrained(base).tokenizer
    short, long = (Sample("1", "dark.png", (Turn("Is it?", answer),)) for answer in ("Yes", "Yes " * 300))
    assert Conversations([short, long], samples.parent, tokenizer, most_tokens=200).left_out == 1
    with pytest.raises(BadSamples, match="fits"):
        Conversations([long], samples.parent, tokenizer, most_tokens=200)


def test_a_missing_page_is_named_before_the_training_begins(base, samples):
    tokenizer = AutoProcessor.from_pretrained(base).tokenizer
    with pytest.raises(BadSamples, match=r"lost\.png"):
        Conversations([Sample("1", "lost.png", (Turn("a", "b"),))], samples.parent, tokenizer, most_tokens=200)
