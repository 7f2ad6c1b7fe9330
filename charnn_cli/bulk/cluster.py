"""A Ray cluster for the time of a job: one that runs, or one on this machine alone."""

import io
import logging
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from importlib.util import find_spec

from charnn_cli.errors import CharnnError, UsageError
from charnn_cli.predict.predictor import worker_threads

ADDRESS = "RAY_ADDRESS"
CONNECT_SECONDS = 10
STORE_BYTES = 1 << 27  # for Ray's own objects; rows never go there
LONGEST_FOLDER = 40  # characters; Ray's sockets lie 60 deeper, and their names may have 107


def check_installed() -> None:
    """Raise UsageError where Ray is not installed; loads nothing."""
    if find_spec("ray") is None:
        raise _not_installed("labelling")


def _not_installed(work: str) -> UsageError:
    return UsageError(f"{work} on Ray needs the package ray, with Ray Data", "pip install 'charnn[scale]'")


@contextmanager
def cluster(model_bytes: int, work: str = "labelling") -> Iterator[None]:
    """Join the cluster at `RAY_ADDRESS`, or start one on this machine and end it with the block.

    Ray's own words go nowhere (`CHARNN_DEBUG=1` shows them), it reports to nobody, and what it writes besides is
    removed. Raises UsageError where Ray is not installed, CharnnError where there is no cluster.
    """
    address = os.environ.get(ADDRESS)
    if address in (None, "", "local"):
        address = None
        _keep_to_this_machine()
    with _quiet_streams():
        try:
            import ray
            import ray.data
        except ImportError:
            raise _not_installed(work) from None
        _quiet_logs()
        on_end = signal.getsignal(signal.SIGTERM)
        folder = None if address else tempfile.mkdtemp(prefix="charnn-ray-", dir=_short_folder())
        try:
            if address:
                _join(address)
            else:
                _start(folder, STORE_BYTES + 4 * model_bytes)
            signal.signal(signal.SIGTERM, on_end)  # Ray's handler would leave at once
            yield
        finally:
            ray.shutdown()
            if folder is not None:
                _remove(folder)


def _keep_to_this_machine() -> None:
    """Settings that Ray reads when it is imported; the processes that it starts inherit them."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_worker_niceness", "0")  # Ray's own is 15, behind everything else that runs here
    if not any(name.startswith("RAY_AUTH_") for name in os.environ):
        os.environ["RAY_AUTH_MODE"] = "token"  # or other users of this machine could send it work
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)  # or Ray would leave one in the home folder


def _join(address: str) -> None:
    import ray

    host, _, port = address.rpartition("://")[2].rpartition(":")
    try:
        if host and port.isdigit():  # Ray would wait some minutes for an answer
            socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS).close()
        ray.init(log_to_driver=False, configure_logging=False)
    except Exception as error:  # of Ray's own, without a common base
        do = f"start it, or unset {ADDRESS}"
        raise CharnnError(f"no Ray cluster answers at {address}", do) from error


def _start(folder: str | None, store_bytes: int) -> None:
    import ray

    try:
        ray.init(
            "local",
            num_cpus=worker_threads(),
            object_store_memory=store_bytes,
            include_dashboard=False,
            log_to_driver=False,
            configure_logging=False,
            _temp_dir=folder,
        )
    except Exception as error:  # of Ray's own, without a common base
        what = " ".join(str(error).split()) or type(error).__name__
        raise CharnnError(
            f"Ray does not start here ({what})", "run it again when the machine is less busy; CHARNN_DEBUG=1 shows more"
        ) from error


def _short_folder() -> str | None:
    """Where temporary files go, if that is short enough for the names of sockets; None for the system's choice."""
    folder = os.environ.get("RAY_TMPDIR") or tempfile.gettempdir()
    return folder if len(folder) <= LONGEST_FOLDER or not os.path.isdir("/tmp") else "/tmp"


def _remove(folder: str) -> None:
    """Remove a folder until it stays away: a process of Ray's that was about to start makes it once more."""
    for _ in range(10):
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.5)
        if not os.path.exists(folder):
            return


@contextmanager
def _quiet_streams() -> Iterator[None]:
    """Let nothing come out but what the main thread writes to stderr.

    Native code writes there too, and a thread of Ray's prints what becomes of processes, even of those that were
    started anew.
    """
    if os.environ.get("CHARNN_DEBUG"):
        yield
        return
    before, copy = sys.stderr, os.dup(2)
    sys.stderr = _OfMainThread(os.fdopen(copy, "wb", 0), "utf-8", "backslashreplace", write_through=True)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        with open(os.devnull, "w") as out, redirect_stdout(out):
            yield
    finally:
        os.dup2(copy, 2)
        sys.stderr.close()
        sys.stderr = before


class _OfMainThread(io.TextIOWrapper):
    """A stream that only the main thread writes to."""

    def write(self, text: str) -> int:
        if threading.current_thread() is threading.main_thread():
            return super().write(text)
        return len(text)


def _quiet_logs() -> None:
    """Keep Ray's log off the terminal; that of Ray Data still goes to a file in Ray's folder."""
    if os.environ.get("CHARNN_DEBUG"):
        return
    logging.getLogger("ray").setLevel(logging.CRITICAL)
    log = logging.getLogger("ray.data")
    for handler in list(log.handlers):
        if isinstance(handler, logging.StreamHandler):
            log.removeHandler(handler)
