"""Memory goes with the names that are kept, at so many bytes each, and not with the rows that are read."""

import tracemalloc
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

from data_files import RULES

from charnn_cli.config import load_settings
from charnn_cli.data import Dataset, read, split
from charnn_cli.data.dataset import Portions
from charnn_cli.train import learn_from

SMALL, LARGE = 20_000, 60_000
SYLLABLES = ["ba", "ko", "li", "me", "nu", "pra", "sto", "vi", "zo", "cha"]


def read_in_small_portions(path: Path) -> Dataset:
    portions = Portions(remembered=1 << 10, fewest_sorted=1 << 12, block=1 << 10)
    return read(path, rules=RULES, window_bytes=1 << 12, portions=portions)


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
    more = peak(lambda: read_in_small_portions(large)) - peak(lambda: read_in_small_portions(small))
    assert more < 150 * (LARGE - SMALL)


def test_repeats_take_nothing(tmp_path: Path) -> None:
    once, again = (data_file(tmp_path, SMALL, repeats) for repeats in (1, 4))
    dataset = read_in_small_portions(again)
    assert (len(dataset), dataset.report.repeats) == (SMALL, 3 * SMALL)
    assert peak(lambda: read_in_small_portions(again)) < 2.2 * peak(lambda: read_in_small_portions(once))


def test_preparing_takes_so_many_bytes_a_name(tmp_path: Path) -> None:
    config = load_settings().config

    def prepare(dataset: Dataset) -> None:
        learn_from(dataset, split(dataset, **config.data.split_options()), config)

    datasets = [read_in_small_portions(data_file(tmp_path, names)) for names in (SMALL, LARGE)]
    small, large = (peak(lambda dataset=dataset: prepare(dataset)) for dataset in datasets)  # type: ignore[misc]
    assert large - small < 150 * (LARGE - SMALL)
