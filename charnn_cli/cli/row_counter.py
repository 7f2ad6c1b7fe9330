"""How many rows are answered, on a terminal, for commands that take longer than a moment."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from charnn_cli.cli.streams import is_fancy

FIRST_SECONDS = 1.0
EVERY_SECONDS = 0.25


@contextmanager
def row_counter(*, shown: bool) -> Iterator[Callable[[int], None]]:
    """A function that is told of finished rows; it writes to stderr where that is a terminal and `shown`."""
    if not shown or not is_fancy(sys.stderr):
        yield lambda rows: None
        return
    started = time.monotonic()
    total, shown_at = 0, started + FIRST_SECONDS - EVERY_SECONDS
    width = 0

    def count(rows: int) -> None:
        nonlocal total, shown_at, width
        total += rows
        now = time.monotonic()
        if now - shown_at >= EVERY_SECONDS:
            text = f"{total:,} names, {total / (now - started):,.0f} a second"
            print(f"\r{text:<{width}}", end="", file=sys.stderr, flush=True)
            shown_at, width = now, len(text)

    try:
        yield count
    finally:
        if width:
            print(f"\r{'':<{width}}\r", end="", file=sys.stderr, flush=True)
