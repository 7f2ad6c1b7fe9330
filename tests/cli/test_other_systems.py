"""What Windows lacks is not asked for: every command works where charnn finds none of it.

It is hidden from charnn alone, since the libraries look at the platform, which stays what it is. Nothing here was run
on Windows.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import TINY, Charnn

MODULES = ("fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty")
PROGRAM = f"""
import builtins, os, signal, sys, types

MODULES = {MODULES}
OS = '''chown chroot ctermid fchdir fchmod fchown fdatasync fork forkpty fstatvfs getegid geteuid getgid getgroups
    getloadavg getpgid getpgrp getpriority getresuid getsid getuid initgroups killpg lchown lockf mkfifo mknod nice
    openpty pathconf pipe2 posix_fadvise posix_fallocate posix_spawn pread preadv pwrite readv register_at_fork
    sched_getaffinity sched_setaffinity sched_yield sendfile setegid seteuid setgid setpgid setsid setuid statvfs sync
    sysconf tcgetpgrp uname wait wait3 wait4 waitid WIFSIGNALED WTERMSIG WEXITSTATUS WNOHANG writev
    O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_NOCTTY O_NONBLOCK O_SYNC'''.split()
SIGNAL = [name for name in dir(signal) if name.startswith('SIG') and name not in
    ('SIGABRT', 'SIGFPE', 'SIGILL', 'SIGINT', 'SIGSEGV', 'SIGTERM', 'SIG_DFL', 'SIG_IGN')]
SIGNAL += ['alarm', 'pause', 'pthread_kill', 'pthread_sigmask', 'setitimer', 'siginterrupt', 'sigwait']


def sockets_only(*arguments):
    raise OSError(10038, 'An operation was attempted on something that is not a socket')


def without(name, hidden, **others):
    module = types.ModuleType(name)
    vars(module).update({{key: value for key, value in vars(sys.modules[name]).items() if key not in hidden}}, **others)
    return module


import select
LESS = {{'os': without('os', OS), 'signal': without('signal', SIGNAL), 'select': without('select', ['poll', 'epoll'],
    select=sockets_only)}}
real = builtins.__import__


def hiding(name, globals=None, locals=None, fromlist=(), level=0):
    if (globals or {{}}).get('__name__', '').partition('.')[0] == 'charnn_cli' and not level:
        if name in MODULES:
            raise ModuleNotFoundError(f'No module named {{name!r}}', name=name)
        if name in LESS:
            return LESS[name]
    return real(name, globals, locals, fromlist, level)


builtins.__import__ = hiding
from charnn_cli.__main__ import main
main()
"""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Charnn:
    """The command where it finds nothing that Windows lacks."""

    def run(*arguments: object, input: str | None = None) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
        environment = os.environ | {"OMP_NUM_THREADS": "2"}  # for processes beside the first, where they can be had
        done = subprocess.run(
            command, cwd=tmp_path, input=input, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done

    return run


def test_names_are_predicted(elsewhere: Charnn, charnn: Charnn, tiny_run: Path, tmp_path: Path) -> None:
    names = "".join(f"Ro{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{n // 676 * 'i'}\n" for n in range(5000))
    words = ("predict", "--model", tiny_run, "-")
    expected = charnn(*words, input=names).stdout
    assert elsewhere(*words, input=names).stdout == expected
    elsewhere(*words, "--output", "out.tsv", input=names)
    elsewhere(*words, "--output", "out.tsv", input=names)  # one that is there
    assert (tmp_path / "out.tsv").read_text() == expected


def test_a_network_is_trained_gone_on_with_measured_and_plotted(
    elsewhere: Charnn, small_names: Path, tmp_path: Path
) -> None:
    shares = ["--set", "data.validation_fraction=0.2", "--set", "data.test_fraction=0.2"]
    elsewhere("train", small_names, "--epochs", 2, *TINY, *shares, "--out", "runs/run")
    assert (tmp_path / "runs" / "latest").read_text() == "run\n"
    before = (tmp_path / "runs" / "run" / "model.safetensors").read_bytes()
    elsewhere("train", "--resume", "runs/run")
    assert (tmp_path / "runs" / "run" / "model.safetensors").read_bytes() == before
    assert json.loads(elsewhere("evaluate", "--format", "json", "--report", "report.html").stdout)["n"] == 6
    elsewhere("plot", "confusion", "-o", "confusion.png")
    assert (tmp_path / "confusion.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("module", ["fcntl", "signal.SIGHUP", "os.fork"])
def test_it_is_hidden_indeed(module: str) -> None:
    name, _, attribute = module.partition(".")
    asked = f"__import__({name!r}, {{'__name__': 'charnn_cli.x'}})" + (f".{attribute}" if attribute else "")
    program = PROGRAM.replace("from charnn_cli.__main__ import main\nmain()", asked)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1].startswith(("ModuleNotFoundError", "AttributeError"))
