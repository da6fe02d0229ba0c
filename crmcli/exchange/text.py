"""Bytes to text: the encoding is told from the content.

A file is read twice, once to tell its encoding, once for what it says: the first 200,000 rows of a file may be ASCII
and the next row GBK. What can't be read twice (a pipe) is kept in a temporary file. Memory stays the same whatever
the file's size.
"""

import codecs
import io
import re
import shutil
import tempfile
from typing import BinaryIO, NoReturn

from crmcli.errors import UsageError
from crmcli.i18n import _

_CHUNK = 1 << 20
_SAMPLE = 1 << 18
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY = {
    b"PK\x03\x04": "spreadsheet",
    b"\xd0\xcf\x11\xe0": "spreadsheet",
    b"%PDF": "PDF",
    b"\x1f\x8b": "gzip",
    b"SQLite format 3\x00": "SQLite",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
}
_CHINESE = 0.75
"""Of the double bytes of Chinese text, at least so many are in GB 2312, whose second byte is high. Big5, Shift JIS
and Western text, which can be valid GB 18030 by accident, stay below."""
_ENOUGH = 20
"""Letters in UTF-8 that are no accident, where they are more than the bytes that are not: of Chinese text in GB 18030
every tenth is one, and of few all may be."""
_UTF_8 = re.compile(rb"(?:[\xe2-\xef][\x80-\xbf]{2}){2,}(?![\x80-\xff])")
"""Chinese in UTF-8, at least two characters of it; in GB 18030 it would have some that GB 2312 has not."""
_UTF_8_LATIN = re.compile(rb"(?:[\xc3-\xc5][\x80-\xbf])+(?![\x80-\xff])")
"""Letters such as é in UTF-8, which Western encodings would read as Ã©."""
_CHANGED = "crmcli.changed"
"""The handler of errors, as Python calls it, of text that could be decoded before."""
_MOSTLY = 0.9
_BESIDE = frozenset({"cp1250", "iso8859_2", "iso8859_16", "cp1254", "iso8859_9", "cp1257", "iso8859_4", "iso8859_13"})
"""Encodings with the same letters in other places: of Central Europe, Turkey and the Baltic."""
_WIDE = 0.9
"""Of the NULs of UTF-16 text, at least so many are at even places, or at odd ones."""
_ASCII = 0.5
"""Of the characters of UTF-16 text that could be UTF-8, too, at least so many are ASCII and have a NUL."""
_STRAY = 0.1
"""Of the bytes of UTF-8 text, at most so many are NULs, which programs leave where a text ended."""


def decode(stream: BinaryIO) -> io.TextIOWrapper:
    """Return the text of the stream from where it is, line ends as they are; `.encoding` says what it was decoded from.

    The stream belongs to the text from then on and is closed with it; a pipe is read to its end and left open.
    Raises UsageError for what is no text (a spreadsheet, an archive, a picture); reading the text does so where the
    file is no longer what it was.
    """
    stream = seekable(stream)
    try:
        encoding = encoding_of(stream)
    except UsageError:
        stream.close()
        raise
    stream.seek(0)
    codecs.register_error(_CHANGED, _refuse_changed)
    return io.TextIOWrapper(stream, encoding=encoding, errors=_CHANGED, newline="")


def changed() -> UsageError:
    """Return the error for a file that is no longer what it was when it was first read."""
    return UsageError(
        _("the file was changed while it was read"), hint=_("import it again when no program writes it any more")
    )


def _refuse_changed(error: UnicodeError) -> NoReturn:
    """Refuse what can't be decoded: all of the file could, when its encoding was told."""
    raise changed() from error


def seekable(stream: BinaryIO) -> BinaryIO:
    """Return what can be read twice from its beginning: the stream, or a temporary copy of what is left in it."""
    if stream.seekable() and stream.tell() == 0:
        return stream
    spool: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - closed by who reads it
    shutil.copyfileobj(stream, spool)
    spool.seek(0)
    return spool


def encoding_of(stream: BinaryIO) -> str:
    """Return the name of the encoding in which the whole stream, which is at its beginning, can be read.

    Raises UsageError for what is no text.
    """
    sample = stream.read(_SAMPLE)
    _refuse_binary(sample)
    told = next((encoding for mark, encoding in _MARKS if sample.startswith(mark)), "") or _wide(sample)
    if told:
        if _readable(stream, told):
            return told
        raise _unreadable(_("the file begins as {encoding} and goes on as something else").format(encoding=told))
    if _readable(stream, "utf-8"):
        return "utf-8"
    legacy = _first_legacy(stream)
    if _mostly_utf_8(legacy):
        line = _first_other_line(stream)
        raise _unreadable(_("line {line} is not in UTF-8, in which the rest of the file is").format(line=line))
    guesses = ["gb18030"] if looks_chinese(legacy) else []
    for encoding in (*guesses, _guess(legacy), "gb18030"):
        if encoding and _readable(stream, encoding):
            _refuse_mixed(stream, encoding)
            return encoding
    _refuse_mixed(stream, "gb18030")
    raise _unreadable(_("the file's encoding can't be told"))


def _refuse_binary(sample: bytes) -> None:
    """Raise UsageError when the bytes are those of another kind of file."""
    kind = next((kind for magic, kind in _BINARY.items() if sample.startswith(magic)), "")
    if kind == "spreadsheet":
        raise UsageError(
            _("this is a spreadsheet or an archive, not a CSV file"),
            hint=_("save it as CSV (UTF-8) in the program it comes from"),
        )
    if kind:
        raise UsageError(
            _("this is a {kind} file, not a CSV file").format(kind=kind), hint=_("give a text file, for example CSV")
        )


def _unreadable(message: str) -> UsageError:
    return UsageError(message, hint=_("save the file as CSV in UTF-8"))


def _wide(sample: bytes) -> str:
    """Return the UTF-16 without a mark that the sample is in, or an empty string."""
    nulls = sample.count(0)
    if not nulls or (nulls < len(sample) / 2 * _ASCII and _is_utf_8(sample)):
        return ""
    odd = sample[1::2].count(0)
    if odd >= nulls * _WIDE:
        return "utf-16-le"
    return "utf-16-be" if odd <= nulls * (1 - _WIDE) else ""


def _is_utf_8(sample: bytes) -> bool:
    """Tell whether the sample, whose last character may be cut off, is UTF-8."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _readable(stream: BinaryIO, encoding: str) -> bool:
    """Tell whether the whole stream is valid in the encoding, without keeping it; UsageError for too many NULs."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    nulls, share = 0, 1 if encoding.startswith(("utf-16", "utf-32")) else _STRAY if encoding.startswith("utf-8") else 0
    try:
        while chunk := stream.read(_CHUNK):
            nulls += chunk.count(0)
            if nulls > size * share:
                raise _unreadable(_("this is not a text file"))
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _first_legacy(stream: BinaryIO) -> bytes:
    """Return a sample from the first chunk that is not ASCII."""
    stream.seek(0)
    while chunk := stream.read(_SAMPLE):
        if not chunk.isascii():
            return chunk
    return b""


def _mostly_utf_8(sample: bytes) -> bool:
    """Tell whether the sample has more letters in UTF-8, ASCII aside, than other bytes."""
    text = sample.decode("utf-8", "ignore")
    letters = len(text) - len(text.encode("ascii", "ignore"))
    return letters >= _ENOUGH and letters > len(sample) - len(text.encode())


def _refuse_mixed(stream: BinaryIO, encoding: str) -> None:
    """Raise UsageError where some of what the encoding reads is UTF-8: it would be garbled, and nobody told."""
    western = b"\xe9".decode(encoding, "ignore") == "é"
    patterns = (_UTF_8, _UTF_8_LATIN) if western else (_UTF_8,)
    stream.seek(0)
    line = 1
    while chunk := stream.read(_CHUNK) + stream.readline(_CHUNK):
        for piece in (found for pattern in patterns for found in pattern.finditer(chunk)):
            begins = chunk[max(piece.start() - 1, 0) : piece.start()].isascii()
            if begins and (encoding != "gb18030" or _is_rare(piece[0])):
                line += chunk.count(b"\n", 0, piece.start())
                other = _first_other_line(stream)
                raise _unreadable(_("line {line} is in UTF-8, and line {other} is not").format(line=line, other=other))
        line += chunk.count(b"\n")


def _is_rare(piece: bytes) -> bool:
    """Tell whether the bytes are, in GB 18030, other characters than those of GB 2312, which nearly all text is in."""
    try:
        piece.decode("gb2312")
    except UnicodeDecodeError:
        return True
    return False


def _first_other_line(stream: BinaryIO) -> int:
    """Return the number of the first line that is not UTF-8."""
    stream.seek(0)
    for number, line in enumerate(stream, 1):
        try:
            line.decode()
        except UnicodeDecodeError:
            return number
    return 1


def looks_chinese(sample: bytes) -> bool:
    """Tell whether the double bytes of the sample are those of Chinese text; see _CHINESE."""
    pairs: list[bytes] = re.findall(rb"[\x81-\xfe]([\x30-\xfe])", sample)
    return sum([second >= b"\xa1" for second in pairs]) >= len(pairs) * _CHINESE


def _guess(sample: bytes) -> str:
    """Return what charset-normalizer takes the sample for; 30 ms to import, for unusual files only."""
    from charset_normalizer import from_bytes

    matches = list(from_bytes(sample[:_SAMPLE]))
    best = max(matches, key=lambda match: (-match.chaos, match.coherence, match.encoding == "cp1252"), default=None)
    guess = best.encoding if best else ""
    return "cp1252" if guess not in _BESIDE and _looks_western(sample) else guess


def _looks_western(sample: bytes) -> bool:
    """Tell whether letters of the West stand among ASCII, for which charset-normalizer finds the oddest scripts."""
    runs: list[bytes] = re.findall(rb"[\x80-\xff]+", sample)
    letters = sum(byte >= 0xC0 for run in runs for byte in run)  # noqa: PLR2004 - where Windows has its letters
    alone = sum(len(run) <= 2 for run in runs)  # noqa: PLR2004 - as in Þór
    return alone >= len(runs) * _MOSTLY and letters >= sum(map(len, runs)) * _MOSTLY
