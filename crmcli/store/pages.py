"""Rows straight from the pages of an SQLite file, for when SQLite itself refuses to read it.

Follows https://sqlite.org/fileformat.html: table b-trees of rows, whose long payloads go on in overflow pages, and the
write-ahead log, whose committed pages count instead of the file's. Everything is checked before it is believed, and
what does not hold is left out: a page that can't be read costs only its own rows.
"""

import mmap
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from crmcli.store.connection import PAGE_SIZE

Value = None | int | float | str | bytes

_LEAF, _INTERIOR = 0x0D, 0x05
_HEADER_SIZE = 100
_FORMER_SIZE = 4096
"""Bytes of a page of older files, which are SQLite's own, and of encrypted ones."""
_TREES = (0x02, _INTERIOR, 0x0A, _LEAF)
"""With what the pages of trees begin, which are most of a file."""
_PAGE_SIZES = frozenset(1 << power for power in range(9, 17))
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
"""Serial type of a whole number → its bytes."""
_REAL, _ZERO, _ONE, _FIRST_BLOB = 7, 8, 9, 12
_VARINT_BYTES = 9
_LOG_MAGIC = (0x377F0682, 0x377F0683)
_LOG_HEADER, _FRAME_HEADER = 32, 24


class Row(NamedTuple):
    """A row as it is stored; an INTEGER PRIMARY KEY is None among the values, and the row's id."""

    id: int
    values: list[Value]


class PageFile:
    """The pages of a database file, as they are after the last commit in the log beside it."""

    def __init__(self, path: Path, reserved: int | None = None) -> None:
        """Take the size of pages, and how many bytes at the end of each are not SQLite's, from the file's header.

        Where `reserved` is given, pages are of the size that encrypted ones have, and the header is not read.
        """
        with path.open("rb") as file:
            self._content: mmap.mmap | bytes = b""
            with suppress(ValueError):  # an empty file can't be mapped
                self._content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        head = self._content[:_HEADER_SIZE].ljust(_HEADER_SIZE, b"\0")
        size, unused = (int.from_bytes(head[16:18]), head[20]) if reserved is None else (_FORMER_SIZE, reserved)
        if size not in {1, *_PAGE_SIZES}:
            size, unused = self._likely_size(), 0
        self._size = 65536 if size == 1 else size
        self._usable = self._size - unused
        self._log = _committed(path.with_name(path.name + "-wal"), self._size)
        self.count = max([len(self._content) // self._size, *self._log])
        self.seen: set[int] = set()
        """Pages that were reached from a table's root, or are free."""

    def walk(self, root: int) -> Iterator[Row]:
        """Yield the rows of the table whose b-tree begins at this page, as far as its pages can be read."""
        waiting = [root]
        while waiting:
            number = waiting.pop()
            if number in self.seen or not 0 < number <= self.count:
                continue
            self.seen.add(number)
            if self._kind(number) == _INTERIOR:
                waiting += reversed(self._children(number))
            else:
                yield from self.rows(number)

    def rows(self, number: int) -> Iterator[Row]:
        """Yield the rows of a leaf page of a table that can be read; none for a page of another kind."""
        if self._kind(number) != _LEAF:
            return
        page = self._page(number)
        for offset in _cells(page, number, 8):
            with suppress(ValueError, IndexError, struct.error):
                yield self._row(page, offset)

    def unseen(self) -> Iterator[int]:
        """Yield the pages that no walk has reached."""
        yield from (number for number in range(1, self.count + 1) if number not in self.seen)

    def skip_free(self) -> None:
        """Count the free pages as seen: what they hold was deleted."""
        trunk = int.from_bytes(self._page(1)[32:36])
        while 0 < trunk <= self.count and trunk not in self.seen:
            self.seen.add(trunk)
            page = self._page(trunk)
            leaves = min(int.from_bytes(page[4:8]), self._size // 4 - 2)
            self.seen.update(struct.unpack_from(f">{leaves}I", page, 8))
            trunk = int.from_bytes(page[:4])

    def _likely_size(self) -> int:
        """Return which of the sizes that our files have is this one's: where pages are small, more of them begin."""
        between = bytes(self._content[_FORMER_SIZE::PAGE_SIZE])
        return _FORMER_SIZE if sum(map(between.count, _TREES)) * 4 > len(between) else PAGE_SIZE

    def _page(self, number: int) -> bytes:
        """Return a page; where the file ends within it, zeros."""
        if number in self._log:
            return self._log[number]
        return bytes(self._content[(number - 1) * self._size : number * self._size]).ljust(self._size, b"\0")

    def _kind(self, number: int) -> int:
        return self._page(number)[_start(number)]

    def _children(self, number: int) -> list[int]:
        page = self._page(number)
        last = int.from_bytes(page[_start(number) + 8 : _start(number) + 12])
        return [*(int.from_bytes(page[offset : offset + 4]) for offset in _cells(page, number, 12)), last]

    def _row(self, page: bytes, offset: int) -> Row:
        """Return the row of a cell; raises ValueError or IndexError when it does not hold together."""
        length, offset = _varint(page, offset)
        id_, offset = _varint(page, offset)
        return Row(id_ - (1 << 64) if id_ >> 63 else id_, _record(self._payload(page, offset, length)))

    def _payload(self, page: bytes, offset: int, length: int) -> bytes:
        """Return a cell's payload, gathered from its overflow pages where it is long."""
        if length > self.count * self._size:
            raise ValueError(length)
        local = length
        if length > self._usable - 35:
            least = (self._usable - 12) * 32 // 255 - 23
            local = least + (length - least) % (self._usable - 4)
            local = local if local <= self._usable - 35 else least
        payload = page[offset : offset + local]
        following = int.from_bytes(page[offset + local : offset + local + 4])
        while len(payload) < length:
            if not 0 < following <= self.count:
                raise ValueError(following)
            page = self._page(following)
            payload += page[4 : self._usable]
            following = int.from_bytes(page[:4])
        return payload[:length]


def _start(number: int) -> int:
    """Return where the b-tree's part of a page begins: the first page has the file's header before it."""
    return _HEADER_SIZE if number == 1 else 0


def _cells(page: bytes, number: int, header: int) -> list[int]:
    """Return the offsets of a page's cells that lie within it."""
    start = _start(number)
    count = min(int.from_bytes(page[start + 3 : start + 5]), (len(page) - start - header) // 2)
    offsets = struct.unpack_from(f">{count}H", page, start + header)
    return [offset for offset in offsets if start + header + 2 * count <= offset < len(page) - 3]


def _varint(data: bytes, offset: int) -> tuple[int, int]:
    """Return a number of one to nine bytes and where the next begins; raises IndexError at the end of the data."""
    value = 0
    for place in range(offset, offset + _VARINT_BYTES - 1):
        byte = data[place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:  # noqa: PLR2004 - the bit that says that more follows
            return value, place + 1
    return value << 8 | data[offset + _VARINT_BYTES - 1], offset + _VARINT_BYTES


def _record(payload: bytes) -> list[Value]:
    """Return the values of a record; raises ValueError when lengths or texts do not hold."""
    end, offset = _varint(payload, 0)
    kinds = []
    while offset < end:
        kind, offset = _varint(payload, offset)
        kinds.append(kind)
    values: list[Value] = []
    for kind in kinds:
        size = _size(kind)
        values.append(_value(kind, payload[offset : offset + size]))
        offset += size
    if offset != len(payload) or not kinds:
        raise ValueError(offset)
    return values


def _size(kind: int) -> int:
    if kind >= _FIRST_BLOB:
        return (kind - _FIRST_BLOB) // 2
    return 8 if kind == _REAL else _INTEGERS.get(kind, 0)


def _value(kind: int, data: bytes) -> Value:
    if kind >= _FIRST_BLOB:
        return data.decode() if kind % 2 else data
    if kind in _INTEGERS:
        return int.from_bytes(data, signed=True)
    if kind == _REAL:
        return float(struct.unpack(">d", data)[0])
    return {_ZERO: 0, _ONE: 1}.get(kind)


def _committed(path: Path, size: int) -> dict[int, bytes]:
    """Return the pages that a write-ahead log has committed; those after the last commit, or of an older log, not."""
    log = path.read_bytes() if path.is_file() else b""
    if len(log) < _LOG_HEADER or int.from_bytes(log[:4]) not in _LOG_MAGIC or int.from_bytes(log[8:12]) != size:
        return {}
    salt = log[16:24]
    pages: dict[int, bytes] = {}
    pending: dict[int, bytes] = {}
    for start in range(_LOG_HEADER, len(log) - _FRAME_HEADER - size + 1, _FRAME_HEADER + size):
        frame = log[start : start + _FRAME_HEADER]
        if frame[8:16] != salt:
            break
        pending[int.from_bytes(frame[:4])] = log[start + _FRAME_HEADER : start + _FRAME_HEADER + size]
        if int.from_bytes(frame[4:8]):
            pages |= pending
            pending = {}
    return pages
