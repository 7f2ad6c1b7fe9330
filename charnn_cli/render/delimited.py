"""TSV and CSV: a row a name, or the input's rows with columns added."""

from itertools import repeat

from charnn_cli.formats.rows import Records
from charnn_cli.predict import Answers
from charnn_cli.render import Renderer
from charnn_cli.render.added import LIST_SEPARATOR, Added, Column

TSV_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
TSV_SPECIAL = frozenset("\\\t\n\r")
CSV_SPECIAL = frozenset('",\n\r')


def tsv_field(text: str) -> str:
    """A field with tab, newline, carriage return and backslash escaped."""
    return text.translate(TSV_ESCAPES) if not TSV_SPECIAL.isdisjoint(text) else text


def csv_field(text: str) -> str:
    """A field, quoted where RFC 4180 asks for it."""
    return '"' + text.replace('"', '""') + '"' if not CSV_SPECIAL.isdisjoint(text) else text


class Delimited(Renderer):
    """The formats `tsv` and `csv`."""

    adds_to_row = True

    def __init__(self, k: int, added: Added, *, is_tsv: bool, header: bool = True) -> None:
        super().__init__(k, added)
        self._separator = "\t" if is_tsv else ","
        self._field = tsv_field if is_tsv else csv_field
        self._header = header

    def begin(self, columns: list[str] | None) -> bytes:
        if not self._header:
            return b""
        added = added_columns(self.k, self.added)
        names = ["name", *added] if columns is None else [*columns, *unused(added, columns)]
        return _bytes(self._separator.join(map(self._field, names)) + "\n")

    def answers(self, names: list[str], answers: Answers, *, with_name: bool) -> list[bytes]:
        field, separator = self._field, self._separator
        heads = [field(name) for name in names] if with_name else repeat("", len(names))
        given = answers.origins.shape[1]
        told = separator * (2 * (self.k - given) + 1) + "ok"
        silent = separator * (2 * self.k + 1) + "abstained"
        columns = zip(heads, answers.reasons, self._ranked(answers), self._tails(answers), strict=True)
        rows = [
            f"{head}{ranked}{told}{tail}\n" if reason is None else f"{head}{silent}{tail}\n"
            for head, reason, ranked, tail in columns
        ]
        return [_bytes(row) for row in rows]

    def _ranked(self, answers: Answers) -> list[str]:
        """Origin and probability of each rank, (N,), every field behind a separator."""
        labels = [f"{self._separator}{self._field(label)}{self._separator}" for label in answers.labels]
        pairs = [
            [labels[origin] + share for origin, share in zip(origins, shares, strict=True)]
            for origins, shares in zip(
                answers.origins.T.tolist(), map(self.added.number, answers.probabilities.T), strict=True
            )
        ]
        return pairs[0] if len(pairs) == 1 else list(map("".join, zip(*pairs, strict=True)))

    def _tails(self, answers: Answers) -> list[str]:
        """The added columns, (N,), every field behind a separator."""
        columns = [[self._separator + text for text in self._texts(column, answers)] for column in self.added.columns]
        return columns[0] if len(columns) == 1 else list(map("".join, zip(*columns, strict=True)))

    def _texts(self, column: Column, answers: Answers) -> list[str]:
        if column.kind == "number":
            return [number or "" for number in self.added.numbers(column, answers)]
        cells = column.cells(answers)
        if column.kind == "list":
            cells = [None if cell is None else LIST_SEPARATOR.join(cell) for cell in cells]
        return ["" if cell is None else self._field(str(cell)) for cell in cells]

    def records(self, records: Records, answers: list[bytes], *, separator: bytes) -> bytes:
        if separator == self._separator.encode():
            return b"".join(
                [
                    (self._join(fields) if raw is None else raw) + answer
                    for raw, fields, answer in zip(records.raw, records.fields, answers, strict=True)
                ]
            )
        return b"".join([self._join(fields) + answer for fields, answer in zip(records.fields, answers, strict=True)])

    def _join(self, fields: list[bytes]) -> bytes:
        texts = (field.decode("utf-8", "surrogateescape") for field in fields)
        return _bytes(self._separator.join(map(self._field, texts)))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def added_columns(k: int, added: Added) -> list[str]:
    """Names of the columns that are added to the input's."""
    pairs = ["origin", "probability"]
    if k > 1:
        pairs = [f"{column}_{rank}" for rank in range(1, k + 1) for column in pairs]
    return [*pairs, "status", *added.names]


def unused(added: list[str], columns: list[str]) -> list[str]:
    """The added names, with the prefix `charnn_` where the input has a column of the name."""
    taken = set(columns)
    names = []
    for name in added:
        while name in taken:
            name = f"charnn_{name}"
        taken.add(name)
        names.append(name)
    return names
