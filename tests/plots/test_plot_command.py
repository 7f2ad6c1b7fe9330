"""`charnn plot` as it is typed."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from charnn_cli.cli.plot import plot
from charnn_cli.errors import UsageError
from charnn_cli.plots import KINDS, PAGES


def test_a_pipe_gets_the_bytes_of_the_file(make_run, charnn, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    run = make_run("gru")
    done = charnn("plot", "loss", run)
    assert (done.returncode, done.stdout, done.stderr) == (0, "loss.png\n", "")
    piped = charnn("plot", "loss", run, "-o", "-", text=False)
    assert piped.returncode == 0
    assert piped.stdout == (tmp_path / "loss.png").read_bytes()


def test_a_terminal_is_told_the_file_and_spared_the_bytes(make_run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    command = [str(Path(sys.executable).with_name("charnn")), "plot", "belief", str(make_run("gru")), "--name", "Rossi"]
    master, terminal = pty.openpty()
    try:
        done = subprocess.run(
            command, cwd=tmp_path, stdin=terminal, stdout=terminal, stderr=subprocess.PIPE, text=True, check=False
        )
        refused = subprocess.run(
            [*command, "-o", "-"], stdin=terminal, stdout=terminal, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(terminal)
        os.close(master)
    assert (done.returncode, done.stderr) == (0, "wrote belief.png\n")
    assert (tmp_path / "belief.png").read_bytes().startswith(b"\x89PNG")
    assert refused.returncode == 2
    assert refused.stderr == (
        "charnn: error: a terminal cannot show a picture's bytes; write a file with -o FILE, or pipe the output on\n"
    )


def test_live_is_a_page_of_one_or_more_runs(tiny_run: Path, charnn, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    done = charnn("plot", "live", tiny_run, "-m", tiny_run, "--name", "Rossi", "--name", "Suzuki")
    assert (done.returncode, done.stdout, done.stderr) == (0, "live.html\n", "")
    page = (tmp_path / "live.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert page.count('"labels":["Italian","Japanese","Russian"]') == 2
    assert '"names":["Rossi","Suzuki"]' in page
    refused = charnn("plot", "live", tiny_run, "-o", "live.png")
    assert refused.stderr == (
        "charnn: error: a page cannot be written as 'live.png'; end the file's name in .html or .htm\n"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["losss"], "there is no plot 'losss'; did you mean 'loss'?"),
        (
            ["pie"],
            f"there is no plot 'pie'; choose one of {', '.join((*KINDS, *PAGES))}",
        ),
        (["gates"], "gates shows what happens in a name; give one: charnn plot gates --name Hinton"),
        (["loss", "--name", "x"], "loss takes no --name; leave it out, or plot gates or belief"),
        (["loss", "--init"], "loss takes no --init; leave it out, or plot gradients"),
        (["loss", "--order", "alphabet"], "loss takes no --order; leave it out, or plot confusion"),
        (["loss", "--data", "x.csv"], "loss reads no labelled names; leave --data out"),
        (
            ["gradients", "--init", "--data", "x.csv"],
            "--init without a RUN draws from random letters; leave --data out",
        ),
        (["confusion", "a", "b"], "confusion shows one run, not 2; name one, or compare runs with loss or gradients"),
        (["loss", "-o", "x.gif"], "a plot cannot be written as 'x.gif'; end the file's name in .png, .svg or .pdf"),
    ],
)
def test_words_that_do_not_fit_together(words: list[str], message: str) -> None:
    kind, *rest = words
    options: dict[str, object] = {}
    runs = []
    while rest:
        word = rest.pop(0)
        match word:
            case "--name":
                options["names"] = [rest.pop(0)]
            case "--init":
                options["init"] = True
            case "--order":
                options["order"] = rest.pop(0)
            case "--data":
                options["data"] = [Path(rest.pop(0))]
            case "-o":
                options["output"] = rest.pop(0)
            case _:
                runs.append(Path(word))
    with pytest.raises(UsageError) as error:
        plot(kind, runs, **options)  # type: ignore[arg-type]
    (line,) = error.value.lines()
    assert line.startswith(message)
