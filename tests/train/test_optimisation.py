"""One step of the optimiser."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from small_examples import take
from torch import nn

from charnn_cli.config import TrainingConfig
from charnn_cli.train.optimisation import Stepper, lr_factor


def stepper_of(**settings: object) -> tuple[nn.Linear, Stepper]:
    torch.manual_seed(0)
    model = nn.Linear(3, 2)
    return model, Stepper(model, TrainingConfig(schedule="constant", **settings), total_steps=10)  # type: ignore[arg-type]


def gradient_seen_by_optimiser(scale: float, **settings: object) -> torch.Tensor:
    """What a plain SGD step with learning rate 1 moved the weights by."""
    settings = {"clip_norm": None, "optimiser": "sgd", "lr": 1.0, "weight_decay": 0.0} | settings
    model, stepper = stepper_of(**settings)
    before = torch.cat([parameter.detach().flatten().clone() for parameter in model.parameters()])
    assert take(stepper, (model(torch.ones(1, 3)) * scale).sum())
    after = torch.cat([parameter.detach().flatten() for parameter in model.parameters()])
    return before - after


def test_clipping_by_norm_bounds_the_norm_that_the_optimiser_sees() -> None:
    assert gradient_seen_by_optimiser(100.0).norm() > 100
    assert gradient_seen_by_optimiser(100.0, clip_norm=0.5).norm() == pytest.approx(0.5, rel=1e-4)
    small = gradient_seen_by_optimiser(0.001, clip_norm=0.5)
    assert torch.allclose(small, gradient_seen_by_optimiser(0.001))


def test_clipping_by_value_bounds_each_entry() -> None:
    assert gradient_seen_by_optimiser(100.0, clip_value=0.25).abs().max() == pytest.approx(0.25, rel=1e-4)


def test_the_norm_before_clipping_and_the_share_of_clipped_steps_are_recorded() -> None:
    model, stepper = stepper_of(clip_norm=1.0)
    for scale in (100.0, 1e-4):
        take(stepper, (model(torch.ones(1, 3)) * scale).sum())
    assert stepper.norms[0] == pytest.approx(100 * np.sqrt(8), rel=1e-4)
    assert stepper.clipped == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_step_that_is_not_finite_changes_no_weight(value: float) -> None:
    model, stepper = stepper_of()
    before = model.weight.detach().clone()
    assert not take(stepper, (model(torch.ones(1, 3)) * value).sum())
    assert torch.equal(before, model.weight)
    assert (stepper.skipped, stepper.bad_in_a_row, stepper.steps) == (1, 1, 1)
    assert take(stepper, model(torch.ones(1, 3)).sum())
    assert stepper.bad_in_a_row == 0


def test_schedules() -> None:
    progress = np.linspace(0, 1, 101)
    constant, cosine, cycle = ([lr_factor(s, p) for p in progress] for s in ("constant", "cosine", "one_cycle"))
    assert set(constant) == {1.0}
    assert (cosine[0], cosine[50], cosine[100]) == pytest.approx((1, 0.5, 0))
    assert (cycle[5], cycle[10], cycle[100]) == pytest.approx((0.5, 1, 0))
    assert int(np.argmax(cycle)) == 10
    assert min(cycle[:100]) > 0


def test_the_schedule_reaches_the_optimiser() -> None:
    torch.manual_seed(0)
    model = nn.Linear(1, 1)
    stepper = Stepper(model, TrainingConfig(schedule="cosine", lr=2.0), total_steps=4)
    rates = []
    for _ in range(4):
        take(stepper, model(torch.ones(1, 1)).sum())
        rates.append(stepper.optimiser.param_groups[0]["lr"])
    assert rates == pytest.approx([2 * lr_factor("cosine", step / 4) for step in range(4)])


CODE = """
import sys, torch
from charnn_cli.config import TrainingConfig
from charnn_cli.train.optimisation import Position, Stepper, restore, snapshot
model = torch.nn.Linear(2, 2)
stepper = Stepper(model, TrainingConfig(), 1)
stepper.backward(model(torch.ones(1, 2)).sum())
stepper.clip()
stepper.step()
restore(snapshot(model, stepper, Position()), model, stepper)
print('torch._dynamo' in sys.modules, torch.is_grad_enabled())
"""


def test_an_optimiser_does_not_load_the_compiler() -> None:
    ran = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "True"]
