"""No command opens a socket of the network, nor does any process that it starts: the kernel would end it."""

import ctypes
import platform
import signal
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import TINY

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="the filter is written for Linux on x86-64"
)

_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _SECCOMP_MODE_FILTER = 22, 38, 2
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06  # of classic BPF: load a word, jump if equal, return
_KILL, _ALLOW = 0x80000000, 0x7FFF0000
_SYSTEM_CALL, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
_X86_64, _SOCKET = 0xC000003E, 41
_AF_INET, _AF_INET6 = 2, 10

_PROGRAM = [
    (_LOAD, 0, 0, _ARCHITECTURE),
    (_EQUAL, 0, 6, _X86_64),
    (_LOAD, 0, 0, _SYSTEM_CALL),
    (_EQUAL, 0, 4, _SOCKET),
    (_LOAD, 0, 0, _FIRST_ARGUMENT),
    (_EQUAL, 1, 0, _AF_INET),
    (_EQUAL, 0, 1, _AF_INET6),
    (_RETURN, 0, 0, _KILL),
    (_RETURN, 0, 0, _ALLOW),
]

WORK = [
    ["train", "NAMES", *TINY, "--epochs", "1", "--set", "training.tensorboard=true", "--out", "run"],
    ["evaluate", "RUN", "--data", "NAMES", "--baseline", "--report", "report.html"],
    ["predict", "--model", "RUN", "--input", "many.txt", "--output", "many.tsv"],
    ["predict", "--model", "RUN", "--input", "many.csv", "--column", "name", "--output", "many.parquet"],
    ["plot", "gradients", "RUN", "--data", "NAMES", "-o", "gradients.svg"],
]


def refuse() -> None:
    """For `preexec_fn`: this process and all that it starts are killed when they open an IPv4 or IPv6 socket."""
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in _PROGRAM)
    instructions = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(_PROGRAM), ctypes.addressof(instructions))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program):
        raise OSError(ctypes.get_errno(), "no filter of system calls")


def test_the_filter_bites_in_the_command_and_in_what_it_starts() -> None:
    def code_of(program: str) -> int:
        command = [sys.executable, "-c", f"import os, socket, sys; {program}"]
        return subprocess.run(command, preexec_fn=refuse, check=False).returncode

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
        done = charnn(*(places.get(word, word) for word in words), preexec_fn=refuse)
        assert done.returncode == 0, f"{words}: {done.returncode}: {done.stderr}"
