"""`charnn predict --engine ray` as a process, on a cluster of this machine."""

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from bench.bench_ray import kill_a_writer
from conftest import PATIENCE
from engine_models import NAMES, random_model

from charnn_cli.architecture import Architecture
from charnn_cli.store import save_trained

CHARNN = [sys.executable, "-m", "charnn_cli", "predict"]
needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'charnn[scale]'")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    run = tmp_path_factory.mktemp("run")
    save_trained(run, random_model(Architecture(hidden_size=16, embedding_size=16, ngram_orders=(2, 3))))
    without = {key: value for key, value in os.environ.items() if not key.startswith("RAY_")}
    plain = {"CHARNN_DEBUG": "", "OMP_NUM_THREADS": "2", "PYTHONWARNINGS": ""}  # Ray warns of its own settings
    return {**without, **plain, "CHARNN_MODEL": str(run)}


def charnn(environment: dict[str, str], *words: str | Path) -> "subprocess.CompletedProcess[str]":
    command = [*CHARNN, *map(str, words)]
    options = {"env": environment, "stdin": subprocess.DEVNULL, "capture_output": True, "text": True}
    return subprocess.run(command, **options, timeout=PATIENCE, check=False)  # type: ignore[call-overload]


def write_people(path: Path, rows: int, note: str = 'x,"y"\nz') -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["id", "name", "note"])
        writer.writerows((row, NAMES[row * row % len(NAMES)], note) for row in range(rows))


@needs_ray
def test_rows_are_those_of_the_plain_path(environment: dict[str, str], tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    source, out = tmp_path / "in", tmp_path / "out"
    (source / "b").mkdir(parents=True)
    write_people(source / "people.csv", 1000)
    parquet.write_table(
        pyarrow.table({"id": [1, 2, 3], "name": ["Kim", None, "Hinton"]}), source / "b" / "more.parquet"
    )
    words = ("--column", "name", "-k", "2")
    done = charnn(environment, "--engine", "ray", "--input", source, "--output", out, *words)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()) == [
        "_SUCCESS",
        "_manifest.jsonl",
        "b/more-00000.parquet",
        "people-00000.csv",
    ]
    assert json.loads((out / "_SUCCESS").read_text()) == {"inputs": 2, "parts": 2, "rows": 1003}
    for given, part in (("people.csv", "people-00000.csv"), ("b/more.parquet", "b/more-00000.parquet")):
        plain = tmp_path / f"plain{Path(given).suffix}"
        charnn(environment, "--input", source / given, "--output", plain, *words)
        if part.endswith("csv"):
            assert (out / part).read_bytes() == plain.read_bytes()
        else:
            assert parquet.read_table(out / part).equals(parquet.read_table(plain))
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*-0*")}
    again = charnn(environment, "--engine", "ray", "--input", source, "--output", out, *words)
    assert (again.returncode, again.stderr) == (0, "")
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*-0*")} == before
    other = charnn(environment, "--engine", "ray", "--input", source, "--output", out, "--column", "name")
    assert "was begun with another k (2, now 1); give the same, or name another folder to write to" in other.stderr


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("Kim",), "--engine ray labels files, not words; give --input FOLDER"),
        (("-",), "--engine ray labels files"),
        ((), "--engine ray reads no stdin; give --input FOLDER"),
        (("--input", "-"), "--engine ray reads no stdin"),
        (("--input", "in"), "--engine ray writes files; give --output FOLDER"),
        (("--input", "in", "--output", "-"), "--engine ray writes files"),
        (("--input", "in", "--output", "out", "--format", "table"), "writes no table; give --format csv, tsv"),
        (("--input", "in", "--output", "out", "--format", "json"), "writes no json; give"),
        (("--input", "in", "--output", "out", "--explain"), "--explain does not fit into columns; add --format ndjson"),
        (("--input", "in", "--output", "out", "--line-buffered"), "--line-buffered is for"),
        (("--input", "in", "--output", "out", "-k", "0"), "-k must be at least 1"),
        (("--input", "in", "--output", "in/people.csv"), "in/people.csv is a file; name a folder"),
        (("--input", "in", "--output", "in/out"), "--output lies within --input; name a folder beside it"),
        (("--input", "in/*", "--output", "in", "--column", "name"), "people.csv of --input lies in --output"),
        (("--input", "in", "--output", "out"), "no file to label; give a folder with files of .txt"),
        (("--input", "in/*", "--output", "out"), "in/people.csv has columns; say which of them holds"),
    ],
)
@needs_ray
def test_what_does_not_fit_is_one_line(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], what: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    write_people(tmp_path / "in" / "people.csv", 2)
    done = charnn(environment, "--engine", "ray", *words)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("charnn: error: ")
    assert what in line
    assert [path.name for path in tmp_path.rglob("*")] == ["in", "people.csv"]


def test_without_ray_it_is_said_how_to_install_it(environment: dict[str, str], tmp_path: Path) -> None:
    write_people(tmp_path / "people.csv", 2)
    program = (
        "import sys; sys.modules['ray'] = None; sys.argv = ['charnn', *sys.argv[1:]]\n"
        "from charnn_cli.__main__ import main; main()"
    )
    words = ["predict", "--engine", "ray", "--input", "people.csv", "--output", "out", "--column", "name"]
    command = [sys.executable, "-c", program, *words]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "charnn: error: labelling on Ray needs the package ray, with Ray Data; pip install 'charnn[scale]'\n"
    )
    assert not (tmp_path / "out").exists()


@needs_ray
@pytest.mark.slow
def test_a_cluster_that_does_not_answer(environment: dict[str, str], tmp_path: Path) -> None:
    write_people(tmp_path / "people.csv", 2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    words = ("--engine", "ray", "--input", tmp_path / "people.csv", "--output", tmp_path / "out", "--column", "name")
    done = charnn({**environment, "RAY_ADDRESS": address}, *words)
    assert done.returncode == 2
    assert done.stderr == (f"charnn: error: no Ray cluster answers at {address}; start it, or unset RAY_ADDRESS\n")


@needs_ray
@pytest.mark.slow
def test_a_fault_of_a_file_names_its_line(environment: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    write_people(path, 2000)
    with path.open("a") as stream:
        stream.write("1,2,3,4\n")
    words = ("--engine", "ray", "--input", path, "--output", tmp_path / "out", "--column", "name")
    done = charnn(environment, *words)
    assert done.returncode == 2
    what = "4 fields where the first line has 3; quote fields that hold a separator"
    assert done.stderr == f"charnn: error: {path}:4002: {what}\n"
    assert [entry.name for entry in (tmp_path / "out").iterdir()] == ["_manifest.jsonl"]


@needs_ray
@pytest.mark.slow
@pytest.mark.parametrize("end", [None, signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_deaths_on_the_way_lose_and_repeat_nothing(
    environment: dict[str, str], tmp_path: Path, end: signal.Signals | None
) -> None:
    """A worker dies and the job ends well, or the whole command is ended and run again."""
    source, out, plain = tmp_path / "in", tmp_path / "out", tmp_path / "plain.csv"
    source.mkdir()
    write_people(source / "people.csv", 600_000, note="n" * 90)
    words = ("--input", str(source), "--output", str(out), "--column", "name", "--engine", "ray")
    with subprocess.Popen(
        [*CHARNN, *words], env=environment, stdout=-1, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        killed = ""
        while process.poll() is None and not killed:
            if end is None:
                killed = kill_a_writer(out)
            elif (out / "people-00000.csv").exists():
                killed = "all"
                (os.kill if end is signal.SIGKILL else os.killpg)(process.pid, end)
            time.sleep(0.01)
        said, _ = process.communicate(timeout=PATIENCE)
        assert killed, said
        assert (process.returncode, said) == (0 if end is None else -9 if end is signal.SIGKILL else 130, "")
    if end is not None:
        assert not (out / "_SUCCESS").exists()
        assert charnn(environment, *words).returncode == 0
    assert json.loads((out / "_SUCCESS").read_text())["rows"] == 600_000
    parts = sorted(out.glob("*.csv"))
    assert len(parts) > 2
    assert [path.name for path in sorted(out.iterdir())] == ["_SUCCESS", "_manifest.jsonl", *(p.name for p in parts)]
    charnn(environment, "--input", source / "people.csv", "--output", plain, "--column", "name")
    header = plain.read_bytes().splitlines(keepends=True)[0]
    assert header + b"".join(path.read_bytes().removeprefix(header) for path in parts) == plain.read_bytes()
