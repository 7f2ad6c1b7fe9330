"""How names are put into steps, and made ready beside the step before."""

import threading
from collections.abc import Iterator

import pytest

from charnn_cli.config import TrainingConfig
from charnn_cli.train.batching import ahead, step_size


@pytest.mark.parametrize(("names", "size"), [(0, 16), (500, 16), (14_386, 112), (32_334, 252), (1_000_000, 256)])
def test_few_names_take_small_steps_and_many_no_larger_than_they_gain_by(names: int, size: int) -> None:
    assert step_size(TrainingConfig(), names) == size
    assert step_size(TrainingConfig(batch_size=7), names) == 7


def test_each_batch_is_made_while_the_one_before_is_in_use() -> None:
    made: list[threading.Event] = [threading.Event() for _ in range(4)]

    def batches() -> Iterator[int]:
        for number, event in enumerate(made):
            event.set()
            yield number

    for number, event in zip(ahead(batches()), made[1:], strict=False):
        assert event.wait(60), f"the batch behind {number} was not made"
    assert list(ahead(batches())) == [0, 1, 2, 3]


def test_what_goes_wrong_in_making_a_batch_is_raised_where_it_is_used() -> None:
    def batches() -> Iterator[int]:
        yield 0
        raise ValueError("no second batch")

    used = []
    with pytest.raises(ValueError, match="no second batch"):
        used.extend(ahead(batches()))
    assert used == [0]
