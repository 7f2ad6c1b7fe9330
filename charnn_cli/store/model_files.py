"""model.safetensors and model.json: a trained model on disk.

The pair changes in one step: the new weights are written beside the old ones, then model.json names their digest,
then they take their place. A reader that comes in between finds the weights that model.json names under
`model.safetensors.next`. Reading checks both digests, the format's version and every weight's name, shape and
finiteness; weights in float16 or eight bits are widened to float32. The weights are read only where their size and
shapes are those that model.json asks for. No pickle is involved.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from charnn_cli.architecture import Architecture, tensor_shapes
from charnn_cli.conformal import KINDS, PredictionSets
from charnn_cli.errors import ModelError
from charnn_cli.files import AGAIN, digest, move, read_bytes, read_json, write_bytes, write_json
from charnn_cli.shares import Calibration
from charnn_cli.store.checks import brief, checked, checked_about
from charnn_cli.store.tensor_files import Header, read_header
from charnn_cli.text import TextRules
from charnn_cli.text.alphabet import Alphabet
from charnn_cli.text.ngrams import NgramVocabulary
from charnn_cli.trained import TrainedModel

FORMAT, VERSIONS = "charnn-model", (1, 2)  # 2 of a model with a power, which who reads 1 alone must not overlook
WEIGHTS, DESCRIPTION = "model.safetensors", "model.json"
NGRAM_CODES = "ngrams.codes"
WIDE, WIDE_SCALES = "wide.weight", "wide.scales"  # in a small model eight bits a weight, and what each row is times
LARGEST_WEIGHTS = 4 * 2**30  # bytes
COLDEST, HOTTEST = 1e-3, 1e3  # temperatures that leave numbers as numbers
LEAST_POWER, MOST_POWER = 0.2, 5.0  # likewise
LEAST_SHARE = 1e-15  # of the largest; less is no count of names
LONGEST_LABEL = 200  # characters, as in labelled names


def save_trained(folder: Path, trained: TrainedModel, *, half: bool = False) -> None:
    """Write a model into a run folder, replacing the one that is there in one step.

    With `half` in float16, and the weights of each n-gram in eight bits, of which 127 are the largest of its weights.
    """
    from safetensors.numpy import save

    kind = np.float16 if half else np.float32
    tensors: dict[str, np.ndarray] = {
        name: np.asarray(value, kind, order="C") for name, value in trained.tensors.items()
    }
    if trained.ngrams is not None:
        tensors[NGRAM_CODES] = trained.ngrams.codes
        if half:
            scales = (np.abs(trained.tensors[WIDE]).max(axis=1, initial=0.0) / 127).astype(np.float16)  # (G + 1,)
            steps = trained.tensors[WIDE] / np.where(scales > 0, scales, np.inf)[:, None].astype(np.float32)
            tensors[WIDE], tensors[WIDE_SCALES] = np.rint(steps.clip(-127, 127)).astype(np.int8), scales
    weights = save(tensors)
    description = {
        "format": FORMAT,
        "version": 1 if trained.power == 1.0 else 2,
        "labels": list(trained.labels),
        "alphabet": list(trained.alphabet.characters),
        "text": trained.rules.to_json(),
        "architecture": trained.architecture.to_json(),
        "temperature": trained.temperature,
        **({"power": trained.power} if trained.power != 1.0 else {}),
        **({"one_word": trained.one_word} if trained.one_word != 1.0 else {}),
        **({} if trained.several_words is None else {"several_words": trained.several_words}),
        **({"sets": trained.sets.to_json()} if trained.sets is not None else {}),
        "priors": [float(share) for share in trained.priors],
        **({"calibrations": _by_kind(trained)} if trained.calibrations else {}),
        "about": dict(trained.about),
        "weights": {"sha256": digest(weights), "bytes": len(weights)},
    }
    following = folder / f"{WEIGHTS}.next"
    write_bytes(following, weights)
    write_json(folder / DESCRIPTION, description | {"sha256": own_digest(description)})
    move(following, folder / WEIGHTS)


def _by_kind(trained: TrainedModel) -> dict[str, Any]:
    return {kind: calibration.to_json() for kind, calibration in trained.calibrations.items()}


def load_trained(folder: Path) -> TrainedModel:
    """Read a model from a run folder.

    Raises ModelError, naming the file, where one is missing, cut, changed, swapped or of a newer format.
    """
    path = folder / DESCRIPTION
    if not path.exists() and not path.is_symlink():
        raise ModelError("holds no finished epoch yet", "go on with its training, or train again", where=folder)
    description = _description(path)
    try:
        labels, alphabet, architecture = _labels(description), _alphabet(description), _architecture(description)
        weights = _weights(folder, description["weights"], architecture, len(alphabet), len(labels))
        return _assemble(description, weights, labels, alphabet, architecture)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ModelError(f"does not fit together ({brief(error)})", AGAIN, where=path) from error


def model_digest(folder: Path) -> str:
    """What tells the model in a run folder from any other; raises ModelError where there is none."""
    return str(read_json(folder / DESCRIPTION).get("sha256"))


def _description(path: Path) -> dict[str, Any]:
    description = read_json(path)
    if description.get("format") != FORMAT:
        raise ModelError("describes no charnn model", "give the folder of a charnn run", where=path)
    version = description.get("version")
    if version not in VERSIONS:
        what = f"has format version {brief(repr(version), at_most=20)}, this charnn reads up to {VERSIONS[-1]}"
        raise ModelError(what, "upgrade charnn", where=path)
    stated = description.pop("sha256", None)
    try:
        fits = stated == own_digest(description) and isinstance(description.get("weights"), dict)
    except RecursionError:
        fits = False
    if not fits:
        raise ModelError("was changed or cut since it was written", AGAIN, where=path)
    return description


def own_digest(description: Mapping[str, Any]) -> str:
    """SHA-256 of a JSON object, however it is laid out."""
    return digest(json.dumps(description, ensure_ascii=False, sort_keys=True).encode(errors="surrogatepass"))


def _labels(description: Mapping[str, Any]) -> tuple[str, ...]:
    labels = tuple(description["labels"])
    if not all(isinstance(label, str) and label.isprintable() and 0 < len(label) <= LONGEST_LABEL for label in labels):
        raise ValueError(f"labels must be printable text of at most {LONGEST_LABEL} characters")
    if not labels or len(set(labels)) != len(labels):
        raise ValueError("labels repeat, or there are none")
    return labels


def _alphabet(description: Mapping[str, Any]) -> Alphabet:
    characters = description["alphabet"]
    if not isinstance(characters, list) or len(set(characters)) != len(characters):
        raise ValueError("characters of the alphabet repeat, or it is no list")
    return Alphabet(characters)


def _architecture(description: Mapping[str, Any]) -> Architecture:
    told = {"task": "classify", **description["architecture"]}
    if told.pop("residual", False) is not False:  # an addition to the layers that was never made
        raise ValueError("it has residual layers")
    architecture = Architecture.from_json(checked(Architecture, told))
    orders = architecture.ngram_orders
    if list(orders) != sorted(set(orders)) or (architecture.wide and not orders):
        raise ValueError("the orders of its n-grams do not rise")
    return architecture


def _weights(
    folder: Path, stated: Mapping[str, Any], architecture: Architecture, num_symbols: int, num_labels: int
) -> dict[str, np.ndarray]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    for path in (folder / WEIGHTS, folder / f"{WEIGHTS}.next"):
        if path.name != WEIGHTS and not path.exists():
            break
        if path.is_file() and path.stat().st_size != stated.get("bytes"):
            continue
        if not _is_of(read_header(path, at_most=LARGEST_WEIGHTS), architecture, num_symbols, num_labels):
            continue
        content = read_bytes(path, at_most=LARGEST_WEIGHTS)
        if digest(content) == stated.get("sha256"):
            try:
                return load(content)
            except (SafetensorError, KeyError, ValueError) as error:
                raise ModelError("is no safetensors file", AGAIN, where=path) from error
    raise ModelError(f"is cut, changed, or not the file that {DESCRIPTION} describes", AGAIN, where=folder / WEIGHTS)


def _is_of(header: Header, architecture: Architecture, num_symbols: int, num_labels: int) -> bool:
    """Whether a file holds the weights that an architecture has, no more and no less, and the codes of its n-grams."""
    arrays = dict(header.arrays)
    kind, codes = arrays.pop(NGRAM_CODES, ("U64", (0,)))
    if kind != "U64" or len(codes) != 1 or (NGRAM_CODES in header.arrays) != architecture.wide:
        return False
    shapes = tensor_shapes(architecture, num_symbols=num_symbols, num_labels=num_labels, num_ngrams=codes[0])
    kinds = {name: kind for name, (kind, _) in arrays.items()}
    if WIDE_SCALES in arrays and kinds.get(WIDE) == "I8":
        shapes[WIDE_SCALES], kinds[WIDE] = shapes[WIDE][:1], kinds[WIDE_SCALES]
    return {name: shape for name, (_, shape) in arrays.items()} == shapes and set(kinds.values()) <= {"F32", "F16"}


def _assemble(
    description: Mapping[str, Any],
    weights: dict[str, np.ndarray],
    labels: tuple[str, ...],
    alphabet: Alphabet,
    architecture: Architecture,
) -> TrainedModel:
    priors = np.array(description["priors"], dtype=np.float64)
    temperature, one_word = float(description["temperature"]), float(description.get("one_word", 1.0))
    if priors.shape != (len(labels),) or not np.isfinite(priors).all() or priors.min() < 0 or not priors.any():
        raise ValueError("the labels' shares are not one each, or no shares")
    if priors[priors > 0].min() < LEAST_SHARE * priors.max():
        raise ValueError("a label's share is too small to be one")
    power = 1.0 if description["version"] == 1 else float(description["power"])
    if not LEAST_POWER <= power <= MOST_POWER:
        raise ValueError(f"its power must be from {LEAST_POWER} to {MOST_POWER}")
    if not COLDEST <= min(temperature, one_word) <= max(temperature, one_word) <= HOTTEST:
        raise ValueError(f"temperatures must be from {COLDEST} to {HOTTEST}")
    several_words = description.get("several_words")
    if several_words is not None and not 0 <= float(several_words) <= 1:
        raise ValueError("the share of names of several words is none")
    calibrations = {
        kind: Calibration.from_json(told, len(labels))
        for kind, told in description.get("calibrations", {}).items()
        if kind in KINDS
    }
    ngrams = None
    if architecture.wide:
        codes = weights.pop(NGRAM_CODES)
        if (codes[1:] <= codes[:-1]).any():
            raise ValueError("the n-gram codes are no sorted list")
        ngrams = NgramVocabulary(codes, architecture.ngram_orders)
        if WIDE_SCALES in weights:
            weights[WIDE] = weights[WIDE] * weights.pop(WIDE_SCALES)[:, None].astype(np.float32)
    tensors = {name: tensor.astype(np.float32, copy=False) for name, tensor in weights.items()}
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise ValueError("a weight is not finite")
    return TrainedModel(
        labels=labels,
        rules=TextRules.from_json(checked(TextRules, {"marks": [], **description["text"]})),  # the first had none
        alphabet=alphabet,
        architecture=architecture,
        tensors=tensors,
        ngrams=ngrams,
        priors=priors,
        temperature=temperature,
        power=power,
        one_word=one_word,
        several_words=None if several_words is None else float(several_words),
        sets=PredictionSets.from_json(description["sets"]) if "sets" in description else None,
        calibrations=calibrations,
        about=checked_about(description["about"]),
    )
