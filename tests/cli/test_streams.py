"""No row is lost: all output is taken, whatever stdout is, or the exit code says that it was not."""

import gzip
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Charnn

from charnn_cli.cli.options import check_apart, written_layout
from charnn_cli.cli.streams import prepare_streams, printed_to
from charnn_cli.errors import UsageError

CHARNN = Path(sys.executable).with_name("charnn")
NAMES = 5000  # whose rows, written at once, are more than a pipe takes

unbuffered = pytest.mark.parametrize("unbuffered", ["", "1"])


@pytest.fixture
def names(tmp_path: Path) -> Path:
    path = tmp_path / "names.txt"
    path.write_text("".join(f"Ro{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{n // 676 * 'i'}\n" for n in range(NAMES)))
    return path


def predicting(names: Path, model: Path, stdout: int, unbuffered: str) -> "subprocess.Popen[bytes]":
    command = [CHARNN, "predict", "--input", names, "--model", model, "--format", "tsv", "--quiet"]
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    return subprocess.Popen(command, stdout=stdout, stderr=subprocess.PIPE, env=environment)


def rest_of(descriptor: int) -> bytes:
    with open(descriptor, "rb") as stream:
        return stream.read()


def assert_all_rows(names: Path, written: bytes, process: "subprocess.Popen[bytes]") -> None:
    _, stderr = process.communicate()
    assert (process.returncode, stderr) == (0, b"")
    rows = written.decode().splitlines()
    assert [row.split("\t")[0] for row in rows] == ["name", *names.read_text().split()]
    assert {row.count("\t") for row in rows} == {rows[0].count("\t")}


@unbuffered
def test_a_pipe_that_does_not_block_gets_every_row(unbuffered: str, names: Path, tiny_run: Path) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    process = predicting(names, tiny_run, writing, unbuffered)
    os.close(writing)
    assert_all_rows(names, rest_of(reading), process)


@unbuffered
def test_a_command_that_is_stopped_while_its_pipe_is_full_goes_on_where_it_was(
    unbuffered: str, names: Path, tiny_run: Path
) -> None:
    reading, writing = os.pipe()
    process = predicting(names, tiny_run, writing, unbuffered)
    written = b""
    for _ in range(3):
        while select.select([], [writing], [], 0)[1]:
            assert process.poll() is None
        process.send_signal(signal.SIGSTOP)
        assert os.WIFSTOPPED(os.waitpid(process.pid, os.WUNTRACED)[1])
        process.send_signal(signal.SIGCONT)
        written += os.read(reading, 1 << 14)
    os.close(writing)
    assert_all_rows(names, written + rest_of(reading), process)


def test_a_pipe_that_does_not_block_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    to_come = [b"Rossi\n", b"Mori\n"]

    def wait(reads: list[int], writes: list[int], others: list[int]) -> None:
        assert (reads, writes) == ([reading], [])
        if to_come:
            os.write(writing, to_come.pop(0))
        else:
            os.close(writing)

    monkeypatch.setattr("select.select", wait)
    with open(reading, encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        for name in ("stdout", "stderr"):
            monkeypatch.setattr(sys, name, getattr(sys, name))
        prepare_streams()
        assert sys.stdin.buffer.read() == b"Rossi\nMori\n"


@unbuffered
@pytest.mark.parametrize(
    "words",
    [
        ["predict", "Rossi", "--model", "RUN"],
        ["predict", "Rossi", "--model", "RUN", "--format", "table"],
        ["plot", "loss", "RUN", "-o", "-"],
        ["evaluate", "RUN"],
        ["evaluate", "RUN", "--format", "json"],
        ["evaluate", "RUN", "--format", "csv"],
        ["train", "NAMES", "--dry-run"],
        ["train", "--print-config"],
        ["--version"],
        ["predict", "--help"],
    ],
)
def test_where_nothing_can_be_written_no_command_succeeds(
    words: list[str], unbuffered: str, charnn: Charnn, small_names: Path, tiny_run: Path
) -> None:
    places = {"RUN": tiny_run, "NAMES": small_names}
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    with open("/dev/full", "w") as full:
        options = {"stdout": full, "stderr": subprocess.PIPE, "capture_output": False, "env": environment}
        done = charnn(*(places.get(word, word) for word in words), **options)
    assert done.returncode == 2
    line = done.stderr.splitlines()[-1]
    assert line == "charnn: error: stdout: cannot be written (No space left on device); make room, or write elsewhere"


@unbuffered
@pytest.mark.parametrize("words", [["plot", "loss", "RUN", "-o", "-"], ["predict", "--model", "RUN", "--input", "in"]])
def test_a_file_that_takes_a_part_is_no_success(
    words: list[str], unbuffered: str, names: Path, tiny_run: Path, tmp_path: Path
) -> None:
    words = [{"RUN": str(tiny_run), "in": str(names)}.get(word, word) for word in words]
    script = f'ulimit -f 8; exec {CHARNN} "$@" > out'
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    command = ["bash", "-c", script, "bash", *words]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("charnn: error: stdout: cannot be written (File too large); ")
    assert (tmp_path / "out").stat().st_size == 8 * 1024


@pytest.mark.parametrize(
    "words", [["predict", "Rossi"], ["evaluate", "--data", "NAMES"], ["plot", "belief", "--name", "Rossi"]]
)
def test_a_run_that_is_gone_is_told_of_by_every_command(
    words: list[str], charnn: Charnn, small_names: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHARNN_MODEL", raising=False)
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "latest").write_text("gone\n")
    words = [str(small_names) if word == "NAMES" else word for word in words]
    done = charnn(*words)
    assert done.returncode == 0
    note = "charnn: note: runs/latest names runs/gone, which is gone: the model that comes with charnn answers"
    assert done.stderr.splitlines()[0] == note
    assert "note: runs/latest" not in charnn(*words, "--quiet").stderr


def test_what_is_printed_to_a_link_leaves_it_and_gz_is_packed(tmp_path: Path) -> None:
    path, link = tmp_path / "figures.csv.gz", tmp_path / "link.csv.gz"
    path.write_text("old")
    link.symlink_to(path)
    with printed_to(str(link)):
        print("é")
    assert link.is_symlink()
    assert gzip.decompress(path.read_bytes()).decode() == "é\n"


@pytest.mark.parametrize(
    ("output", "layout"),
    [("x", "table"), ("x.TXT", "table"), ("x.gz", "table"), ("x.csv.gz", "csv"), ("x.JSON", "json"), ("x.md", "table"),
     ("x.tsv", None), ("x.parquet", None), ("x.csv.zip", None), ("x.zst", None)],
)  # fmt: skip
def test_a_suffix_says_the_layout_or_is_refused(output: str, layout: str | None) -> None:
    options = (("table", "json", "csv"), "table", "of figures")
    if layout is not None:
        assert written_layout(output, *options) == layout
    else:
        with pytest.raises(UsageError, match="ends in no layout of figures"):
            written_layout(output, *options)


def test_no_output_becomes_a_text_of_a_folder_that_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Czech.txt").write_text("Dvořák\n")
    monkeypatch.chdir(tmp_path)
    for output in ("Czech.txt", "new.TXT", str(tmp_path / "Czech.txt")):
        with pytest.raises(UsageError, match="lies in the folder that --data reads"):
            check_apart(tmp_path, "--data", output)
    for output in ("figures.csv", "none/Czech.txt", "-", None):
        check_apart(tmp_path, "--data", output)
