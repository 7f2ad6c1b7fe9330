"""What every command has in common: help, version, errors, closed pipes; run as a process."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from conftest import Charnn

from charnn_cli.cli.app import app

HEAVY = ("torch", "matplotlib", "sklearn", "scipy", "ruamel")


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["--version"], ["train", "-h"], ["predict", "--help"]])
def test_help_and_version_import_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys; from charnn_cli.cli.app import main; sys.argv = ['charnn', *sys.argv[1:]]\n"
        "try: main()\n"
        f"except SystemExit as end: print(end.code, [m for m in {HEAVY} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    assert done.stderr == "0 []\n"
    assert done.stdout


def test_version_is_the_installed_one(charnn: Charnn) -> None:
    from importlib.metadata import version

    assert charnn("--version").stdout == f"charnn {version('charnn')}\n"


@pytest.mark.parametrize("command", typer.main.get_command(app).commands)
def test_every_command_explains_itself(command: str, charnn: Charnn) -> None:
    done = charnn(command, "-h")
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: charnn " + command)
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "Examples:\n  charnn " in done.stdout
    for type_of_python in ("int>", "path>", "str>", "list[", "<class"):
        assert type_of_python not in done.stdout


def test_alone_it_shows_its_commands_the_four_first(charnn: Charnn) -> None:
    done = charnn()
    assert (done.returncode, done.stdout) == (0, charnn("-h").stdout)
    first = done.stdout.partition("Commands:\n")[2].partition("\n\n")[0]
    assert [line.split()[0] for line in first.splitlines() if line[2] != " "] == [
        "train",
        "evaluate",
        "predict",
        "plot",
    ]


def test_a_wrong_option_points_to_the_help_of_its_command(charnn: Charnn) -> None:
    assert charnn("train", "--nonsense").stderr.endswith("; see 'charnn train --help'\n")
    assert charnn("train", "--resume").stderr.endswith("; see 'charnn train --help'\n")
    assert charnn("trian").stderr.endswith("; see 'charnn --help'\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["trian"],
        ["--nonsense"],
        ["train"],
        ["train", "nowhere"],
        ["train", "--epochs", "many"],
        ["train", "nowhere", "--cell", "transformer"],
        ["train", "--resume", "nowhere"],
        ["train", "--resume", "nowhere", "--force"],
        ["train", "nowhere", "--format", "json"],
        ["plot", "loss", "nowhere"],
    ],
)
def test_a_usage_error_is_a_line_on_stderr_and_exit_code_2(arguments: list[str], charnn: Charnn) -> None:
    done = charnn(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("charnn: error: ")
    assert "; " in line


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["train", "--epochs", "many"], "'many' is not a whole number"),
        (["train", "--lr", "low"], "'low' is not a number"),
        (["train", "--cell", "transformer"], "'transformer' is not one of lesson, rnn, gru, lstm, mlp"),
        (["plot", "confusion", "--order", "size"], "'size' is not one of similarity, alphabet"),
    ],
)
def test_a_word_of_the_wrong_type_is_told_in_plain_words(arguments: list[str], what: str, charnn: Charnn) -> None:
    assert f": {what}; see" in charnn(*arguments).stderr


def test_a_config_fault_is_a_line_with_its_key(charnn: Charnn) -> None:
    done = charnn("train", "nowhere", "--epochs", "0", "--set", "model.cel=gru")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "charnn: error: --set: model.cel: unknown key, did you mean 'cell'?",
        "charnn: error: --epochs: training.epochs: must be at least 1, is 0",
    ]


def test_debugging_shows_the_traceback(charnn: Charnn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARNN_DEBUG", "1")
    done = charnn("train", "nowhere")
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("charnn: error: ")


def test_a_closed_pipe_ends_quietly(tiny_run: Path) -> None:
    command = f"'{Path(sys.executable).with_name('charnn')}' predict Hinton --model '{tiny_run}'"
    for reader in ("head -0", "head -1"):
        script = f"set -o pipefail; {command} | {reader} >/dev/null"
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["train", "--print-config"]])
def test_a_reader_who_is_gone_is_no_error(arguments: list[str], charnn: Charnn) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = charnn(*arguments, capture_output=False, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def closing(descriptor: int, *arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [str(Path(sys.executable).with_name("charnn")), *map(str, arguments)]
    # Python itself warns of a standard stream that cannot be closed.
    script = f"PYTHONWARNINGS= {shlex.join(command)} {descriptor}>&-"
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)


def test_answers_that_cannot_be_written_are_no_success() -> None:
    for done in (closing(1, "--version"), closing(1, "train", "--print-config")):
        assert done.returncode == 2
        (line,) = done.stderr.splitlines()
        assert line.startswith("charnn: error: ")


def test_without_stderr_stdout_still_carries_data_only() -> None:
    done = closing(2, "plot", "nonsense")
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_output_is_utf_8_in_every_locale(
    encoding: str, charnn: Charnn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Ł.txt").write_text("Łoś\nWałęsa\n", encoding="utf-8")
    (tmp_path / "Ж.txt").write_text("Жуков\nЖданов\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    done = charnn("train", tmp_path, "--dry-run", encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Ж" in done.stdout


def test_the_module_is_the_command() -> None:
    command = [sys.executable, "-m", "charnn_cli", "--version"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.startswith("charnn ")


def test_an_interrupt_while_the_command_is_loaded_is_quiet() -> None:
    program = (
        "import sys\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name == 'typer':\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "from charnn_cli.__main__ import main\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("bash", "complete -o default -F _charnn_completion charnn"),
        ("zsh", "#compdef charnn"),
        ("fish", "complete --command charnn "),
    ],
)
def test_completion_is_offered_for_the_shell_that_is_named(shell: str, line: str, charnn: Charnn) -> None:
    done = charnn("--show-completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert line in done.stdout


def test_a_shell_that_is_not_known_is_told(charnn: Charnn) -> None:
    done = charnn("--show-completion", "ksh")
    assert (done.returncode, done.stdout) == (2, "")
    assert "charnn: error: invalid value for '--show-completion': 'ksh' is not one of bash, zsh, fish" in done.stderr
