"""Requests to end that wait while something is written."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

REQUESTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Let Ctrl-C and other requests to end wait until the block is through; a block that fails is its own end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[tuple[int, FrameType | None]] = []
    handlers = {number: signal.getsignal(number) for number in REQUESTS}

    def wait(number: int, frame: FrameType | None) -> None:
        waiting.append((number, frame))

    try:
        for request, handler in handlers.items():
            if callable(handler):
                signal.signal(request, wait)
        yield
    finally:
        for request, handler in handlers.items():
            if callable(handler):
                signal.signal(request, handler)
    for number, frame in waiting[:1]:
        handler = handlers[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)
