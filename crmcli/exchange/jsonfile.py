"""JSON and JSONL as rows: what `-o json` prints and an export writes, or any array of objects.

A file is read twice, once for the names of all fields, and never held as a whole. In an export of everything each
object says in `record` what it is; the rows of one such part are read by themselves.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Container, Iterator
from contextlib import suppress
from typing import Any, BinaryIO, TextIO

from crmcli.errors import UsageError
from crmcli.exchange.csvfile import Row
from crmcli.exchange.text import changed, decode
from crmcli.i18n import _
from crmcli.nouns import RECORD
from crmcli.rules.lists import join

_CHUNK = 1 << 20
_LONGEST = 1 << 26
"""Characters of one object."""
_MOST_FIELDS = 10_000
_BETWEEN = " \t\r\n,"
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""How half a character is written: one of another plane is two such, and who cuts texts at so many units parts them."""


class Objects:
    """The objects of a file as rows, with the same interface as crmcli.exchange.csvfile.Rows; numbered from 1."""

    header: list[str]
    encoding: str
    delimiter = ","

    def __init__(self, stream: BinaryIO) -> None:
        self._text = decode(stream)
        self.encoding = self._text.encoding
        self.left_out: dict[str, int] = {}
        self.parts: dict[str, list[str]] = {}
        """Of an export of everything: what there is, and the names of its fields."""
        self.counts: Counter[str] = Counter()
        """How many there are of each."""
        names: dict[str, None] = {}
        number = 0
        for number, record in enumerate(_objects(self._text), 1):
            names |= dict.fromkeys(_record(record, number))
            if isinstance(record.get(RECORD), str):
                known = self.parts.setdefault(record[RECORD], [])
                known += [name for name in record if name not in known]
                self.counts[record[RECORD]] += 1
            if len(names) > _MOST_FIELDS:
                raise UsageError(
                    _("the objects have more than {most} different fields").format(most=f"{_MOST_FIELDS:,}"),
                    hint=_("an export has one object a record, with the same fields in each"),
                )
        if not names:
            raise UsageError(_("the file has no records"), hint=_("it should be an array of objects"))
        self.header = list(names)
        self._count = number

    def __iter__(self) -> Iterator[Row]:
        """Yield a row for each object that is not empty; UsageError where the file can't be read on."""
        for number, record in self._numbered():
            cells = [_cell(record.get(name)) for name in self.header]
            if any(cells):
                yield Row(number, cells)
        self.close()

    def part(self, name: str, fields: Collection[str] = ()) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield the numbers and the cells of the objects that are such records, perhaps of these `fields` alone.

        Raises UsageError as above.
        """
        left = self.counts[name]
        for number, record in self._numbered() if left else ():
            if record.pop(RECORD, None) == name:
                left -= 1
                chosen = {field: record[field] for field in fields if field in record} if fields else record
                yield number, {field: _cell(value) for field, value in chosen.items()}
                if not left:  # in an export each part is together, and most of the file may be behind it
                    return

    def chosen(self, numbers: Container[int]) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the objects with these numbers as they stand in the file; UsageError as above."""
        yield from (numbered for numbered in self._numbered() if numbered[0] in numbers)

    def _numbered(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the objects with their numbers once more; UsageError where they are others than the first time."""
        number = 0
        for number, record in enumerate(_objects(self._text), 1):
            yield number, _record(record, number)
        if number != self._count:
            raise changed()

    def close(self) -> None:
        """Give up reading."""
        self._text.close()


def _record(record: Any, number: int) -> dict[str, Any]:
    """Return the object; UsageError for anything else."""
    if isinstance(record, dict):
        return record
    raise UsageError(
        _("record {number} is no object").format(number=number), hint=_("it should be an array of objects")
    )


def _cell(value: Any) -> str:
    """Return a value as a cell of a spreadsheet has it, lists of texts as `a; b`, anything else as JSON."""
    if value.__class__ is str:
        return value
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return join(value)
    return json.dumps(value, ensure_ascii=False) if value != {} else ""


def _objects(text: TextIO) -> Iterator[Any]:
    """Yield what stands in the array, or one after another."""
    text.seek(0)
    decoder = json.JSONDecoder()
    buffer = text.read(_CHUNK).removeprefix("\ufeff").lstrip()
    array = buffer.startswith("[")
    place = int(array)
    number = 0
    while True:
        while place < len(buffer) and buffer[place] in _BETWEEN:
            place += 1
        if array and buffer[place : place + 1] == "]":
            return
        with suppress(ValueError, RecursionError):
            value, end = decoder.raw_decode(buffer, place)
            if end < len(buffer):  # else a number might go on
                value = _whole(value) if _HALF.search(buffer, place, end) else value
                number += 1
                yield value
                place = end
                continue
        more = text.read(_CHUNK)
        if not more:
            break
        buffer, place = buffer[place:] + more, 0
        if len(buffer) > _LONGEST:
            raise _unreadable(number + 1)
    if place < len(buffer):
        yield _last(buffer[place:], number + 1)
    if array:
        raise _unreadable(number + 2 if place < len(buffer) else number + 1)


def _last(text: str, number: int) -> Any:
    """Return the value at the file's end."""
    try:
        return _whole(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise _unreadable(number) from error


def _whole(value: Any) -> Any:
    """Return the value without halves of characters, which nothing can store; RecursionError for one too deep."""
    if isinstance(value, str):
        return value.encode("utf-8", "ignore").decode()
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return {_whole(name): _whole(item) for name, item in value.items()} if isinstance(value, dict) else value


def _unreadable(number: int) -> UsageError:
    return UsageError(_("record {number} is not valid JSON").format(number=number), hint=_("is the file cut off?"))


def read_objects(stream: BinaryIO) -> Objects:
    """Return the rows of a JSON or JSONL file.

    Raises UsageError when it is no array of objects and no objects line by line.
    """
    return Objects(stream)
