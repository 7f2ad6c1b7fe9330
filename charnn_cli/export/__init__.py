"""A trained model for those who do without charnn: an ONNX graph, and beside it all that turns names into its input."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from charnn_cli.errors import UsageError
from charnn_cli.files import ANOTHER_FILE, check_target, digest, write_bytes
from charnn_cli.text.alphabet import BEGIN, END, FIRST_SYMBOL, PADDING, UNKNOWN
from charnn_cli.text.parts import writes_family_first
from charnn_cli.text.portable import portable
from charnn_cli.trained import TrainedModel
from charnn_cli.version import __version__

FORMAT, VERSION = "charnn-onnx", 1


def description_path(path: Path) -> Path:
    """`FILE.json`, beside FILE."""
    return path.with_name(f"{path.name}.json")


def check_onnx(path: Path) -> None:
    """Raise UsageError or OutputError, before any work is done, where no network can be written there."""
    try:
        import onnx  # noqa: F401
    except ImportError as error:
        raise UsageError("exporting needs the package onnx", "pip install 'charnn[onnx]'") from error
    check_target(path, (".onnx",), "a network")
    check_target(description_path(path), (".json",), "a description")


def write_onnx(path: Path, trained: TrainedModel) -> None:
    """Write the graph, and FILE.json beside it; the same model gives the same bytes. Raises OutputError."""
    from charnn_cli.export.graph import OPSET
    from charnn_cli.export.network import onnx_model

    content = onnx_model(trained).SerializeToString(deterministic=True)
    told = description(trained) | {"onnx": {"file": path.name, "sha256": digest(content), "opset": OPSET}}
    text = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    write_bytes(path, content, do=ANOTHER_FILE)
    write_bytes(description_path(path), text.encode("utf-8", "surrogatepass"), do=ANOTHER_FILE)


def description(trained: TrainedModel) -> dict[str, Any]:
    """What a graph takes and gives, and how a name becomes its input; fit for JSON.

    `text` is what `charnn_cli.text.portable` has: tables and patterns of the text rules, by the steps that use them.
    """
    number = len(trained.labels)
    return {
        "format": FORMAT,
        "version": VERSION,
        "charnn_version": __version__,
        "inputs": {
            "symbols": {"type": "int64", "shape": ["N", "T"], "is": "symbols of N names, filled up with padding"},
            "lengths": {"type": "int64", "shape": ["N"], "is": "symbols of each name, begin and end included"},
        },
        "outputs": {
            "logits": {"type": "float32", "shape": ["N", number], "is": "before they are scaled"},
            "probabilities": {"type": "float32", "shape": ["N", number], "is": "calibrated; columns as labels"},
        },
        "labels": list(trained.labels),
        "symbols": {
            "padding": PADDING,
            "unknown": UNKNOWN,
            "begin": BEGIN,
            "end": END,
            "first_character": FIRST_SYMBOL,
            "characters": list(trained.alphabet.characters),
            "boundaries": trained.rules.boundaries,
        },
        "text": portable(trained.rules),
        "reads_families": trained.knows_single_words,
        "family_first": [writes_family_first(label) for label in trained.labels],
        "priors": [float(share) for share in trained.priors / trained.priors.sum()],
        **asdict(trained.scaling),
        "one_word": trained.one_word,
        "architecture": trained.architecture.to_json(),
    }
