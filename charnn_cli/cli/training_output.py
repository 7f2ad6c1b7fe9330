"""What is said of a training when it has ended, or was ended."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charnn_cli.terminal import number_of, visible

if TYPE_CHECKING:
    from charnn_cli.store import RunWriter


def interrupted(writer: "RunWriter", epoch: int | None, epochs: int) -> str:
    kept = (
        "the best weights so far are kept, go on with" if writer.holds_model else "no weights to keep yet, go on with"
    )
    if epoch is not None:
        done = f" after epoch {epoch} of {epochs}"
    else:
        done = "" if writer.holds_model else " before the first epoch ended"
    return f"interrupted{done}; {kept}: charnn train --resume {writer.folder}"


def command_line(about: Mapping[str, Any]) -> str:
    """The command that trains the run of which this is recorded: its data, recipe, and what was set beside that.

    A recipe of one's own is elsewhere not at hand: there the settings are those that the run folder holds.
    """
    from charnn_cli.config import DEFAULT, recipe_names
    from charnn_cli.config.faults import scalar
    from charnn_cli.store.run import CONFIG

    words = ["charnn", "train", about["data"]["path"]]
    recipe = about.get("recipe", DEFAULT)
    if recipe not in recipe_names():
        return visible(shlex.join([*words, "--config", CONFIG]))
    if recipe != DEFAULT:
        words += ["--config", recipe]
    for key, value in about.get("given", {}).items():
        words += ["--set", f"{key}={scalar(value)}"]
    return visible(shlex.join(words))


def summary(folder: Path, metrics: dict[str, Any], trial: str) -> str:
    lines = []
    for side in ("validation", "test"):
        if "as_classifier" in metrics.get(side, ()):
            lines.append(_written(side, metrics[side]))
        elif side in metrics:
            figures = metrics[side]["metrics"]
            lines.append(
                f"{side}: accuracy {figures['accuracy']:.3f}  balanced {figures['balanced_accuracy']:.3f}"
                f"  macro-F1 {figures['macro_f1']:.3f}  top-3 {figures['top_3_accuracy']:.3f}"
                f"  NLL {figures['nll']:.3f}  ECE {figures['ece']:.3f}  ({number_of(metrics[side]['n'], 'name')})"
            )
    if _knows_nothing(metrics.get("validation", {})):
        lines.append("no better than one origin for all names; a lower --lr may help, or more epochs")
    lines.append(
        f"{folder}: best epoch {metrics['best_epoch']}, trained in {metrics['training_seconds']:.0f} s; "
        f"try: charnn {trial} --model {folder}"
    )
    return "\n".join(lines)


def _knows_nothing(measured: dict[str, Any]) -> bool:
    """Whether a mean recall, which a network that writes has not, is no higher than by one answer to every name."""
    origins = sum(row["support"] > 0 for row in measured.get("per_origin", ()))
    recall = measured.get("metrics", {}).get("balanced_accuracy", 1.0)
    return origins > 1 and bool(recall * origins < 1 + 1e-9)


def _written(side: str, measured: dict[str, Any]) -> str:
    """What a network that writes names came to, in a line."""
    figures, classifier = measured["metrics"], measured["as_classifier"]
    rival = ""
    if "ngrams" in measured:
        ngrams = measured["ngrams"]
        rival = f" (smoothed {ngrams['order']}-grams {ngrams['bits_per_letter']:.3f})"
    return (
        f"{side}: {figures['bits_per_letter']:.3f} bits per letter{rival}  nats {figures['nats_per_letter']:.3f}"
        f"  perplexity {figures['perplexity']:.2f}  accuracy by Bayes' rule {classifier['accuracy']:.3f}"
        f"  ({number_of(measured['n'], 'name')})"
    )
