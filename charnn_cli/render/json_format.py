"""NDJSON and JSON: an object a name."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from json.encoder import encode_basestring, encode_basestring_ascii
from math import isfinite

from charnn_cli.errors import UsageError
from charnn_cli.formats.rows import Records
from charnn_cli.predict import Answers, Explanation
from charnn_cli.render import Renderer
from charnn_cli.render.added import REASON, Added, Column


def json_string(text: str) -> bytes:
    """A JSON string in UTF-8; bytes that were no UTF-8 become `\\udc80` to `\\udcff`, as Python reads them."""
    try:
        return encode_basestring(text).encode("utf-8")
    except UnicodeEncodeError:
        return encode_basestring_ascii(text).encode("ascii")


class Json(Renderer):
    """The formats `ndjson` (an object a line) and `json` (one array)."""

    def __init__(self, k: int, added: Added, *, is_array: bool) -> None:
        super().__init__(k, added)
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
        shares_and_logs = [map(self.added.number, rows) for rows in (answers.probabilities, answers.log_probabilities)]
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
                    for origin, share, log in zip(origins, shares, logs, strict=True)
                ]
            )
            rows.append(head + b', "status": "ok", "reason": null, "predictions": [' + guesses + b"]")
        return list(map(b"".join, zip(rows, *self._added(answers), strict=True)))

    def _added(self, answers: Answers) -> Iterator[list[bytes]]:
        """What follows in each object, (N,) at a time; of the columns of all origins one object."""
        columns = [column for column in self.added.columns if column is not REASON]
        for column in columns:
            if column.key is None:
                start = b", " + json_string(column.name) + b": "
                yield [start + value for value in self._values(column, answers)]
        wide = [column for column in columns if column.key is not None]
        if wide:
            parts = [
                [json_string(column.key or "") + b": " + value for value in self._values(column, answers)]
                for column in wide
            ]
            objects = map(b", ".join, zip(*parts, strict=True))
            yield [
                b', "probabilities": ' + (b"null" if reason else b"{" + members + b"}")
                for reason, members in zip(answers.reasons, objects, strict=True)
            ]

    def _values(self, column: Column, answers: Answers) -> list[bytes]:
        if column.kind == "number":
            return [(number or "null").encode() for number in self.added.numbers(column, answers)]
        cells = column.cells(answers)
        return [b"null" if cell is None else _value(cell) for cell in cells]

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


def _value(cell: str | int | list[str]) -> bytes:
    if isinstance(cell, list):
        return b"[" + b", ".join(map(json_string, cell)) + b"]"
    return json_string(cell) if isinstance(cell, str) else b"%d" % cell


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
