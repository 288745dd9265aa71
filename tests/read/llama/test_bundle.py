"""A bundle is loaded only when it is complete, unchanged, and holds nothing but plain weights that fit together."""

import errno
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from ecgdesk.read.llama import installed
from ecgdesk.read.llama.bundle import MANIFEST, Bundle, Label, Licence, read_bundle, write_bundle
from ecgdesk.read.llama.pack import pack
from ecgdesk.read.llama.refusals import BundleRejected, ModelUnavailable
from ecgdesk.read.llama.tensors import canonical
from ecgdesk.read.llama.verify import verify
from tests.read.llama.paper_model import (
    CONFIGURATION,
    manifest,
    write_adapter,
    write_base,
    write_paper_bundle,
    write_tensors,
)

Q = "base_model.model.language_model.model.layers.0.self_attn.q_proj"


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return write_paper_bundle(tmp_path / "bundle")


def shard(bundle: Bundle) -> Path:
    return bundle.base / "model-00001-of-00002.safetensors"


def test_what_is_written_is_read_again(bundle: Bundle) -> None:
    verify(bundle)
    read = read_bundle(bundle.folder).manifest
    assert read == bundle.manifest
    assert [label.threshold for label in read.label] == [0.5, 0.4]
    assert len(read.files) == 6


def change_a_byte(bundle: Bundle) -> None:
    raw = bytearray(shard(bundle).read_bytes())
    raw[-1] ^= 1
    shard(bundle).write_bytes(raw)


def cut_a_shard(bundle: Bundle) -> None:
    shard(bundle).write_bytes(shard(bundle).read_bytes()[:-1])
    write_bundle(bundle.folder, bundle.manifest)


def lengthen_a_shard(bundle: Bundle) -> None:
    shard(bundle).write_bytes(shard(bundle).read_bytes() + b"more")
    write_bundle(bundle.folder, bundle.manifest)


def forget_a_shard(bundle: Bundle) -> None:
    shard(bundle).unlink()
    write_bundle(bundle.folder, bundle.manifest)


def swap_a_shard(bundle: Bundle) -> None:
    write_tensors(shard(bundle), {"another.weight": (2, 2)})
    write_bundle(bundle.folder, bundle.manifest)


def bring_a_pickle(bundle: Bundle) -> None:
    (bundle.base / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    write_bundle(bundle.folder, bundle.manifest)


def bring_code(bundle: Bundle) -> None:
    (bundle.base / "modeling.py").write_text("print('hello')")
    write_bundle(bundle.folder, bundle.manifest)


def ask_for_code(bundle: Bundle) -> None:
    path = bundle.base / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"auto_map": {"AutoModel": "modeling.Model"}}))
    write_bundle(bundle.folder, bundle.manifest)


def be_another_model(bundle: Bundle) -> None:
    path = bundle.base / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"model_type": "llava"}))
    write_bundle(bundle.folder, bundle.manifest)


def add_an_unlisted_file(bundle: Bundle) -> None:
    (bundle.base / "generation_config.json").write_text("{}")


def train_on_another_base(bundle: Bundle) -> None:
    write_bundle(bundle.folder, manifest(trained_on="0" * 64))


def fit_another_width(bundle: Bundle) -> None:
    write_tensors(bundle.folder / "adapter" / "adapter_model.safetensors", {f"{Q}.lora_A.weight": (2, 99)})
    write_bundle(bundle.folder, bundle.manifest)


def fit_another_depth(bundle: Bundle) -> None:
    other = Q.replace("layers.0", "layers.77")
    write_tensors(bundle.folder / "adapter" / "adapter_model.safetensors", {f"{other}.lora_A.weight": (2, 8)})
    write_bundle(bundle.folder, bundle.manifest)


A, B = f"{Q}.lora_A.weight", f"{Q}.lora_B.weight"


def bring(bundle: Bundle, factors: dict[str, tuple[int, ...]], **stated: object) -> None:
    """Another adapter in the place of the bundle's."""
    write_tensors(bundle.folder / "adapter" / "adapter_model.safetensors", factors)
    configuration = {"peft_type": "LORA", "r": 2, "lora_alpha": 4} | stated
    (bundle.folder / "adapter" / "adapter_config.json").write_text(json.dumps(configuration))
    write_bundle(bundle.folder, bundle.manifest)


def ask_for_an_unknown_label(bundle: Bundle) -> None:
    write_bundle(bundle.folder, replace(bundle.manifest, label=(Label("HEARTACHE"),)))


def be_of_another_rank(bundle: Bundle) -> None:
    bring(bundle, {A: (2, 8), B: (8, 2)}, r=64)


def be_of_two_ranks(bundle: Bundle) -> None:
    bring(bundle, {A: (2, 8), B: (8, 3)})


def be_of_a_rank_in_words(bundle: Bundle) -> None:
    bring(bundle, {A: (2, 8), B: (8, 2)}, r="two")


def tell_a_rank_by_a_broken_pattern(bundle: Bundle) -> None:
    bring(bundle, {A: (2, 8), B: (8, 2)}, rank_pattern={"layers.(0": 2})


def bring_more_than_factors(bundle: Bundle) -> None:
    bring(bundle, {A: (2, 8), B: (8, 2), f"{Q}.lora_magnitude_vector": (8,)})


def have_a_side_too_many(bundle: Bundle) -> None:
    bring(bundle, {A: (2, 8, 1), B: (8, 2)})


def lay_factors_on_a_norm(bundle: Bundle) -> None:
    norm = "base_model.model.language_model.model.norm"
    bring(bundle, {f"{norm}.lora_A.weight": (8,), f"{norm}.lora_B.weight": (8,)})


def name_the_end_of_a_word(bundle: Bundle) -> None:
    bring(bundle, {A: (2, 8), B: (8, 2)}, target_modules=["proj"])


def lack_a_factor(bundle: Bundle) -> None:
    bring(bundle, {A: (2, 8)})


def hold_what_it_does_not_name(bundle: Bundle) -> None:
    bring(bundle, {A: (2, 8), B: (8, 2)}, target_modules=["v_proj"])


def lack_what_it_names(bundle: Bundle) -> None:
    bring(bundle, {A: (2, 8), B: (8, 2)}, target_modules=["q_proj", "k_proj", "nowhere"])


def have_a_layer_too_few(bundle: Bundle) -> None:
    configure(bundle, CONFIGURATION | {"text_config": CONFIGURATION["text_config"] | {"num_hidden_layers": 3}})


def see(bundle: Bundle, **stated: object) -> None:
    """With so much of its vision tower told otherwise; None: not told."""
    vision = CONFIGURATION["vision_config"] | stated
    configure(bundle, CONFIGURATION | {"vision_config": {k: v for k, v in vision.items() if v is not None}})


def see_through_a_layer_too_few(bundle: Bundle) -> None:
    see(bundle, num_hidden_layers=2)


def see_through_a_global_layer_too_few(bundle: Bundle) -> None:
    see(bundle, num_global_layers=8)


def see_through_untold_layers(bundle: Bundle) -> None:
    see(bundle, num_global_layers=None)


def see_narrower_than_said(bundle: Bundle) -> None:
    see(bundle, hidden_size=16)


def see_smaller_patches_than_said(bundle: Bundle) -> None:
    see(bundle, patch_size=28)


def give_less_to_the_text_than_said(bundle: Bundle) -> None:
    see(bundle, vision_output_dim=32)


def be_narrower_than_said(bundle: Bundle) -> None:
    configure(bundle, CONFIGURATION | {"text_config": CONFIGURATION["text_config"] | {"hidden_size": 16}})


def replace_whole_layers(bundle: Bundle) -> None:
    path = bundle.folder / "adapter" / "adapter_config.json"
    path.write_text(json.dumps({"peft_type": "LORA", "modules_to_save": ["lm_head"]}))
    write_bundle(bundle.folder, bundle.manifest)


def be_no_lora(bundle: Bundle) -> None:
    (bundle.folder / "adapter" / "adapter_config.json").write_text(json.dumps({"peft_type": "PREFIX_TUNING"}))
    write_bundle(bundle.folder, bundle.manifest)


def promise_in(bundle: Bundle, shard: object) -> None:
    """The index says of every tensor that it lies in `shard`."""
    index = bundle.base / "model.safetensors.index.json"
    where = json.loads(index.read_text())["weight_map"]
    index.write_text(json.dumps({"weight_map": dict.fromkeys(where, shard)}))
    write_bundle(bundle.folder, bundle.manifest)


def promise_another_file(bundle: Bundle) -> None:
    promise_in(bundle, "config.json")


def promise_a_file_outside(bundle: Bundle) -> None:
    promise_in(bundle, "../adapter/adapter_model.safetensors")


def promise_no_file_at_all(bundle: Bundle) -> None:
    promise_in(bundle, ["config.json"])


def head_a_shard_with(bundle: Bundle, **changes: object) -> None:
    row = {"dtype": "BF16", "shape": [2, 2], "data_offsets": [0, 8]} | changes
    raw = json.dumps({"w": row}).encode()
    shard(bundle).write_bytes(len(raw).to_bytes(8, "little") + raw + bytes(8))
    write_bundle(bundle.folder, bundle.manifest)


def place_a_tensor_nowhere(bundle: Bundle) -> None:
    head_a_shard_with(bundle, data_offsets=[])


def place_a_tensor_in_words(bundle: Bundle) -> None:
    head_a_shard_with(bundle, data_offsets=["0", "8"])


def shape_a_tensor_in_words(bundle: Bundle) -> None:
    head_a_shard_with(bundle, shape=["two"])


def nest_a_header_without_end(bundle: Bundle) -> None:
    raw = b'{"w":' + b"[" * 200_000
    shard(bundle).write_bytes(len(raw).to_bytes(8, "little") + raw)
    write_bundle(bundle.folder, bundle.manifest)


def bring_a_folder_as_shard(bundle: Bundle) -> None:
    shard(bundle).unlink()
    shard(bundle).mkdir()
    write_bundle(bundle.folder, bundle.manifest)


def flatten_a_factor(bundle: Bundle) -> None:
    write_tensors(bundle.folder / "adapter" / "adapter_model.safetensors", {f"{Q}.lora_A.weight": (8,)})
    write_bundle(bundle.folder, bundle.manifest)


def configure(bundle: Bundle, configuration: object) -> None:
    (bundle.base / "config.json").write_text(json.dumps(configuration))
    write_bundle(bundle.folder, bundle.manifest)


def be_configured_by_a_list(bundle: Bundle) -> None:
    configure(bundle, ["mllama"])


def lack_a_size(bundle: Bundle) -> None:
    text = {key: value for key, value in CONFIGURATION["text_config"].items() if key != "hidden_size"}
    configure(bundle, CONFIGURATION | {"text_config": text})


def be_nothing_wide(bundle: Bundle) -> None:
    configure(bundle, CONFIGURATION | {"vision_config": CONFIGURATION["vision_config"] | {"patch_size": 0}})


def be_large_in_words(bundle: Bundle) -> None:
    configure(bundle, CONFIGURATION | {"text_config": "large"})


REFUSED: dict[Callable[[Bundle], None], str] = {
    change_a_byte: r"model-00001-of-00002.safetensors is not the file .* \(its SHA-256 differs\); copy it anew",
    cut_a_shard: r"model-00001-of-00002.safetensors is damaged or cut off",
    forget_a_shard: r"lacks the shard model-00001-of-00002.safetensors that its index names; copy the missing file",
    swap_a_shard: r"model-00001-of-00002.safetensors lacks .*, which the index says it holds",
    bring_a_pickle: r"base/pytorch_model.bin is a pickle, which can run code .*; use the weights as safetensors",
    bring_code: r"base/modeling.py is program code",
    ask_for_code: r"base/config.json asks for program code of its own, which is never run",
    be_another_model: r"model of type 'llava'; the base must be a Llama 3.2 Vision",
    add_an_unlisted_file: r"base/generation_config.json is not listed in bundle.toml",
    train_on_another_base: r"adapter belongs to another base: it was trained on other weights",
    fit_another_width: r"adapter belongs to another base: .*q_proj.weight is of another size",
    fit_another_depth: r"adapter belongs to another base: the base has no .*layers.77",
    be_of_another_rank: r"factors of .*q_proj are of rank 2, but its adapter_config.json says 64; copy both",
    be_of_two_ranks: r"factors of .*q_proj are of rank 2 and 3, but its adapter_config.json says 2",
    be_of_a_rank_in_words: r"adapter/adapter_config.json is damaged .*; copy it anew",
    tell_a_rank_by_a_broken_pattern: r"adapter/adapter_config.json is damaged .*; copy it anew",
    bring_more_than_factors: r"holds .*q_proj.lora_magnitude_vector, which is no LoRA factor",
    have_a_side_too_many: r"adapter belongs to another base: .*q_proj.weight is of another size",
    lay_factors_on_a_norm: r"adapter belongs to another base: .*norm.weight is of another size",
    name_the_end_of_a_word: r"holds factors of .*q_proj, which its adapter_config.json does not name",
    lack_a_factor: r"lacks one of the two factors of .*q_proj; copy it anew",
    hold_what_it_does_not_name: r"holds factors of .*q_proj, which its adapter_config.json does not name",
    lack_what_it_names: r"lacks the factors of .*, which its adapter_config.json names; copy it anew",
    have_a_layer_too_few: r"weights in base are not of the size that its config.json says; copy both anew",
    see_through_a_layer_too_few: r"weights in base are not of the size that its config.json says",
    see_through_a_global_layer_too_few: r"weights in base are not of the size that its config.json says",
    see_through_untold_layers: r"weights in base are not of the size that its config.json says",
    see_narrower_than_said: r"weights in base are not of the size that its config.json says",
    see_smaller_patches_than_said: r"weights in base are not of the size that its config.json says",
    give_less_to_the_text_than_said: r"weights in base are not of the size that its config.json says",
    be_narrower_than_said: r"weights in base are not of the size that its config.json says",
    replace_whole_layers: r"replaces whole layers of the base",
    promise_another_file: r"base lacks the shard config.json that its index names",
    promise_a_file_outside: r"base lacks the shard ../adapter/adapter_model.safetensors that its index names",
    promise_no_file_at_all: r"model.safetensors.index.json is damaged; copy it anew",
    place_a_tensor_nowhere: r"model-00001-of-00002.safetensors is damaged or cut off",
    place_a_tensor_in_words: r"model-00001-of-00002.safetensors is damaged or cut off",
    shape_a_tensor_in_words: r"model-00001-of-00002.safetensors is damaged or cut off",
    nest_a_header_without_end: r"model-00001-of-00002.safetensors is damaged or cut off",
    bring_a_folder_as_shard: r"lacks the shard model-00001-of-00002.safetensors",
    flatten_a_factor: r"adapter belongs to another base: .*q_proj.weight is of another size",
    be_configured_by_a_list: r"base/config.json is no configuration; copy it anew",
    lack_a_size: r"does not tell the model's sizes \('hidden_size'\); copy it anew",
    be_nothing_wide: r"does not tell the model's sizes",
    be_large_in_words: r"does not tell the model's sizes",
    ask_for_an_unknown_label: r"paper 1 asks for the label HEARTACHE, which this program does not know",
    lengthen_a_shard: r"model-00001-of-00002.safetensors is damaged or cut off",
    be_no_lora: r"type 'PREFIX_TUNING'; only LoRA adapters are read",
}


@pytest.mark.parametrize("harm", REFUSED, ids=[harm.__name__ for harm in REFUSED])
def test_a_harmed_bundle_is_refused_in_one_sentence(harm: Callable[[Bundle], None], bundle: Bundle) -> None:
    harm(bundle)
    with pytest.raises(BundleRejected) as refused:
        verify(read_bundle(bundle.folder))
    assert re.search(REFUSED[harm], str(refused.value)), str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "stated",
    [
        {"r": 64, "rank_pattern": {"layers.0.self_attn.q_proj": 2}},
        {"r": 64, "rank_pattern": {"model.language_model.layers.0.self_attn.q_proj": 2}},
        {"target_modules": ["model.language_model.layers.0.self_attn.q_proj"]},
        {"target_modules": ["q_proj"], "exclude_modules": ["vision_model.transformer.layers.0.self_attn.q_proj"]},
        {"target_modules": ["q_proj"], "exclude_modules": ".*vision_model.*"},
        {"target_modules": ["q_proj"], "layers_to_transform": [0], "layers_pattern": "layers"},
        {"target_modules": ".*language_model.*q_proj"},
    ],
)
def test_an_adapter_may_say_in_every_form_which_modules_it_holds(stated: dict[str, object], bundle: Bundle) -> None:
    bring(bundle, {A: (2, 8), B: (8, 2)}, **stated)
    verify(read_bundle(bundle.folder))


@pytest.mark.parametrize("name", ["../secrets", "/etc/passwd", "base/../../secrets", "C:\\secrets", ""])
def test_a_manifest_that_points_outside_its_folder_is_refused(name: str, bundle: Bundle) -> None:
    text = (bundle.folder / MANIFEST).read_text()
    (bundle.folder / MANIFEST).write_text(text.replace("[files]", f'[files]\n{json.dumps(name)} = "0"'))
    with pytest.raises(BundleRejected, match="outside the bundle"):
        read_bundle(bundle.folder)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (('"llama-vision"', '"whisper"'), "of another kind"),
        (("format = 1", "format = 2"), "of another kind"),
        (("format = 1", "format = "), "is damaged"),
        (('name = "paper"', 'name = "../paper"'), "use letters"),
        (('version = "1"', "version = 1"), "is damaged"),
        (("temperature = 2.0", "temperature = 0.0"), "is damaged"),
        (("temperature = 2.0", "temperature = -2.0"), "is damaged"),  # it would turn yes and no round
        (("temperature = 2.0", "temperature = nan"), "is damaged"),
        (("temperature = 2.0", "temperature = inf"), "is damaged"),
        (("threshold = 0.4", "threshold = 1.1"), "is damaged"),
        (("context_tokens = 4096", "context_tokens = 0"), "is damaged"),
    ],
)
def test_a_manifest_of_another_form_is_refused(change: tuple[str, str], sentence: str, bundle: Bundle) -> None:
    path = bundle.folder / MANIFEST
    path.write_text(path.read_text().replace(*change))
    with pytest.raises(BundleRejected, match=sentence):
        read_bundle(bundle.folder)


def test_a_folder_without_a_manifest_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleRejected, match=r"is no model bundle: bundle.toml is missing"):
        read_bundle(tmp_path)


def test_a_tensor_has_one_name_in_every_version_and_in_its_adapter() -> None:
    old = "language_model.model.layers.0.self_attn.q_proj.weight"
    new = "model.language_model.layers.0.self_attn.q_proj.weight"
    assert (
        canonical(old) == canonical(new) == canonical(f"base_model.model.{old}") == canonical(f"base_model.model.{new}")
    )
    assert canonical("language_model.lm_head.weight") == canonical("lm_head.weight")
    assert canonical("model.vision_model.x") == canonical("vision_model.x")


# On this desk


def test_an_added_bundle_is_a_copy_of_its_own(bundle: Bundle, tmp_path: Path) -> None:
    shares: list[float] = []
    one = installed.add(bundle.folder, home=tmp_path, link=False, accept_licence=True, on_share=shares.append)
    change_a_byte(bundle)
    assert installed.ready(tmp_path) == one.bundle
    assert one.bundle.folder != bundle.folder
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_a_linked_bundle_stays_where_it_is_and_after_its_removal(bundle: Bundle, tmp_path: Path) -> None:
    installed.add(bundle.folder, home=tmp_path, link=True, accept_licence=True)
    assert installed.ready(tmp_path, "paper").folder == bundle.folder
    installed.remove("paper", home=tmp_path)
    assert installed.names(tmp_path) == ()
    verify(bundle)


def test_without_its_licence_accepted_no_bundle_is_added(bundle: Bundle, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="under a licence of the tests; read its notice and accept it"):
        installed.add(bundle.folder, home=tmp_path, link=True, accept_licence=False)
    assert installed.names(tmp_path) == ()


def test_another_licence_has_to_be_accepted_anew(bundle: Bundle, tmp_path: Path) -> None:
    installed.add(bundle.folder, home=tmp_path, link=True, accept_licence=True)
    path = bundle.folder / MANIFEST
    path.write_text(path.read_text().replace("Do as you like.", "Do as you are told."))
    with pytest.raises(ModelUnavailable, match="licence of paper 1 is not accepted"):
        installed.ready(tmp_path)


def test_a_bundle_that_changed_since_is_hashed_again_before_it_is_used(bundle: Bundle, tmp_path: Path) -> None:
    installed.add(bundle.folder, home=tmp_path, link=True, accept_licence=True)
    hashed: list[float] = []
    installed.ready(tmp_path, on_share=hashed.append)
    assert hashed == []
    change_a_byte(bundle)
    with pytest.raises(BundleRejected, match="SHA-256 differs"):
        installed.ready(tmp_path, on_share=hashed.append)
    assert hashed


def test_a_file_that_changes_while_it_is_hashed_is_hashed_again(bundle: Bundle, tmp_path: Path) -> None:
    def copy_over(share: float) -> None:
        if share == 1.0:
            change_a_byte(bundle)

    installed.add(bundle.folder, home=tmp_path, link=True, accept_licence=True, on_share=copy_over)
    with pytest.raises(BundleRejected, match="SHA-256 differs"):
        installed.ready(tmp_path)


@pytest.mark.parametrize("content", ["[]", "", "{", '{"licence": 1}'])
def test_a_damaged_note_of_the_licence_asks_for_it_anew(content: str, bundle: Bundle, tmp_path: Path) -> None:
    installed.add(bundle.folder, home=tmp_path, link=True, accept_licence=True)
    (tmp_path / "models" / "paper.state").write_text(content)
    with pytest.raises(ModelUnavailable, match="licence of paper 1 is not accepted"):
        installed.ready(tmp_path)


def test_a_damaged_link_is_refused_and_can_be_removed(bundle: Bundle, tmp_path: Path) -> None:
    installed.add(bundle.folder, home=tmp_path, link=True, accept_licence=True)
    (tmp_path / "models" / "paper.link").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(BundleRejected, match="is damaged; remove paper"):
        installed.ready(tmp_path)
    installed.remove("paper", home=tmp_path)
    assert installed.names(tmp_path) == ()


def test_a_full_disk_leaves_no_half_of_a_model(bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(ModelUnavailable, match=r"cannot be written .No space left on device.; check its disk"):
        installed.add(bundle.folder, home=tmp_path, link=True, accept_licence=True)
    assert installed.names(tmp_path) == ()


def test_a_copy_for_which_there_is_no_room_is_not_begun(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=100))
    with pytest.raises(ModelUnavailable, match=r"takes 0\.0 GB and 0\.0 GB are free; make room, or leave it"):
        installed.add(bundle.folder, home=tmp_path, link=False, accept_licence=True)
    assert list((tmp_path / "models").iterdir()) == []


def test_a_model_whose_folder_now_holds_another_touches_nobody_elses_licence(bundle: Bundle, tmp_path: Path) -> None:
    installed.add(bundle.folder, home=tmp_path, link=True, accept_licence=True)
    other = write_paper_bundle(tmp_path / "other", name="other", licence=Licence("another licence", "Do not."))
    installed.add(other.folder, home=tmp_path, link=True, accept_licence=True)
    write_bundle(bundle.folder, replace(bundle.manifest, name="other"))
    installed.ready(tmp_path, "paper")
    assert installed.get(tmp_path, "other").accepted


def test_a_model_that_cannot_be_deleted_is_one_sentence_and_can_be_removed_later(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(_: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    installed.add(bundle.folder, home=tmp_path, link=False, accept_licence=True)
    with monkeypatch.context() as windows:
        windows.setattr("shutil.rmtree", locked)
        with pytest.raises(ModelUnavailable, match=r"unload it, .* and remove it again"):
            installed.remove("paper", home=tmp_path)
    installed.remove("paper", home=tmp_path)
    assert installed.names(tmp_path) == ()


def test_a_medium_that_fails_is_one_sentence(bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> str:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("ecgdesk.read.llama.verify.hash_of", fail)
    with pytest.raises(BundleRejected, match=r"cannot be read .Input/output error.; check its disk"):
        verify(bundle)


def test_check_finds_what_size_and_time_do_not_tell(bundle: Bundle, tmp_path: Path) -> None:
    import os

    installed.add(bundle.folder, home=tmp_path, link=True, accept_licence=True)
    before = shard(bundle).stat()
    change_a_byte(bundle)
    os.utime(shard(bundle), ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(BundleRejected, match="SHA-256 differs"):
        installed.check("paper", home=tmp_path)


def test_a_damaged_bundle_is_not_added_and_leaves_nothing(bundle: Bundle, tmp_path: Path) -> None:
    change_a_byte(bundle)
    with pytest.raises(BundleRejected):
        installed.add(bundle.folder, home=tmp_path / "home", link=False, accept_licence=True)
    assert list((tmp_path / "home" / "models").iterdir()) == []


def test_a_copy_that_was_broken_off_is_no_model_and_in_nobodys_way(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "models" / ".half-paper" / "base").mkdir(parents=True)
    assert installed.names(tmp_path) == ()
    installed.add(bundle.folder, home=tmp_path, link=False, accept_licence=True)
    assert installed.names(tmp_path) == ("paper",)
    assert [path.name for path in (tmp_path / "models").iterdir() if path.is_dir()] == ["paper"]


def test_an_unknown_name_says_what_there_is(bundle: Bundle, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="no Llama model on this desk yet"):
        installed.check("paper", home=tmp_path)
    installed.add(bundle.folder, home=tmp_path, link=True, accept_licence=True)
    with pytest.raises(ModelUnavailable, match="there is: paper"):
        installed.check("plastic", home=tmp_path)
    with pytest.raises(ModelUnavailable, match="on this desk already"):
        installed.add(bundle.folder, home=tmp_path, link=True, accept_licence=True)


def write_download(folder: Path) -> Path:
    """A base as it is downloaded: with Meta's own format and a page to read beside it."""
    base = write_base(folder)
    (base / "original").mkdir()
    (base / "original" / "consolidated.pth").write_bytes(b"\x80\x04.")
    (base / "README.md").write_text("read me")
    return base


def test_a_download_becomes_a_bundle_without_its_pickles(tmp_path: Path) -> None:
    base, adapter = write_download(tmp_path / "snapshot"), write_adapter(tmp_path / "lora")
    made = pack(tmp_path / "made", base=base, adapter=adapter, name="mine")
    verify(made)
    assert not any(name.endswith((".pth", ".md")) for name in made.manifest.files)
    assert made.manifest.image.tile == 28
    with pytest.raises(ModelUnavailable, match="is not an empty folder"):
        pack(tmp_path / "made", base=base, adapter=adapter, name="mine")


def test_the_version_of_a_bundle_follows_from_its_weights(tmp_path: Path) -> None:
    base, adapter = write_base(tmp_path / "snapshot"), write_adapter(tmp_path / "lora")
    one = pack(tmp_path / "one", base=base, adapter=adapter, name="mine")
    same = pack(tmp_path / "same", base=base, adapter=adapter, name="mine")
    retrained = write_adapter(tmp_path / "retrained", lora_dropout=0.1)
    other = pack(tmp_path / "other", base=base, adapter=retrained, name="mine")
    assert one.title == same.title == f"mine {one.digest[:8]}"
    assert other.title != one.title


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        ("no adapter", r"gone/adapter_config.json is missing"),
        ("bad name", r"'my llama' cannot be a bundle's name"),
        ("full disk", r"cannot be made in .*made \(No space left on device\)"),
        ("a file in the way", r"is not an empty folder"),
        ("no weights", r"holds no .safetensors file"),
    ],
)
def test_a_bundle_that_cannot_be_made_is_one_sentence_and_leaves_nothing(
    harm: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    base, adapter = write_base(tmp_path / "snapshot"), write_adapter(tmp_path / "lora")
    if harm == "full disk":
        monkeypatch.setattr("os.link", full)
        monkeypatch.setattr("shutil.copyfile", full)
    if harm == "a file in the way":
        (tmp_path / "made").write_bytes(b"")
    if harm == "no weights":
        (adapter / "adapter_model.safetensors").unlink()
    chosen = tmp_path / "gone" if harm == "no adapter" else adapter
    with pytest.raises((BundleRejected, ModelUnavailable), match=sentence):
        pack(tmp_path / "made", base=base, adapter=chosen, name="my llama" if harm == "bad name" else "mine")
    assert not (tmp_path / "made").is_dir() or not any((tmp_path / "made").iterdir())


def test_an_adapter_knows_the_base_it_was_trained_on(tmp_path: Path) -> None:
    base, adapter = write_download(tmp_path / "snapshot"), write_adapter(tmp_path / "lora")
    made = pack(tmp_path / "made", base=base, adapter=adapter, name="mine", base_is_known=True)
    verify(made)
    change_a_byte(made)
    with pytest.raises(BundleRejected, match="it was trained on other weights"):
        verify(write_bundle(made.folder, made.manifest))


def test_a_base_whose_configuration_is_of_another_form_makes_no_bundle(tmp_path: Path) -> None:
    base = write_base(tmp_path / "snapshot")
    (base / "config.json").write_text(json.dumps(CONFIGURATION | {"vision_config": []}))
    with pytest.raises(BundleRejected, match="holds no Llama"):
        pack(tmp_path / "made", base=base, adapter=None, name="mine")
