"""`charnn predict` alone on a terminal asks for names, one after the other, and answers each."""

import os
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import PATIENCE

pytest.importorskip("pty")
CHARNN = Path(sys.executable).with_name("charnn")
UP, END_OF_INPUT, INTERRUPT = "\x1b[A", "\x04", "\x03"


class Terminal:
    """A command at a terminal of its own, whose keys and screen a test has."""

    def __init__(self, process: "subprocess.Popen[bytes]", screen: int) -> None:
        self.process, self.screen = process, screen

    def shows(self, what: str) -> str:
        """What came on the screen, once that holds `what`, or all of it at its end."""
        shown = b""
        while not re.search(what, shown.decode(errors="replace")):
            assert select.select([self.screen], [], [], PATIENCE)[0], shown
            try:
                shown += os.read(self.screen, 1 << 12)
            except OSError:  # nobody holds the other side any more
                break
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode()).replace("\r", "")

    def type(self, keys: str) -> None:
        os.write(self.screen, keys.encode())


@contextmanager
def at_a_terminal(*words: object) -> Iterator[Terminal]:
    screen, inside = os.openpty()
    process = subprocess.Popen(
        [CHARNN, "predict", *map(str, words)],
        env={**os.environ, "INPUTRC": os.devnull},
        preexec_fn=lambda: os.login_tty(inside),
    )
    os.close(inside)
    try:
        yield Terminal(process, screen)
    finally:
        process.kill()
        process.wait()
        os.close(screen)


def test_it_asks_answers_and_remembers(tiny_run: Path) -> None:
    pytest.importorskip("readline")
    with at_a_terminal("--model", tiny_run, "-k", "1") as terminal:
        assert "Ctrl-D ends" in terminal.shows("name: $")
        terminal.type("Rossi\n")
        first = terminal.shows(r"█.*\n.*name: $")
        assert re.search(r"Rossi\n +1  \w+ +[01]\.\d{3}  █", first)
        terminal.type("\n \n" + UP + "\n")  # blank lines are no names, and none to go back to but the last
        again = terminal.shows(r"█.*\n.*name: $")
        assert again.count("█") == first.count("█")
        terminal.type(END_OF_INPUT)
        assert terminal.process.wait(PATIENCE) == 0


def test_an_interrupt_ends_it_as_everything(tiny_run: Path) -> None:
    with at_a_terminal("--model", tiny_run, "--quiet") as terminal:
        terminal.shows("name: $")
        terminal.type(INTERRUPT)
        while not select.select([terminal.screen], [], [], 5)[
            0
        ]:  # one that comes while Python goes to wait is forgotten
            terminal.type(INTERRUPT)
        assert terminal.process.wait(PATIENCE) == 130
        assert "Traceback" not in terminal.shows("Traceback")


def test_where_the_answers_go_elsewhere_nobody_is_asked(tiny_run: Path, tmp_path: Path) -> None:
    with at_a_terminal("--model", tiny_run, "--output", tmp_path / "out.csv") as terminal:
        assert "charnn: error: no names; give names" in terminal.shows("\n")
        assert terminal.process.wait(PATIENCE) == 2
