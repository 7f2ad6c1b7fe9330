"""Lines → rows of CSV or TSV, and which character parts their fields."""

import csv
import re

csv.field_size_limit(2**31 - 1)

QUOTE, RETURN, TAB = b'"', b"\r", b"\t"
SEPARATORS = (b",", b";", TAB, b"|")
ROWS_COMPARED = 20  # with the heading, where several characters might be the separator
LONGEST_RECORD = 1 << 28  # bytes that a quoted field may run on for
CLOSING = re.compile(rb'[^"]*+(?:""[^"]*+)*+"')  # a quoted field, from inside it, to its closing quote
NO_END = "a quoted field has no end"


class RowParser:
    """Lines → the fields of rows.

    CSV is quoted as in RFC 4180. TSV knows no quotes: its fields are what stands between the tabs.
    """

    def __init__(self, separator: bytes) -> None:
        self.separator = separator
        self.is_tsv = separator == TAB
        self.pending: list[bytes] = []  # lines of a row whose quotes are still open
        self._pending_bytes = 0
        self.lines = 1  # of the row that came last

    def parse(self, line: bytes) -> tuple[list[bytes], bytes | None] | None:
        """Fields and raw text of the row that ends with this line, None where it goes on.

        Raises ValueError where its quotes are amiss; the next line begins a row then.
        """
        if self.pending:
            self.pending.append(line)
            self._pending_bytes += len(line)
            if self._pending_bytes > LONGEST_RECORD:
                self.begin_anew()
                raise ValueError(NO_END)
            if ends_open(line, self.separator):
                return None
        elif self.is_tsv or QUOTE not in line:
            self.lines = 1
            plain = line.removesuffix(RETURN)
            if RETURN not in plain:
                return plain.split(self.separator), plain
            return plain.split(self.separator), plain.replace(RETURN, b"\\r") if self.is_tsv else None
        else:
            self.pending, self._pending_bytes = [line], len(line)
        text = text_of(b"\n".join(self.pending))
        try:
            (row,) = csv.reader([text], delimiter=text_of(self.separator), strict=True)
        except csv.Error as error:
            if str(error) == "unexpected end of data":
                return None
            self.begin_anew()
            raise ValueError(f"no CSV ({error})") from None
        self.begin_anew()
        return [field.encode("utf-8", "surrogateescape") for field in row], None

    def begin_anew(self) -> None:
        self.lines, self.pending = len(self.pending), []


def separator_of(lines: list[bytes], *, is_whole: bool = False) -> bytes | None:
    """What parts the fields of a table that begins so; None where more of it must be seen.

    Of the characters that part the heading, quotes respected, the one that parts the first rows into as many fields.
    """
    widths = {separator: _widths(lines, separator) for separator in SEPARATORS}
    if not is_whole and not all(widths.values()):
        return None
    fitting = {separator: counts for separator, counts in widths.items() if counts and counts[0] > 1}
    rows = (max if is_whole else min)(map(len, fitting.values()), default=0)
    for row in range(1, rows):
        if len(fitting) == 1:
            break
        those = {separator: counts for separator, counts in fitting.items() if counts[row : row + 1] == counts[:1]}
        if not those:
            is_whole = True
            break
        fitting = those
    if len(fitting) > 1 and rows < ROWS_COMPARED and not is_whole:
        return None
    return max(fitting, key=lambda separator: fitting[separator][0], default=b",")


def _widths(lines: list[bytes], separator: bytes) -> list[int]:
    """The number of fields in each of the first rows, up to one whose quotes are amiss, which has none."""
    parser = RowParser(separator)
    widths: list[int] = []
    for line in lines:
        try:
            record = parser.parse(line)
        except ValueError:
            return [*widths, 0]
        if record is not None:
            widths.append(len(record[0]))
        if len(widths) == ROWS_COMPARED:
            break
    return widths


def ends_open(line: bytes, separator: bytes) -> bool:
    """Whether a line that begins inside a quoted field ends inside one; False where its quotes are amiss.

    So that a row over many lines is parsed once, when it is whole, and not again with each of its lines.
    """
    at = 0
    while closing := CLOSING.match(line, at):
        at = closing.end()
        while line[at : at + 1] == separator:
            at += 1
            if line[at : at + 1] == QUOTE:
                break  # the next field is quoted too
            at = line.find(separator, at)
            if at < 0:
                return False
        else:
            return False  # the end of the line, or what no separator parts from the quote
        at += 1
    return True


def text_of(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")
