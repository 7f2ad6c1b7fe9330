"""The `charnn` command: its four subcommands, and how every one of them ends."""

import functools
import os
import sys
import traceback
from collections.abc import Callable
from typing import Annotated, Any, NoReturn

import typer

from charnn_cli.cli import evaluate, plot, predict, train
from charnn_cli.cli.plain_options import PlainCommand, PlainGroup
from charnn_cli.cli.streams import say
from charnn_cli.errors import CharnnError

app = typer.Typer(
    name="charnn",
    cls=PlainGroup,
    help="Train character-level recurrent networks that tell a name's origin, and put them to use.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from charnn_cli import __version__

        print(f"charnn {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Options that stand before the command."""


class _ReaderGone(RuntimeError):
    """The process that read stdout has ended."""


def _guarded(command: Callable[..., None]) -> Callable[..., None]:
    """The command with a closed pipe told apart: Typer itself would end with exit code 1."""

    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except BrokenPipeError as error:
            raise _ReaderGone from error

    return run


for command in (train.train, evaluate.evaluate):
    app.command()(_guarded(command))
app.command(cls=PlainCommand)(_guarded(predict.predict))
app.command()(_guarded(plot.plot))


def main() -> NoReturn:
    """Run the command line; exit codes: 0 success, 1 a negative verdict, 2 an error, 130 interrupted."""
    try:
        code = _run()
        sys.stdout.flush()
    except (BrokenPipeError, _ReaderGone):
        _discard_stdout()
        code = 0
    sys.exit(code)


def _run() -> int:
    try:
        code = app(standalone_mode=False)
        return code if isinstance(code, int) else 0
    except CharnnError as error:
        return _fail(error.lines(), error.exit_code)
    except typer.TyperException as error:
        message = error.format_message().rstrip(".")
        if not message:
            return 2
        return _fail([f"{message[0].lower()}{message[1:]}; see 'charnn --help'".replace("\n", " ")], 2)
    except typer.Abort:
        return 130
    except (BrokenPipeError, _ReaderGone):
        raise
    except (MemoryError, OSError) as error:
        where = f"{error.filename}: " if isinstance(error, OSError) and error.filename else ""
        what = (error.strerror or str(error)) if isinstance(error, OSError) else "out of memory"
        return _fail([f"{where}{what}; mend that and run the command again"], 2)
    except Exception as error:
        return _fail([f"unexpected {type(error).__name__}: {error}; run again with CHARNN_DEBUG=1 and report it"], 2)


def _fail(lines: list[str], code: int) -> int:
    if os.environ.get("CHARNN_DEBUG"):
        traceback.print_exc()
    for line in lines:
        say(f"charnn: error: {' '.join(line.splitlines())}")
    return code


def _discard_stdout() -> None:
    """Let the interpreter's last flush go nowhere once the reader of stdout is gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
