"""`charnn predict` as a process: stdout, stderr and exit code apart."""

import csv
import io
import json
import os
import re
import select
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import PATIENCE
from engine_models import LABELS, NAMES, random_model

from charnn_cli.architecture import Architecture
from charnn_cli.cli.predict_input import _told_of_heading
from charnn_cli.predict import Predictor
from charnn_cli.store import load_trained, save_trained

CHARNN = [sys.executable, "-m", "charnn_cli", "predict"]
LAYOUTS = ("table", "text", "tsv", "csv", "ndjson", "json")
HEADER = "name\torigin\tprobability\tstatus\treason\n"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    save_trained(folder, random_model(Architecture(hidden_size=16, embedding_size=16, ngram_orders=(2, 3))))
    return folder


@pytest.fixture(scope="module")
def environment(run: Path) -> dict[str, str]:
    return {**os.environ, "CHARNN_MODEL": str(run), "CHARNN_DEBUG": ""}


DONE = re.compile(
    rb"(charnn: [\d,]+ rows?, [\d,]+ without an answer( \(.+\))?; answered by [^;]+(; written to [^;]+)?\n)?"
)


def charnn(environment: dict[str, str], *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*CHARNN, *words], input=stdin, capture_output=True, env=environment, timeout=PATIENCE)


def said(environment: dict[str, str], *words: str, stdin: bytes = b"") -> str:
    """What a command that goes well says."""
    process = charnn(environment, *words, stdin=stdin)
    assert process.returncode == 0
    assert DONE.fullmatch(process.stderr), process.stderr
    return process.stdout.decode("utf-8", "surrogateescape")


PEOPLE = b"Satoshi\nGeoffrey Hinton\nHinton, Geoffrey\n"


def test_a_model_of_single_words_says_once_that_it_reads_family_names(run: Path, tmp_path: Path) -> None:
    save_trained(tmp_path, replace(load_trained(run), several_words=0.0))
    environment = {**os.environ, "CHARNN_MODEL": str(tmp_path)}
    read = charnn(environment, stdin=PEOPLE)
    assert read.stderr.startswith(b"charnn: note: this model has learned single words: names of several are read by")
    assert read.stderr.count(b"\n") == 1
    rows = [row.split("\t") for row in read.stdout.decode().splitlines()]
    assert [row[rows[0].index("read_as")] for row in rows[1:]] == ["", "Hinton", "Hinton"]
    assert charnn(environment, stdin=b"Hinton\nvan Gogh\n").stderr == b""
    assert charnn(environment, "--name-part", "family", stdin=PEOPLE).stdout == read.stdout
    assert charnn(environment, "--name-part", "family", stdin=PEOPLE).stderr == b""
    whole = charnn(environment, "--name-part", "all", stdin=PEOPLE)
    assert (whole.stdout.splitlines()[0], whole.stderr) == (HEADER.strip().encode(), b"")


def test_names_as_words(run: Path, environment: dict[str, str]) -> None:
    rows = list(csv.reader(io.StringIO(said(environment, "Hinton", "김철수", "", "--", "--help")), delimiter="\t"))
    names = ["Hinton", "김철수", "", "--help"]
    expected = Predictor(load_trained(run)).predict(names, k=1)
    assert rows[0] == HEADER.split()
    for row, name, prediction in zip(rows[1:], names, expected, strict=True):
        assert row[0] == name
        assert row[1] == (prediction.origin or "")
        assert row[3:] == [prediction.status, prediction.reason or ""]
        assert float(row[2] or "nan") == pytest.approx(prediction.probability or float("nan"), rel=1e-6, nan_ok=True)


def test_formats_agree(environment: dict[str, str]) -> None:
    words = ("Hinton", "Kim", "7", "-k", "2")
    rows = list(csv.reader(io.StringIO(said(environment, *words, "--format", "csv"))))[1:]
    objects = json.loads(said(environment, *words, "--format", "json"))
    lines = [json.loads(line) for line in said(environment, *words, "--format", "ndjson").splitlines()]
    assert objects == lines
    for row, value in zip(rows, objects, strict=True):
        flat = [cell for guess in value["predictions"] for cell in (guess["origin"], guess["probability"])]
        assert row == [value["name"], *(map(str, flat) if flat else [""] * 4), value["status"], value["reason"] or ""]
    text = said(environment, *words, "--format", "text").splitlines()
    best = objects[0]["predictions"][0]
    assert text[:2] == ["> Hinton", f"({best['log_probability']:.2f}) {best['origin']}"]
    assert text[-2:] == ["> 7", "(abstained) no_letters"]
    assert best["origin"] in said(environment, *words, "--format", "table")


@pytest.mark.parametrize("words", [("-",), (), ("--input", "-")])
def test_lines_of_any_text_come_back(environment: dict[str, str], words: tuple[str, ...]) -> None:
    names = [
        b"Hinton",
        b"",
        b" x ",
        b"a\tb\\c",
        "Łukasz".encode(),
        b"[red]\x1b[2J",
        "\u202eKim".encode(),
        b"nul\0",
        b"q" * 10**6,
    ]
    out = charnn(environment, *words, stdin=b"\n".join(names)).stdout
    rows = out.split(b"\n")
    assert rows[0] + b"\n" == HEADER.encode()
    escaped = [name.replace(b"\\", b"\\\\").replace(b"\t", b"\\t") for name in names]
    assert [row.split(b"\t")[0] for row in rows[1:-1]] == escaped


def test_csv_keeps_columns_and_text(environment: dict[str, str], tmp_path: Path) -> None:
    rows = [["1", "Hin\nton", 'say "hi"'], ["2", "", "x,y"], ["3", "Kim", " kept "]]
    source = tmp_path / "people.csv"
    with source.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["id", "surname", "status"], *rows])  # lines end in \r\n
    out = said(environment, "--input", str(source), "--column", "surname", "--format", "csv")
    assert "\r" not in out
    back = list(csv.reader(io.StringIO(out, newline=""), strict=True))
    assert back[0] == ["id", "surname", "status", "origin", "probability", "charnn_status", "reason"]
    assert [row[:3] for row in back[1:]] == rows
    assert [row[5] for row in back[1:]] == ["ok", "abstained", "ok"]
    objects = said(environment, "--input", str(source), "--column", "surname", "--format", "ndjson").splitlines()
    assert [json.loads(line)["input"] for line in objects] == [dict(zip(back[0][:3], row, strict=True)) for row in rows]


def test_parquet_in_and_out(environment: dict[str, str], tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = pyarrow.table({"id": [1, 2, 3], "name": ["Kim", None, "Hinton"], "height": pyarrow.array([1.5, None, 2.1])})
    parquet.write_table(table, tmp_path / "people.parquet")
    words = ("--input", str(tmp_path / "people.parquet"), "--column", "name")
    assert said(environment, *words, "--output", str(tmp_path / "out.parquet")) == ""
    out = parquet.read_table(tmp_path / "out.parquet")
    assert out.select(["id", "name", "height"]).equals(table)
    assert out.column_names[3:] == ["origin", "probability", "status", "reason"]
    assert out["status"].to_pylist() == ["ok", "abstained", "ok"]
    assert out["reason"].to_pylist() == [None, "empty", None]
    piped = charnn(environment, *words, "--format", "parquet").stdout
    assert parquet.read_table(pyarrow.BufferReader(piped)).equals(out)
    words_by_part = ("Bo Kim", "Kim", "--name-part", "family", "--format", "parquet")
    by_part = parquet.read_table(pyarrow.BufferReader(charnn(environment, *words_by_part).stdout))
    assert by_part.column_names == ["name", "origin", "probability", "status", "reason", "read_as"]
    assert by_part["read_as"].to_pylist() == ["Kim", None]
    assert by_part["origin"][0] == by_part["origin"][1]
    rows = list(csv.DictReader(io.StringIO(said(environment, *words, "--format", "csv"))))
    assert [row["origin"] for row in rows] == [origin or "" for origin in out["origin"].to_pylist()]
    assert [row["height"] for row in rows] == ["1.5", "", "2.1"]
    line = json.loads(said(environment, *words, "--format", "ndjson").splitlines()[1])
    assert line["input"] == {"id": 2, "name": None, "height": None}


def test_explanations(environment: dict[str, str]) -> None:
    value = json.loads(said(environment, "Müller", "--format", "ndjson", "--explain"))
    explanation = value["explanation"]
    assert explanation["text"] == "muller"
    assert [step["prefix"] for step in explanation["beliefs"]] == ["m", "mu", "mul", "mull", "mulle", "muller"]
    last = explanation["beliefs"][-1]["probabilities"]
    assert set(last) == set(LABELS)
    assert last[explanation["origin"]] == pytest.approx(value["predictions"][0]["probability"], rel=1e-5)
    assert [step["letter"] for step in explanation["letters"]] == list("muller")
    assert json.loads(said(environment, "7", "--format", "ndjson", "--explain"))["explanation"] is None
    assert "letters  muller" in said(environment, "Müller", "--format", "table", "--explain")


def test_min_probability_and_prior(environment: dict[str, str], tmp_path: Path) -> None:
    value = json.loads(said(environment, "Hinton", "--format", "ndjson", "--min-probability", "1"))
    assert (value["status"], value["reason"], value["predictions"]) == ("abstained", "below_threshold", [])
    shares = tmp_path / "shares.csv"
    shares.write_text("".join(f"{label},{int(label == 'Dutch')}\n" for label in LABELS))
    value = json.loads(said(environment, "Hinton", "--format", "ndjson", "--prior", str(shares)))
    assert value["predictions"] == [{"origin": "Dutch", "probability": 1.0, "log_probability": 0.0}]


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("Kim", "-k", "0"), "-k must be at least 1"),
        (("Kim", "-k", "x"), "not a whole number"),
        *((("Kim", "-k", "101", "--format", layout), f"knows; give at most {len(LABELS)}") for layout in LAYOUTS),
        (("Kim", "-k", "101", "--output", "out.parquet"), f"knows; give at most {len(LABELS)}"),
        (("Kim", "--prior", ""), "the prior is empty"),
        (("Kim", "--model", ""), "the name of the run folder is empty"),
        (("Kim", "--format", "xml"), "'xml' is not one of"),
        (("Kim", "--min-probability", "2"), "--min-probability is 2.0"),
        (("Kim", "--explain"), "--explain does not fit"),
        (("Kim", "--input", "names.txt"), "choose one"),
        (("Kim", "-"), "'-' among other names"),
        (("Kim", "--column", "name"), "--column is for"),
        (("Kim", "--delimiter", ";"), "--delimiter is for"),
        (("--input", "people.csv"), "people.csv: cannot be read (No such file or directory)"),
        (("--input", "missing.txt"), "missing.txt: cannot be read (No such file or directory)"),
        (("Kim", "--model", "missing"), "missing: no such run folder"),
        (("Kim", "--output", "missing/out.tsv"), "missing/out.tsv: cannot be written"),
    ],
)
def test_faults_are_one_line_and_code_2(environment: dict[str, str], words: tuple[str, ...], what: str) -> None:
    process = charnn(environment, *words)
    assert (process.returncode, process.stdout) == (2, b"")
    (line,) = process.stderr.decode().splitlines()
    assert line.startswith("charnn: error: ")
    assert what in line


def test_an_error_on_the_way_leaves_no_file(environment: dict[str, str], tmp_path: Path) -> None:
    source, out = tmp_path / "people.csv", tmp_path / "out.csv"
    source.write_text("id,name\n1,Kim\n2,Li,x\n")
    process = charnn(environment, "--input", str(source), "--column", "name", "--output", str(out))
    assert process.returncode == 2
    assert f"charnn: error: {source}:3: 3 fields" in process.stderr.decode()
    assert [path.name for path in tmp_path.iterdir()] == ["people.csv"]


def test_no_output_takes_the_place_of_what_is_read(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "names.csv").write_text("name\nKim\n")
    (tmp_path / "link.csv").symlink_to("names.csv")
    for output in ("names.csv", "link.csv"):
        done = charnn(environment, "--input", str(tmp_path / "names.csv"), "--output", str(tmp_path / output))
        assert done.returncode == 2
        assert done.stderr.decode().endswith(f"{output} is the file that --input reads; name another file\n")
    prior = str(tmp_path / "prior.csv")
    Path(prior).write_text("origin,count\n")
    done = charnn(environment, "Kim", "--prior", prior, "--output", prior)
    assert (done.returncode, b"is the file that --prior reads" in done.stderr) == (2, True)
    assert (tmp_path / "names.csv").read_text() == "name\nKim\n"


def test_the_format_follows_the_name_of_the_output(environment: dict[str, str], tmp_path: Path) -> None:
    assert said(environment, "Kim", "--output", str(tmp_path / "out.csv")) == ""
    assert (tmp_path / "out.csv").read_text().startswith("name,origin,probability,status,reason\nKim,")


def test_no_rows(environment: dict[str, str]) -> None:
    assert said(environment, "-") == HEADER
    assert said(environment, "-", "--no-header") == ""
    assert json.loads(said(environment, "-", "--format", "json")) == []


def test_a_reader_that_leaves_is_no_error(environment: dict[str, str]) -> None:
    with subprocess.Popen([*CHARNN, "-"], stdin=-1, stdout=-1, stderr=-1, env=environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"Kim\n" * 20_000)
        process.stdin.flush()
        assert process.stdout.readline() == HEADER.encode()
        process.stdout.close()
        with pytest.raises(BrokenPipeError):
            while True:
                process.stdin.write(b"Kim\n" * 20_000)
                process.stdin.flush()
        assert (process.wait(30), process.stderr.read()) == (0, b"")


@pytest.mark.parametrize("words", [("-", "--line-buffered"), ("--column", "name", "--line-buffered"), ("-",)])
def test_each_row_is_answered_while_the_other_side_waits(environment: dict[str, str], words: tuple[str, ...]) -> None:
    with subprocess.Popen([*CHARNN, *words], stdin=-1, stdout=-1, env=environment, bufsize=0) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if "--column" in words:
            process.stdin.write(b"name\n")
        answers = b""
        for number, name in enumerate((b"Hinton", b"Kim", b"Hinton"), start=2):
            process.stdin.write(name + b"\n")
            while answers.count(b"\n") < number:
                assert select.select([process.stdout], [], [], PATIENCE)[0], "no answer"
                answers += process.stdout.read(1000)
            assert answers.splitlines()[-1].startswith(name)
        process.stdin.close()
        assert process.wait(PATIENCE) == 0


def test_nothing_heavy_is_imported(run: Path) -> None:
    code = (
        "import sys; sys.argv = ['charnn', *sys.argv[1:]]\n"
        "from charnn_cli.cli.app import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "heavy = {'torch', 'matplotlib', 'sklearn', 'scipy', 'pydantic', 'ruamel.yaml', 'rich', 'pyarrow'}\n"
        "print(sorted(heavy & set(sys.modules)), 'numpy' in sys.modules)"
    )
    for words, numpy in (
        (["predict", "Hinton", "--model", str(run)], True),
        (["predict", "Hinton", "--model", str(run), "--format", "ndjson"], True),
        (["--help"], False),
        (["--version"], False),
    ):
        process = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
        assert process.stdout.splitlines()[-1] == f"[] {numpy}"


@pytest.mark.slow
def test_memory_does_not_grow_with_the_input(environment: dict[str, str], tmp_path: Path) -> None:
    save_trained(tmp_path, random_model(Architecture(), names=NAMES))
    piped = tmp_path / "names.txt"

    def peak(rows: int) -> int:
        with piped.open("wb") as stream:
            for start in range(0, rows, 10_000):
                numbers = range(start, start + 10_000)
                stream.write(b"".join(b"%s%s\n" % (LETTERS[n % 676], LETTERS[n // 676 % 676]) for n in numbers))
        command = [*CHARNN, "-", "--model", str(tmp_path)]
        with (
            piped.open("rb") as stream,
            subprocess.Popen(command, stdin=stream, stdout=subprocess.DEVNULL, env=environment) as process,
        ):
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            assert process.returncode == 0
            return usage.ru_maxrss

    small, large = peak(100_000), peak(10_000_000)
    assert large <= 1.1 * small


LETTERS = [bytes((97 + n // 26, 97 + n % 26)) for n in range(676)]


@pytest.mark.parametrize("layout", ["csv", "ndjson", "parquet"])
def test_what_was_done_with_a_file_is_said(run: Path, environment: dict[str, str], tmp_path: Path, layout: str) -> None:
    pytest.importorskip("pyarrow")
    names = tmp_path / "names.txt"
    names.write_text("Rossi\n\nN/A\nMori\ninfo@example.org\n42\n" * 3, encoding="utf-8")
    out = tmp_path / f"out.{layout}"
    words = ("--model", str(run), "--input", str(names), "--output", str(out))
    told = "18 rows, 12 without an answer (6 no_name, 3 empty, 3 no_letters)"
    line = f"charnn: {told}; answered by {run}; written to {out}\n"
    assert charnn(environment, *words).stderr.decode() == line
    assert charnn(environment, *words, "--quiet").stderr == b""


def test_a_file_as_a_name_and_a_heading_as_a_name_get_a_hint(
    run: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    names = tmp_path / "names.txt"
    names.write_text("Surname\nRossi\n", encoding="utf-8")
    hint = f"charnn: note: {names} is a file; --input {names} reads the names in it\n"
    assert charnn(environment, "--model", str(run), str(names)).stderr.decode() == hint
    said_of_heading = charnn(environment, "--model", str(run), "--input", str(names)).stderr.decode()
    assert said_of_heading.startswith(
        "charnn: note: the first line, Surname, is read as a name; --column Surname takes it as a heading\n"
    )
    assert "note" not in charnn(environment, "--model", str(run), "-", stdin=b"Rossi\nName\n").stderr.decode()


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (b"id,full name,born\r", "'full name'"), (b'"id"\t"Surname"', "Surname"), (b"first;last", "NAME"),
        (b"Hinton, Geoffrey", None), (b"Lang, Fritz", None), (b"Rossi", None),
    ],
)  # fmt: skip
def test_a_heading_of_several_columns_as_a_name_gets_a_hint(
    line: bytes, column: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    windows = [[line, b"1,Rossi"], [b"name,x"]]
    assert list(_told_of_heading(iter(windows), quiet=False)) == windows
    said = capsys.readouterr().err
    assert (f"; --column {column} reads a column\n" in said) if column else not said
