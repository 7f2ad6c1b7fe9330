"""TSV and CSV: a row a name, or the input's rows with columns added."""

from itertools import repeat

from charnn_cli.formats.rows import Records
from charnn_cli.predict import Answers
from charnn_cli.render import Renderer

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

    def __init__(self, k: int, *, is_tsv: bool, header: bool = True, read_as: bool = False) -> None:
        super().__init__(k, read_as=read_as)
        self._separator = "\t" if is_tsv else ","
        self._field = tsv_field if is_tsv else csv_field
        self._header = header

    def begin(self, columns: list[str] | None) -> bytes:
        if not self._header:
            return b""
        added = added_columns(self.k, read_as=self.read_as)
        names = ["name", *added] if columns is None else [*columns, *unused(added, columns)]
        return _bytes(self._separator.join(map(self._field, names)) + "\n")

    def answers(self, names: list[str], answers: Answers, *, with_name: bool) -> list[bytes]:
        field, separator = self._field, self._separator
        empty = separator * (2 * self.k + 1) + "abstained\n"
        heads = [field(name) for name in names] if with_name else repeat("", len(names))
        labels = [separator + field(label) + separator for label in answers.labels]
        given = answers.origins.shape[1]
        if given == 1 and self.k == 1:
            end = separator + "ok\n"
            origins, shares = answers.origins[:, 0].tolist(), map(str, answers.probabilities[:, 0])
            columns = zip(heads, answers.reasons, origins, shares, strict=True)
            rows = [
                f"{head}{labels[origin]}{probability}{end}" if reason is None else head + empty
                for head, reason, origin, probability in columns
            ]
        else:
            end = separator * (2 * (self.k - given) + 1) + "ok\n"
            rows = [
                head + empty if reason else head + "".join(map(_pair, origins, map(str, shares), repeat(labels))) + end
                for head, reason, origins, shares in zip(
                    heads, answers.reasons, answers.origins.tolist(), answers.probabilities, strict=True
                )
            ]
        if self.read_as:
            parts = answers.read_as or [None] * len(rows)
            rows = [f"{row[:-1]}{separator}{field(part or '')}\n" for row, part in zip(rows, parts, strict=True)]
        return [_bytes(row) for row in rows]

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


def _pair(origin: int, probability: str, labels: list[str]) -> str:
    return labels[origin] + probability


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def added_columns(k: int, *, read_as: bool = False) -> list[str]:
    """Names of the columns that are added to the input's."""
    columns = ["origin", "probability"]
    if k > 1:
        columns = [f"{column}_{rank}" for rank in range(1, k + 1) for column in ("origin", "probability")]
    return [*columns, "status", *["read_as"] * read_as]


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
