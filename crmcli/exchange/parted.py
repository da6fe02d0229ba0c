"""Files of a folder with several records, or an entry without a UID: each becomes a file that can be written alone."""

import codecs
import hashlib
import re
from collections.abc import Container, Iterator, Mapping
from itertools import count
from pathlib import Path

from crmcli.exchange.files import content_of, replace_file

_FLAGS = re.MULTILINE | re.DOTALL | re.IGNORECASE
_BEGIN = rb"^BEGIN:(VEVENT|VTODO|VJOURNAL|VCARD)[ \t]*\r?\n"
_END = rb"^END:\1[ \t]*(?:\r?\n|\Z)|(?=" + _BEGIN + rb"|^END:VCALENDAR)|\Z"
"""What is cut off ends where another begins, or with the file."""
_RECORD = re.compile(_BEGIN + rb".*?(?:" + _END + rb")", _FLAGS)
_ALARM = re.compile(rb"^BEGIN:VALARM.*?^END:VALARM[^\n]*\n", _FLAGS)
_MARK = re.compile(rb"^" + codecs.BOM_UTF8, _FLAGS)
"""Stands wherever files with one were put together."""
_FOLD = re.compile(rb"\r?\n[ \t]")
_UID = re.compile(rb"^UID(?:;[^:\r\n]*)?:[ \t]*([^\r\n]*\S)", re.MULTILINE | re.IGNORECASE)


def parts_of(content: bytes) -> list[bytes]:
    """Return the records of a file, each as a file of its own; itself where it is one.

    A repeat and its exceptions are one. An entry gets a UID where it has none; a card needs none.
    """
    plain = _plain(content)
    found = [(record[1].upper(), record[0]) for record in _RECORD.finditer(plain)]
    records = [_identified(kind, record) for kind, record in found]
    if len(records) == 1 and records[0][1] == found[0][1]:
        return [content]
    uids = dict.fromkeys(uid for uid, _record in records)
    return [_alone(plain, uid, records) for uid in uids] or [content]


def paths_of(path: Path, taken: Container[Path]) -> Iterator[Path]:
    """Yield paths for the parts of a file: its own, then new ones beside it."""
    yield path
    yield from (new for number in count(1) if (new := path.with_stem(f"{path.stem}-{number}")) not in taken)


def part(path: Path, content: bytes, parts: Mapping[Path, bytes]) -> None:
    """Write the parts of a file in its place, unless another program has written there since. Raises OSError."""
    if content_of(path) == content and all(content_of(each) is None for each in parts.keys() - {path}):
        for each in reversed([*parts]):  # what is broken off leaves a record twice, and none out
            replace_file(each, parts[each])


def _plain(content: bytes) -> bytes:
    """Return a file without byte order marks, in UTF-8 where it is in UTF-16, its lines ended as we end them."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        content = content.decode("utf-16", "replace").encode()
    return _MARK.sub(b"", content if b"\n" in content else content.replace(b"\r", b"\r\n"))


def _identified(kind: bytes, record: bytes) -> tuple[bytes, bytes]:
    """Return the UID of a record, and the record with it: where it has none, what it says is its identity."""
    found = _UID.search(_FOLD.sub(b"", _ALARM.sub(b"", record)))
    if found:
        return found[1], record
    uid = hashlib.sha256(record).hexdigest().encode()
    begin, end, rest = record.partition(b"\n")
    return uid, record if kind == b"VCARD" else begin + end + b"UID:" + uid + b"\r\n" + rest


def _alone(content: bytes, uid: bytes, records: list[tuple[bytes, bytes]]) -> bytes:
    """Return the file with the records of one UID, and whatever is none."""
    texts = iter(records)

    def chosen(_record: re.Match[bytes]) -> bytes:
        said, text = next(texts)
        return text if said == uid else b""

    return _RECORD.sub(chosen, content)
