"""`charnn` in copies of a process that has loaded all that it needs: torch takes seconds of work to load.

The copies run the command as `charnn_cli.__main__` does. How it starts, what it loads and what it needs of its
environment is for tests that run the installed command.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    [
        *("charnn_cli.cli.app", "charnn_cli.config", "charnn_cli.train", "charnn_cli.evaluate", "charnn_cli.report"),
        *("matplotlib.figure", "rich.progress", "sklearn.linear_model", "sklearn.feature_extraction.text"),
    ]
)


class Copy:
    """A command that runs in a folder; what it writes lies in two files."""

    def __init__(self, folder: Path, *arguments: object) -> None:
        self.words = ["charnn", *map(str, arguments)]
        self._streams = [tempfile.NamedTemporaryFile() for _ in range(2)]  # noqa: SIM115, read when it has ended
        names = [stream.name for stream in self._streams]
        self._process = CONTEXT.Process(
            target=_become, args=(str(folder), self.words, names, dict(os.environ)), daemon=True
        )
        self._process.start()

    @property
    def returncode(self) -> int | None:
        """None while it runs."""
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self._process.pid or 0, number)

    def communicate(self, timeout: float) -> tuple[str, str]:
        """Wait for the end; stdout and stderr."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            self._process.kill()
            raise subprocess.TimeoutExpired(self.words, timeout)
        out, err = (stream.read().decode(errors="surrogateescape") for stream in self._streams)
        for stream in self._streams:
            stream.close()
        return out, err


def run(folder: Path, *arguments: object, timeout: float) -> "subprocess.CompletedProcess[str]":
    """A command from its beginning to its end, as `subprocess.run` gives it."""
    copy = Copy(folder, *arguments)
    out, err = copy.communicate(timeout)
    return subprocess.CompletedProcess(copy.words, copy.returncode or 0, out, err)


def _become(folder: str, words: list[str], streams: list[str], environment: dict[str, str]) -> None:
    from charnn_cli.__main__ import main

    multiprocessing.current_process().daemon = False  # it may begin processes of its own
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for descriptor, path in enumerate((os.devnull, *streams)):
        opened = os.open(path, os.O_WRONLY if descriptor else os.O_RDONLY)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = (
        open(descriptor, "w" if descriptor else "r", encoding="utf-8", closefd=False)  # noqa: SIM115
        for descriptor in range(3)
    )
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):  # which a job in the background has ignored
        signal.signal(number, signal.SIG_DFL)
    sys.argv = words
    main()
