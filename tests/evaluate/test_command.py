"""`charnn evaluate` as a process: what lies on stdout, what on stderr, and how it ends."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from evaluation_runs import made_up_names, make_run, write_data

from charnn_cli.evaluate import evaluate
from charnn_cli.store import Run


def charnn(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CHARNN_")}
    return subprocess.run(
        [sys.executable, "-m", "charnn_cli", "evaluate", *map(str, words)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("place")
    make_run(folder / "run", write_data(folder / "names", made_up_names()))
    return folder


def test_table_off_a_terminal_is_plain_and_narrow(place: Path) -> None:
    done = charnn("run", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    accuracy = evaluate(Run(place / "run")).metrics["accuracy"]
    assert f"accuracy           {accuracy:.3f}  " in done.stdout
    assert "by origin" in done.stdout
    assert "most confused" in done.stdout


def test_json_is_one_object_and_a_missed_bound_ends_with_1_after_it(place: Path) -> None:
    done = charnn("-m", "run", "--format", "json", "--fail-under", "macro_f1=0.999", "--fail-under", "nll=9", cwd=place)
    value = json.loads(done.stdout)
    assert value == json.loads(json.dumps(evaluate(Run(place / "run")).to_json() | {"run": "run"}))
    assert done.returncode == 1
    assert done.stderr == f"charnn: macro_f1 is {value['metrics']['macro_f1']:.6g}, under its bound 0.999\n"


def test_csv_holds_the_same_figures(place: Path) -> None:
    done = charnn("run", "-o", "figures.csv", "--fail-under", "macro_f1=0.999", "--compare", "run", cwd=place)
    assert (done.returncode, done.stdout) == (1, "")
    rows = list(csv.DictReader(io.StringIO((place / "figures.csv").read_text(encoding="utf-8"))))
    result = evaluate(Run(place / "run"))
    plain = {row["metric"]: row for row in rows if row["names"] == "all" and not row["origin"] and not row["against"]}
    assert float(plain["accuracy"]["value"]) == result.metrics["accuracy"]
    assert float(plain["ece"]["high"]) == result.intervals["ece"][1]
    assert plain["n"]["value"] == str(result.n)
    recalls = {row["origin"]: float(row["value"]) for row in rows if row["metric"] == "recall"}
    assert recalls == {row.origin: row.recall for row in result.per_origin}
    lows = {row["origin"]: float(row["low"]) for row in rows if row["metric"] == "recall"}
    assert lows == {row.origin: row.intervals["recall"][0] for row in result.per_origin if row.intervals["recall"]}
    assert [row["value"] for row in rows if row["against"]] == ["0.0"] * 7


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("run", "--fail-under", "speed=1"), "no metric 'speed'"),
        (("nowhere",), "nowhere: no such run folder"),
        (("run", "--compare", "nowhere"), "nowhere: no such run folder"),
        (("run", "--data", "missing.csv"), "missing.csv"),
        (("run", "--report", "missing/report.html"), "missing"),
        (("run", "-o", "missing/figures.json"), "missing"),
    ],
)
def test_errors_are_one_line_with_a_remedy(place: Path, words: tuple[str, ...], message: str) -> None:
    done = charnn(*words, cwd=place)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("charnn: error: ")
    assert message in line
    assert "; " in line


def test_notes_go_to_stderr_and_quiet_stops_them(place: Path) -> None:
    other = place / "other.csv"
    other.write_text("name,origin\nAaabc,Alpha\nZzz,Omega\n", encoding="utf-8")
    done = charnn("run", "--data", other, cwd=place)
    assert "charnn: note: names whose origin the run does not know, counted as mistakes: 1 ('Omega')" in done.stderr
    assert charnn("run", "--data", other, "--quiet", cwd=place).stderr == ""


def test_neither_torch_nor_what_it_does_not_need_is_imported(place: Path) -> None:
    script = (
        "import sys; from charnn_cli.cli.evaluate import evaluate\n"
        "evaluate(run=sys.argv[1:])\n"
        "print(*{'torch', 'matplotlib', 'sklearn', 'pydantic'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(place / "run")], capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == ""
