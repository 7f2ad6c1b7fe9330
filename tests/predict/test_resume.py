"""`predict --resume`: what is done is kept when the command is stopped, and the rest ends in the same bytes."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from charnn_cli.cli.predict_rows import _resumed
from charnn_cli.errors import OutputError
from charnn_cli.render.output import ResumedFile

CHARNN = Path(sys.executable).with_name("charnn")
ROWS = 30_000


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows with quotes, a line break within a field, names that cannot be told and repeats."""
    draw = random.Random(0)
    path = tmp_path_factory.mktemp("rows") / "people.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write("id,name,note\n")
        for number in range(ROWS):
            name = "".join(draw.choices("abdeiklmnorstuv", k=draw.randint(2, 9))).title() if number % 7 else "N/A"
            stream.write(f'{number},{name},"a ""note"",\nin lines"\n' if number % 5 == 0 else f"{number},{name},\n")
    return path


def recorded(record: Path) -> int:
    """Rows that are done; 0 where there is no record yet, or none any more, since a command may end at any time."""
    with contextlib.suppress(FileNotFoundError):
        return int(json.loads(record.read_text())["rows"])
    return 0


@pytest.mark.parametrize("layout", ["csv", "tsv", "ndjson"])
def test_a_killed_command_goes_on_and_ends_in_the_same_bytes(
    layout: str, table: Path, tiny_run: Path, tmp_path: Path
) -> None:
    words = [CHARNN, "predict", "--model", tiny_run, "--input", table, "--column", "name"]
    whole, output = tmp_path / f"whole.{layout}", tmp_path / f"out.{layout}"
    plain = subprocess.run([*words, "--output", whole], check=True, capture_output=True, text=True)
    record = tmp_path / f".{output.name}.part.json"
    kills = 0
    while not output.exists():
        with subprocess.Popen([*words, "--output", output, "--resume", "--quiet"]) as process:
            before = recorded(record)
            while process.poll() is None and kills < 3:  # until it has come some way further
                if recorded(record) > before:
                    os.kill(process.pid, (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL)[kills])
                    kills += 1
                    break
            process.wait()
    assert output.read_bytes() == whole.read_bytes()
    assert kills
    assert {path.name for path in tmp_path.iterdir()} == {whole.name, output.name}
    again = subprocess.run([*words, "--output", output, "--resume"], check=True, capture_output=True, text=True)
    assert again.stderr == plain.stderr.replace(str(whole), str(output))


def test_what_is_kept_is_told_when_it_is_stopped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def rows(source: object, done: int) -> Iterator[tuple[int, bytes]]:
        yield 2, b"one\ntwo\n"
        raise KeyboardInterrupt

    asked: Any = SimpleNamespace(output=str(tmp_path / "out.csv"), bom=False, quiet=False)
    stopped: Any = SimpleNamespace(abstained=Counter(), rows=rows)
    with pytest.raises(KeyboardInterrupt):
        _resumed(asked, stopped, iter(()), {}, lambda rows: None)
    assert capsys.readouterr().err == "charnn: stopped; 2 rows kept, the same command goes on\n"


def test_what_was_written_behind_the_record_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with pytest.raises(KeyboardInterrupt), ResumedFile(str(path), {"k": 1}) as file:
        file.write(b"header\none\n")
        file.mark(1, {"empty": 1})
        file.write(b"half of tw")
        raise KeyboardInterrupt
    assert not path.exists()
    with ResumedFile(str(path), {"k": 1}) as file:
        assert (file.rows, file.abstained) == (1, Counter(empty=1))
        file.write(b"two\n")
    assert path.read_bytes() == b"header\none\ntwo\n"
    assert list(tmp_path.iterdir()) == [path]


def test_other_settings_and_a_broken_record(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with pytest.raises(KeyboardInterrupt), ResumedFile(str(path), {"k": 1}) as file:
        file.write(b"one\n")
        file.mark(1, {})
        raise KeyboardInterrupt
    with pytest.raises(OutputError, match="was begun with another k"), ResumedFile(str(path), {"k": 2}):
        pass
    (tmp_path / ".out.csv.part.json").write_text('{"rows": -3, "settings": []}')
    with ResumedFile(str(path), {"k": 2}) as file:
        assert file.rows == 0
        file.write(b"anew\n")
    assert path.read_bytes() == b"anew\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--input", "names.txt"], "--resume goes on with a file; give one as --output"),
        (["-", "--output", "x.csv"], "--resume goes on within a file; give one as --input"),
        (["--input", "names.txt", "--output", "x.json"], "--resume writes csv, tsv or ndjson, not compressed"),
        (["--input", "names.txt", "--output", "x.csv.gz"], "--resume writes csv, tsv or ndjson, not compressed"),
    ],
)
def test_what_cannot_be_gone_on_with(charnn, tiny_run: Path, tmp_path: Path, words: list[str], told: str) -> None:
    (tmp_path / "names.txt").write_text("Rossi\n", encoding="utf-8")
    done = charnn("predict", "--model", tiny_run, "--resume", *words)
    assert done.returncode == 2
    assert done.stderr.startswith(f"charnn: error: {told}")
