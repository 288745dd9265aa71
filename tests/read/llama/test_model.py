"""The model itself: loaded as it was saved, seen once, asked often, held to its schema. Needs the extra [llama]."""

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra [llama] (pip install 'ecgdesk[llama]')")
pytest.importorskip("transformers", reason="needs the extra [llama] (pip install 'ecgdesk[llama]')")
pytest.importorskip("peft", reason="needs the extra [llama] (pip install 'ecgdesk[llama]')")
pytest.importorskip("xgrammar", reason="needs the extra [llama] (pip install 'ecgdesk[llama]')")

import torch

from ecgdesk.read.llama.bundle import Bundle, Label, write_bundle
from ecgdesk.read.llama.conversation import (
    LIST_FINDINGS,
    WRITE_REPORT,
    findings_schema,
    label_question,
    rendered,
)
from ecgdesk.read.llama.decoding import answer
from ecgdesk.read.llama.likelihood import label_margin, probability
from ecgdesk.read.llama.loading import Loaded, Precision, load
from ecgdesk.read.llama.memory import is_quantised
from ecgdesk.read.llama.refusals import BundleRejected, ModelFailed, Stopped
from ecgdesk.read.llama.sight import Sight
from ecgdesk.read.llama.tensors import Tensor, canonical
from ecgdesk.read.llama.verify import verify
from tests.read.llama.tiny_bundle import tiny_manifest

CPU = torch.device("cpu")
QUESTION = rendered(label_question("NORM"), context="Measured: heart rate 70 bpm.")
OTHER = rendered(WRITE_REPORT)
ANSWER = "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
PAGE = np.random.default_rng(0).integers(0, 255, (300, 420, 3), dtype=np.uint8)
SMALL_PAGE = np.random.default_rng(2).integers(0, 255, (40, 40, 3), dtype=np.uint8)  # leaves tiles empty
WIDE_PAGE = np.random.default_rng(1).integers(0, 255, (100, 600, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def loaded(tiny_bundle: Bundle) -> Loaded:
    torch.set_num_threads(1)
    return load(tiny_bundle, device=CPU)


@pytest.fixture(scope="module")
def in_4_bits(tiny_bundle: Bundle) -> Loaded:
    pytest.importorskip("bitsandbytes", reason="needs the extra [llama] (pip install 'ecgdesk[llama]')")
    return load(tiny_bundle, device=CPU, precision=Precision.NF4)


def by_the_library(loaded: Loaded, page: np.ndarray, text: str) -> torch.Tensor:
    """The logits after `text`, by one plain pass with pixels, as the library makes it."""
    inputs = loaded.processor(images=page, text=text, return_tensors="pt", add_special_tokens=False)
    with torch.inference_mode():
        logits: torch.Tensor = loaded.model(**inputs).logits[0, -1]
    return logits


@pytest.mark.parametrize("page", [PAGE, WIDE_PAGE, SMALL_PAGE], ids=["four tiles", "a wide page", "one tile"])
def test_a_page_seen_once_gives_the_logits_of_a_pass_with_its_pixels(loaded: Loaded, page: np.ndarray) -> None:
    sight = Sight(loaded, page)
    for text in (QUESTION, OTHER, QUESTION):
        expected = by_the_library(loaded, page, text)
        assert torch.allclose(sight.after(sight.tokens_of(text)), expected, atol=1e-5)


def test_the_page_matters_to_the_answer(loaded: Loaded) -> None:
    one, other = (Sight(loaded, page).after(Sight(loaded, page).tokens_of(OTHER)) for page in (PAGE, WIDE_PAGE))
    assert (one - other).abs().max() > 1e-3


def test_the_vision_tower_is_asked_once_for_all_questions(loaded: Loaded) -> None:
    calls: list[int] = []
    hook = loaded.model.model.vision_model.register_forward_hook(lambda *_: calls.append(1))
    sight = Sight(loaded, PAGE)
    for text in (QUESTION, OTHER):
        sight.after(sight.tokens_of(text))
    hook.remove()
    assert calls == [1]


def test_of_a_second_question_only_what_differs_is_computed(loaded: Loaded) -> None:
    sight = Sight(loaded, PAGE)
    layer = loaded.model.model.language_model.layers[0].self_attn.q_proj
    widths: list[int] = []
    hook = layer.register_forward_pre_hook(lambda _, inputs: widths.append(inputs[0].shape[1]))
    first = sight.tokens_of(rendered(label_question("NORM"), context="Measured: heart rate 70 bpm."))
    second = sight.tokens_of(rendered(label_question("AFIB"), context="Measured: heart rate 70 bpm."))
    sight.after(first)
    sight.after(second)
    hook.remove()
    assert widths[0] == len(first)
    told = len(sight.tokens_of(rendered("", context="Measured: heart rate 70 bpm.")[: -len(ANSWER)]))
    assert widths[1] <= len(second) - told + 1


def test_likelihood_of_an_answer_is_the_sum_over_its_tokens(loaded: Loaded) -> None:
    sight = Sight(loaded, PAGE)
    long = "Sinus rhythm without doubt"
    yes, sentence = sight.log_likelihoods(QUESTION, ["Yes", long])
    begin = sight.tokens_of(QUESTION)
    total = 0.0
    for token in sight.tokens_of(long):
        total += float(torch.log_softmax(sight.after(begin), dim=-1)[token])
        begin = [*begin, token]
    assert len(sight.tokens_of(long)) > 1
    assert sentence == pytest.approx(total, abs=1e-4)
    assert sentence < yes < 0


def test_answers_that_begin_one_another_are_not_compared(loaded: Loaded) -> None:
    with pytest.raises(ValueError, match="begin another's"):
        Sight(loaded, PAGE).log_likelihoods(QUESTION, ["Yes", "Yes No"])


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_computation_that_overflows_fails_the_page_and_is_no_answer(
    loaded: Loaded, number: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    sight = Sight(loaded, SMALL_PAGE)
    norm = loaded.model.model.language_model.norm.weight
    monkeypatch.setattr(norm, "data", torch.full_like(norm.data, number))
    with pytest.raises(ModelFailed, match="overflowed"):
        label_margin(sight, "NORM")


def test_a_probability_is_softened_by_its_temperature(loaded: Loaded) -> None:
    margin = label_margin(Sight(loaded, PAGE), "NORM")
    assert math.isfinite(margin)
    assert probability(2.0, Label("x")) == pytest.approx(1 / (1 + math.exp(-2)))
    assert probability(2.0, Label("x", temperature=4.0)) == pytest.approx(1 / (1 + math.exp(-0.5)))
    assert probability(-1e6, Label("x")) == pytest.approx(0.0)


def test_a_listing_parses_whatever_the_model_would_rather_say(loaded: Loaded) -> None:
    sight = Sight(loaded, PAGE)
    free = "".join(answer(sight, loaded, rendered(LIST_FINDINGS), most_tokens=60))
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(free)
    held = "".join(answer(sight, loaded, rendered(LIST_FINDINGS), most_tokens=1200, schema=findings_schema()))
    assert set(json.loads(held)) == {"findings"}


def test_a_schema_is_kept_to_item_by_item(loaded: Loaded) -> None:
    schema = findings_schema()
    rows = schema["properties"]["findings"]
    rows["minItems"] = rows["maxItems"] = 3
    rows["items"]["properties"]["leads"]["minItems"] = 1
    held = "".join(answer(Sight(loaded, PAGE), loaded, rendered(LIST_FINDINGS), most_tokens=1200, schema=schema))
    found = json.loads(held)["findings"]
    assert len(found) == 3
    allowed = rows["items"]["properties"]
    for row in found:
        assert row["code"] in allowed["code"]["enum"]
        assert row["certainty"] in allowed["certainty"]["enum"]
        assert row["leads"]
        assert set(row["leads"]) <= set(allowed["leads"]["items"]["enum"])
    assert held == json.dumps(json.loads(held))  # the form in which answers are trained


def test_an_answer_stops_before_the_next_token(loaded: Loaded) -> None:
    pieces: list[str] = []
    endless = answer(Sight(loaded, PAGE), loaded, OTHER, most_tokens=50, stopped=lambda: len(pieces) >= 3)
    with pytest.raises(Stopped):
        pieces.extend(endless)
    assert len(pieces) == 3


# 4 bits and adapters


def test_4_bits_are_where_the_memory_was_computed_with_them(in_4_bits: Loaded) -> None:
    quantised = {
        canonical(f"{name}.weight")
        for name, module in in_4_bits.model.named_modules()
        if type(module).__name__ == "Linear4bit"
    }
    weights = {canonical(f"{name}.weight"): module for name, module in in_4_bits.model.named_modules()}
    expected = {
        name
        for name, module in weights.items()
        if isinstance(module, torch.nn.Linear)
        and is_quantised(Tensor(name, (module.out_features, module.in_features), ""))
    }
    assert quantised == expected
    assert quantised


def test_4_bits_answer_much_as_16_do(loaded: Loaded, in_4_bits: Loaded) -> None:
    full, small = (Sight(one, PAGE).after(Sight(one, PAGE).tokens_of(QUESTION)) for one in (loaded, in_4_bits))
    difference = (full - small).std() / full.std()
    assert 0 < difference < 0.3


@pytest.fixture(scope="module")
def with_adapter(tiny_bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A bundle with an adapter that changes much, and the logits of the model it was taken from."""
    import shutil

    from peft import LoraConfig, get_peft_model
    from transformers import MllamaForConditionalGeneration

    folder: Path = tmp_path_factory.mktemp("adapted")
    shutil.copytree(tiny_bundle.base, folder / "base")
    base = MllamaForConditionalGeneration.from_pretrained(folder / "base", local_files_only=True)
    tuned: Any = get_peft_model(base, LoraConfig(r=4, lora_alpha=8, target_modules="all-linear"))
    torch.manual_seed(3)
    for name, weight in tuned.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.2)
    tuned.eval()
    processor = load(tiny_bundle, device=CPU).processor
    inputs = processor(images=PAGE, text=QUESTION, return_tensors="pt", add_special_tokens=False)
    with torch.inference_mode():
        logits = tuned(**inputs).logits[0, -1]
    tuned.save_pretrained(folder / "adapter")
    (folder / "adapter" / "README.md").unlink(missing_ok=True)
    manifest = tiny_manifest(adapter="adapter")
    return SimpleNamespace(bundle=write_bundle(folder, manifest), logits=logits)


def test_an_adapter_changes_the_model_as_it_was_trained(with_adapter: SimpleNamespace, loaded: Loaded) -> None:
    verify(with_adapter.bundle)
    sight = Sight(load(with_adapter.bundle, device=CPU), PAGE)
    found = sight.after(sight.tokens_of(QUESTION))
    assert torch.allclose(found, with_adapter.logits, atol=1e-4)
    assert not torch.allclose(found, Sight(loaded, PAGE).after(sight.tokens_of(QUESTION)), atol=1e-2)


def test_an_adapter_of_older_names_fits_as_well(with_adapter: SimpleNamespace, tmp_path: Path) -> None:
    import shutil

    from safetensors.torch import load_file, save_file

    shutil.copytree(with_adapter.bundle.folder, tmp_path / "old")
    path = tmp_path / "old" / "adapter" / "adapter_model.safetensors"
    renamed = {
        name.replace("model.model.language_model.", "model.language_model.model.").replace(
            "model.model.vision_model.", "model.vision_model."
        ): tensor
        for name, tensor in load_file(path).items()
    }
    assert any("language_model.model.layers" in name for name in renamed)
    save_file(renamed, path)
    bundle = write_bundle(tmp_path / "old", with_adapter.bundle.manifest)
    verify(bundle)
    sight = Sight(load(bundle, device=CPU), PAGE)
    assert torch.allclose(sight.after(sight.tokens_of(QUESTION)), with_adapter.logits, atol=1e-4)


def test_a_rank_that_is_said_under_an_older_name_is_the_modules_rank(
    with_adapter: SimpleNamespace, tmp_path: Path
) -> None:
    import json
    import shutil

    from safetensors.torch import load_file

    folder = tmp_path / "ranks"
    shutil.copytree(with_adapter.bundle.folder, folder)
    path = folder / "adapter" / "adapter_config.json"
    stated = json.loads(path.read_text())
    names = [name for name in load_file(path.with_name("adapter_model.safetensors")) if "lora_A" in name]
    older = [
        name.removeprefix("base_model.model.").removesuffix(".lora_A.weight").replace("model.vision", "vision")
        for name in names
    ]
    older = [name.replace("model.language_model.", "language_model.model.") for name in older]
    path.write_text(json.dumps(stated | {"r": 2, "rank_pattern": dict.fromkeys(older, 4)}))
    bundle = write_bundle(folder, with_adapter.bundle.manifest)
    verify(bundle)
    sight = Sight(load(bundle, device=CPU), PAGE)
    assert torch.allclose(sight.after(sight.tokens_of(QUESTION)), with_adapter.logits, atol=1e-4)


def test_an_adapter_that_lacks_a_factor_is_refused(with_adapter: SimpleNamespace, tmp_path: Path) -> None:
    import shutil

    from safetensors.torch import load_file, save_file

    shutil.copytree(with_adapter.bundle.folder, tmp_path / "half")
    path = tmp_path / "half" / "adapter" / "adapter_model.safetensors"
    tensors = load_file(path)
    del tensors[next(name for name in tensors if "lora_B" in name)]
    save_file(tensors, path)
    with pytest.raises(BundleRejected, match="lacks some of its own factors"):
        load(write_bundle(tmp_path / "half", with_adapter.bundle.manifest), device=CPU)


def test_an_adapter_lies_beside_the_4_bits(with_adapter: SimpleNamespace) -> None:
    pytest.importorskip("bitsandbytes", reason="needs the extra [llama] (pip install 'ecgdesk[llama]')")
    sight = Sight(load(with_adapter.bundle, device=CPU, precision=Precision.NF4), PAGE)
    found = sight.after(sight.tokens_of(QUESTION))
    assert 0 < (found - with_adapter.logits).std() / with_adapter.logits.std() < 0.3
