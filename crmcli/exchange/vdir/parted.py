"""Files with several entries, or with one that has no UID: each entry is to be a file that can be written by itself."""

import hashlib
import re
from collections.abc import Container, Iterator
from itertools import count
from pathlib import Path

from crmcli.exchange.files import replace_file
from crmcli.exchange.folder import content_of
from crmcli.exchange.vdir.item import Item

_FLAGS = re.MULTILINE | re.DOTALL | re.IGNORECASE
_BEGIN = re.compile(rb"^BEGIN:(?:VEVENT|VTODO)[ \t]*\r?$", _FLAGS)
_ENTRY = re.compile(rb"^BEGIN:(VEVENT|VTODO)[ \t]*\r?\n.*?^END:\1[ \t]*(?:\r?\n|\Z)", _FLAGS)
_ALARM = re.compile(rb"^BEGIN:VALARM.*?^END:VALARM[^\n]*\n", _FLAGS)
_FOLD = re.compile(rb"\r?\n[ \t]")
_UID = re.compile(rb"^UID(?:;[^:\r\n]*)?:[ \t]*([^\r\n]*\S)", re.MULTILINE | re.IGNORECASE)


def parted(there: Item, taken: Container[Path]) -> list[Item]:
    """Return the entries of a file as files of their own, each with a UID; the file itself where it is one of those.

    The first keeps the path, the others get paths that are not `taken`. A repeat and its exceptions are one.
    """
    found = list(_ENTRY.finditer(there.content))
    if len(found) != len(_BEGIN.findall(there.content)):  # one is cut off
        return [there]
    entries = [_identified(entry[0]) for entry in found]
    uids = dict.fromkeys(uid for uid, _text in entries)
    if len(uids) < 2 and all(entry[0] == text for entry, (_uid, text) in zip(found, entries, strict=True)):  # noqa: PLR2004
        return [there]
    paths = _paths(there.path, taken)
    return [Item(_alone(there.content, uid, entries), path) for uid, path in zip(uids, paths, strict=False)]


def part(there: Item, parts: list[Item]) -> None:
    """Write the parts of a file in its place, unless another program has written there since. Raises OSError."""
    if content_of(there.path) == there.content and all(content_of(each.path) is None for each in parts[1:]):
        for each in reversed(parts):  # what is broken off leaves an entry twice, and none out
            replace_file(each.path, each.content)


def _identified(entry: bytes) -> tuple[bytes, bytes]:
    """Return the UID of an entry, and the entry with it: where it has none, what it says is its identity."""
    found = _UID.search(_FOLD.sub(b"", _ALARM.sub(b"", entry)))
    if found:
        return found[1], entry
    uid = hashlib.sha256(entry).hexdigest().encode()
    begin, end, rest = entry.partition(b"\n")
    return uid, begin + end + b"UID:" + uid + b"\r\n" + rest


def _alone(content: bytes, uid: bytes, entries: list[tuple[bytes, bytes]]) -> bytes:
    """Return the file with the entries of one UID, and whatever is no entry."""
    texts = iter(entries)

    def chosen(_entry: re.Match[bytes]) -> bytes:
        said, text = next(texts)
        return text if said == uid else b""

    return _ENTRY.sub(chosen, content)


def _paths(path: Path, taken: Container[Path]) -> Iterator[Path]:
    yield path
    yield from (new for number in count(1) if (new := path.with_stem(f"{path.stem}-{number}")) not in taken)
