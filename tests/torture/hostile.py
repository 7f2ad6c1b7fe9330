"""Files of a run as chance or an attacker would leave them. Each attack puts something in the place of a file."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from charnn_cli.files import digest
from charnn_cli.store.model_files import own_digest

HUGE = 10 * 2**30  # bytes, of a sparse file
BRACKETS = 1_000_000
Attack = Callable[[Path], None]  # takes the path of a file that is there


def _put(content: bytes) -> Attack:
    return lambda path: _ignored(path.write_bytes(content))


def _ignored(value: object) -> None:
    """For attacks that are one expression."""


def _link_out(path: Path) -> None:
    outside = path.parents[2] / f"outside-{path.name}"
    path.rename(outside)
    path.symlink_to(outside)


def _link_to(target: str) -> Attack:
    def attack(path: Path) -> None:
        path.unlink()
        path.symlink_to(target)

    return attack


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _sparse(path: Path) -> None:
    path.write_bytes(b"")
    os.truncate(path, HUGE)


def _sparse_behind_the_true_content(path: Path) -> None:
    os.truncate(path, HUGE)


def _header(entries: Any, *, size: int = 0, length: int | None = None) -> Attack:
    """A safetensors file whose header says `entries`, followed by `size` bytes that take no room."""

    def attack(path: Path) -> None:
        header = json.dumps(entries).encode()
        path.write_bytes((len(header) if length is None else length).to_bytes(8, "little") + header)
        os.truncate(path, path.stat().st_size + size)

    return attack


def _array(shape: list[int], end: int | None = None, kind: str = "U8") -> dict[str, Any]:
    size = 1
    for count in shape:
        size *= count
    return {"dtype": kind, "shape": shape, "data_offsets": [0, size if end is None else end]}


OF_ANY_FILE: dict[str, Attack] = {
    "gone": lambda path: path.unlink(),
    "empty": _put(b""),
    "a folder": _folder,
    "a link out of the folder": _link_out,
    "a link to nowhere": _link_to("nowhere"),
    "a link to itself": lambda path: _link_to(path.name)(path),
    "a link to /dev/zero": _link_to("/dev/zero"),
    "a named pipe": _pipe,
    "10 GB of nothing": _sparse,
    "10 GB of nothing behind the true content": _sparse_behind_the_true_content,
    "a million opened brackets": _put(b"[" * BRACKETS),
    "a million nested brackets": _put(b"[" * BRACKETS + b"]" * BRACKETS),
    "a million nested objects": _put(b'{"a":' * BRACKETS + b"1" + b"}" * BRACKETS),
    "five million empty lists": _put(b"[" + b"[]," * 5_000_000 + b"[]]"),
    "a number of a million digits": _put(b'{"version": ' + b"9" * 1_000_000 + b"}"),
    "a pickle that makes a folder": _put(b"cos\nmkdir\n(S'pickled'\ntR."),
    "random bytes": _put(os.urandom(100_000)),
    "a million lines": _put(b'{"epoch": 1}\n' * 1_000_000),
}
OF_SAFETENSORS: dict[str, Attack] = {
    "a header of 2^63 bytes": _header({}, length=2**63),
    "a header of 10 GB": _header({}, size=HUGE, length=HUGE),
    "a header of 3 MB": _header({f"a{number}": _array([0]) for number in range(50_000)}),
    "an array of 2^60 bytes": _header({"hashes": _array([2**60])}),
    "a shape of 2^600": _header({"hashes": _array([2**60] * 10)}),
    "a shape below zero": _header({"hashes": _array([-1, -8], end=8)}, size=8),
    "an array that ends before its shape": _header({"hashes": _array([64], end=8)}, size=8),
    "two arrays in one place": _header({"a": _array([8]), "b": _array([8])}, size=16),
    "a type that is none": _header({"hashes": _array([8], kind="PICKLE")}, size=8),
    "a header that is a list": _header([1, 2, 3]),
    "3 GB of hashes that are there": _header(
        {"hashes": _array([3 * 2**27], end=3 * 2**30, kind="U64")}, size=3 * 2**30
    ),
    "3 GB of weights that are there": _header(
        {"head.weight": _array([3 * 2**28], end=3 * 2**30, kind="F32")}, size=3 * 2**30
    ),
}


def cuts(path: Path) -> Iterator[tuple[str, Attack]]:
    content = path.read_bytes()
    for sixteenth in range(16):
        yield f"cut at {sixteenth}/16", _put(content[: len(content) * sixteenth // 16])


def flips(path: Path, count: int, seed: int) -> Iterator[tuple[str, Attack]]:
    import random

    content, dice = path.read_bytes(), random.Random(seed)
    for _ in range(count):
        place, bit = dice.randrange(len(content)), dice.randrange(8)
        flipped = bytearray(content)
        flipped[place] ^= 1 << bit
        yield f"bit {bit} of byte {place} flipped", _put(bytes(flipped))


def rewritten(**changes: Any) -> Attack:
    """A model.json whose digest is right."""

    def attack(path: Path) -> None:
        description = json.loads(path.read_text())
        del description["sha256"]
        for key, value in changes.items():
            section, _, name = key.partition("__")
            if name:
                description[section][name] = value
            else:
                description[section] = value
        path.write_text(json.dumps(description | {"sha256": own_digest(description)}))

    return attack


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def _weights_of(attack: Attack) -> Attack:
    """An attack on the weights whose size and digest model.json states rightly, as far as anyone could read them."""

    def both(path: Path) -> None:
        weights = path.with_name("model.safetensors")
        attack(weights)
        size = weights.stat().st_size
        sha256 = digest(weights.read_bytes()) if size < 2**28 else "0" * 64
        rewritten(weights={"sha256": sha256, "bytes": size})(path)

    return both


OF_DESCRIPTION: dict[str, Attack] = {
    "labels with terminal escapes": rewritten(labels=["\x1b[31mred", "b", "c"]),
    "labels that turn the line around": rewritten(labels=["\u202eabc", "b", "c"]),
    "labels with line ends": rewritten(labels=["a\nb", "b", "c"]),
    "a label of a megabyte": rewritten(labels=["a" * 2**20, "b", "c"]),
    "labels that repeat": rewritten(labels=["a", "a", "b"]),
    "no labels": rewritten(labels=[], priors=[]),
    "labels that are numbers": rewritten(labels=[1, 2, 3]),
    "a billion layers": rewritten(architecture__num_layers=10**9),
    "half a layer": rewritten(architecture__num_layers=0.5),
    "a hidden size of 2^40": rewritten(architecture__hidden_size=2**40),
    "n-grams of a billion symbols": rewritten(architecture__ngram_orders=[1, 10**9]),
    "n-grams of 300,000 orders": rewritten(architecture__ngram_orders=[1, 2, 3] * 100_000),
    "n-grams of an order twice": rewritten(architecture__ngram_orders=[1, 2, 2]),
    "n-grams whose orders fall": rewritten(architecture__ngram_orders=[3, 2, 1]),
    "a share of almost nothing": rewritten(priors=[1, 5e-324, 1]),
    "n-grams below zero": rewritten(architecture__ngram_orders=[-1]),
    "a cell that is none": rewritten(architecture__cell="pickle"),
    "an unknown key of a megabyte": rewritten(**{"architecture__" + "a" * 2**20: 1}),
    "names of 10^12 letters": rewritten(text__max_length=10**12),
    "scripts that are lists": rewritten(text__scripts=[["LATIN"]]),
    "an alphabet of words": rewritten(alphabet=["abc", "def"]),
    "an alphabet of numbers": rewritten(alphabet=[1, 2]),
    "a temperature of 10^-300": rewritten(temperature=1e-300),
    "a temperature that is a list": rewritten(temperature=[1]),
    "shares below zero": rewritten(priors=[-1, 1, 1]),
    "shares that are words": rewritten(priors=["a", "b", "c"]),
    "a version of a megabyte": rewritten(version="9" * 2**20),
    "an origin 500 lists deep": rewritten(about=_nested(500)),
    "an origin 800 lists deep": rewritten(about={"data": _nested(800)}),
    "data without a path": rewritten(about={"data": {"path": 5}}),
    "a split by words": rewritten(about={"split": {"seed": "a"}}),
    "the size as a list": rewritten(weights={"bytes": [1], "sha256": None}),
    "weights of 3 GB that are there": _weights_of(OF_SAFETENSORS["3 GB of weights that are there"]),
    "weights whose header is 3 MB": _weights_of(OF_SAFETENSORS["a header of 3 MB"]),
    "weights in one place": _weights_of(OF_SAFETENSORS["two arrays in one place"]),
    "weights that end before their shape": _weights_of(OF_SAFETENSORS["an array that ends before its shape"]),
}


OF_PLACES: dict[str, Attack] = {
    "places that are numbers": _put(b'{"data": 3}'),
    "a place of a megabyte": _put(b'{"data": "' + b"a" * 2**20 + b'"}'),
    "a place that is no text": _put(b'{"data": "\\ud800"}'),
    "a place with a NUL": _put(b'{"data": "/a\\u0000"}'),
}


def swapped(other: Path) -> Attack:
    """The same file of another run."""
    return lambda path: _ignored(shutil.copyfile(other, path))
