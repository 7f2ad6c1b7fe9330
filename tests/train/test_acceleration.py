"""Mixed precision and compiling, with the CPU standing in for accelerators."""

import math
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import PATIENCE, TINY, Charnn
from small_examples import take

from charnn_cli.config import TrainingConfig, load_settings
from charnn_cli.data import read, split
from charnn_cli.errors import ConfigError, UsageError
from charnn_cli.train import EpochReport, fit, learn_from, new_network
from charnn_cli.train.acceleration import Acceleration
from charnn_cli.train.batching import batch_of, logits_of
from charnn_cli.train.optimisation import Stepper

CPU = torch.device("cpu")
PLAIN = ["model.dropout=0", "model.wide_dropout=0", "training.optimiser=sgd", "training.lr=0.1"]
SHARES = ["--set", "data.validation_fraction=0.2", "--set", "data.test_fraction=0.2"]
COMPILER = shutil.which(os.environ.get("CXX", "g++")) is not None


def run(
    folder: Path, *assignments: str, device: torch.device = CPU, resume: EpochReport | None = None
) -> list[EpochReport]:
    small = ["model.hidden_size=16", "model.embedding_size=8", "training.epochs=4", "training.batch_size=4"]
    config = load_settings(None, [*small, *assignments]).config
    dataset = read(folder, rules=config.text.rules())
    data = learn_from(dataset, split(dataset, seed=0, validation_fraction=0.2, test_fraction=0.2), config)
    batch = batch_of(data, data.training[:2], device)
    Acceleration.chosen(config.training, device).check(new_network(data, config).to(device), batch)
    model = new_network(data, config).to(device)
    return list(fit(model, data, config, device, resume=None if resume is None else resume.state))


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_narrow_products_train_to_nearly_the_same_weights(precision: str, small_names: Path) -> None:
    whole = run(small_names, *PLAIN)[-1]
    narrow = run(small_names, *PLAIN, f"training.precision={precision}")[-1]
    differences = [np.abs(whole.tensors[name] - narrow.tensors[name]).max() for name in whole.tensors]
    assert 0 < max(differences) < 0.01
    assert all(tensor.dtype == np.float32 for tensor in narrow.tensors.values())
    assert narrow.record["train_loss"] == pytest.approx(whole.record["train_loss"], rel=0.01)


def test_figures_are_computed_in_float32(small_names: Path) -> None:
    config = load_settings("fast", ["training.precision=bfloat16"]).config
    dataset = read(small_names, rules=config.text.rules())
    data = learn_from(dataset, split(dataset, seed=0, validation_fraction=0.2, test_fraction=0.2), config)
    model = new_network(data, config).eval()
    batch = batch_of(data, data.validation, CPU)
    logits = model(batch.symbols, batch.lengths, batch.ngrams).detach().double().numpy()
    assert np.allclose(logits_of(model, data, data.validation, CPU), logits, atol=1e-6)
    with Acceleration.chosen(config.training, CPU).autocast():
        narrow = model(batch.symbols, batch.lengths, batch.ngrams).detach().double().numpy()
    assert not np.allclose(narrow, logits, atol=1e-6)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_a_resumed_training_in_mixed_precision_equals_the_uninterrupted_one(precision: str, small_names: Path) -> None:
    whole = run(small_names, f"training.precision={precision}")
    halfway = run(small_names, f"training.precision={precision}", resume=whole[1])
    assert ("scaler" in whole[1].state.progress) == (precision == "float16")
    for one, other in zip(whole[2:], halfway, strict=True):
        assert all(np.array_equal(one.tensors[name], other.tensors[name]) for name in one.tensors)
    timings = {"seconds"}
    assert {key: value for key, value in whole[-1].state.progress.items() if key not in timings} == {
        key: value for key, value in halfway[-1].state.progress.items() if key not in timings
    }


def test_a_scale_that_is_too_large_skips_steps_until_it_fits() -> None:
    torch.manual_seed(0)
    model = torch.nn.Linear(3, 2)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**127)
    stepper = Stepper(model, TrainingConfig(clip_norm=None, optimiser="sgd", lr=1.0), 10, scaler)
    before = model.weight.detach().clone()
    taken = [take(stepper, 1000 * model(torch.ones(1, 3)).sum()) for _ in range(12)]
    assert not taken[0]
    assert taken[-1]
    assert taken == sorted(taken)
    assert scaler.get_scale() == 2.0 ** (127 - taken.count(False))
    assert stepper.norms[0] == pytest.approx(1000 * math.sqrt(8), rel=1e-6)
    assert not torch.equal(before, model.weight)


def test_the_cpu_is_left_in_float32_unless_told_otherwise() -> None:
    assert Acceleration.chosen(TrainingConfig(), CPU) == Acceleration(CPU, torch.float32, False)


def test_a_network_that_a_device_cannot_train_is_refused_before_anything_is_written(
    charnn: Charnn, small_names: Path, tmp_path: Path
) -> None:
    done = charnn("train", small_names, *TINY, *SHARES, "--cell", "lstm", "--set", "training.precision=float16")
    if done.returncode == 0:
        pytest.skip("this processor has float16 kernels for an LSTM")
    assert done.returncode == 2
    (fault,) = (line for line in done.stderr.splitlines() if not line.startswith("charnn: note: "))
    assert fault.startswith("charnn: error: cpu cannot train this network in float16 (")
    assert fault.endswith("); use training.precision=auto")
    assert not list((tmp_path / "runs").glob("*"))


def test_of_the_lesson_there_is_nothing_to_compile() -> None:
    with pytest.raises(ConfigError, match="nothing to compile"):
        load_settings("lesson", ["training.compile=true"])


def test_without_a_compiler_the_error_says_so(charnn: Charnn, small_names: Path, tmp_path: Path) -> None:
    environment = os.environ | {"CXX": str(tmp_path / "none"), "TORCHINDUCTOR_CACHE_DIR": str(tmp_path / "cache")}
    done = charnn("train", small_names, *TINY, *SHARES, "--set", "training.compile=true", env=environment)
    assert done.returncode == 2
    assert done.stderr.startswith("charnn: error: torch cannot compile here (")
    assert done.stderr.endswith("; install a C++ compiler, or leave training.compile out\n")
    assert not (tmp_path / "runs").exists()


@pytest.mark.slow
@pytest.mark.skipif(not COMPILER, reason="no C++ compiler here")
def test_a_compiled_training_gives_the_same_weights(charnn: Charnn, small_names: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    plain = [word for assignment in PLAIN for word in ("--set", assignment)]
    plain += ["--set", "training.batch_size=2"]  # more steps than kernels that torch would compile
    command = ["train", small_names, *TINY, *SHARES, *plain, "--epochs", 3]
    environment = os.environ | {"TORCH_LOGS": "graph_code", "TORCHINDUCTOR_CACHE_DIR": str(tmp_path / "cache")}
    environment["PYTHONWARNINGS"] += ",ignore:`torch.jit.script_method`:DeprecationWarning"  # the compiler's own
    done = charnn(*command, "--out", "compiled", "--set", "training.compile=true", env=environment, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert "TRACED GRAPH" in done.stderr
    assert charnn(*command, "--out", "eager").returncode == 0
    one, other = (load_file(tmp_path / run / "last" / "state.safetensors") for run in ("compiled", "eager"))
    assert all(np.allclose(one[name], other[name], atol=1e-6) for name in one)


@pytest.mark.parametrize("name", ["cuda", "mps"])
@pytest.mark.parametrize("precision", ["float32", "auto"])
def test_an_accelerator_trains_to_nearly_the_same_weights(name: str, precision: str, small_names: Path) -> None:
    if not {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}[name]:
        pytest.skip(f"this machine has no {name} device")
    there = run(small_names, *PLAIN, f"training.precision={precision}", device=torch.device(name))[-1]
    here = run(small_names, *PLAIN)[-1]
    tolerance = 1e-4 if precision == "float32" else 0.02
    assert all(np.allclose(there.tensors[key], here.tensors[key], atol=tolerance) for key in here.tensors)


def test_unusable_precisions_are_named(monkeypatch: pytest.MonkeyPatch, small_names: Path) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise RuntimeError("no such type\nmore")

    monkeypatch.setattr(torch, "autocast", refuse)
    with pytest.raises(UsageError, match=r"cpu cannot train this network in bfloat16 \(no such type\)"):
        run(small_names, "training.precision=bfloat16")
