"""Run folders made by hand: a bag of letters whose weights are counted, not trained, on made-up names."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from charnn_cli.architecture import Architecture
from charnn_cli.data import TRAIN, VALIDATION, read, split
from charnn_cli.store import RunWriter
from charnn_cli.text import TextRules
from charnn_cli.text.alphabet import FIRST_SYMBOL, Alphabet
from charnn_cli.trained import TrainedModel

LETTERS = {"Alpha": "aaabcdel", "Beta": "bbbaefgm", "Gamma": "ggghaikl"}
HOSTILE_NAME = "<img src=x onerror=alert(1)>Aab</script><script>alert(2)</script>"
HOSTILE_LABEL = '<b>Omega</b> & "sons" {{script}}'
SPLIT = {"seed": 0, "validation_fraction": 0.2, "test_fraction": 0.2}


def made_up_names(per_origin: int = 60, seed: int = 0) -> dict[str, list[str]]:
    """Names of three origins that share some letters, so that a bag of letters tells most of them apart."""
    random = np.random.default_rng(seed)
    return {
        origin: sorted({"".join(random.choice(list(letters), size=5)).capitalize() for _ in range(per_origin)})
        for origin, letters in LETTERS.items()
    }


def write_data(folder: Path, names: Mapping[str, Sequence[str]]) -> Path:
    """A folder of `<Origin>.txt`."""
    folder.mkdir(parents=True, exist_ok=True)
    for origin, lines in names.items():
        (folder / f"{origin}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def make_run(
    folder: Path,
    data: Path,
    *,
    sharpness: float = 3.0,
    temperature: float = 1.0,
    known: Sequence[int] = (TRAIN,),
) -> Path:
    """A finished run on `data`: logits are the mean log frequency of a name's letters in each origin.

    It says of the names on the `known` sides that it has learned from them.
    """
    rules = TextRules(boundaries=False)
    dataset = read(data, rules=rules)
    sides = split(dataset, **SPLIT)  # type: ignore[arg-type]
    training = np.flatnonzero(sides == TRAIN)
    alphabet = Alphabet.learned(dataset.texts)
    counts = np.full((len(dataset.labels), len(alphabet)), 0.5)
    for row in training:
        for letter in dataset.texts[row]:
            counts[dataset.origins[row], FIRST_SYMBOL + alphabet.characters.index(letter)] += 1
    scores = sharpness * np.log(counts / counts.sum(axis=1, keepdims=True))
    size = len(alphabet)
    architecture = Architecture(
        cell="mlp", hidden_size=size, bidirectional=False, input="one_hot", wide=False, ngram_orders=()
    )
    about = {
        "charnn_version": "0",
        "data": {"path": str(data), "fingerprint": dataset.fingerprint, "rows": len(dataset)},
        "split": SPLIT,
        "counts_validation": VALIDATION in known,
        "epoch": 1,
    }
    trained = TrainedModel(
        labels=dataset.labels,
        rules=rules.learned(dataset.texts),
        alphabet=alphabet,
        architecture=architecture,
        tensors={
            "layers.0.weight": np.eye(size, dtype=np.float32),
            "layers.0.bias": np.zeros(size, dtype=np.float32),
            "head.weight": scores.astype(np.float32),
            "head.bias": np.zeros(len(dataset.labels), dtype=np.float32),
        },
        ngrams=None,
        priors=np.bincount(dataset.origins[training], minlength=len(dataset.labels)) / len(training),
        temperature=temperature,
        about=about,
    )
    with RunWriter(folder) as writer:
        hashes = np.unique(dataset.hashes[np.isin(sides, known)])
        writer.save_settings("seed: 0\nmodel: {cell: mlp}\n", hashes, about)
        writer.save_best(trained)
        writer.finish({"best_epoch": 1}, "# Model card: by hand\n\nCounted, not trained.\n")
    return folder
