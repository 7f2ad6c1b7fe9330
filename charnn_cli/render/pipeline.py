"""Names on one side, finished rows on the other, in bounded memory."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from charnn_cli.predict.answers import BELOW_THRESHOLD, REASONS
from charnn_cli.predict.predictor import Predictor
from charnn_cli.render import OnPart, Renderer
from charnn_cli.render.workers import Workers
from charnn_cli.text.parts import MIDDLE_DOT, name_parts

if TYPE_CHECKING:
    from charnn_cli.formats.opening import Source
    from charnn_cli.formats.rows import RecordSource

RETURN = b"\r"
CAPACITY = 1 << 15  # names whose rows are remembered
EXPLAINED_CAPACITY = 1 << 12  # an explanation takes some kilobytes
LONGEST_KEY = 256  # bytes of a name worth remembering

_SEVERAL = re.compile(f"[ ,]|{MIDDLE_DOT}".encode())

# A finished row is bytes; one without an answer is of the type that has its reason as a name, so that rows of either
# kind are remembered, joined and counted without another look into them.
_TYPES = (bytes, *(type(reason, (bytes,), {}) for reason in REASONS))
_MARKS = {reason: bytes([mark]) for mark, reason in enumerate((None, *REASONS))}  # how it travels between processes


class Cache:
    """Finished output by name, in bounded memory.

    Two generations take the place of a list of uses: when the younger would outgrow half the capacity it becomes the
    older, the older is forgotten, and what is still asked for moves up.
    """

    def __init__(self, compute: Callable[[list[bytes]], list[bytes]], capacity: int = CAPACITY) -> None:
        self._compute = compute
        self._capacity = capacity
        self._young: dict[bytes, bytes] = {}
        self._old: dict[bytes, bytes] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def __call__(self, keys: list[bytes]) -> list[bytes]:
        """The output of each key, in order; `compute` is asked once for each distinct key that is not remembered."""
        found = list(map(self._young.get, keys))
        if None not in found:
            return found  # type: ignore[return-value]
        missing = dict.fromkeys(key for key, output in zip(keys, found, strict=True) if output is None)
        fresh = {key: self._old[key] for key in missing if key in self._old}
        unknown = [key for key in missing if key not in fresh]
        fresh.update(zip(unknown, self._compute(unknown), strict=True))
        result = [fresh[key] if output is None else output for key, output in zip(keys, found, strict=True)]
        self._remember(fresh)
        return result

    def _remember(self, fresh: dict[bytes, bytes]) -> None:
        half = self._capacity // 2
        short = {key: output for key, output in islice(fresh.items(), half) if len(key) <= LONGEST_KEY}
        if len(self._young) + len(short) > half:
            self._old, self._young = self._young, {}
        self._young.update(short)


class Pipeline:
    """Renders the answers of a predictor; each distinct name is worked out and rendered once while it is remembered.

    With several `processes`, large windows are shared out; the predictor should then use one thread. `on_part` is
    called once, when the first name comes of which a part is read in its place, `on_names` with the names of all rows.
    """

    def __init__(
        self,
        predictor: Predictor,
        renderer: Renderer,
        *,
        min_probability: float = 0.0,
        with_reasons: bool = False,
        processes: int = 1,
        on_part: OnPart | None = None,
        on_names: Callable[[list[bytes]], None] | None = None,
    ) -> None:
        self._predictor = predictor
        self._renderer = renderer
        self._min_probability = min_probability
        self._with_reasons = with_reasons
        self._with_name = True
        self._on_names = on_names
        self._on_part = on_part if predictor.reads_parts else None
        self._workers = Workers(self._marked, processes)
        self._cache = Cache(self._finished, EXPLAINED_CAPACITY if with_reasons else CAPACITY)
        self.abstained: Counter[str] = Counter()  # rows without an answer so far, by their reason

    def rows(self, source: "Source", done: int = 0) -> Iterator[tuple[int, bytes]]:
        """For each window of a source the number of rows and their bytes.

        Where the first `done` rows are finished, with what stands before them, all begins behind those.
        """
        return self.names(source, done) if isinstance(source, Iterator) else self.records(source, done)

    def names(self, windows: Iterable[list[bytes]], done: int = 0) -> Iterator[tuple[int, bytes]]:
        """Of windows of names; a `\\r` at the end of a name is dropped."""
        with self._workers:
            begin = self._renderer.begin(None)
            yield 0, b"" if done else begin
            for window in windows:
                done, skipped = max(done - len(window), 0), min(done, len(window))
                window = window[skipped:] if skipped else window
                names = [name.removesuffix(RETURN) for name in window] if RETURN in b"".join(window) else window
                yield len(names), self._renderer.rows(self._counted(names))
            yield 0, self._renderer.end()

    def records(self, source: "RecordSource", done: int = 0) -> Iterator[tuple[int, bytes]]:
        """Of rows with a column of names; formats that keep columns carry the whole row."""
        keeps = self._renderer.keeps_columns
        self._with_name = not keeps or not self._renderer.adds_to_row
        with self._workers:
            begin = self._renderer.begin(source.columns if keeps else None)
            yield 0, b"" if done else begin
            for records in source:
                done, skipped = max(done - len(records.names), 0), min(done, len(records.names))
                records = records.after(skipped) if skipped else records
                answers = self._counted(records.names)
                if keeps:
                    yield len(answers), self._renderer.records(records, answers, separator=source.separator)
                else:
                    yield len(answers), self._renderer.rows(answers)
            yield 0, self._renderer.end()

    def _counted(self, names: list[bytes]) -> list[bytes]:
        if self._on_names is not None:
            self._on_names(names)
        if self._on_part is not None and any(map(has_parts, names)):
            self._on_part()
            self._on_part = None
        rows = self._cache(names)
        types = list(map(type, rows))
        if types.count(bytes) < len(rows):
            self.abstained.update(kind.__name__ for kind in types if kind is not bytes)
        return rows

    def _finished(self, keys: list[bytes]) -> list[bytes]:
        return [_TYPES[row[0]](row[1:]) for row in self._workers(keys)]

    def _marked(self, keys: list[bytes]) -> list[bytes]:
        """The rows, each behind the mark of its reason."""
        rows: list[bytes] = []
        window = self._predictor.window
        for start in range(0, len(keys), window):
            names = [key.decode("utf-8", "surrogateescape") for key in keys[start : start + window]]
            answers = self._predictor.answers(names, self._renderer.k, self._min_probability)
            part = self._renderer.answers(names, answers, with_name=self._with_name)
            if self._with_reasons:
                told = [reason in (None, BELOW_THRESHOLD) for reason in answers.reasons]
                part = [
                    self._renderer.explained(row, self._predictor.explain(name) if is_told else None)
                    for row, name, is_told in zip(part, names, told, strict=True)
                ]
            rows += [_MARKS[reason] + row for reason, row in zip(answers.reasons, part, strict=True)]
        return rows


def has_parts(name: bytes) -> bool:
    """Whether a name has a part that can be read in its place."""
    return _SEVERAL.search(name) is not None and name_parts(name.decode("utf-8", "surrogateescape")) is not None


def counted(
    parts: Iterable[tuple[int, bytes]],
    write: Callable[[bytes], None],
    on_rows: Callable[[int], None] = lambda rows: None,
) -> int:
    """Write every part as soon as it is there; the number of rows."""
    total = 0
    for rows, data in parts:
        if data:
            write(data)
        on_rows(rows)
        total += rows
    return total
