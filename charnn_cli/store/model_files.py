"""model.safetensors and model.json: a trained model on disk.

The pair changes in one step: the new weights are written beside the old ones, then model.json names their digest,
then they take their place. A reader that comes in between finds the weights that model.json names under
`model.safetensors.next`. Reading checks both digests, the format's version and every weight's name, shape and
finiteness; weights in float16 are widened to float32. No pickle is involved.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from charnn_cli.alphabet import Alphabet
from charnn_cli.architecture import Architecture, tensor_shapes
from charnn_cli.errors import ModelError
from charnn_cli.ngrams import NgramVocabulary
from charnn_cli.store.files import digest, move, read_bytes, read_json, write_bytes, write_json
from charnn_cli.text import TextRules
from charnn_cli.trained import TrainedModel

FORMAT, VERSION = "charnn-model", 1
WEIGHTS, DESCRIPTION = "model.safetensors", "model.json"
NGRAM_CODES = "ngrams.codes"
LARGEST_WEIGHTS = 4 * 2**30  # bytes
AGAIN = "train again, or copy the whole run folder anew"


def save_trained(folder: Path, trained: TrainedModel) -> None:
    """Write a model into a run folder, replacing the one that is there in one step."""
    from safetensors.numpy import save

    tensors: dict[str, np.ndarray] = {name: np.asarray(value, order="C") for name, value in trained.tensors.items()}
    if trained.ngrams is not None:
        tensors[NGRAM_CODES] = trained.ngrams.codes
    weights = save(tensors)
    description = {
        "format": FORMAT,
        "version": VERSION,
        "labels": list(trained.labels),
        "alphabet": list(trained.alphabet.characters),
        "text": trained.rules.to_json(),
        "architecture": trained.architecture.to_json(),
        "temperature": trained.temperature,
        "priors": [float(share) for share in trained.priors],
        "about": dict(trained.about),
        "weights": {"sha256": digest(weights), "bytes": len(weights)},
    }
    following = folder / f"{WEIGHTS}.next"
    write_bytes(following, weights)
    write_json(folder / DESCRIPTION, description | {"sha256": _own_digest(description)})
    move(following, folder / WEIGHTS)


def load_trained(folder: Path) -> TrainedModel:
    """Read a model from a run folder.

    Raises ModelError, naming the file, where one is missing, cut, changed, swapped or of a newer format.
    """
    path = folder / DESCRIPTION
    if not path.exists():
        raise ModelError(
            "holds no finished epoch yet", "go on with charnn train --resume, or train again", where=folder
        )
    description = _description(path)
    weights = _weights(folder, description["weights"])
    try:
        return _assemble(description, weights)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ModelError(f"does not fit together ({error})", AGAIN, where=path) from error


def _description(path: Path) -> dict[str, Any]:
    description = read_json(path)
    if description.get("format") != FORMAT:
        raise ModelError("describes no charnn model", "give the folder of a charnn run", where=path)
    version = description.get("version")
    if version != VERSION:
        raise ModelError(f"has format version {version!r}, this charnn reads {VERSION}", "upgrade charnn", where=path)
    stated = description.pop("sha256", None)
    if stated != _own_digest(description) or not isinstance(description.get("weights"), dict):
        raise ModelError("was changed or cut since it was written", AGAIN, where=path)
    return description


def _own_digest(description: Mapping[str, Any]) -> str:
    return digest(json.dumps(description, ensure_ascii=False, sort_keys=True).encode(errors="surrogatepass"))


def _weights(folder: Path, stated: Mapping[str, Any]) -> dict[str, np.ndarray]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    for path in (folder / WEIGHTS, folder / f"{WEIGHTS}.next"):
        if path.name != WEIGHTS and not path.exists():
            break
        if path.exists() and path.is_file() and path.stat().st_size != stated.get("bytes"):
            continue
        content = read_bytes(path, at_most=LARGEST_WEIGHTS)
        if digest(content) == stated.get("sha256"):
            try:
                return load(content)
            except (SafetensorError, KeyError, ValueError) as error:
                raise ModelError("is no safetensors file", AGAIN, where=path) from error
    raise ModelError(f"is cut, changed, or not the file that {DESCRIPTION} describes", AGAIN, where=folder / WEIGHTS)


def _assemble(description: Mapping[str, Any], weights: dict[str, np.ndarray]) -> TrainedModel:
    architecture = Architecture.from_json(description["architecture"])
    labels = tuple(description["labels"])
    alphabet = Alphabet(description["alphabet"])
    priors = np.array(description["priors"], dtype=np.float64)
    temperature = float(description["temperature"])
    if not all(isinstance(label, str) and label.isprintable() and label for label in labels):
        raise ValueError("labels must be printable text")
    if len(set(labels)) != len(labels) or priors.shape != (len(labels),):
        raise ValueError("labels repeat, or their shares are not one each")
    if not (math.isfinite(temperature) and temperature > 0 and np.isfinite(priors).all()):
        raise ValueError("temperature and shares must be finite")
    codes = weights.pop(NGRAM_CODES, None)
    ngrams = None
    if architecture.uses_ngrams:
        if codes is None or codes.ndim != 1 or codes.dtype != np.uint64 or (np.diff(codes.view(np.uint64)) == 0).any():
            raise ValueError("the n-gram codes are missing or no sorted list")
        ngrams = NgramVocabulary(codes, architecture.ngram_orders)
    shapes = tensor_shapes(
        architecture, num_symbols=len(alphabet), num_labels=len(labels), num_ngrams=0 if ngrams is None else len(ngrams)
    )
    if {name: tensor.shape for name, tensor in weights.items()} != shapes:
        raise ValueError("the weights are not those of its architecture")
    tensors = {name: tensor.astype(np.float32, copy=False) for name, tensor in weights.items()}
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise ValueError("a weight is not finite")
    return TrainedModel(
        labels=labels,
        rules=TextRules.from_json(description["text"]),
        alphabet=alphabet,
        architecture=architecture,
        tensors=tensors,
        ngrams=ngrams,
        priors=priors,
        temperature=temperature,
        about=description["about"],
    )
