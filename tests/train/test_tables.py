"""Tables of n-grams learn from the rows that a step reads as torch's AdamW would have them learn from all of theirs."""

import numpy as np
import pytest
import torch

from charnn_cli.config import TrainingConfig
from charnn_cli.model.embeddings import NgramSum
from charnn_cli.train.optimisation import Stepper

ROWS, COLUMNS, STEPS = 60, 3, 400


def read_in(step: int) -> torch.Tensor:
    """Rows of n-grams (4, 5) that a step reads: some in every one, some seldom, some never."""
    generator = np.random.default_rng(step)
    return torch.from_numpy(np.minimum(generator.zipf(1.3, (4, 5)), ROWS - 10))


def learned(*, narrow: bool, until: int = STEPS, **settings: object) -> tuple[NgramSum, Stepper]:
    table = NgramSum(ROWS, COLUMNS, dropout=0.0)
    stepper = Stepper(table, TrainingConfig(schedule="one_cycle", **settings), total_steps=STEPS)  # type: ignore[arg-type]
    if not narrow:
        stepper.tables = []
        stepper.optimiser.state.clear()
    generator = torch.Generator().manual_seed(0)
    for step in range(until):
        ngrams, wanted = read_in(step), torch.randn(4, COLUMNS, generator=generator)
        rows = np.union1d(ngrams.numpy(), 0)
        stepper.read(rows)
        if stepper.tables:
            ngrams = torch.from_numpy(np.searchsorted(rows, ngrams.numpy()))
        stepper.backward((table(ngrams) * wanted).sum() * 0.1)
        stepper.clip()
        stepper.step()
    stepper.finish()
    return table, stepper


@pytest.mark.parametrize("settings", [{"lr": 0.01}, {"lr": 0.01, "weight_decay": 0.0, "optimiser": "adam"}])
def test_rows_learn_as_in_the_whole_table(settings: dict[str, object]) -> None:
    (ours, stepper), (theirs, plain) = learned(narrow=True, **settings), learned(narrow=False, **settings)
    assert theirs.weight.detach().abs().max() > 0.1
    torch.testing.assert_close(ours.weight, theirs.weight, rtol=1e-3, atol=1e-4)
    for name, wanted in plain.optimiser.state[theirs.weight].items():
        torch.testing.assert_close(stepper.optimiser.state[ours.weight][name], wanted, rtol=1e-4, atol=1e-9)
    assert stepper.norms == pytest.approx(plain.norms, rel=1e-2)


def test_a_row_that_is_read_again_has_caught_up() -> None:
    (ours, _), (theirs, _) = learned(narrow=True, until=40, lr=0.01), learned(narrow=False, until=40, lr=0.01)
    seldom = [row for row in range(1, ROWS) if any((read_in(step) == row).any() for step in range(10))]
    torch.testing.assert_close(ours.weight[seldom], theirs.weight[seldom], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    "settings", [{"optimiser": "sgd"}, {"optimiser": "adam", "weight_decay": 0.1}, {"compile": True}]
)
def test_where_every_row_has_a_gradient_or_a_kernel_is_compiled_the_whole_table_is_moved(
    settings: dict[str, object],
) -> None:
    assert not learned(narrow=True, until=1, **settings)[1].tables
