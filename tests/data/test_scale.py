"""The names that scale is measured with are the same in every format, and hold what a register holds."""

from pathlib import Path

import pytest
from bench.scale_names import make
from data_files import RULES

from charnn_cli.data import read


def test_every_format_holds_the_same_noisy_rows(small_names: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    paths = [tmp_path / f"names.{kind}" for kind in ("csv", "ndjson", "parquet")]
    make(small_names, 3000, paths)
    csv, *others = (read(path, rules=RULES) for path in paths)
    report = csv.report
    assert report.rows == 3000
    assert 500 < report.kept < 2000
    assert report.repeats > 1000
    assert min(report.empty, report.no_letters, report.unlabelled) > 0
    for other in others:
        assert other.fingerprint == csv.fingerprint
        assert (other.report.repeats, other.report.empty) == (report.repeats, report.empty)
        assert other.names.tolist() == csv.names.tolist()


def test_one_seed_makes_one_file(small_names: Path, tmp_path: Path) -> None:
    one, same, other = (tmp_path / f"{name}.csv" for name in ("one", "same", "other"))
    for path, seed in ((one, 1), (same, 1), (other, 2)):
        make(small_names, 200, [path], seed)
    assert one.read_bytes() == same.read_bytes() != other.read_bytes()
