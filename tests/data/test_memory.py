"""Memory goes with the names that are kept, at so many bytes each, and not with the rows that are read."""

import tracemalloc
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from data_files import RULES

from charnn_cli.config import load_settings
from charnn_cli.data import Dataset, read, split
from charnn_cli.train import learn_from

SMALL, LARGE = 20_000, 60_000
SYLLABLES = ["ba", "ko", "li", "me", "nu", "pra", "sto", "vi", "zo", "cha"]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("charnn_cli.data.dataset.ROWS_REMEMBERED", 1 << 10)
    monkeypatch.setattr("charnn_cli.data.dataset.FEWEST_SORTED", 1 << 12)
    for module in ("data.packed", "data.dataset", "train.training_data"):
        monkeypatch.setattr(f"charnn_cli.{module}.BLOCK_ROWS", 1 << 10)
    monkeypatch.setattr("charnn_cli.text.alphabet.BLOCK_NAMES", 1 << 10)


def data_file(folder: Path, names: int, repeats: int = 1) -> Path:
    """Names of ten letters or more, each under one of three origins, `repeats` times over."""
    path = folder / f"names-{names}-{repeats}.csv"
    parts = zip(range(names), product(SYLLABLES, repeat=5), strict=False)
    lines = [f"{''.join(syllables).title()},{'ABC'[number % 3]}\n" for number, syllables in parts]
    path.write_text("name,origin\n" + "".join(lines) * repeats)
    return path


def peak(call: Callable[[], Any]) -> int:
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_reading_takes_so_many_bytes_a_name(tmp_path: Path) -> None:
    small, large = (data_file(tmp_path, names) for names in (SMALL, LARGE))
    more = peak(lambda: read(large, rules=RULES, window_bytes=1 << 12)) - peak(
        lambda: read(small, rules=RULES, window_bytes=1 << 12)
    )
    assert more < 150 * (LARGE - SMALL)


def test_repeats_take_nothing(tmp_path: Path) -> None:
    once, again = (data_file(tmp_path, SMALL, repeats) for repeats in (1, 4))
    dataset = read(again, rules=RULES, window_bytes=1 << 12)
    assert (len(dataset), dataset.report.repeats) == (SMALL, 3 * SMALL)
    assert peak(lambda: read(again, rules=RULES, window_bytes=1 << 12)) < 2.2 * peak(
        lambda: read(once, rules=RULES, window_bytes=1 << 12)
    )


def test_preparing_takes_so_many_bytes_a_name(tmp_path: Path) -> None:
    config = load_settings().config

    def prepare(dataset: Dataset) -> None:
        learn_from(dataset, split(dataset, **config.data.split_options()), config)

    datasets = [read(data_file(tmp_path, names), rules=RULES, window_bytes=1 << 12) for names in (SMALL, LARGE)]
    small, large = (peak(lambda dataset=dataset: prepare(dataset)) for dataset in datasets)  # type: ignore[misc]
    assert large - small < 150 * (LARGE - SMALL)
