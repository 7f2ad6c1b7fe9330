"""One row of bytes for one name, on each of OpenBLAS's kernels, which are forced in processes of their own."""

import csv
import io
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PATIENCE

HERE = Path(__file__).parent
KERNELS = {  # by the name that forces them: what OpenBLAS calls them
    "Haswell": "Haswell",
    "Zen": "Zen",
    "SkylakeX": "SkylakeX",
    "Sandybridge": "Sandybridge",
    "Nehalem": "Nehalem",
    "Prescott": "Katmai",
}


def forced(kernel: str | None) -> dict[str, str]:
    """The environment of a process with this kernel, or the machine's own, and two BLAS threads."""
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    environment.pop("OPENBLAS_CORETYPE", None)
    forced = {"OPENBLAS_NUM_THREADS": "2", "PYTHONPATH": str(HERE.parent)}
    return environment | forced | ({} if kernel is None else {"OPENBLAS_CORETYPE": kernel})


@pytest.mark.parametrize("kernel", [*KERNELS, None])
def test_a_name_has_one_row_of_bytes_in_any_company(kernel: str | None) -> None:
    others = [name for asked, name in KERNELS.items() if asked != kernel]
    child = subprocess.run(
        [sys.executable, HERE / "row_bytes.py", *others],
        env=forced(kernel),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if child.returncode == -signal.SIGILL:
        pytest.skip("this processor cannot run it")
    assert child.returncode == 0, child.stderr
    ran, *faults = child.stdout.splitlines()
    if ran in others:
        pytest.skip(f"it is {ran} here, which has a test of its own")
    if kernel is not None and ran != KERNELS[kernel]:
        pytest.skip(f"this library has {ran} instead")
    assert faults == []


@pytest.fixture
def names() -> list[str]:
    choice = random.Random(0)
    return ["".join(choice.choices("aeinorstlmkc", k=choice.randint(2, 11))).capitalize() for _ in range(300)]


def test_a_name_has_one_printed_row_by_any_path(charnn, tmp_path: Path, names: list[str]) -> None:
    environment = forced("Haswell")

    def rows(*arguments: object, **options: object) -> dict[str, list[str]]:
        done = charnn("predict", "-k", "2", "--format", "csv", *arguments, env=environment, **options)
        if done.returncode == -signal.SIGILL:
            pytest.skip("this processor cannot run it")
        assert done.returncode == 0, done.stderr
        return {row[0]: row[-5:] for row in list(csv.reader(io.StringIO(done.stdout)))[1:]}

    piped = rows(input="".join(f"{name}\n" for name in names))
    assert len(piped) == len(set(names))
    table = tmp_path / "names.csv"
    table.write_text("name,number\n" + "".join(f"{name},{n}\n" for n, name in enumerate(names[::-1])), encoding="utf-8")
    assert rows("--input", table, "--column", "name") == piped
    assert rows(*names[1::2], *names[::2]) == piped
    assert rows(names[7]) == {names[7]: piped[names[7]]}


def test_a_name_has_one_printed_row_in_parquet(charnn, tmp_path: Path, names: list[str]) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    pyarrow = pytest.importorskip("pyarrow")
    environment = forced("Haswell")
    tables = []
    for number, order in enumerate((names, names[::-1])):
        source, answer = tmp_path / f"{number}.parquet", tmp_path / f"answer{number}.parquet"
        parquet.write_table(pyarrow.table({"name": order}), source)
        done = charnn("predict", "--input", source, "--column", "name", "--output", answer, env=environment)
        if done.returncode == -signal.SIGILL:
            pytest.skip("this processor cannot run it")
        assert done.returncode == 0, done.stderr
        tables.append(parquet.read_table(answer).to_pylist())
    assert tables[0] == tables[1][::-1]
