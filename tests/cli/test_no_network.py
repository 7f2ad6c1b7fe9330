"""No command opens a socket of the network, nor does any process that it starts."""

import signal
import subprocess
import sys
from pathlib import Path

import no_network
import pytest
from conftest import TINY

pytestmark = pytest.mark.skipif(not no_network.CAN_REFUSE, reason="the filter is written for Linux on x86-64")

WORK = [
    ["train", "NAMES", *TINY, "--epochs", "1", "--set", "training.tensorboard=true", "--out", "run"],
    ["evaluate", "RUN", "--data", "NAMES", "--baseline", "--report", "report.html"],
    ["predict", "--model", "RUN", "--input", "many.txt", "--output", "many.tsv"],
    ["predict", "--model", "RUN", "--input", "many.csv", "--column", "name", "--output", "many.parquet"],
    ["plot", "gradients", "RUN", "--data", "NAMES", "-o", "gradients.svg"],
]


def test_the_filter_bites_in_the_command_and_in_what_it_starts() -> None:
    def code_of(program: str) -> int:
        command = [sys.executable, "-c", f"import os, socket, sys; {program}"]
        return subprocess.run(command, preexec_fn=no_network.refuse, check=False).returncode

    assert code_of("socket.socket()") == -signal.SIGSYS
    assert code_of("socket.socket(socket.AF_INET6)") == -signal.SIGSYS
    assert code_of("os.fork() or socket.socket(); sys.exit(os.wait()[1])") == signal.SIGSYS
    assert code_of("socket.socket(socket.AF_UNIX).close()") == 0


def test_commands_work_without_a_network(charnn, small_names: Path, tiny_run: Path, tmp_path: Path) -> None:
    names = [f"{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}a{chr(97 + n // 676)}" for n in range(10_000)]  # for workers
    (tmp_path / "many.txt").write_text("\n".join(names))
    (tmp_path / "many.csv").write_text("\n".join(["name", *names]))
    for words in WORK:
        places = {"NAMES": small_names, "RUN": tiny_run}
        done = charnn(*(places.get(word, word) for word in words), preexec_fn=no_network.refuse)
        assert done.returncode == 0, f"{words}: {done.returncode}: {done.stderr}"
