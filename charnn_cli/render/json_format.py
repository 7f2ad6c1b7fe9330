"""NDJSON and JSON: an object a name."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from json.encoder import encode_basestring, encode_basestring_ascii
from math import isfinite

from charnn_cli.errors import UsageError
from charnn_cli.formats.rows import Records
from charnn_cli.predict import Answers, Explanation
from charnn_cli.render import Renderer


def json_string(text: str) -> bytes:
    """A JSON string in UTF-8; bytes that were no UTF-8 become `\\udc80` to `\\udcff`, as Python reads them."""
    try:
        return encode_basestring(text).encode("utf-8")
    except UnicodeEncodeError:
        return encode_basestring_ascii(text).encode("ascii")


class Json(Renderer):
    """The formats `ndjson` (an object a line) and `json` (one array)."""

    def __init__(self, k: int, *, is_array: bool, read_as: bool = False) -> None:
        super().__init__(k, read_as=read_as)
        self._is_array = is_array
        self._keys: list[bytes] = []
        self._any = False

    def begin(self, columns: list[str] | None) -> bytes:
        if columns is not None and len(set(columns)) < len(columns):
            raise UsageError("two columns of the input have one name", "rename one, or choose the format csv or tsv")
        self._keys = [json_string(column) + b": " for column in columns or ()]
        return b""

    def answers(self, names: list[str], answers: Answers, *, with_name: bool = True) -> list[bytes]:
        starts = [b'{"origin": ' + json_string(label) + b', "probability": ' for label in answers.labels]
        shares_and_logs = (answers.probabilities, answers.log_probabilities)
        columns = zip(names, answers.reasons, answers.origins.tolist(), *shares_and_logs, strict=True)
        rows = []
        for name, reason, origins, shares, logs in columns:
            head = b'{"name": ' + json_string(name)
            if reason is not None:
                rows.append(head + b', "status": "abstained", "reason": "%s", "predictions": []' % reason.encode())
                continue
            guesses = b", ".join(
                [
                    starts[origin] + f'{share}, "log_probability": {_finite(log)}}}'.encode()
                    for origin, share, log in zip(origins, map(str, shares), map(str, logs), strict=True)
                ]
            )
            rows.append(head + b', "status": "ok", "reason": null, "predictions": [' + guesses + b"]")
        if self.read_as:
            parts = answers.read_as or [None] * len(rows)
            told = (b"null" if part is None else json_string(part) for part in parts)
            rows = [row + b', "read_as": ' + part for row, part in zip(rows, told, strict=True)]
        return rows

    def rows(self, rows: list[bytes]) -> bytes:
        if not rows:
            return b""
        if not self._is_array:
            return b"}\n".join(rows) + b"}\n"
        start = b"},\n" if self._any else b"["
        self._any = True
        return start + b"},\n".join(rows)

    def records(self, records: Records, answers: list[bytes], *, separator: bytes) -> bytes:
        inputs = records.as_json or [
            b"{" + b", ".join(map(self._pair, self._keys, fields)) + b"}" for fields in records.fields
        ]
        return self.rows([answer + b', "input": ' + row for answer, row in zip(answers, inputs, strict=True)])

    def _pair(self, key: bytes, field: bytes) -> bytes:
        return key + json_string(field.decode("utf-8", "surrogateescape"))

    def explained(self, row: bytes, explanation: Explanation | None) -> bytes:
        return row + b', "explanation": ' + _explanation(explanation)

    def end(self) -> bytes:
        if not self._is_array:
            return b""
        return b"}]\n" if self._any else b"[]\n"


def _finite(number: str) -> str:
    """JSON knows no infinity: the logarithm of a probability of 0 is null."""
    return "null" if number == "-inf" else number


def _explanation(explanation: Explanation | None) -> bytes:
    if explanation is None:
        return b"null"
    beliefs = [
        {"prefix": explanation.text[: end + 1], "probabilities": _shares(explanation.labels, shares)}
        for end, shares in enumerate(explanation.beliefs.tolist())
    ]
    letters = [
        {"letter": letter, "worth": _rounded(worth)}
        for letter, worth in zip(explanation.text, explanation.worth.tolist(), strict=True)
    ]
    value = {"text": explanation.text, "origin": explanation.origin, "beliefs": beliefs, "letters": letters}
    value["parts"] = [{**asdict(part), "probability": _rounded(part.probability)} for part in explanation.parts]
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "backslashreplace")


def _shares(labels: tuple[str, ...], shares: list[float]) -> Mapping[str, float | None]:
    return {label: _rounded(share) for label, share in zip(labels, shares, strict=True)}


def _rounded(number: float) -> float | None:
    """To the seven digits that float32 has; None for what JSON cannot hold."""
    return float(f"{number:.7g}") if isfinite(number) else None
