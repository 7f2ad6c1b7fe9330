"""`charnn generate`: names on stdout, in every layout, and a pipeline to predict."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import SMALL_NAMES

from charnn_cli.cli.generate import generate
from charnn_cli.data.dataset import name_hash
from charnn_cli.errors import ModelError, UsageError
from charnn_cli.store import Run


def written(capsysbinary: pytest.CaptureFixture[bytes], run: Path, *origins: str, **options: object) -> str:
    generate(list(origins), model=str(run), **options)
    return capsysbinary.readouterr().out.decode()


def test_without_torch_a_pipe_holds_a_name_a_line_which_predict_reads(writing_run: Path) -> None:
    program = (
        "import sys; from charnn_cli.cli.app import app; app(standalone_mode=False); assert 'torch' not in sys.modules"
    )
    command = [sys.executable, "-c", program, "generate", "russian", "-n", "5", "--model", str(writing_run)]
    names = subprocess.run(command, capture_output=True, text=True, check=True)
    assert len(names.stdout.splitlines()) == 5
    command = [sys.executable, "-m", "charnn_cli", "predict", "-", "--model", str(writing_run)]
    told = subprocess.run(command, input=names.stdout, capture_output=True, text=True, check=True)
    rows = [line.split("\t") for line in told.stdout.splitlines()[1:]]
    assert [row[0] for row in rows] == names.stdout.splitlines()
    assert {row[1] for row in rows} <= set(SMALL_NAMES)  # by Bayes' rule


def test_a_terminal_is_told_who_writes(
    writing_run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHARNN_MODEL", str(writing_run))
    line = f"charnn: written by {writing_run} (--model chooses another)\n"
    for is_terminal, quiet, wanted in ((True, False, line), (True, True, ""), (False, False, "")):
        monkeypatch.setattr(sys.stderr, "isatty", lambda answer=is_terminal: answer)
        generate(["Russian"], count=1, format="text", quiet=quiet)
        assert capsys.readouterr().err == wanted
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    generate(["Russian"], count=1, format="text", model=str(writing_run))
    assert capsys.readouterr().err == ""


def test_every_layout_holds_the_same_names(
    writing_run: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    def out(format: str, **options: object) -> str:
        return written(capsysbinary, writing_run, "Russian", "Italian", count=3, format=format, **options)

    names = out("text").splitlines()
    assert len(names) == 6
    objects = json.loads(out("json"))
    assert [json.loads(line) for line in out("ndjson").splitlines()] == objects
    assert [entry["name"] for entry in objects] == names
    assert [entry["origin"] for entry in objects] == ["Russian"] * 3 + ["Italian"] * 3
    for format, dialect in (("tsv", "excel-tab"), ("csv", "excel")):
        rows = list(csv.DictReader(io.StringIO(out(format)), dialect=dialect))
        assert [{**row, "log_probability": float(row["log_probability"])} for row in rows] == objects
    assert out("tsv", no_header=True).splitlines() == out("tsv").splitlines()[1:]
    assert ", ".join(names[:3]) in out("table")
    for suffix, format in (("txt", "text"), ("csv", "csv"), ("jsonl", "ndjson"), ("json", "json")):
        path = tmp_path / f"names.{suffix}"
        assert written(capsysbinary, writing_run, "Russian", "Italian", count=3, output=str(path)) == ""
        assert path.read_text() == out(format)
    for name in ("names.parquet", "names.csv.bz2"):
        with pytest.raises(UsageError, match="no layout of names"):
            generate(["Russian"], model=str(writing_run), output=name)


def test_new_names_are_none_of_training(writing_run: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    run, verdicts = Run(writing_run), set()
    for name in [*SMALL_NAMES["Italian"], "Rosno"]:
        if set(name) <= set(run.trained.alphabet.characters):
            options = {"start": name, "max_length": len(name), "count": 2}  # nothing else can be written
            assert written(capsysbinary, writing_run, "Italian", **options) == f"{name}\n" * 2
            is_held = bool(np.isin(name_hash([name.casefold()]), run.training_hashes))
            new = written(capsysbinary, writing_run, "Italian", new=True, **options)
            assert new == ("" if is_held else f"{name}\n" * 2)
            verdicts.add(is_held)
    assert verdicts == {False, True}


def test_what_cannot_be_written_is_told(writing_run: Path, tiny_run: Path) -> None:
    with pytest.raises(UsageError, match="no origin 'Rusian'; did you mean Russian"):
        generate(["Rusian"], model=str(writing_run))
    with pytest.raises(UsageError, match="no origin 'Elbonian'; choose from Italian, Japanese, Russian"):
        generate(["Elbonian"], model=str(writing_run))
    with pytest.raises(ModelError, match="writes none; name a run that writes"):
        generate([], model=str(tiny_run))
    for options in (
        {"count": 0},
        {"temperature": 0.0},
        {"top_p": 0.0},
        {"top_p": 1.5},
        {"seed": -1},
        {"max_length": 0},
    ):
        with pytest.raises(UsageError):
            generate([], model=str(writing_run), **options)
