"""Priors from words and files."""

from pathlib import Path

import numpy as np
import pytest

from charnn_cli.errors import CharnnError
from charnn_cli.predict.priors import read_priors

LABELS = ("Dutch", "English")


def test_words() -> None:
    assert read_priors("training", LABELS) is None
    np.testing.assert_array_equal(read_priors("uniform", LABELS), [0.5, 0.5])


@pytest.mark.parametrize(
    "text", ["Dutch,1\nEnglish,3\n", "origin\tcount\nEnglish\t30\nDutch\t10\n", '{"English": 0.75, "Dutch": 0.25}']
)
def test_files(tmp_path: Path, text: str) -> None:
    (tmp_path / "shares").write_text(text)
    np.testing.assert_allclose(read_priors(str(tmp_path / "shares"), LABELS), [0.25, 0.75])


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Dutch,1\n", "no share for 'English'"),
        ("Dutch,1\nEnglish,1\nFrench,1\n", "'French' is no label"),
        ("Dutch,1\nEnglish,-1\n", "negative"),
        ("Dutch,0\nEnglish,0\n", "all are 0"),
        ("Dutch,1\nEnglish,inf\n", "not finite"),
        ("Dutch,1\nEnglish,many\n", "no label and number"),
        ("Dutch,1\nDutch,1\n", "twice"),
        ('{"Dutch": "x"}', "no JSON object of numbers"),
        ("{", "no JSON object of numbers"),
        ('{"Dutch": 1, "Dutch": 2, "English": 1}', "'Dutch' comes twice"),
        ('{"Dutch": 1, "D\\u0075tch": 2, "English": 1}', "'Dutch' comes twice"),
        ("Dutch,1\nEnglish,2\n" + " " * 2**24, "is larger than shares can be"),
    ],
)
def test_faults(tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / "shares").write_text(text)
    with pytest.raises(CharnnError, match=what):
        read_priors(str(tmp_path / "shares"), LABELS)


@pytest.mark.parametrize("text", ['{"Dutch": 1e308, "English": 1.7e308}', "Dutch,1e308\nEnglish,1.7e308\n"])
def test_shares_whose_sum_no_number_holds(tmp_path: Path, text: str) -> None:
    (tmp_path / "shares").write_text(text)
    np.testing.assert_allclose(read_priors(str(tmp_path / "shares"), LABELS), [1 / 2.7, 1.7 / 2.7])


@pytest.mark.parametrize(
    ("wish", "what"),
    [
        ("unifrom", "the prior 'unifrom' is no file; give training, uniform, list or a file of shares"),
        ("", "the prior is empty; give training, uniform, list or a file of shares"),
        ("/", "/: cannot be read (Is a directory); give training, uniform, list or a file of shares"),
    ],
)
def test_no_file(wish: str, what: str) -> None:
    with pytest.raises(CharnnError) as caught:
        read_priors(wish, LABELS)
    assert caught.value.lines() == [what]
