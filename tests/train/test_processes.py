"""What several processes share, without starting any: the parts of a batch, its loss, the device of each."""

from pathlib import Path

import numpy as np
import pytest
import torch

from charnn_cli.config import load_settings
from charnn_cli.data import TRAIN, VALIDATION, read, split
from charnn_cli.errors import UsageError
from charnn_cli.processes import ALONE, Processes
from charnn_cli.train import Session, learn_from, pick_device
from charnn_cli.train.objective import Criterion

CPU = torch.device("cpu")


def process(rank: int, size: int) -> Processes:
    one = Processes()
    one.rank, one.local_rank, one.size = rank, rank, size
    return one


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize("count", [1, 5, 128])
def test_every_name_of_a_batch_is_learned_from_once(size: int, count: int) -> None:
    rows = np.random.default_rng(0).permutation(1000)[:count]
    shares = [process(rank, size).share(rows) for rank in range(size)]
    assert sorted(np.concatenate(shares)) == sorted(rows)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1
    assert shares[0][0] == rows[0]


@pytest.mark.parametrize("options", [[], ["training.class_weights=balanced"]])
@pytest.mark.parametrize("size", [2, 3, 11])
def test_the_parts_of_the_loss_add_up_to_that_of_the_batch(options: list[str], size: int, small_names: Path) -> None:
    config = load_settings(None, ["model.hidden_size=8", *options]).config
    dataset = read(small_names, rules=config.text.rules())
    sides = split(dataset, seed=0, validation_fraction=0.2, test_fraction=0.2)
    sides[np.flatnonzero((dataset.origins == 0) & (sides == TRAIN))[2:]] = VALIDATION  # labels of unequal weight
    data = learn_from(dataset, sides, config)
    criterion = Criterion(data, config.training, CPU)
    rows = data.training[:7]
    logits = torch.randn(len(rows), len(data.labels), generator=torch.Generator().manual_seed(0))
    origins = torch.from_numpy(data.origins[rows].astype(np.int64))
    place = {int(row): number for number, row in enumerate(rows)}

    def gradient(share: np.ndarray) -> tuple[float, torch.Tensor]:
        leaf = logits.clone().requires_grad_()
        places = [place[int(row)] for row in (share if len(share) else rows[:1])]
        loss = criterion(leaf[places], origins[places]) * criterion.part(share, rows)
        loss.backward()  # type: ignore[no-untyped-call]
        assert leaf.grad is not None
        return loss.item(), leaf.grad

    whole_loss, whole = gradient(rows)
    parts = [gradient(process(rank, size).share(rows)) for rank in range(size)]
    assert sum(loss for loss, _ in parts) == pytest.approx(whole_loss, rel=1e-6)
    assert torch.allclose(torch.stack([part for _, part in parts]).sum(dim=0), whole, atol=1e-7)
    assert criterion.part(rows, rows) == 1.0


def test_each_process_takes_a_gpu_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[torch.device] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", taken.append)
    devices = [pick_device("auto", process(rank, 2)) for rank in range(2)]
    assert devices == taken == [torch.device("cuda", 0), torch.device("cuda", 1)]
    assert pick_device("cuda", ALONE) == torch.device("cuda")
    assert pick_device("cpu", process(1, 2)) == CPU
    with pytest.raises(UsageError, match="has 2 cuda devices, too few"):
        pick_device("cuda", process(2, 3))


def test_batches_that_follow_the_names_are_large_enough_to_share(
    small_names: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(None, ["model.hidden_size=8"])
    dataset = read(small_names, rules=settings.config.text.rules())
    monkeypatch.setattr("charnn_cli.train.batching.STEPS", 1)  # all names in a step
    step = len(Session.prepare(settings, dataset, small_names, process(0, 17)).data.training)
    with pytest.raises(UsageError, match=f"{step + 1} processes cannot share batches of {step}"):
        Session.prepare(settings, dataset, small_names, process(0, step + 1))


def test_mps_is_for_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert pick_device("auto", ALONE) == torch.device("mps")
    assert pick_device("auto", process(0, 2)) == CPU
    with pytest.raises(UsageError, match="cannot share an mps device"):
        pick_device("mps", process(0, 2))
