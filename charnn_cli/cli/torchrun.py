"""A command that torchrun runs in several processes speaks with one voice.

torchrun says in the environment who is who; a command without it is alone.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from charnn_cli.errors import CharnnError, LostProcess
from charnn_cli.processes import ALONE, Processes


def _several() -> bool:
    return "RANK" in os.environ and os.environ.get("WORLD_SIZE", "1") != "1"


@contextmanager
def one_voice() -> Iterator[Processes]:
    """The processes of this command. Whatever goes wrong in one of them, or in all, is told by one, the first.

    torchrun ends the others with SIGTERM when one has failed, which is raised as LostProcess.
    """
    if not _several():
        yield ALONE
        return
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")  # advice for programmers, from each process; read at import
    from charnn_cli.train.distributed import Group

    signal.signal(signal.SIGTERM, _told_to_end)
    processes = Group()
    try:
        yield processes
    except Exception as error:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is ending, and has something to say
        if not processes.first_to_tell():
            raise SystemExit(error.exit_code if isinstance(error, CharnnError) else 2) from None
        raise
    finally:
        processes.close()


def _told_to_end(number: int, frame: FrameType | None) -> NoReturn:
    raise LostProcess(
        "torchrun ended this training, since another process failed or it was itself told to end",
        "torchrun says below which it was",
    )
