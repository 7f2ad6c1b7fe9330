"""What a safetensors file says that it holds, read before its arrays are.

A file begins with the length of its header (8 bytes, little-endian), then the header: a JSON object that gives each
array a type, a shape and its place in the rest. Here the sizes alone are checked, in bounded time and memory, so that
nothing large is read in vain; the arrays are read by the library, which checks their places too.

The library's own reader of headers, `safe_open`, does not do: it maps the whole file before it looks at it, which a
limit of memory refuses at 3 GB that nobody needs, waits for ever at a named pipe, and takes 5 s for a header of 50 MB.

Files that no other file vouches for are sealed: what is told beside the arrays, one JSON object under the key `charnn`,
holds a digest of all the rest. One key, because the library writes several in any order.
"""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from charnn_cli.errors import ModelError
from charnn_cli.files import AGAIN, opened, parse_json, read_bytes

LARGEST_HEADER = 2**20  # bytes; that of a training state with 16 layers takes a tenth of it
MOST_DIMENSIONS = 8
TOLD, SEAL = "charnn", "sha256"
ITEM_SIZES = {"BOOL": 1, "U8": 1, "I8": 1, "U16": 2, "I16": 2, "F16": 2, "U32": 4, "I32": 4, "F32": 4}
ITEM_SIZES |= {"U64": 8, "I64": 8, "F64": 8}


@dataclass(frozen=True, slots=True)
class Header:
    """Type (`F32`, `U64`, …) and shape of each array, and what is told beside them."""

    arrays: Mapping[str, tuple[str, tuple[int, ...]]]
    told: Mapping[str, Any]


def read_header(path: Path, *, at_most: int) -> Header:
    """The header of a file of at most so many bytes.

    Raises ModelError where the file is no safetensors file, or its size is not what the header says.
    """
    with opened(path, at_most=at_most) as stream:
        length = int.from_bytes(stream.read(8), "little")
        content = stream.read(min(length, LARGEST_HEADER))
        size = stream.seek(0, 2)
    header = _parsed(content) if length <= LARGEST_HEADER else None
    if header is None or size != 8 + length + _array_bytes(header):
        raise ModelError("is cut or changed", AGAIN, where=path)
    return header


def sealed(arrays: Mapping[str, np.ndarray], told: Mapping[str, Any]) -> tuple[bytes, str]:
    """A file's content and its digest."""
    from safetensors.numpy import save

    seal = _seal(arrays, told)
    text = json.dumps({**told, SEAL: seal}, sort_keys=True)
    return save(dict(arrays), metadata={TOLD: text}), seal


def read_sealed(
    path: Path, *, at_most: int, fits: Callable[[Header], bool] = lambda header: True
) -> tuple[dict[str, np.ndarray], Mapping[str, Any]]:
    """The arrays of a sealed file and what is told beside them, read only where the header `fits`.

    Raises ModelError where the file is cut or changed.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    header = read_header(path, at_most=at_most)
    if SEAL not in header.told or not fits(header):
        raise ModelError("is cut or changed", AGAIN, where=path)
    try:
        arrays = load(read_bytes(path, at_most=at_most))
    except (SafetensorError, KeyError, ValueError) as error:
        raise ModelError("is cut or changed", AGAIN, where=path) from error
    if header.told.get(SEAL) != _seal(arrays, header.told):
        raise ModelError("is cut or changed", AGAIN, where=path)
    return arrays, header.told


def _seal(arrays: Mapping[str, np.ndarray], told: Mapping[str, Any]) -> str:
    """SHA-256 over what is told, and over every array with its name, type and shape."""
    others = {key: value for key, value in told.items() if key != SEAL}
    sha = hashlib.sha256(json.dumps(others, sort_keys=True).encode())
    for name in sorted(arrays):
        sha.update(f"{name} {arrays[name].dtype} {arrays[name].shape}".encode())
        sha.update(arrays[name].tobytes())
    return sha.hexdigest()


def _array_bytes(header: Header) -> int:
    return sum(ITEM_SIZES[kind] * math.prod(shape) for kind, shape in header.arrays.values())


def _parsed(content: bytes) -> Header | None:
    entries = parse_json(content)
    if entries is None:
        return None
    metadata = entries.pop("__metadata__", None)
    text = metadata.get(TOLD) if isinstance(metadata, dict) else None
    told = parse_json(text.encode(errors="surrogatepass")) if isinstance(text, str) else None
    arrays = {}
    for name, entry in entries.items():
        if not isinstance(entry, dict):
            return None
        kind, shape = entry.get("dtype"), _shape(entry.get("shape"))
        if not isinstance(kind, str) or kind not in ITEM_SIZES or shape is None:
            return None
        arrays[name] = (kind, shape)
    return Header(arrays, told or {})


def _shape(value: Any) -> tuple[int, ...] | None:
    if not isinstance(value, list) or len(value) > MOST_DIMENSIONS:
        return None
    return tuple(value) if all(type(size) is int and size >= 0 for size in value) else None
