"""What the tests share."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import copies
import pytest
from hypothesis import HealthCheck, settings

# `make torture` has time for more examples, where a property does not say how many it wants, and for others each time.
# How long an example takes says how busy the machine is.
settings.register_profile("quick", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("torture", settings.get_profile("quick"), max_examples=1_000, derandomize=False)
settings.load_profile("quick")

# What a terminal, a shell or a container has set is no matter of the tests, nor of the commands that they run.
for variable in list(os.environ):
    if variable.startswith(("CHARNN_", "OPENBLAS_", "MPL")) and variable != "OPENBLAS_CORETYPE":
        del os.environ[variable]
for variable in (
    "COLUMNS",
    "LINES",
    "NO_COLOR",
    "FORCE_COLOR",
    "TTY_COMPATIBLE",
    "PYTHONUNBUFFERED",
    "PYTHONIOENCODING",
):
    os.environ.pop(variable, None)
os.environ["TERM"] = "xterm"
# One thread everywhere: the bits of a sum depend on it, and the machine may be busy.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
os.environ["PYTHONWARNINGS"] = "error"  # in the commands that tests run, as in the tests
# A job in the background has it ignored, and so would the commands that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

PATIENCE = 900  # seconds until a command counts as hung; how long one takes says nothing
TUTORIAL_NAMES = Path(__file__).parents[2] / "shared" / "data" / "tutorial-names"

SMALL_NAMES = {
    "Italian": ["Rossi", "Bianchi", "Ferrari", "Russo", "Romano", "Gallo", "Conti", "Bruno", "Ricci", "Marino"],
    "Japanese": ["Suzuki", "Tanaka", "Yamada", "Kimura", "Hayashi", "Saito", "Mori", "Ikeda", "Ishikawa", "Ogawa"],
    "Russian": ["Ivanov", "Petrov", "Sidorov", "Smirnov", "Volkov", "Popov", "Sokolov", "Orlov", "Bruno", "Pavlov"],
}

Charnn = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def tutorial_names() -> Path:
    """The lesson's own 18 files, where they lie beside the checkout."""
    if not TUTORIAL_NAMES.is_dir():
        pytest.skip("the lesson's files are not beside this checkout (../shared/data/tutorial-names)")
    return TUTORIAL_NAMES


@pytest.fixture(scope="session")
def small_names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty names of three origins; Bruno stands in two of them."""
    folder = tmp_path_factory.mktemp("names")
    for origin, names in SMALL_NAMES.items():
        (folder / f"{origin}.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def charnn(tmp_path: Path) -> Charnn:
    """Run the installed command in an empty folder; stdout, stderr and exit code apart.

    Where nothing else is asked for, what loads torch, scikit-learn or matplotlib is a copy of a process that has.
    """

    def run(*arguments: object, **options: object) -> "subprocess.CompletedProcess[str]":
        if arguments and arguments[0] in ("train", "evaluate", "plot", "study") and not options:
            return copies.run(tmp_path, *arguments, timeout=PATIENCE)
        command = [str(Path(sys.executable).with_name("charnn")), *map(str, arguments)]
        options = {"cwd": tmp_path, "capture_output": True, "text": True, "timeout": PATIENCE, **options}
        if "input" not in options:
            options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run(command, check=False, **options)  # type: ignore[call-overload]

    return run


TINY = ["--set", "model.hidden_size=8", "--set", "model.embedding_size=4", "--set", "training.threads=1"]


@pytest.fixture(scope="session")
def tiny_run(small_names: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder that `charnn train` made of the thirty names; read it, do not write to it."""
    return _trained(small_names, tmp_path_factory.mktemp("work") / "runs" / "tiny")


@pytest.fixture(scope="session")
def writing_run(small_names: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of a network that writes names."""
    return _trained(small_names, tmp_path_factory.mktemp("work") / "runs" / "writing", "--config", "generator")


def _trained(names: Path, folder: Path, *options: str) -> Path:
    shares = ["--set", "data.validation_fraction=0.2", "--set", "data.test_fraction=0.2"]
    command = ["train", names, *options, "--epochs", "3", *TINY, *shares, "--out", folder]
    done = copies.run(names, *command, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return folder
