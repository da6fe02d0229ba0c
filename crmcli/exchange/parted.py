"""Files of a folder with several records, or an entry without a UID: each becomes a file that can be written alone."""

import hashlib
import re
from collections.abc import Container, Iterator, Mapping
from itertools import count
from pathlib import Path

from crmcli.exchange.files import content_of, replace_file

_FLAGS = re.MULTILINE | re.DOTALL | re.IGNORECASE
_BEGIN = re.compile(rb"^BEGIN:(?:VEVENT|VTODO|VCARD)[ \t]*\r?$", _FLAGS)
_RECORD = re.compile(rb"^BEGIN:(VEVENT|VTODO|VCARD)[ \t]*\r?\n.*?^END:\1[ \t]*(?:\r?\n|\Z)", _FLAGS)
_ALARM = re.compile(rb"^BEGIN:VALARM.*?^END:VALARM[^\n]*\n", _FLAGS)
_FOLD = re.compile(rb"\r?\n[ \t]")
_UID = re.compile(rb"^UID(?:;[^:\r\n]*)?:[ \t]*([^\r\n]*\S)", re.MULTILINE | re.IGNORECASE)


def parts_of(content: bytes) -> list[bytes]:
    """Return the records of a file, each as a file of its own; itself where it is one, or where one is cut off.

    A repeat and its exceptions are one. An entry gets a UID where it has none; a card needs none.
    """
    found = [(record[1].upper(), record[0]) for record in _RECORD.finditer(content)]
    if len(found) != len(_BEGIN.findall(content)):
        return [content]
    records = [_identified(kind, record) for kind, record in found]
    uids = dict.fromkeys(uid for uid, _record in records)
    return [_alone(content, uid, records) for uid in uids] or [content]


def paths_of(path: Path, taken: Container[Path]) -> Iterator[Path]:
    """Yield paths for the parts of a file: its own, then new ones beside it."""
    yield path
    yield from (new for number in count(1) if (new := path.with_stem(f"{path.stem}-{number}")) not in taken)


def part(path: Path, content: bytes, parts: Mapping[Path, bytes]) -> None:
    """Write the parts of a file in its place, unless another program has written there since. Raises OSError."""
    if content_of(path) == content and all(content_of(each) is None for each in parts.keys() - {path}):
        for each in reversed([*parts]):  # what is broken off leaves a record twice, and none out
            replace_file(each, parts[each])


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
