"""Which bytes are text: UTF-8, or what somebody says that they are; a guess is made for people to judge alone."""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from charnn_cli.errors import DataError
from charnn_cli.terminal import number_of

AUTO = "auto"  # the encoding that is guessed at
SAMPLE_BYTES = 1 << 16  # of lines that are no UTF-8, for a guess
MOJIBAKE = re.compile(rb"\xc3[\x82\x83]\xc2[\x80-\xbf]")  # Ã or Â, then what no word has: é read as Ã©
# What tables of names come in; the rarer ones are guessed at by mistake when a sample is short.
USUAL = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "cp1255", "cp1256", "cp932", "gb18030", "big5", "cp949",
    "euc_jp", "koi8_r", "cp850", "mac_roman",
)  # fmt: skip


class Undecodable:
    """Lines that are no UTF-8: how many there are, where the first is, and what they may be."""

    def __init__(self) -> None:
        self.count = 0
        self._line = 0
        self._byte = 0
        self._sample = b""

    def add(self, line: int, content: bytes) -> None:
        if not self.count:
            self._line, self._byte = line, content[_invalid(content)]
        self.count += 1
        if len(self._sample) < SAMPLE_BYTES:
            self._sample += content + b"\n"

    def fault(self, where: str, *, is_whole: bool = True) -> DataError:
        """The error that tells of them all; not `is_whole` where more may follow."""
        what = f"not UTF-8 (byte 0x{self._byte:02X})"
        if self.count > 1 or not is_whole:
            what += f", and so {'at least ' * (not is_whole)}{number_of(self.count, 'line')}"
        guess = likely_encoding(self._sample)
        do = f"save the file as UTF-8, or give its encoding{f', likely {guess}' if guess else ''}"
        return DataError(what, do, where=where, line=self._line)


def is_utf8(content: bytes) -> bool:
    return content.isascii() or _invalid(content) < 0


def _invalid(content: bytes) -> int:
    """Place of the first byte that is no UTF-8, -1 where there is none."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return error.start
    return -1


def strictly(windows: Iterable[list[bytes]], where: str, *, line: int = 0, is_file: bool) -> Iterator[list[bytes]]:
    """The windows; raises DataError at the first line that is no UTF-8, with the number of such lines in a file."""
    fault = Undecodable()
    for lines in windows:
        if fault.count or not is_utf8(b"\n".join(lines)):
            for number, content in enumerate(lines, start=line + 1):
                if not is_utf8(content):
                    fault.add(number, content)
            if not is_file:
                raise fault.fault(where, is_whole=False)
        else:
            yield lines
        line += len(lines)
    if fault.count:
        raise fault.fault(where)


def likely_encoding(sample: bytes) -> str | None:
    """A guess at the encoding of lines that are no UTF-8; None where nothing is likely."""
    try:
        from charset_normalizer import from_bytes
    except ImportError:
        return None
    matches = list(from_bytes(sample, cp_isolation=list(USUAL), threshold=0.5))
    western = _as_western(sample)
    if western and (not matches or any(match.encoding == "cp1252" for match in matches[:3]) or len(sample) < 64):
        return "cp1252"
    return matches[0].encoding if matches else None


def _as_western(sample: bytes) -> bool:
    """Whether the bytes are words of Latin letters, most without accents, in the encoding that most files have."""
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    accented = [letter for letter in text if not letter.isascii()]
    return all(map(str.isalpha, accented)) and 2 * len(accented) < sum(map(str.isalpha, text))


def checked_encoding(name: str) -> str:
    """The name that Python has for an encoding of text. Raises DataError where it has none."""
    try:
        found = codecs.lookup(name)
        "".encode(found.name)
    except (LookupError, ValueError):
        do = "give utf-8, latin-1, cp1252, cp1250, cp1251, shift_jis, gb18030 or another that Python knows"
        raise DataError(f"no encoding is called '{name}'", do) from None
    return found.name


def recoded(chunks: Iterable[bytes], encoding: str, where: str, errors: str) -> Iterator[bytes]:
    """Bytes in an encoding as UTF-8. Raises DataError, with the line, where they are none and `errors` are `strict`."""
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    line = 1
    for chunk in chain(chunks, [b""]):  # of which a file has none before its end
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line += error.object[: error.start].count(b"\n")
            what = f"not {encoding} (byte 0x{error.object[error.start]:02X})"
            raise DataError(what, "give the encoding that the file is in", where=where, line=line) from None
        line += text.count("\n")
        yield text.encode("utf-8", "replace")


def detected(start: bytes) -> str | None:
    """The likely encoding of a text that starts so; None for UTF-8, or where a mark tells it."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)):
        return None
    lines = [line for line in start.split(b"\n")[:-1] or [start] if not is_utf8(line)]
    return likely_encoding(b"\n".join(lines)[:SAMPLE_BYTES]) if lines else None


def mojibake(windows: Iterable[list[bytes]], where: str, say: Callable[[str], object]) -> Iterator[list[bytes]]:
    """The windows; says of the first line that looks like UTF-8 that was read as Latin-1."""
    found, line = False, 0
    for lines in windows:
        if not found and MOJIBAKE.search(b"\n".join(lines)):
            found = True
            at = next(number for number, text in enumerate(lines, start=line + 1) if MOJIBAKE.search(text))
            say(f"{where}:{at}: looks like UTF-8 that was read as Latin-1")
        line += len(lines)
        yield lines
