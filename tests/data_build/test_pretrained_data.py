"""What the model in the box learns from: rows as often as they count, and the n-grams that tell origins apart."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
from build_pretrained import labelled
from builder.telling import most_telling

from charnn_cli.data import TEST, TRAIN, VALIDATION
from charnn_cli.text import TextRules
from charnn_cli.text.alphabet import Alphabet
from charnn_cli.text.ngrams import NgramVocabulary

ORDERS = (1, 2, 3)


def test_rows_are_learned_as_often_as_they_count_and_family_names_alone_are_held_from_nobody(tmp_path: Path) -> None:
    sides = {
        "train": [("Smith", "English", "family alone", 3), ("Rossi", "Italian", "plain", 1)],
        "validation": [("Ann Smith", "English", "plain", 1), ("Smith", "English", "family alone", 1)],
        "test": [("Bo Smith", "English", "plain", 1), ("Smith, Bo", "English", "comma", 1)],
    }
    for side, rows in sides.items():
        with (tmp_path / f"{side}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([("name", "origin", "form", "times"), *rows])
    dataset, of = labelled(tmp_path, TextRules())
    found = Counter(zip(dataset.texts.tolist(), of.tolist(), strict=True))
    assert found == {("smith", TRAIN): 3, ("rossi", TRAIN): 1, ("ann smith", VALIDATION): 1, ("bo smith", TEST): 1}


def test_what_tells_is_kept_with_its_parts_rather_than_what_is_frequent() -> None:
    """`xyz` stands in both origins forty times, and decides nothing; `qa` and `qb` are rare, and decide."""
    names = ["xyz"] * 80 + ["qa"] * 6 + ["qb"] * 6
    origins = np.array([0, 1] * 40 + [0] * 6 + [1] * 6)
    alphabet = Alphabet.learned(names)
    symbols = alphabet.encode(names, boundaries=False)
    vocabulary = NgramVocabulary.learned(symbols, ORDERS, min_count=1, max_size=100)
    chosen = most_telling(symbols, origins, np.ones(len(names)), vocabulary, num_labels=2, size=8)

    def holds(text: str) -> bool:
        coded = alphabet.encode([text], boundaries=False)
        return bool(chosen.lookup(coded.ids, coded.steps)[-1, len(text) - 1])

    assert [text for text in ("x", "y", "z", "q", "a", "b", "qa", "qb", "xy", "yz", "xyz") if holds(text)] == [
        *"xyzqab",
        "qa",
        "qb",
    ]
