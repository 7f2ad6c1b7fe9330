"""`charnn` in processes that start in milliseconds: copies of one that has loaded everything already."""

import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is loaded: a copied process has one thread

import charnn_cli.train  # noqa: F401 - loads torch
from charnn_cli.__main__ import main as charnn_main
from charnn_cli.cli import app  # noqa: F401 - loads the commands

TRACEBACK = "Traceback (most recent call last)"
INSTALLED = Path(sys.executable).with_name("charnn")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended; `code` is negative for a signal that it did not catch."""

    code: int
    stdout: str
    stderr: str

    @property
    def last_line(self) -> str:
        return (self.stderr.splitlines() or [""])[-1]


class Charnn:
    """A running `charnn`: a copy of this process, or with `installed` the installed command, start-up included."""

    def __init__(self, folder: Path, *arguments: object, installed: bool = False) -> None:
        self.started = time.monotonic()
        words = [str(INSTALLED), *map(str, arguments)]
        folder.mkdir(parents=True, exist_ok=True)
        self.out, self.err = folder / "stdout", folder / "stderr"
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            self._become(folder, words, installed)

    def _become(self, folder: Path, words: list[str], installed: bool) -> NoReturn:
        code = 70
        try:
            os.chdir(folder)
            for path, descriptor in ((os.devnull, 0), (self.out, 1), (self.err, 2)):
                opened = os.open(path, os.O_RDONLY if descriptor == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(opened, descriptor)
                os.close(opened)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            if installed:
                os.execv(words[0], words)
            sys.argv = words
            charnn_main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def kill(self, number: int) -> None:
        os.kill(self.pid, number)

    @property
    def is_running(self) -> bool:
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def wait(self) -> Ended:
        _, status = os.waitpid(self.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        return Ended(code, self.out.read_text(errors="replace"), self.err.read_text(errors="replace"))


def charnn(folder: Path, *arguments: object) -> Ended:
    """Run a command to its end."""
    return Charnn(folder, *arguments).wait()
