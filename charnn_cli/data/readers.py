"""DATA → `Dataset`: the rows of a table, or the lines of a folder of `<Origin>.txt` files, and what is wrong there."""

import stat
import time
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import repeat
from pathlib import Path

from charnn_cli.data.dataset import USUAL, Collector, Dataset, Portions, known_by
from charnn_cli.data.reading import OnProgress, Reading
from charnn_cli.errors import DataError, DataErrors
from charnn_cli.formats.columns import find_column
from charnn_cli.formats.contents import contents
from charnn_cli.formats.encodings import Undecodable, is_utf8, mojibake
from charnn_cli.formats.lines import ENDLESS, UNREADABLE, lines_of, utf8_chunks
from charnn_cli.formats.opening import Windows, choice_said, in_encoding, rows_in
from charnn_cli.formats.rows import RecordSource
from charnn_cli.formats.table import FORMATS, format_of
from charnn_cli.text import TextRules

Row = tuple[str, str]

WINDOW_BYTES = 1 << 14  # rows that stay in the processor's cache until they are taken
LONGEST_LINE = 1 << 20  # bytes
REPLACEMENT = "\ufffd".encode()
_KINDS = (
    (stat.S_ISDIR, "is a folder"),
    (stat.S_ISFIFO, "is a named pipe"),
    (stat.S_ISSOCK, "is a socket"),
    (stat.S_ISCHR, "is a device"),
    (stat.S_ISBLK, "is a device"),
)


def read(
    path: Path,
    *,
    rules: TextRules,
    name_column: str | None = None,
    origin_column: str | None = None,
    encoding: str | None = None,
    how: str = "data.{}_column",
    on_progress: OnProgress | None = None,
    strict: bool = True,
    window_bytes: int = WINDOW_BYTES,
    portions: Portions = USUAL,
) -> Dataset:
    """Labelled names from a folder of `<Origin>.txt`, or a file of one of the formats that have columns.

    The names of columns are found where they are not given, and `how` says how one is given; text is UTF-8 where no
    `encoding` is. `rules.scripts` and `rules.marks` are ignored: all scripts are kept, and names that differ in marks
    alone are one name.
    `on_progress(rows, fraction)` is called about ten times a second.

    Every fault of the data is looked for before DataErrors is raised. With `strict` false, the names that can be
    read are returned and the faults stand in `.report.faults`; only DATA that holds no names at all raises.
    """
    started = time.perf_counter()
    reading = Reading(on_progress)
    collector = Collector(known_by(rules), reading.report, portions)
    reading.advance(0)
    try:
        collector.add(labelled_rows(path, name_column, origin_column, reading, window_bytes, encoding, how))
    except DataError as error:
        reading.faults.add(DataError(error.what, error.do, where=error.where or path, line=error.line))
    dataset = collector.finish(reading.order)
    for what in collector.bad_labels.values():
        reading.faults.add(DataError(what, "name it in plain words", where=path))
    if not len(dataset) and not reading.faults.count:
        reading.faults.add(DataError("holds no names", "give labelled names, at least two origins", where=path))
    elif len(dataset.labels) == 1:
        what = f"all names have one origin, '{dataset.labels[0]}'"
        reading.faults.add(DataError(what, _inside(path, "add names of another origin"), where=path))
    if reading.faults.count and (strict or not len(dataset)):
        raise DataErrors(reading.faults.lines())
    reading.finish()
    reading.report.seconds = time.perf_counter() - started
    return dataset


def labelled_rows(
    path: Path,
    name_column: str | None,
    origin_column: str | None,
    reading: Reading,
    window_bytes: int = WINDOW_BYTES,
    encoding: str | None = None,
    how: str = "data.{}_column",
) -> Iterator[Row]:
    """(name, origin) of every row, read by the table of formats; what is at fault is left out and told to `reading`.

    The `encoding` is of text that is no UTF-8; `auto` is guessed. `how` says how a column is given. Raises DataError
    where nothing can be read.
    """
    try:
        is_folder = path.is_dir()
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    if is_folder:
        yield from _of_folder(path, reading, window_bytes, encoding)
        return
    reading.total = checked_size(path)
    if not reading.total:
        raise DataError("is empty", "give labelled names, at least two origins", where=path)
    try:
        with path.open("rb") as stream, contents(stream, format_of(path), str(path)) as (content, kind):
            if kind is None or not kind.has_columns:
                suffixes = ", ".join(kind.suffixes[0] for kind in FORMATS if kind.has_columns)
                do = f"give a folder of <Origin>.txt files, or one of {suffixes}"
                what = "is a list of names, which tells no origins" if kind else "of a kind that charnn does not read"
                raise DataError(what, do, where=path)
            content, encoding = in_encoding(content, encoding, str(path), reading.report.notes.append)
            source = rows_in(
                content,
                kind,
                str(path),
                has_columns=True,
                window_bytes=window_bytes,
                on_bytes=reading.advance,
                longest=LONGEST_LINE,
                check=lambda windows: _checked(windows, path, reading),
                on_fault=reading.faults.add,
                encoding=encoding,
            )
            assert not isinstance(source, Iterator)
            if source.rows is not None:
                reading.total = source.rows
            if not _choose(source, name_column, origin_column, reading, how):
                source.drain()  # whose faults are told with those of the first line
                return
            for records in source:
                yield from zip(_texts(records.names), _texts(records.origins), strict=True)
                if source.rows is not None:
                    reading.advance(len(records.names))
    except OSError as error:
        raise unreadable(path, error) from None


def _choose(
    source: RecordSource, name_column: str | None, origin_column: str | None, reading: Reading, how: str
) -> bool:
    """Choose the columns; whether both were found."""
    if source.columns == [UNREADABLE.decode()]:
        return False
    found = []
    for kind, given in (("name", name_column), ("origin", origin_column)):
        try:
            found.append(find_column(source.columns, kind, given, how.format(kind)))
            if given is None:
                choice_said(source, kind, how.format(kind), reading.report.notes.append, always=False)
        except DataError as error:
            reading.faults.add(DataError(error.what, error.do, where=source.where, line=source.line))
    if len(found) < 2:
        return False
    if found[0] == found[1]:
        what = f"column '{source.columns[found[0]]}' is given for the names and for the origins"
        do = f"give two, as {how.format('name')} and {how.format('origin')}"
        reading.faults.add(DataError(what, do, where=source.where, line=source.line))
        return False
    source.choose(found[:1], found[1])
    return True


def _of_folder(folder: Path, reading: Reading, window_bytes: int, encoding: str | None) -> Iterator[Row]:
    """The origin is the file's name; hidden files and those that are not `.txt` are left alone."""
    for path in _readable_files(folder, reading):
        origin, rows = path.stem, reading.report.rows
        try:
            with path.open("rb") as stream:
                content, known = in_encoding(stream, encoding, str(path), reading.report.notes.append)
                chunks = utf8_chunks(
                    content, window_bytes=window_bytes, on_bytes=reading.advance, encoding=known,
                    errors="replace",
                )  # fmt: skip
                for lines in _checked(lines_of(chunks, longest=LONGEST_LINE), path, reading):
                    yield from zip(_texts([line for line in lines if line != UNREADABLE]), repeat(origin))
        except OSError as error:
            reading.faults.add(unreadable(path, error))
            continue
        if reading.report.rows == rows:
            reading.faults.add(DataError("holds no names", "write one name a line, or remove the file", where=path))


def _readable_files(folder: Path, reading: Reading) -> list[Path]:
    """The files of a folder, in the order of their names; what cannot be read as one is a fault."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".txt" and path.name[0] != ".")
    except OSError as error:
        raise unreadable(folder, error) from None
    if not paths:
        do = _inside(folder, "give a folder with one <Origin>.txt for each origin")
        reading.faults.add(DataError("holds no .txt files", do, where=folder))
    files = []
    stems: dict[str, Path] = {}
    for path in paths:
        try:
            reading.total += checked_size(path)
        except DataError as error:
            reading.faults.add(error)
            continue
        files.append(path)
        stem = unicodedata.normalize("NFC", path.stem).casefold()
        if stem in stems:
            what = f"differs from '{stems[stem].name}' in case alone"
            reading.faults.add(DataError(what, "put the names of one origin into one file", where=path))
        stems.setdefault(stem, path)
    return files


def _texts(values: Sequence[bytes]) -> list[str]:
    texts = b"\n".join(values).decode().split("\n")
    return texts if len(texts) == len(values) else [value.decode() for value in values]


def _checked(windows: Windows, path: Path, reading: Reading) -> Windows:
    """The lines, with `UNREADABLE` for each that is no text, which is a fault."""
    before, foreign = 0, Undecodable()
    for lines in mojibake(windows, str(path), reading.report.notes.append):
        if not _is_text(b"\n".join(lines)):
            for place, line in enumerate(lines):
                if not is_utf8(line):
                    foreign.add(before + place + 1, line)
                elif fault := _fault(line):
                    reading.faults.add(DataError(*fault, where=path, line=before + place + 1))
                else:
                    continue
                lines[place] = UNREADABLE
                reading.report.undecodable += 1
        before += len(lines)
        yield lines
    if foreign.count:
        reading.faults.add(foreign.fault(str(path)))


def _is_text(content: bytes) -> bool:
    return b"\0" not in content and is_utf8(content) and REPLACEMENT not in content


def _fault(line: bytes) -> tuple[str, str] | None:
    """What is wrong with a line, and what to do."""
    if line.startswith(ENDLESS):
        return f"line of more than {LONGEST_LINE:,} characters", "write one name a line"
    if b"\0" in line:
        return "holds a NUL character", "save the file as UTF-8 text"
    if REPLACEMENT in line:
        return "holds U+FFFD, which stands for a letter lost in an earlier conversion", "mend or delete the line"
    return None


def _inside(path: Path, otherwise: str) -> str:
    """What to do with a folder of too little: give the folder of names in it, if there is one."""
    files = sorted(path.glob("*/*.txt"))
    return f"did you mean '{files[0].parent}'?" if files else otherwise


def _beside(path: Path, otherwise: str) -> str:
    """What to do with a path that leads nowhere: give what lies there by nearly that name, if anything does."""
    from difflib import get_close_matches

    try:
        near = get_close_matches(path.name, sorted(entry.name for entry in path.parent.iterdir()), n=1)
    except OSError:
        near = []
    return f"did you mean '{path.parent / near[0]}'?" if near else otherwise


def checked_size(path: Path) -> int:
    """Size in bytes of a regular file; raises DataError for anything that cannot be read twice and to its end."""
    try:
        status = path.stat()
    except FileNotFoundError:
        raise DataError("no such file or folder", _beside(path, "check the path"), where=path) from None
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    for is_kind, what in _KINDS:
        if is_kind(status.st_mode):
            raise DataError(f"{what}, not a file", "write the names to a plain file", where=path)
    return status.st_size


def unreadable(path: Path, error: Exception) -> DataError:
    """The error for a file that the system does not let us read."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return DataError(f"cannot be read: {reason}", "check the path, its links and its permissions", where=path)
