"""A trained model comes back from disk as it went, and a file that was touched does not come back at all."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save

from charnn_cli.architecture import Architecture, tensor_shapes
from charnn_cli.conformal import PredictionSets
from charnn_cli.errors import ModelError
from charnn_cli.files import digest
from charnn_cli.scaling import Scaling
from charnn_cli.shares import Calibration
from charnn_cli.store import load_trained, save_trained
from charnn_cli.store.model_files import own_digest
from charnn_cli.text import TextRules
from charnn_cli.text.alphabet import Alphabet
from charnn_cli.text.ngrams import NgramVocabulary
from charnn_cli.trained import TrainedModel


def small_model(seed: int = 0, **changes: object) -> TrainedModel:
    architecture = Architecture(hidden_size=3, embedding_size=2, ngram_orders=(2, 3))
    alphabet = Alphabet("abc'")
    symbols = alphabet.encode(["abc", "cab", "a'b"], boundaries=True)
    ngrams = NgramVocabulary.learned(symbols, (2, 3), min_count=1, max_size=100)
    shapes = tensor_shapes(architecture, num_symbols=len(alphabet), num_labels=2, num_ngrams=len(ngrams))
    random = np.random.default_rng(seed)
    tensors = {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    model = TrainedModel(
        labels=("Čech", "Dutch"),
        rules=TextRules(scripts=("CJK",)),
        alphabet=alphabet,
        architecture=architecture,
        tensors=tensors,
        ngrams=ngrams,
        priors=np.array([0.25, 0.75]),
        temperature=1.25,
        about={"epoch": 3},
    )
    return replace(model, **changes)  # type: ignore[arg-type]


def assert_same(one: TrainedModel, other: TrainedModel) -> None:
    assert (one.labels, one.rules, one.architecture, one.scaling) == (
        other.labels,
        other.rules,
        other.architecture,
        other.scaling,
    )
    assert one.alphabet.characters == other.alphabet.characters
    assert one.about == other.about
    assert one.tensors.keys() == other.tensors.keys()
    assert all(np.array_equal(one.tensors[name], other.tensors[name]) for name in one.tensors)
    assert one.ngrams is not None
    assert other.ngrams is not None
    assert np.array_equal(one.ngrams.codes, other.ngrams.codes)
    assert np.array_equal(one.priors, other.priors)


def test_round_trip_changes_nothing_and_writes_the_same_bytes(tmp_path: Path) -> None:
    model = small_model()
    save_trained(tmp_path, model)
    loaded = load_trained(tmp_path)
    assert_same(model, loaded)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    save_trained(tmp_path, loaded)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert set(before) == {"model.safetensors", "model.json"}


def test_how_large_sets_must_be_is_kept_and_a_model_without_it_is_read(tmp_path: Path) -> None:
    probabilities = np.random.default_rng(0).dirichlet([1, 1], size=200)
    sets = PredictionSets.fit(probabilities, np.zeros(200, dtype=np.int64), np.arange(200) < 100)
    assert sets is not None
    save_trained(tmp_path, small_model(sets=sets))
    found = load_trained(tmp_path).sets
    assert found is not None
    assert found.names == (100, 100)
    assert (found.quantiles == sets.quantiles).all()
    save_trained(tmp_path, small_model())
    assert load_trained(tmp_path).sets is None
    rewrite(tmp_path, sets={"one_word": {}})
    with pytest.raises(ModelError, match="does not fit together"):
        load_trained(tmp_path)


def test_what_calibrates_names_of_one_word_is_kept_and_left_out_where_it_is_nothing(tmp_path: Path) -> None:
    save_trained(tmp_path, small_model(one_word=1.31))
    assert load_trained(tmp_path).one_word == 1.31
    rewrite(tmp_path, one_word=-1.0)
    with pytest.raises(ModelError, match="temperatures must be"):
        load_trained(tmp_path)
    save_trained(tmp_path, small_model())
    assert "one_word" not in (tmp_path / "model.json").read_text(encoding="utf-8")


def test_a_power_is_kept_and_who_would_overlook_it_cannot_read_it(tmp_path: Path) -> None:
    save_trained(tmp_path, small_model(power=0.86))
    assert load_trained(tmp_path).scaling == Scaling(1.25, 0.86)
    assert json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))["version"] == 2
    for wrong in (0, -0.86, 1e-9, 1e300, float("nan"), 1e999, "much", [0.86], None):
        rewrite(tmp_path, power=wrong)
        with pytest.raises(ModelError, match="does not fit together"):
            load_trained(tmp_path)
    save_trained(tmp_path, small_model())
    told = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    assert told["version"] == 1
    assert "power" not in told
    rewrite(tmp_path, version=3)
    with pytest.raises(ModelError, match="has format version 3, this charnn reads up to 2; upgrade charnn"):
        load_trained(tmp_path)


@pytest.mark.parametrize("wrong", [-0.1, 1.1, "many", [0.5]])
def test_the_share_of_names_of_several_words_is_kept_and_is_a_share(tmp_path: Path, wrong: object) -> None:
    save_trained(tmp_path, small_model(several_words=0.047))
    assert load_trained(tmp_path).several_words == 0.047
    rewrite(tmp_path, several_words=wrong)
    with pytest.raises(ModelError, match="does not fit together"):
        load_trained(tmp_path)
    save_trained(tmp_path, small_model())
    assert load_trained(tmp_path).several_words is None


def test_half_precision_weights_are_widened(tmp_path: Path) -> None:
    model = small_model()
    narrow = {name: tensor.astype(np.float16) for name, tensor in model.tensors.items()}
    save_trained(tmp_path, replace(model, tensors=narrow))
    loaded = load_trained(tmp_path)
    assert all(tensor.dtype == np.float32 for tensor in loaded.tensors.values())
    assert np.array_equal(loaded.tensors["head.weight"], narrow["head.weight"].astype(np.float32))


def test_a_reader_between_the_two_renames_finds_the_new_model(tmp_path: Path) -> None:
    save_trained(tmp_path, small_model(0))
    old = (tmp_path / "model.safetensors").read_bytes()
    save_trained(tmp_path, small_model(1))
    (tmp_path / "model.safetensors").rename(tmp_path / "model.safetensors.next")
    (tmp_path / "model.safetensors").write_bytes(old)
    assert_same(load_trained(tmp_path), small_model(1))


@pytest.mark.parametrize("name", ["model.json", "model.safetensors"])
@pytest.mark.parametrize("sixteenth", range(16))
def test_a_cut_file_is_refused_by_name(name: str, sixteenth: int, tmp_path: Path) -> None:
    save_trained(tmp_path, small_model())
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) * sixteenth // 16])
    with pytest.raises(ModelError, match=name):
        load_trained(tmp_path)


@pytest.mark.parametrize("name", ["model.json", "model.safetensors"])
def test_a_flipped_bit_is_refused_by_name_or_changes_nothing(name: str, tmp_path: Path) -> None:
    model = small_model()
    save_trained(tmp_path, model)
    content = (tmp_path / name).read_bytes()
    random = np.random.default_rng(0)
    for _ in range(100):
        flipped = bytearray(content)
        flipped[random.integers(len(content))] ^= 1 << int(random.integers(8))
        (tmp_path / name).write_bytes(flipped)
        try:
            loaded = load_trained(tmp_path)
        except ModelError as error:
            assert name in str(error)
        else:  # white space between JSON tokens says nothing
            assert_same(loaded, model)


def test_files_of_two_runs_do_not_mix(tmp_path: Path) -> None:
    for seed in (0, 1):
        (tmp_path / str(seed)).mkdir()
        save_trained(tmp_path / str(seed), small_model(seed))
    shutil.copy(tmp_path / "0" / "model.safetensors", tmp_path / "1" / "model.safetensors")
    with pytest.raises(ModelError, match=r"model\.safetensors: is cut, changed, or not the file that model\.json"):
        load_trained(tmp_path / "1")


def rewrite(folder: Path, **changes: object) -> None:
    """Change the description and make its digest fit again, as an attacker could."""
    description = json.loads((folder / "model.json").read_text())
    del description["sha256"]
    description |= changes
    description["sha256"] = own_digest(description)
    (folder / "model.json").write_text(json.dumps(description, ensure_ascii=False))


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"format": "other"},
        {"labels": ["a", "b", "c"]},
        {"labels": ["a\x1b[31m", "b"]},
        {"labels": ["a", "a"]},
        {"labels": 5},
        {"priors": [0.5]},
        {"temperature": 0},
        {"temperature": "hot"},
        {"temperature": 1e999},
        {"alphabet": ["ab", "c", "d", "e"]},
        {"alphabet": ["a"]},
        {"architecture": {}},
        {"architecture": Architecture(input="ngrams").to_json()},  # type: ignore[arg-type]
        {"text": {"romanise": True}},
        {"weights": {"sha256": "0", "bytes": 3}},
        {"weights": []},
    ],
)
def test_a_description_that_lies_is_refused(changes: dict[str, object], tmp_path: Path) -> None:
    save_trained(tmp_path, small_model())
    rewrite(tmp_path, **changes)
    with pytest.raises(ModelError):
        load_trained(tmp_path)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_refused(value: float, tmp_path: Path) -> None:
    model = small_model()
    broken = {name: tensor.copy() for name, tensor in model.tensors.items()}
    broken["head.bias"][0] = value
    save_trained(tmp_path, replace(model, tensors=broken))
    with pytest.raises(ModelError, match="not finite"):
        load_trained(tmp_path)


def test_a_lying_safetensors_header_is_refused(tmp_path: Path) -> None:
    save_trained(tmp_path, small_model())
    for content in (b"\xff" * 64, (2**40).to_bytes(8, "little") + b"{}", (2).to_bytes(8, "little") + b"{}" + b"x" * 9):
        (tmp_path / "model.safetensors").write_bytes(content)
        rewrite(tmp_path, weights={"sha256": digest(content), "bytes": len(content)})
        with pytest.raises(ModelError):
            load_trained(tmp_path)


def test_an_empty_folder_has_no_finished_epoch(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds no finished epoch yet"):
        load_trained(tmp_path)


def test_a_model_written_before_there_were_marks_is_read(tmp_path: Path) -> None:
    model = small_model()
    save_trained(tmp_path, model)
    text = {key: value for key, value in model.rules.to_json().items() if key != "marks"}
    rewrite(tmp_path, text=text)
    assert load_trained(tmp_path).rules == model.rules


def test_a_small_model_is_half_the_size_and_nearly_the_same(tmp_path: Path) -> None:
    """In float16, and of each n-gram in eight bits: within half a step or so, of which 127 are the largest."""
    model = small_model()
    sizes = []
    for half in (False, True):
        save_trained(tmp_path, model, half=half)
        sizes.append(sum(tensor.nbytes for tensor in load_file(tmp_path / "model.safetensors").values()))
    assert sizes[1] < 0.8 * sizes[0]  # the codes of the n-grams stay as they are
    for name, tensor in load_trained(tmp_path).tensors.items():
        assert tensor.dtype == np.float32
        expected = model.tensors[name]
        if name == "wide.weight":
            assert np.abs(expected).max() > 0
            assert (np.abs(tensor - expected) <= np.abs(expected).max(axis=1, keepdims=True) / 230).all()
        else:
            np.testing.assert_allclose(tensor, expected, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    "change",
    [
        lambda tensors: tensors.pop("wide.scales"),
        lambda tensors: tensors.update({"wide.scales": tensors["wide.scales"][1:]}),
        lambda tensors: tensors.update({"wide.scales": tensors["wide.scales"].astype(np.int8)}),
        lambda tensors: tensors.update({"wide.weight": tensors["wide.weight"].astype(np.float16)}),
        lambda tensors: tensors.update({"wide.scales": np.full_like(tensors["wide.scales"], np.inf)}),
    ],
    ids=["no scales", "too few scales", "scales of eight bits", "scales of what needs none", "scales without end"],
)
def test_weights_in_eight_bits_need_their_scales(change: Callable[[dict[str, Any]], object], tmp_path: Path) -> None:
    save_trained(tmp_path, small_model(), half=True)
    tensors = load_file(tmp_path / "model.safetensors")
    change(tensors)
    content = save(tensors)
    (tmp_path / "model.safetensors").write_bytes(content)
    rewrite(tmp_path, weights={"sha256": digest(content), "bytes": len(content)})
    with pytest.raises(ModelError, match="model"):
        load_trained(tmp_path)


def test_calibrations_come_back_and_may_be_absent(tmp_path: Path) -> None:
    columns = [np.array(pair) for pair in ([0.25, -0.5], [40.0, 0.0], [-3.5, 1.25])]
    told = {"one_word": Calibration(0.75, *columns)}
    save_trained(tmp_path, small_model(calibrations=told))
    (found,) = load_trained(tmp_path).calibrations.values()
    assert found.sharpness == 0.75
    for one, other in zip((found.bias, found.names, found.floor), columns, strict=True):
        np.testing.assert_array_equal(one, other)
    save_trained(tmp_path, small_model())
    assert load_trained(tmp_path).calibrations == {}


@pytest.mark.parametrize(
    "change", [{"bias": [0.0]}, {"floor": [0.0, float("nan")]}, {"names": [1, -1]}, {"sharpness": 0}]
)
def test_a_calibration_that_is_none_is_refused(change: dict[str, object]) -> None:
    told = {"sharpness": 1.0, "bias": [0.0, 0.0], "names": [1, 2], "floor": [0.0, 0.0]}
    with pytest.raises((KeyError, TypeError, ValueError)):
        Calibration.from_json(told | change, 2)
