"""The `charnn` command: its subcommands, and how every one of them ends."""

import os
import signal
import sys
import traceback
from typing import Annotated, NoReturn

import typer

from charnn_cli.cli import evaluate, export, generate, plot, predict, settings, study, train
from charnn_cli.cli.plain_options import PlainCommand, PlainGroup
from charnn_cli.cli.streams import INTERRUPTED, discard, prepare_streams, say
from charnn_cli.cli.torchrun import one_voice
from charnn_cli.errors import CharnnError, OutputError

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
        from charnn_cli.version import __version__

        print(f"charnn {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("-V", "--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Options that stand before the command."""


for command, examples in (
    (train.train, train.EXAMPLES),
    (evaluate.evaluate, evaluate.EXAMPLES),
    (predict.predict, predict.EXAMPLES),
    (plot.plot, plot.EXAMPLES),
    (generate.generate, generate.EXAMPLES),
    (study.study, study.EXAMPLES),
    (export.export, export.EXAMPLES),
    (settings.recipes, settings.EXAMPLES),
    (settings.config, settings.EXAMPLES),
):
    app.command(cls=plot.PlotCommand if command is plot.plot else PlainCommand, epilog=examples)(command)


def main() -> NoReturn:
    """Run the command line; exit codes: 0 success, 1 a negative verdict, 2 an error, 130 interrupted."""
    prepare_streams()
    _interrupt_when_ended()
    code = _run()
    try:
        sys.stdout.flush()
    except (OSError, OutputError):  # told already, or nobody reads it
        discard(sys.stdout)
    sys.exit(code)


def _asked() -> str:
    """The command in question, where the error does not say, as that of an option without its value."""
    first = sys.argv[1] if len(sys.argv) > 1 else None
    return f"charnn {first}" if first in typer.main.get_group(app).commands else "charnn"


def _interrupt_when_ended() -> None:
    """Let a request to end do what Ctrl-C does: nothing is left half written, and a training keeps its best."""
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):  # Windows knows no SIGHUP
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores SIGHUP
            signal.signal(number, signal.default_int_handler)


def _run() -> int:
    try:
        with one_voice() as processes:
            code = app(sys.argv[1:] or ["--help"], standalone_mode=False, obj=processes)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except CharnnError as error:
        return _fail(error.lines(), error.exit_code)
    except typer.TyperException as error:
        message = " ".join(error.format_message().split()).rstrip(".")
        if not message:
            return 2
        context = getattr(error, "ctx", None)
        command = _asked() if context is None else context.command_path
        return _fail([f"{message[0].lower()}{message[1:]}; see '{command} --help'"], 2)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        return 0
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # Typer's own way to end then, with exit code 1
            return 0
        raise
    except (MemoryError, OSError) as error:
        where = f"{error.filename}: " if isinstance(error, OSError) and error.filename else ""
        what = (error.strerror or str(error)) if isinstance(error, OSError) else "out of memory"
        return _fail([f"{where}{what}; mend that and run the command again"], 2)
    except ModuleNotFoundError as error:  # where charnn was installed for prediction alone
        return _fail([f"this needs the package {error.name}, which is not there; pip install charnn, whole"], 2)
    except Exception as error:
        return _fail([f"unexpected {type(error).__name__}: {error}; run again with CHARNN_DEBUG=1 and report it"], 2)


def _fail(lines: list[str], code: int) -> int:
    if os.environ.get("CHARNN_DEBUG"):
        traceback.print_exc()
    for line in lines:
        say(f"charnn: error: {' '.join(line.splitlines())}")
    return code
