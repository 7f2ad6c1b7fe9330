"""Train the model that comes with charnn and store it in half precision: `make pretrained`.

    python data/build_pretrained.py [--run FOLDER]

Trains `compact` on data/names-world, rounds the weights to float16 and writes them with their description and card to
charnn_cli/pretrained; the same bytes each time on one kind of machine. Prints what the rounding changed on the test
names. With --run it stores a run that was trained by the command of the card before.
"""

import argparse
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from charnn_cli.data import TEST, read, split
from charnn_cli.metrics import Outcomes, figures
from charnn_cli.predict import Predictor
from charnn_cli.store import Run, load_trained
from charnn_cli.store.location import SHIPPED
from charnn_cli.store.model_files import WEIGHTS, save_trained
from charnn_cli.store.run import CARD
from charnn_cli.trained import TrainedModel

ROOT = Path(__file__).parents[1]
DATA = Path("data") / "names-world"
COMMAND = ("train", str(DATA), "--config", "compact")


def main() -> None:
    parser = argparse.ArgumentParser(description="Store the model that comes with charnn.")
    parser.add_argument("--run", type=Path, help="a finished run, trained as the card says")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = options.run or _trained(Path(folder) / "pretrained")
        store(Run(run), SHIPPED)


def _trained(folder: Path) -> Path:
    charnn = Path(sys.executable).with_name("charnn")
    subprocess.run([charnn, *COMMAND, "--out", folder], check=True, cwd=ROOT)
    return folder


def store(run: Run, folder: Path) -> None:
    """Write the run's model to `folder` and print its size and what rounding changed."""
    folder.mkdir(exist_ok=True)
    about = dict(run.trained.about)
    about["data"] = about["data"] | {"path": DATA.as_posix()}
    save_trained(folder, replace(run.trained, about=about), half=True)
    rest = run.card.partition("\n")[2]
    made = f"Made by `charnn {' '.join(COMMAND)}`; weights rounded to float16. The names: `data/SOURCES.md`."
    (folder / CARD).write_text(f"# Model card: the model that comes with charnn\n\n{made}\n{rest}", encoding="utf-8")
    print(f"{WEIGHTS}: {(folder / WEIGHTS).stat().st_size / 1e6:.2f} MB")
    _print_difference(run.trained, load_trained(folder))


def _print_difference(whole: TrainedModel, rounded: TrainedModel) -> None:
    dataset = read(ROOT / DATA, rules=whole.rules)
    settings = whole.about["split"]
    sides = split(dataset, **{key: settings[key] for key in ("seed", "validation_fraction", "test_fraction")})
    rows = np.flatnonzero(sides == TEST)
    names, origins = [dataset.names[row] for row in rows], dataset.origins[rows]
    before, after = (Predictor(model).predict_proba(names) for model in (whole, rounded))
    changed = int((before.argmax(axis=1) != after.argmax(axis=1)).sum())
    print(f"float16 against float32 on {len(rows):,} test names: another first origin for {changed}, ", end="")
    print(f"largest change of a probability {np.abs(before - after).max():.4f}")
    for word, probabilities in (("float32", before), ("float16", after)):
        of_model = figures(Outcomes.of(probabilities, origins))
        print(f"  {word}: accuracy {of_model['accuracy']:.4f}  macro-F1 {of_model['macro_f1']:.4f}")


if __name__ == "__main__":
    main()
